# SPDX-License-Identifier: Apache-2.0
"""A book as the data files describe it: read for the reference, or written for a test of its own."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import yaml


@dataclass(frozen=True)
class Instrument:
    id: int
    symbol: str
    sector: str = "Technology"
    currency: str = "USD"
    multiplier: float = 1.0
    margin_rate: float = 0.25
    price_decimals: int = 4
    prior_close: float | None = None


@dataclass(frozen=True)
class Account:
    id: str
    currency: str = "USD"
    cash: float = 0.0
    margin_limit: float | None = None


@dataclass
class Book:
    """Instruments by symbol, accounts by identifier, positions `{account: {symbol: (quantity, cost)}}`."""

    instruments: dict[str, Instrument]
    accounts: dict[str, Account]
    positions: dict[str, dict[str, tuple[float, float]]]
    dates: list[str]
    #: Closes by symbol, NaN where blank.
    closes: dict[str, numpy.ndarray]
    scenarios: dict[str, list[dict]] = field(default_factory=dict)

    @classmethod
    def load(cls, directory: Path) -> "Book":
        history = _rows(directory / "history.csv")
        closes = {
            symbol: numpy.array([float(row[symbol]) if row[symbol] else numpy.nan for row in history])
            for symbol in history[0] if symbol != "date"
        }
        instruments = [
            Instrument(
                int(row["id"]), row["symbol"], row["sector"], row["currency"], float(row["multiplier"]),
                float(row["margin_rate"]), int(row.get("price_decimals") or 4), _last(closes.get(row["symbol"])))
            for row in _rows(directory / "instruments.csv")
        ]
        accounts = [
            Account(
                row["account"], row["currency"], float(row["cash"]),
                float(row["margin_limit"]) if row["margin_limit"] else None)
            for row in _rows(directory / "accounts.csv")
        ]
        positions: dict = {account.id: {} for account in accounts}
        for row in _rows(directory / "positions.csv"):
            positions[row["account"]][row["symbol"]] = (float(row["quantity"]), float(row["avg_cost"]))
        scenarios = yaml.safe_load((directory / "scenarios.yaml").read_text()) or {}
        return cls(
            {instrument.symbol: instrument for instrument in instruments},
            {account.id: account for account in accounts}, positions, [row["date"] for row in history], closes,
            {name: scenario["shocks"] for name, scenario in scenarios.items()})

    def save(self, directory: Path) -> Path:
        """Writes the files a daemon reads and returns the directory."""
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / "instruments.csv",
               "id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,price_decimals",
               ([i.id, i.symbol, i.symbol, i.sector, i.currency, i.multiplier, 0.01, i.margin_rate, i.price_decimals]
                for i in self.instruments.values()))
        _write(directory / "accounts.csv", "account,name,currency,cash,margin_limit",
               ([a.id, a.id, a.currency, a.cash, "" if a.margin_limit is None else a.margin_limit]
                for a in self.accounts.values()))
        _write(directory / "positions.csv", "account,symbol,quantity,avg_cost",
               ([account, symbol, quantity, cost] for account, held in self.positions.items()
                for symbol, (quantity, cost) in held.items()))
        _write(directory / "history.csv", ",".join(["date", *self.closes]),
               ([date, *(_blank_or_exact(column[row]) for column in self.closes.values())]
                for row, date in enumerate(self.dates)))
        scenarios = {name: {"shocks": shocks} for name, shocks in self.scenarios.items()}
        (directory / "scenarios.yaml").write_text(yaml.safe_dump(scenarios))
        return directory


def random_book(seed: int, instruments: int, accounts: int, positions: int, days: int) -> Book:
    """A seeded book, long and short, with a year of days at most."""
    random = numpy.random.default_rng(seed)
    symbols = [f"S{number:05d}" for number in range(instruments)]
    paths = numpy.round(100 * numpy.exp(numpy.cumsum(random.normal(0, 0.01, (days, instruments)), axis=0)), 4)
    closes = {symbol: paths[:, column] for column, symbol in enumerate(symbols)}
    start = numpy.datetime64("2022-01-03")
    held = {
        f"A{number:03d}": {
            symbols[index]: (float(random.integers(-500, 500) or 1), float(closes[symbols[index]][-1]))
            for index in sorted(random.choice(instruments, positions, replace=False))
        }
        for number in range(accounts)
    }
    return Book(
        {symbol: Instrument(1000 + index, symbol, f"Sector {index % 7}", prior_close=float(closes[symbol][-1]))
         for index, symbol in enumerate(symbols)},
        {name: Account(name, cash=1_000_000.0, margin_limit=50_000_000.0) for name in held}, held,
        [str(start + day) for day in range(days)], closes,
        {"market_crash_10pct": [{"all": True, "price": -0.10}]})


def single_book(**account) -> Book:
    """One instrument ONE (identifier 1), one account SOLO that holds 100 of it at 100, ten days of history."""
    closes = numpy.array([100.0, 101, 99, 102, 98, 103, 97, 104, 96, 100])
    dates = [f"2022-01-{day:02d}" for day in range(3, 13)]
    return Book(
        {"ONE": Instrument(1, "ONE", prior_close=100.0)}, {"SOLO": Account("SOLO", **account)},
        {"SOLO": {"ONE": (100.0, 100.0)}}, dates, {"ONE": closes},
        {"market_crash_10pct": [{"all": True, "price": -0.10}]})


def _rows(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _write(path: Path, header: str, rows) -> None:
    with path.open("w", newline="") as file:
        file.write(header + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


def _blank_or_exact(close) -> str:
    return "" if numpy.isnan(close) else repr(float(close))


def _last(column) -> float | None:
    return None if column is None or not column[-1] > 0 else float(column[-1])
