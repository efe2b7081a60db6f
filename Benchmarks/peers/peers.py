#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything tickrisk is compared with, in turns on this machine: `make peers` (scripts/bench-peers)."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cut_beside_numpy import Program, cpu_model
from peer_fanout import fan_out
from peer_ingest import ingest
from peer_perspective import table_delta
from peer_risk import reference_book, tail
from peer_table import Section


def rings(programs: Path, rounds: int, records: int) -> list[Section]:
    """One record at a time, and in batches."""
    result = subprocess.run(
        [str(programs / "ring_peers"), str(rounds), str(records)], check=True, capture_output=True, text=True)
    single = Section("Ring between two threads, a record of 32 bytes at a time", "ns a record", False)
    batch = Section("Ring between two threads, batches of 64", "ns a record", False)
    for line in result.stdout.splitlines():
        name, value = line.split("\t")
        if name == "checksum":
            continue
        section = batch if name.endswith(", batch of 64") else single
        section.add(name.removesuffix(", batch of 64"), float(value))
    single.goals = {name: "≥ 1.0" for name in single.rounds if name != "tickrisk"}
    batch.rounds["tickrisk, one at a time"] = list(single.rounds["tickrisk"])
    batch.goals["tickrisk, one at a time"] = "≥ 5"
    return [single, batch]


def sections(options: argparse.Namespace, program: Program, folder: Path) -> dict:
    """What is measured, by name, in the order of the table."""
    programs, rounds = Path(options.programs), options.rounds
    return {
        "rings": lambda: rings(programs, rounds, 4_000_000),
        "tail": lambda: [tail(program, rounds)],
        "book": lambda: [reference_book(program, folder, rounds)],
        "ingest": lambda: [ingest(programs, folder, 1, 1_000_000, rounds),
                           ingest(programs, folder, 128, 100_000, rounds)],
        "fanout": lambda: [fan_out(programs, folder, options.clients, options.seconds, rounds)],
        "table": lambda: [table_delta(program, rounds)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default="Benchmarks/.build/release/CutBenchmark")
    parser.add_argument("--programs", required=True, help="folder of the compiled peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=500, help="of the fan-out (500)")
    parser.add_argument("--seconds", type=float, default=2, help="of each round of the fan-out (2)")
    parser.add_argument("--only", nargs="+", choices=["rings", "tail", "book", "ingest", "fanout", "table"])
    options = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"{cpu_model()}, {len(os.sched_getaffinity(0))} cores, commit {commit}, {options.rounds} rounds in turns,"
          f" load average {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(options.program)
        for name, measure in sections(options, program, Path(folder)).items():
            for section in measure() if not options.only or name in options.only else []:
                print("\n".join(section.lines()), flush=True)
        program.close()
    print(f"\nload average {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    sys.exit(main())
