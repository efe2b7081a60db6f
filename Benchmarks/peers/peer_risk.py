# SPDX-License-Identifier: Apache-2.0
"""VaR beside numpy and pandas: a vector's tail, and the whole book as the reference dashboard computes it."""

import time
from pathlib import Path

import numpy as np
import pandas as pd

from numpy_cut import Book, ranks
from peer_table import Section

SCENARIOS = 500
CONFIDENCES_BP = [9_500, 9_750, 9_900]
TAIL_CALLS = 20_000
S2_ACCOUNTS = 5


def tail_vector() -> np.ndarray:
    """The vector that the benchmark program makes too."""
    return (np.arange(SCENARIOS) * 7_919 % SCENARIOS - 100).astype(float)


def with_partition(vector: np.ndarray, places: list[int]) -> float:
    smallest = np.partition(vector, places)
    return -sum(smallest[place] + smallest[: place + 1].mean() for place in places)


def with_percentile(vector: np.ndarray, places: list[int]) -> float:
    levels = -np.percentile(vector, [(10_000 - c) / 100 for c in CONFIDENCES_BP], method="inverted_cdf")
    return sum(level - vector[vector <= -level].mean() for level in levels)


def partition_alone(vector: np.ndarray, places: list[int]) -> float:
    smallest = np.partition(vector, places)
    return -smallest[places].sum()


def timed(body, *arguments) -> tuple[float, float]:
    begin = time.perf_counter_ns()
    for _ in range(TAIL_CALLS // 10):
        answer = body(*arguments)
    return (time.perf_counter_ns() - begin) / (TAIL_CALLS // 10), answer


def tail(program, rounds: int) -> Section:
    section = Section("VaR and ES of one account at three confidences, from its 500 P&Ls", "ns", False)
    section.goals = {"np.partition, VaR only": "≥ 5", "np.percentile and means": "≥ 50"}
    vector, places = tail_vector(), ranks(SCENARIOS, CONFIDENCES_BP)
    peers = {"np.partition and means": with_partition, "np.percentile and means": with_percentile,
             "np.partition, VaR only": partition_alone}
    for _ in range(rounds):
        facts = program.ask("time", "tail", TAIL_CALLS)
        section.add(section.ours, facts["ns"])
        for name, body in peers.items():
            nanoseconds, answer = timed(body, vector, places)
            section.add(name, nanoseconds)
            if body is not partition_alone and not np.isclose(answer, facts["checksum"], rtol=1e-12):
                raise SystemExit(f"{name}: {answer} where tickrisk has {facts['checksum']}")
    return section


class S2Calculator:
    """Historical VaR as the reference describes it: weights by symbol, one pandas series added at a time, numpy's
    percentile of portfolio returns, times the portfolio's value. Written from its description."""

    def __init__(self, confidence: float):
        self.confidence = confidence

    def var(self, values: dict[str, float], returns: pd.DataFrame) -> float:
        total = sum(values.values())
        portfolio = pd.Series(0.0, index=returns.index)
        for symbol, value in values.items():
            if symbol in returns.columns:
                portfolio += value / total * returns[symbol]
        return -np.percentile(portfolio * np.sqrt(1), (1 - self.confidence) * 100) * total


def reference_book(program, folder: Path, rounds: int) -> Section:
    """The cut of the spread book and S2's calculator on some of its accounts, scaled up to all of them."""
    section = Section("Cut of 1,000 accounts × 200 of 10,000 instruments × 500, all dirty", "ms", False)
    facts = program.ask("open", "spread", folder)
    book = Book(folder, facts)
    symbols = [f"S{i}" for i in range(book.returns.shape[0])]
    frame = pd.DataFrame(book.returns.T, columns=symbols)
    name = f"S2's calculator (pandas), {S2_ACCOUNTS} accounts scaled to 1,000"
    for _ in range(rounds):
        run = program.ask("run", "spread", 100)
        section.add(section.ours, (run["drain_ns"] + run["cut_ns"]) / 1e6)
        prices, spent = book.price_sets[run["price_set"]], 0
        for account in range(S2_ACCOUNTS):
            held = book.instrument[account]
            value = book.quantity[account] * prices[held]
            values = {symbols[i]: abs(v) for i, v in zip(held, value)}  # it has no meaning for a value of nothing
            begin = time.perf_counter_ns()
            found = S2Calculator(0.99).var(values, frame)
            spent += time.perf_counter_ns() - begin
            if not np.isclose(found, -np.percentile(np.abs(value) @ book.returns[held], 1), rtol=1e-9):
                raise SystemExit("S2's calculator does not agree with numpy")
        section.add(name, spent / 1e6 * book.accounts / S2_ACCOUNTS)
    section.notes.append("Batched numpy and scipy on the same book: `make bench-cut`.")
    return section
