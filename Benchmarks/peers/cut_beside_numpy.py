#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The engine's cut and numpy's, in turns on the same machine: `make bench-cut`.

Every repetition runs the engine, then each peer, on the same prices; the VaRs of all accounts and the firm must agree.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# What slows OpenBLAS down or fixes its threads; read once, when numpy is loaded.
UNSET = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]
unset = {name: os.environ.pop(name) for name in UNSET if name in os.environ}

import numpy as np  # noqa: E402
import scipy  # noqa: E402
from threadpoolctl import threadpool_info  # noqa: E402

from numpy_cut import Book, peers_of  # noqa: E402

RELATIVE_TOLERANCE = 1e-9
BOOKS = {
    "spread": "1,000 accounts × 200 of 10,000 instruments × 500",
    "shared": "1,000 accounts × the same 200 instruments × 500",
    "european": "10,000 European options on 500 instruments × 500",
    "american": "the same, every fourth American",
}


class Program:
    """The benchmark program: a command line in, a line of JSON out."""

    def __init__(self, path: str):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words: object) -> dict:
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the benchmark program ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            sys.exit(f"the benchmark program: {answer['error']}")
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def check(case: str, name: str, engine: np.ndarray, peer: np.ndarray) -> float:
    """The greatest relative difference; ends the run where it is too great."""
    difference = float(np.max(np.abs(engine - peer) / np.abs(engine)))
    if not difference <= RELATIVE_TOLERANCE:
        sys.exit(f"{case}: VaRs of {name} differ from the engine's by up to {difference:.1e} of their size")
    return difference


def run_case(program: Program, book: str, percent: int, peers: dict, repetitions: int, folder: Path) -> dict:
    """Times in milliseconds by name, one a repetition, after one repetition that is not counted."""
    times: dict[str, list[float]] = {"engine": []} | {name: [] for name in peers}
    # The spread book's returns are what bounds it: the same bytes in order, beside.
    # The same engine with a thread on every core; it is left out where there is one.
    crewed = len(os.sched_getaffinity(0)) > 1
    if crewed:
        times["engine, all cores"] = []
    streams = book == "spread" and percent == 100
    if streams:
        times["stream"] = []
    difference, facts = 0.0, {}
    for repetition in range(repetitions + 1):
        facts = program.ask("run", book, percent)
        program.ask("write", book, folder / "var.npy")
        engine = np.load(folder / "var.npy")
        if not np.isclose(engine.sum(), facts["checksum"], rtol=1e-12, atol=0):
            sys.exit(f"{book} {percent} %: the checksum is not the sum of the VaRs")
        times["engine"].append((facts["drain_ns"] + facts["cut_ns"]) / 1e6)
        if crewed:
            crew = program.ask("crew", book, percent)
            times["engine, all cores"].append((crew["drain_ns"] + crew["cut_ns"]) / 1e6)
            if crew["checksum"] != facts["checksum"]:
                sys.exit(f"{book} {percent} %: a crew's VaRs are not those of one thread")
        if streams:
            times["stream"].append(program.ask("time", "stream", 1)["ns"] / 1e6)
        for name, peer in peers.items():
            begin = time.perf_counter_ns()
            peer.cut(percent, facts["price_set"])
            times[name].append((time.perf_counter_ns() - begin) / 1e6)
            difference = max(difference, check(f"{book} {percent} %", name, engine, peer.var))
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    least = {name: min(values[1:]) for name, values in times.items()}
    return {"book": book, "dirty_percent": percent, "ticks": facts["ticks"], "cuts": facts["cuts"],
            "median_ms": medians, "least_ms": least, "greatest_relative_difference": difference,
            "checksum": facts["checksum"]}


def run_book(program: Program, book: str, repetitions: int, thread_counts: list[int]) -> tuple[str, list[dict]]:
    with tempfile.TemporaryDirectory() as folder:
        facts = program.ask("open", book, folder)
        data = Book(Path(folder), facts)
        peers = {f"{kind.name}, {count}": kind(data, count) for kind in peers_of(book) for count in thread_counts}
        # Percents descend: the first case moves every price, so that later ones build on the same as the engine's.
        return facts["tier"], [
            run_case(program, book, percent, peers, repetitions, Path(folder)) for percent in facts["percents"]]


