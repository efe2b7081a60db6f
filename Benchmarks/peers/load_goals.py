#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The load rows of the table of goals, from the results of scripts/run-load: load_goals.py FOLDER"""

import json
import sys
from pathlib import Path


def row(what: str, goal: str, measured: str, reached: bool) -> str:
    verdict = "" if not goal else "reached" if reached else "MISSED"
    return f"| {what} | {goal} | {measured} | {verdict} |"


def at_most(what: str, goal: str, value: float, limit: float, unit: str) -> str:
    return row(what, goal, f"{value:.2f} {unit}", value <= limit)


def latency(run: dict, clock: str, percentile: str = "p99") -> float:
    return run["latency_ms"][clock][percentile]


def of_250(run: dict) -> list[str]:
    what = "250 clients, 10,000 ticks/s"
    return [
        at_most(f"{what}: tick → state p99", "≤ 0.1 ms", latency(run, "tick_to_state"), 0.1, "ms"),
        at_most(f"{what}: cut → client p99", "≤ 5 ms", latency(run, "cut_to_client"), 5, "ms"),
        at_most(f"{what}: newest tick's age p99", "≤ 10 ms", latency(run, "newest_tick_age_at_client"), 10, "ms"),
        at_most(f"{what}: daemon", "≤ 10 % of a core", run["daemon_core_percent"], 10, "%"),
        at_most(f"{what}: bytes of JSON", "≤ 10 %", run["percent_of_json"], 10, "%"),
    ]


def of_1000(run: dict) -> list[str]:
    achieved = run["achieved_ticks_per_s"]
    return [
        row("1,000 clients, 1,000,000 ticks/s: achieved", "≥ 99 %, none lost or skipped", f"{achieved:,.0f} ticks/s",
            run["achieved"]),
        row("1,000 clients, 1,000,000 ticks/s: cut → client p99", "", f"{latency(run, 'cut_to_client'):.2f} ms", True),
    ]


def of_stalled(alone: dict, stalled: dict) -> list[str]:
    before, after = latency(alone, "cut_to_client"), latency(stalled, "cut_to_client")
    grown = (stalled["daemon_resident_bytes"] - stalled["daemon_resident_bytes_before"]) / 1e6
    change = (after / before - 1) * 100
    return [
        row("one stalled among 1,000: others' p99", "< 5 % more", f"{before:.2f} → {after:.2f} ms ({change:+.1f} %)",
            change < 5),
        row("one stalled among 1,000: memory", "flat", f"{grown:+.1f} MB over the run", grown < 5),
    ]


def of_10000(run: dict) -> list[str]:
    what = "10,000 clients at 10 Hz, 100,000 ticks/s"
    return [
        row(f"{what}: skipped", "none", f"{run['frames_skipped']:,.0f}", run["frames_skipped"] == 0),
        at_most(f"{what}: cut → client p99", "≤ 50 ms", latency(run, "cut_to_client"), 50, "ms"),
    ]


def of_storm(run: dict) -> list[str]:
    return [at_most("1,000 clients back after all were dropped", "≤ 3 s", run["storm_seconds"], 3, "s")]


def main(folder: Path) -> None:
    runs = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    kinds = [(["250"], of_250), (["1000"], of_1000), (["alone", "stalled"], of_stalled), (["10000"], of_10000),
             (["storm"], of_storm)]
    print("| what | goal | measured | |\n| --- | --- | ---: | --- |")
    for names, rows in kinds:
        if all(name in runs for name in names):
            print("\n".join(rows(*(runs[name] for name in names))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
