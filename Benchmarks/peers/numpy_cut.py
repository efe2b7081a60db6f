# SPDX-License-Identifier: Apache-2.0
"""The VaRs of a cut in numpy and scipy, as fast as they are known to go.

A peer gets the same prices as the engine and recomputes the same accounts. It does less: no P&L, shortfall, stress,
margin or status, no quotes, nothing published. Which accounts a tick makes dirty is given to it.
"""

from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.special
from threadpoolctl import threadpool_limits

# Rows of a block of a batched product: what is gathered for it stays in the second-level cache.
OPTION_BLOCK = 32


def ranks(scenarios: int, confidences_bp: list[int]) -> list[int]:
    """0-based ranks of the discrete VaR, ceil(N(10000 - c)/10000) - 1, in integers."""
    return [-(-scenarios * (10_000 - c) // 10_000) - 1 for c in confidences_bp]


class Threads:
    """Cuts work into equal ranges, one a thread; one thread is the caller."""

    def __init__(self, count: int):
        self.count = count
        self.pool = ThreadPoolExecutor(count) if count > 1 else None

    def each(self, total: int, body) -> None:
        """Calls body(begin, end, thread)."""
        if self.pool is None:
            body(0, total, 0)
            return
        step = ceil(total / self.count)
        jobs = [self.pool.submit(body, t * step, min(total, (t + 1) * step), t) for t in range(self.count)]
        for job in jobs:
            job.result()


class Book:
    """What the benchmark program wrote, and the state every peer keeps."""

    def __init__(self, folder: Path, facts: dict):
        def load(name: str) -> np.ndarray:
            return np.load(folder / f"{name}.npy")

        self.returns = load("returns")
        self.price_sets = load("prices")
        self.instrument = load("instrument").astype(np.intp)
        self.quantity = load("quantity")
        self.percents = facts["percents"]
        self.ticks = {p: load(f"ticks_{p}").astype(np.intp) for p in self.percents}
        self.dirty = {p: load(f"dirty_{p}").astype(np.intp) for p in self.percents}
        self.options = load("options") if (folder / "options.npy").exists() else None
        self.ranks = ranks(facts["scenarios"], facts["confidences_bp"])
        self.accounts, self.scenarios = len(self.instrument), facts["scenarios"]


class Peer:
    """Ticks in, VaRs out; a subclass fills the P&L vectors of the dirty accounts."""

    name = ""

    def __init__(self, book: Book, threads: int):
        self.book = book
        self.threads = Threads(threads)
        self.price = book.price_sets[0].copy()
        self.pnl = np.zeros((book.accounts, book.scenarios))
        self.var = np.zeros((book.accounts + 1, len(book.ranks)))
        self.prepare()

    def prepare(self) -> None:
        """What does not depend on prices."""

    def fill(self, dirty: np.ndarray) -> None:
        """Writes self.pnl[dirty]."""
        raise NotImplementedError

    def cut(self, percent: int, price_set: int) -> None:
        ticks, dirty = self.book.ticks[percent], self.book.dirty[percent]
        self.price[ticks] = self.book.price_sets[price_set][ticks]
        with threadpool_limits(self.threads.count if self.uses_blas_threads else 1, user_api="blas"):
            self.fill(dirty)
        everything = len(dirty) == self.book.accounts
        self.threads.each(len(dirty), lambda begin, end, _: self.measure(dirty, begin, end, everything))
        firm = np.partition(self.pnl.sum(axis=0), self.book.ranks)
        self.var[-1] = -firm[self.book.ranks]

    def measure(self, dirty: np.ndarray, begin: int, end: int, everything: bool) -> None:
        rows = slice(begin, end) if everything else dirty[begin:end]
        self.var[rows] = -np.partition(self.pnl[rows], self.book.ranks, axis=1)[:, self.book.ranks]

    uses_blas_threads = False


class GatherPeer(Peer):
    """An account's rows of the returns gathered into a buffer, then one product of a vector with it."""

    name = "gather + dot"

    def prepare(self) -> None:
        shape = (self.book.instrument.shape[1], self.book.scenarios)
        self.buffer = [np.empty(shape) for _ in range(self.threads.count)]

    def fill(self, dirty: np.ndarray) -> None:
        book = self.book

        def body(begin: int, end: int, thread: int) -> None:
            buffer = self.buffer[thread]
            for account in dirty[begin:end]:
                held = book.instrument[account]
                # Without `clip` numpy would gather into a copy first.
                np.take(book.returns, held, axis=0, out=buffer, mode="clip")
                np.dot(book.quantity[account] * self.price[held], buffer, out=self.pnl[account])

        self.threads.each(len(dirty), body)


class DensePeer(Peer):
    """Market values as a dense matrix of accounts by instruments, and one matrix product."""

    name = "one GEMM"
    uses_blas_threads = True

    def prepare(self) -> None:
        book = self.book
        self.weights = np.zeros((book.accounts, len(self.price)))
        self.quantity = self.weights.copy()
        np.put_along_axis(self.quantity, book.instrument, book.quantity, axis=1)

    def fill(self, dirty: np.ndarray) -> None:
        if len(dirty) == self.book.accounts:
            np.multiply(self.quantity, self.price, out=self.weights)
            np.matmul(self.weights, self.book.returns, out=self.pnl)
        else:
            self.pnl[dirty] = (self.quantity[dirty] * self.price) @ self.book.returns


class SparsePeer(Peer):
    """Market values as a CSR matrix of scipy; its product with a dense one has no threads of its own."""

    name = "scipy CSR"

    def prepare(self) -> None:
        book = self.book
        positions = book.instrument.shape[1]
        self.matrix = {}
        for percent in book.percents:
            dirty = book.dirty[percent]
            held = book.instrument[dirty].ravel().astype(np.int32)
            first = np.arange(len(dirty) + 1, dtype=np.int32) * positions
            shape = (len(dirty), len(self.price))
            self.matrix[len(dirty)] = scipy.sparse.csr_array((np.zeros(len(held)), held, first), shape=shape)

    def fill(self, dirty: np.ndarray) -> None:
        matrix = self.matrix[len(dirty)]
        np.multiply(self.book.quantity[dirty].ravel(), self.price[matrix.indices], out=matrix.data)
        if self.threads.count == 1:
            self.pnl[dirty] = matrix @ self.book.returns
            return

        def body(begin: int, end: int, _: int) -> None:
            self.pnl[dirty[begin:end]] = matrix[begin:end] @ self.book.returns

        self.threads.each(len(dirty), body)


class OptionPeer(Peer):
    """Black-Scholes-Merton over blocks of options by scenarios; logarithms of returns are taken once, not in a cut."""

    name = "Black–Scholes by blocks"

    def prepare(self) -> None:
        book = self.book
        table = book.options[book.instrument.ravel()]
        self.underlying = table[:, 0].astype(np.intp)
        is_put, strike, rate, dividend, volatility, years = table[:, 1:].T
        self.sign = 1.0 - 2.0 * is_put
        self.strike, self.carry = strike, (rate - dividend) * years
        self.spot_discount = np.exp(-dividend * years)
        self.strike_present = strike * np.exp(-rate * years)
        self.deviation = volatility * np.sqrt(years)
        self.log_growth, self.growth = np.log1p(book.returns), 1.0 + book.returns
        shape = (OPTION_BLOCK, book.scenarios)
        self.buffer = [[np.empty(shape) for _ in range(3)] for _ in range(self.threads.count)]

    def value_now(self, spot: np.ndarray) -> np.ndarray:
        middle = (np.log(spot / self.strike) + self.carry) / self.deviation
        half = self.deviation / 2
        of_spot = spot * self.spot_discount * scipy.special.ndtr(self.sign * (middle + half))
        return self.sign * (of_spot - self.strike_present * scipy.special.ndtr(self.sign * (middle - half)))

    def fill(self, dirty: np.ndarray) -> None:
        held = self.book.instrument.shape[1]
        spot = self.price[self.underlying]
        value = self.value_now(spot)
        # d1 and d2 carry the option's sign, so that a put needs no other formula than a call.
        scale = self.sign / self.deviation
        middle = (np.log(spot / self.strike) + self.carry) * scale
        half = self.sign * self.deviation / 2
        weight = self.book.quantity.ravel() * self.sign
        of_spot, of_strike = weight * spot * self.spot_discount, weight * self.strike_present
        blocks = [(a, b) for a in dirty for b in range(0, held, OPTION_BLOCK)]
        partial = np.zeros((self.threads.count, self.book.accounts, self.book.scenarios))

        def body(begin: int, end: int, thread: int) -> None:
            for account, first in blocks[begin:end]:
                rows = slice(account * held + first, account * held + min(held, first + OPTION_BLOCK))
                d1, d2, growth = (b[: rows.stop - rows.start] for b in self.buffer[thread])
                np.take(self.log_growth, self.underlying[rows], axis=0, out=d1, mode="clip")
                d1 *= scale[rows, None]
                d1 += middle[rows, None]
                np.subtract(d1, half[rows, None], out=d2)
                d1 += half[rows, None]
                scipy.special.ndtr(d1, out=d1)
                scipy.special.ndtr(d2, out=d2)
                np.take(self.growth, self.underlying[rows], axis=0, out=growth, mode="clip")
                d1 *= growth
                partial[thread, account] += of_spot[rows] @ d1 - of_strike[rows] @ d2

        self.threads.each(len(blocks), body)
        worth = (self.book.quantity.ravel() * value).reshape(-1, held).sum(axis=1)
        self.pnl[dirty] = partial.sum(axis=0)[dirty] - worth[dirty, None]


def peers_of(name: str) -> list[type[Peer]]:
    """Peers by book."""
    return {"spread": [GatherPeer, DensePeer, SparsePeer], "shared": [DensePeer, GatherPeer, SparsePeer],
            "european": [OptionPeer], "american": []}[name]
