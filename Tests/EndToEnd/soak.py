# SPDX-License-Identifier: Apache-2.0
"""Ticks, orders, clients that come and go and do not read, publishers that restart and reloads, together for a while.

    python Tests/EndToEnd/soak.py MINUTES

Ends with 1 unless memory and file descriptors are flat, counters are exact, every acknowledged order is there before
and after a restart, and clients had their answers 99.97 % of the time.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

from book import Book
from daemon import DEMO, TOOL, Daemon
from publisher import Publisher
from stalled_client import StalledClient
from stream_client import StreamClient
from trading_desk import UNLIMITED, TradingDesk
from waiting import wait_until

AVAILABILITY_MIN = 0.9997
#: The beginning fills caches and pools and does not count.
WARM_UP = 0.25
MEMORY_GROWTH_MAX = 0.10
DESCRIPTOR_GROWTH_MAX = 4
STEADY_CLIENTS = 10
MESSAGES_A_SECOND = 100
TICKS_A_MESSAGE = 20
ORDERS_A_SECOND = 5
NICENESS = -10
PUBLISHER_RESTART_S, RELOAD_S, PROBE_S = 20, 15, 0.05


class Tally:
    """What threads count and complain of."""

    def __init__(self):
        self._lock = threading.Lock()
        self.counts: dict[str, int] = {}
        self.problems: deque[str] = deque(maxlen=50)

    def add(self, name: str, count: int = 1) -> None:
        with self._lock:
            self.counts[name] = self.counts.get(name, 0) + count

    def problem(self, text: str) -> None:
        with self._lock:
            self.problems.append(text)

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)


class Soak:
    def __init__(self, directory: Path, minutes: float):
        self.seconds, self.seed = 60 * minutes, random.randrange(1 << 31)
        self.stop, self.tally = threading.Event(), Tally()
        self.ids = [i.id for i in Book.load(DEMO).instruments.values()]
        self.data = directory / "data"
        self.data.mkdir()
        for name in ("instruments.csv", "accounts.csv", "positions.csv", "history.csv", "scenarios.yaml"):
            shutil.copy(DEMO / name, self.data)
        self.store = directory / "store"
        self.endpoint = f"ipc://{directory}/ticks"
        self.daemon = Daemon(
            directory, [{"name": "primary", "endpoint": self.endpoint, "silent_after": "10s"}],
            {"orders": {**UNLIMITED, "open_max": 1_000_000}, "store": {"directory": str(self.store)},
             "streaming": {"slow_client_timeout": "3s"}}, self.data).start()
        self.acknowledged: dict[str, int] = {}
        self.samples: list[tuple[float, int, float]] = []

    # Work: one thread each

    def publish(self) -> None:
        generator = random.Random(self.seed)
        while not self.stop.is_set():
            publisher = Publisher(bind=self.endpoint)
            try:
                publisher.wait_for_subscriber()
                end, due = time.monotonic() + PUBLISHER_RESTART_S, time.monotonic()
                while time.monotonic() < end and not self.stop.is_set():
                    publisher.last({i: 50 + generator.random() for i in self.ids[:TICKS_A_MESSAGE]})
                    self.tally.add("messages")
                    self.tally.add("ticks", min(TICKS_A_MESSAGE, len(self.ids)))
                    due += 1 / MESSAGES_A_SECOND
                    self.stop.wait(max(0.0, due - time.monotonic()))
                # What is on its way when a publisher dies is lost, and counted by nobody: it ends with nothing queued.
                wait_until(lambda: self.daemon.metric("tickrisk_messages_total") >= self.tally["messages"],
                           "all messages arrived", 30)
            finally:
                publisher.close()
            self.tally.add("publisher restarts")

    def order(self) -> None:
        desk = TradingDesk(self.daemon, None, "ALPHA")
        number = 0
        while not self.stop.wait(1 / ORDERS_A_SECOND):
            number += 1
            name = f"soak-{self.seed}-{number}"
            answer = desk.submit(symbol="AAPL", side=("buy", "sell")[number % 2], quantity=1, client_order_id=name)
            if answer.status == 201:
                self.acknowledged[name] = answer.body["order_id"]
            else:
                self.tally.add("orders refused")

    def follow(self) -> None:
        """A client that stays: bases are checked by the client itself, silence is a failure."""
        client = StreamClient(self.daemon.stream_url, "tickrisk.v1.zstd")
        client.subscribe("firm", "market", "account:ALPHA")
        try:
            while not self.stop.is_set():
                self.tally.add("frames asked for")
                client.receive(5)
                self.tally.add("frames received")
        finally:
            client.close()

    def churn(self) -> None:
        while not self.stop.is_set():
            self.tally.add("connections asked for")
            try:
                client = StreamClient(self.daemon.stream_url)
            except OSError as error:
                # Not let in, in time: it counts against availability, and whoever it was comes again.
                print(f"a connection failed: {error!r}", flush=True)
                continue
            client.subscribe("account:BETA", "firm")
            client.until_each("snapshot", "account:BETA", "firm")
            client.close()
            self.tally.add("connections answered")

    def stall(self) -> None:
        while not self.stop.is_set():
            client = StalledClient(self.daemon.address, ("market", "firm", "account:ALPHA"))
            before = self.daemon.metric("tickrisk_slow_clients_closed_total")
            end = time.monotonic() + 8
            while time.monotonic() < end and not self.stop.wait(0.5):
                if self.daemon.metric("tickrisk_slow_clients_closed_total") > before:
                    break
            client._gate.close()
            self.tally.add("stalled clients")

    def probe(self) -> None:
        while not self.stop.wait(PROBE_S):
            self.tally.add("requests")
            if self.daemon.request("/api/v1/accounts/ALPHA")[0] == 200:
                self.tally.add("requests answered")

    def reload(self) -> None:
        head, rows = (DEMO / "instruments.csv").read_text().split("\n", 1)
        head += "\n"
        number = 0
        while not self.stop.wait(RELOAD_S):
            number += 1
            (self.data / "scenarios.yaml").write_text(
                f"crash: {{shocks: [{{all: true, price: -0.{1 + number % 8}}}]}}\n")
            # One more in front of the others, or one less: the index of each changes.
            extra = f"{9_000 + number},EXTRA,Extra,Energy,USD,1,0.01,0.25,4\n" if number % 2 else ""
            (self.data / "instruments.csv").write_text(head + extra + rows)
            if self.daemon.reload() != "applied":
                self.tally.problem("a reload was refused")
            self.tally.add("reloads")

    def watch(self) -> None:
        begin = time.monotonic()
        while not self.stop.wait(2):
            self.samples.append(
                (time.monotonic() - begin, self.daemon.resident_bytes, self.daemon.metric("process_open_fds")))

    def _guarded(self, work) -> None:
        try:
            work()
        except Exception as error:  # whatever it is, the soak has failed
            self.tally.problem(f"{work.__name__}: {error!r}")

    # The run and what is required of it

    def run(self) -> None:
        print(f"seed {self.seed}, {self.seconds / 60:.1f} minutes", flush=True)
        quiet_descriptors = self.daemon.metric("process_open_fds")
        work = [self.publish, self.order, self.probe, self.reload, self.watch, self.stall]
        work += [self.follow] * STEADY_CLIENTS + [self.churn] * 2
        threads = [threading.Thread(target=self._guarded, args=(one,), daemon=True) for one in work]
        for thread in threads:
            thread.start()
        self.stop.wait(self.seconds)
        self.stop.set()
        for thread in threads:
            thread.join(60)
            if thread.is_alive():
                self.tally.problem("a thread hangs")
        self.require_exact_counters()
        self.require_flat(quiet_descriptors)
        self.require_orders()
        self.require_availability()

    def require_exact_counters(self) -> None:
        for name, sent in (("tickrisk_messages_total", "messages"), ("tickrisk_ticks_total", "ticks")):
            seen = self.daemon.metric(name)
            if seen != self.tally[sent]:
                self.tally.problem(f"{name} is {seen:.0f}, sent were {self.tally[sent]}")
        for name in ("tickrisk_messages_missing_total", "tickrisk_ticks_rejected_total",
                     "tickrisk_messages_duplicate_total"):
            if self.daemon.metric(name) != 0:
                self.tally.problem(f"{name} is not 0")

    def require_flat(self, quiet_descriptors: float) -> None:
        warm = [memory for at, memory, _ in self.samples if at >= WARM_UP * self.seconds]
        third = max(1, len(warm) // 3)
        first, last = sorted(warm[:third])[third // 2], sorted(warm[-third:])[third // 2]
        print(f"memory {first / 1e6:.1f} MB after the warm-up, {last / 1e6:.1f} MB at the end")
        if last > first * (1 + MEMORY_GROWTH_MAX):
            self.tally.problem(f"memory grew from {first} to {last} bytes")
        wait_until(lambda: self.daemon.metric("tickrisk_clients") == 0, "all clients gone", 30)
        wait_until(lambda: self.daemon.metric("process_open_fds") <= quiet_descriptors + DESCRIPTOR_GROWTH_MAX,
                   f"descriptors back at {quiet_descriptors:.0f}", 90)
        print(f"descriptors {quiet_descriptors:.0f} before, {self.daemon.metric('process_open_fds'):.0f} after, "
              f"{max(count for *_, count in self.samples):.0f} at most")

    def require_orders(self) -> None:
        for when in ("at the end", "after a restart"):
            found = {o["client_order_id"]: o["order_id"] for o in TradingDesk(self.daemon, None, "ALPHA").orders()}
            lost = [name for name, number in self.acknowledged.items() if found.get(name) != number]
            if lost:
                self.tally.problem(f"{len(lost)} acknowledged orders are not there {when}: {lost[:5]}")
            self.daemon.stop()
            if when == "at the end":
                self.daemon.start()
        verified = subprocess.run([TOOL, "audit", "verify", "--store", self.store], capture_output=True, text=True)
        if verified.returncode != 0:
            self.tally.problem(f"the store does not verify: {verified.stdout}{verified.stderr}")

    def require_availability(self) -> None:
        asked = self.tally["requests"] + self.tally["connections asked for"] + self.tally["frames asked for"]
        answered = self.tally["requests answered"] + self.tally["connections answered"] + self.tally["frames received"]
        availability = answered / max(asked, 1)
        print(json.dumps({**self.tally.counts, "orders acknowledged": len(self.acknowledged)}, indent=1))
        print(f"availability as clients saw it: {100 * availability:.4f} %")
        # Whoever is asking when the soak ends is not unavailable.
        if asked - answered > (1 - AVAILABILITY_MIN) * asked + STEADY_CLIENTS + 4:
            self.tally.problem(f"availability {availability:.6f}")
        for name in ("publisher restarts", "reloads", "stalled clients", "frames received"):
            if self.tally[name] == 0:
                self.tally.problem(f"no {name}: the soak was too short or did nothing")
        if not self.acknowledged:
            self.tally.problem("no order was acknowledged")


def precede() -> str:
    """Daemon and clients get the processor before others, where allowed: neighbours are not measured."""
    try:
        niceness = os.nice(NICENESS)
        # Linux shares the processor out by session first, and by niceness within one.
        group = Path("/proc/self/autogroup")
        if group.exists():
            group.write_text(str(NICENESS))
        return f"niceness {niceness}"
    except PermissionError:
        return "niceness as given: others on this machine count as well"


def main() -> int:
    print(precede(), flush=True)
    with tempfile.TemporaryDirectory() as directory:
        soak = Soak(Path(directory), float(sys.argv[1]) if len(sys.argv) > 1 else 10)
        try:
            soak.run()
        finally:
            if soak.daemon.process is not None:
                soak.daemon.kill()
    for problem in soak.tally.problems:
        print(f"PROBLEM: {problem}")
    print("soak: failed" if soak.tally.problems else "soak: nothing grew, nothing was lost")
    return 1 if soak.tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
