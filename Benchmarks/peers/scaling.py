#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How a node's cost grows: `scripts/bench-scaling`.

Cuts of spread books (200 positions an account, 500 scenarios, everything dirty) of several sizes, by one thread and by
one on every core, in turns; then a daemon with several numbers of clients. Slopes are least squares of the medians.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CUT = ROOT / "Benchmarks/.build/release/CutBenchmark"
ACCOUNTS = [250, 500, 1_000, 2_000, 4_000]
INSTRUMENTS = [1_000, 10_000, 40_000]
CLIENTS = [50, 250, 1_000, 2_000]
BOOK = (1_000, 10_000)
DEADLINE_S = 60


class Program:
    """The benchmark program: a command line in, a line of JSON out."""

    def __init__(self):
        self.process = subprocess.Popen([CUT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words: object) -> dict:
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            sys.exit(f"the benchmark program: {answer['error']}")
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(DEADLINE_S)


def cut_times(program: Program, rounds: int) -> dict[str, list[float]]:
    """Milliseconds by `run` and `crew`; both must come to the same VaRs."""
    kinds = ["run", "crew"] if os.cpu_count() > 1 else ["run"]
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(rounds + 1):
        answers = {kind: program.ask(kind, "sized", 100) for kind in kinds}
        if len({answer["checksum"] for answer in answers.values()}) != 1:
            sys.exit(f"engines with one thread and with several differ: {answers}")
        if number:  # the first finds cold memory
            for kind, answer in answers.items():
                times[kind].append(answer["cut_ns"] / 1e6)
    return times


def slope(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Least squares: (at zero, per unit)."""
    mean_x, mean_y = (statistics.fmean(values) for values in zip(*points))
    per_unit = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return mean_y - per_unit * mean_x, per_unit


def print_cuts(rounds: int) -> None:
    sizes = [(accounts, BOOK[1]) for accounts in ACCOUNTS] + [(BOOK[0], count) for count in INSTRUMENTS]
    program = Program()
    medians: dict[tuple[int, int], dict[str, float]] = {}
    print("| accounts × 200 of | instruments | 1 thread, ms (least) | every core, ms (least) | times as fast |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for size in dict.fromkeys(sizes):
        program.ask("size", *size)
        times = cut_times(program, rounds)
        medians[size] = {kind: statistics.median(values) for kind, values in times.items()}
        cells = [f"{statistics.median(values):.2f} ({min(values):.2f})" for values in times.values()]
        ratios = [one / crew for one, crew in zip(times["run"], times.get("crew", times["run"]))]
        print(f"| {size[0]:,} | {size[1]:,} | {' | '.join(cells)} | {statistics.median(ratios):.2f} |", flush=True)
    program.close()
    start, per_account = slope([(accounts, medians[accounts, BOOK[1]]["run"]) for accounts in ACCOUNTS])
    print(f"\nOne thread: {start:.2f} ms and {per_account * 1e3:.1f} µs an account, "
          f"{per_account * 1e6 / 200:.0f} ns a position of 500 scenarios.")


def listening(daemon: subprocess.Popen, log: Path) -> str:
    """Where it listens, once it does."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline and daemon.poll() is None:
        if said := re.search(r"ready http=(\S+)", log.read_text()):
            return said[1]
        time.sleep(0.05)
    sys.exit(f"the daemon did not start: {log.read_text()}")


def client_cost(clients: int, seconds: int, folder: Path) -> dict:
    """What `tickrisk load` says of a daemon with so many clients at 10,000 ticks a second."""
    feed, log = f"ipc://{folder}/feed-{clients}", folder / f"log-{clients}"
    settings = {"http.listen": "127.0.0.1:0", "auth.mode": "none", "http.max_connections_per_address": 25_000,
                "feeds.0.endpoint": feed, "log.level": "info"}
    with open(log, "wb") as output:
        daemon = subprocess.Popen(
            [ROOT / ".build/release/tickriskd", "--config", ROOT / "config/demo/tickrisk.yaml",
             *(word for key, value in settings.items() for word in ("--set", f"{key}={value}"))],
            stdout=output, stderr=output, cwd=ROOT)
        try:
            address = listening(daemon, log)
            report = folder / f"load-{clients}.json"
            done = subprocess.run(
                [ROOT / ".build/release/tickrisk", "load", "--url", f"ws://{address}/ws", "--endpoint", feed, "--pid",
                 str(daemon.pid), "--clients", str(clients), "--rate", "10000", "--duration", str(seconds), "--json",
                 str(report)], capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"tickrisk load: {done.stdout}{done.stderr}")
            return json.loads(report.read_text())
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(DEADLINE_S)


def print_clients(seconds: int) -> None:
    points, memory = [], []
    print("\n| clients | frames/s | daemon, of one core | memory, MB |\n| ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for clients in CLIENTS:
            said = client_cost(clients, seconds, Path(folder))
            frames, share = said["frames"] / said["seconds"], said["daemon_core_percent"]
            megabytes = said["daemon_resident_bytes"] / 1e6
            points.append((frames, share))
            memory.append((clients, megabytes))
            print(f"| {clients:,} | {frames:,.0f} | {share:.1f} % | {megabytes:.1f} |", flush=True)
    start, per_frame = slope(points)
    print(f"\n{start:.1f} % of a core without clients, {per_frame * 1e4:.1f} µs a frame, "
          f"{slope(memory)[1] * 1e3:.0f} KB of memory a client.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="counted repetitions of a cut")
    parser.add_argument("--seconds", type=int, default=10, help="of each load")
    parser.add_argument("--only", choices=["cuts", "clients"])
    chosen = parser.parse_args()
    if chosen.only != "clients":
        print_cuts(chosen.rounds)
    if chosen.only != "cuts":
        print_clients(chosen.seconds)


if __name__ == "__main__":
    main()
