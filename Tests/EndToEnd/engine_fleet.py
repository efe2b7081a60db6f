# SPDX-License-Identifier: Apache-2.0
"""Engines that share the accounts by partition, on one cluster in memory and one folder of stores."""

import contextlib
import json
import os
import sqlite3
import time
import zlib
from pathlib import Path

from book import Account, Book
from kafka_broker import NODES, KafkaBroker, TopicReader
from trading_desk import UNLIMITED, flat_book
from waiting import wait_until

SEED = int(os.environ.get("FLEET_SEED", "20261128"))
#: The cluster in memory takes three seconds until it gives out partitions for the first time, and drops members whose
#: time is shorter than that.
SESSION_TIMEOUT_S = 3
#: It lets so much pass before it gives them out anew, where brokers only wait for the members.
COORDINATOR_WAITS_S = SESSION_TIMEOUT_S - 1


def fleet_book(count: int) -> Book:
    """Accounts A000, A001 … that hold nothing, of the instruments of the flat book."""
    book = flat_book()
    names = [f"A{number:03d}" for number in range(count)]
    book.accounts = {name: Account(name, cash=1_000_000.0, margin_limit=100_000.0) for name in names}
    book.positions = {name: {} for name in names}
    return book


def partition_of(account: str, count: int) -> int:
    """As librdkafka's standard partitioner has it."""
    return zlib.crc32(account.encode()) % count


class Nodes:
    """What units say of themselves on the topic of nodes, as another program reads it."""

    PARTITIONS = 2

    def __init__(self, broker: KafkaBroker):
        self.reader = TopicReader(broker, NODES, self.PARTITIONS)

    def all(self) -> list[dict]:
        """Every announcement there was, in the order of each partition's."""
        return [json.loads(message.value()) for message in self.reader.poll()]

    def newest(self) -> dict[int, dict]:
        """By partition, of the greatest generation the last."""
        found: dict[int, dict] = {}
        for said in self.all():
            known = found.get(said["partition"])
            if known is None or said["generation"] >= known["generation"]:
                found[said["partition"]] = said
        return found

    def serving(self, node: str) -> set[int]:
        return {p for p, said in self.newest().items() if said["state"] == "serving" and said["node"] == node}

    def close(self) -> None:
        self.reader.close()


def children_of(process_id: int) -> list[int]:
    """Processes that a process has begun and that are there."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # The name may hold spaces and parentheses; what follows it does not.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == process_id and fields[0] != "Z":
                found.append(int(entry.name))
    return sorted(found)


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class EngineFleet:
    """A cluster, a folder of stores and of data; engines on demand, by name."""

    def __init__(self, run, publisher, folder: Path, accounts: int, partitions: int, **sections):
        self.run, self.publisher, self.sections = run, publisher, sections
        self.broker = KafkaBroker(partitions=partitions)
        self.partitions = partitions
        self.book = fleet_book(accounts)
        self.data = self.book.save(folder / "data")
        self.stores = folder / "stores"
        self.nodes = Nodes(self.broker)
        self.engines: dict[str, object] = {}

    @property
    def settings(self) -> dict:
        return {
            "kafka": {
                "brokers": self.broker.addresses, "session_timeout": f"{SESSION_TIMEOUT_S}s", "risk_interval": "200ms",
                "properties": ["reconnect.backoff.max.ms=500"]},
            "store": {"directory": str(self.stores)}, "orders": UNLIMITED, **self.sections}

    def engine(self, name: str):
        self.engines[name] = self.run(
            self.publisher.endpoint, settings={**self.settings, "node": {"role": "engine", "name": name}},
            data=self.data)
        return self.engines[name]

    def wait_until_serving(self, **counts: int) -> None:
        """By name of an engine: how many partitions its units serve; and that all of them are served."""
        def is_so() -> bool:
            served = {name: self.nodes.serving(name) for name in counts}
            return ({name: len(partitions) for name, partitions in served.items()} == counts
                    and set().union(*served.values()) == set(range(self.partitions)))

        try:
            wait_until(is_so, f"units serve {counts}", 40)
        except AssertionError as error:
            logs = "".join(f"{name}: {line}" for name, one in self.engines.items() for line in one.log)
            raise AssertionError(f"{error}\n{self.nodes.newest()}\n{logs}") from None

    def kill(self, name: str) -> float:
        """As the kernel would; the time at which it was."""
        daemon = self.engines.pop(name)
        daemon.process.kill()
        now = time.monotonic()
        daemon.join()
        return now

    def stored(self) -> list[tuple[int, str, str]]:
        """Partition, account and identifier of every fill of every store."""
        found = []
        for partition in range(self.partitions):
            path = self.stores / f"p{partition}" / "desk.sqlite"
            if not path.exists():
                continue
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                rows = database.execute("SELECT account, id FROM fills").fetchall()
            found += [(partition, account, identifier) for account, identifier in rows]
        return found

    def close(self) -> None:
        self.nodes.close()
        self.broker.close()


def wait_until_gone(process_ids: list[int]) -> None:
    wait_until(lambda: not any(is_running(one) for one in process_ids), f"{process_ids} have ended", 5)
