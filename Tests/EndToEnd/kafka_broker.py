# SPDX-License-Identifier: Apache-2.0
"""A Kafka cluster in memory (Tests/KafkaBroker) and an independent client of it (confluent-kafka)."""

import contextlib
import json
import sqlite3
import subprocess
import time

from confluent_kafka import Consumer, Producer, TopicPartition

from daemon import ROOT
from waiting import DEADLINE_S, wait_until

PROGRAM = ROOT / ".build/release/KafkaBroker"
FILLS, REJECTED, RISK, VECTORS = "tickrisk.fills", "tickrisk.fills.rejected", "tickrisk.risk", "tickrisk.vectors"
NODES = "tickrisk.nodes"


class KafkaBroker:
    """A process with several brokers on ports of the kernel's choice, and the topics of the trade stream."""

    def __init__(self, brokers: int = 3, partitions: int = 4):
        assert PROGRAM.exists(), f"{PROGRAM} is not built: swift build -c release"
        self.count, self.partitions = brokers, partitions
        self.process = subprocess.Popen(
            [PROGRAM, str(brokers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = self.process.stdout.readline().removeprefix("brokers=").strip()
        for topic, count in ((FILLS, partitions), (REJECTED, 1), (RISK, partitions), (VECTORS, partitions), (NODES, 2)):
            self.tell(f"topic {topic} {count}")

    def tell(self, command: str) -> None:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer == "ok", f"{command}: {answer}"

    def each(self, verb: str) -> None:
        """`down` or `up`, all brokers."""
        for broker in range(1, self.count + 1):
            self.tell(f"{verb} {broker}")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()


class FillWriter:
    """Publishes fills as another program would."""

    def __init__(self, broker: KafkaBroker):
        # Idempotence needs no broker's help here: the daemon has to take what comes twice.
        self.producer = Producer({"bootstrap.servers": broker.addresses, "linger.ms": 2, "acks": "all", "log_level": 0})
        self.reports: list[tuple[int, int]] = []

    def raw(self, value: bytes | None, key: bytes | None, partition: int | None = None) -> None:
        def reported(error, message):
            assert error is None, error
            self.reports.append((message.partition(), message.offset()))

        place = {} if partition is None else {"partition": partition}
        while True:
            try:
                return self.producer.produce(FILLS, value, key, on_delivery=reported, **place)
            except BufferError:
                self.producer.poll(0.1)

    def fill(self, **members) -> dict:
        """Publishes one fill of FLAT in AAPL unless told otherwise; a member that is None is left out."""
        fill = {"version": 1, "account": "FLAT", "symbol": "AAPL", "side": "buy", "quantity": 1, "price": 180,
                "fees": 0, "ts": time.time_ns(), **members}
        fill = {name: value for name, value in fill.items() if value is not None}
        self.raw(json.dumps(fill).encode(), fill["account"].encode())
        return fill

    def flush(self) -> None:
        assert self.producer.flush(DEADLINE_S) == 0


class TopicReader:
    """Reads all of a topic, from its first message on."""

    def __init__(self, broker: KafkaBroker, topic: str, partitions: int):
        self.consumer = Consumer({
            "bootstrap.servers": broker.addresses, "group.id": f"test-{topic}", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50, "log_level": 0})
        self.consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
        self.messages: list = []

    def poll(self) -> list:
        """Everything that was read so far."""
        while (message := self.consumer.poll(0.05)) is not None:
            if message.error() is None:
                self.messages.append(message)
        return self.messages

    def until(self, count: int) -> list:
        return wait_until(lambda: len(self.poll()) >= count and self.messages, f"{count} messages")

    def close(self) -> None:
        self.consumer.close()


def stored_fills(store) -> int:
    """How many there are in the store of a daemon that runs."""
    with contextlib.closing(sqlite3.connect(f"file:{store}/desk.sqlite?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(DISTINCT id) FROM fills").fetchone()[0]


def header(message, name: str) -> str:
    return dict(message.headers())[name].decode()