def best(case: dict, threads: int) -> str | None:
    """The peer with the least median on so many threads."""
    names = [name for name in case["median_ms"] if name.endswith(f", {threads}") and not name.startswith("engine")]
    return min(names, key=lambda name: case["median_ms"][name], default=None)


def duration(case: dict, name: str) -> str:
    return f"{case['median_ms'][name]:.2f} ({case['least_ms'][name]:.2f})"


def table(cases: list[dict], threads: int) -> list[str]:
    """Milliseconds: the median and, in brackets, the least.

    numpy is told which accounts are dirty; what it takes over all of them is compared too ("whole book").
    """
    lines = [
        f"| book | dirty | engine, 1 thread | engine, {threads} | numpy, 1 thread | numpy, {threads} threads"
        " | numpy ÷ engine"
        " | whole book | with |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"]
    whole: dict[str, float] = {}
    for case in cases:
        cells = [BOOKS[case["book"]], f"{case['dirty_percent']} %", duration(case, "engine")]
        cells += [duration(case, "engine, all cores") if "engine, all cores" in case["median_ms"] else ""]
        fastest = [name for name in (best(case, 1), best(case, threads)) if name]
        ratios = [case["median_ms"][name] / case["median_ms"]["engine"] for name in fastest]
        cells += [duration(case, name) for name in fastest] or ["", ""]
        cells += [", ".join(f"{ratio:.1f}" for ratio in ratios)]
        if fastest:
            whole.setdefault(case["book"], min(case["median_ms"][name] for name in fastest))
        cells += [f"{whole[case['book']] / case['median_ms']['engine']:.1f}" if fastest else ""]
        cells += ["; ".join(dict.fromkeys(name.rsplit(",", 1)[0] for name in fastest))]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default="Benchmarks/.build/release/CutBenchmark")
    parser.add_argument("--repetitions", type=int, default=21, help="of each case (21)")
    parser.add_argument("--books", nargs="+", choices=BOOKS, default=list(BOOKS))
    parser.add_argument("--json", action="store_true", help="everything measured, instead of the table")
    options = parser.parse_args()

    threads = len(os.sched_getaffinity(0))
    load_before = os.getloadavg()[0]
    program = Program(options.program)
    cases, tier = [], ""
    for book in options.books:
        print(f"{book} …", file=sys.stderr)
        tier, found = run_book(program, book, options.repetitions, sorted({1, threads}))
        cases += found
    program.close()

    # scipy brings a second OpenBLAS; the products here are numpy's.
    blas = next((info for info in threadpool_info() if "numpy" in info["filepath"]), {})
    machine = {
        "cpu": cpu_model(), "cores": threads, "tier": tier, "numpy": np.__version__, "scipy": scipy.__version__,
        "blas": f"{blas.get('internal_api')} {blas.get('version')} {blas.get('architecture')}",
        "load_average": [load_before, os.getloadavg()[0]], "unset": unset, "repetitions": options.repetitions}
    if options.json:
        print(json.dumps({"machine": machine, "cases": cases}, indent=1))
        return
    print(f"{machine['cpu']}, {threads} cores, kernels {tier}; numpy {machine['numpy']}, scipy {machine['scipy']},"
          f" {machine['blas']};")
    print(f"milliseconds, median of {options.repetitions} and least; load average {load_before:.1f} before and"
          f" {machine['load_average'][1]:.1f} after\n")
    print("\n".join(table(cases, threads)))
    for case in cases:
        if "stream" in case["median_ms"]:
            share = case["median_ms"]["stream"] / case["median_ms"]["engine"]
            print(f"\nThe 800 MB of returns the spread book weighs take {duration(case, 'stream')} ms to sum in the"
                  f" order they lie in:\na whole cut reaches {share:.0%} of that.")
    agreed = max(case["greatest_relative_difference"] for case in cases)
    print(f"\nAll VaRs agree: the greatest relative difference is {agreed:.1e} (limit {RELATIVE_TOLERANCE:.0e}).")
    if unset:
        print("Unset for numpy: " + " ".join(f"{name}={value}" for name, value in unset.items()))


if __name__ == "__main__":
    main()
