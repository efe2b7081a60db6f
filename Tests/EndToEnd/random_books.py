# SPDX-License-Identifier: Apache-2.0
"""Random books of every kind, as RiskProbe is asked about them (`ProbeInputs`)."""

import datetime

import numpy

KINDS = ("long", "short", "neutral", "single", "empty", "missing_history", "options", "currencies", "everything")
SECTORS = ("Technology", "Energy", "Banks")
#: Each currency has one way to another: base, quote, price. SEK reaches USD through EUR.
PAIRS = (("EUR", "USD", 1.1), ("GBP", "USD", 1.3), ("USD", "JPY", 150.0), ("EUR", "SEK", 11.0))
#: 2026-06-15 09:30:17 UTC.
CUT_SECONDS = 1_781_515_817


class BookMaker:
    """`BookMaker(seed, kind).make()`."""

    def __init__(self, seed: int, kind: str):
        self.random = numpy.random.default_rng([seed, KINDS.index(kind)])
        self.has_options = kind in ("options", "everything")
        self.has_currencies = kind in ("currencies", "everything")
        self.has_gaps = kind in ("missing_history", "everything")
        self.is_wild = kind == "everything"
        self.may_be_stale = self.has_options or self.has_currencies
        self.kind = kind
        self.instruments: list[dict] = []
        self.closes: dict[str, list] = {}
        self.marks: dict[str, dict] = {}

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def pick(self, values):
        return values[int(self.random.integers(len(values)))]

    def make(self) -> dict:
        rows = int(self.random.choice([3, 60, 180, 320]))
        self.market = self.random.standard_normal(rows)
        self._spots(int(self.random.integers(2, 8)), rows)
        if self.has_currencies:
            self._pairs(rows)
        if self.has_options:
            for number in range(int(self.random.integers(1, 6))):
                self._option(f"OPT{number}")
        accounts = self._accounts()
        first = datetime.date(2024, 1, 1)
        dates = [str(first + datetime.timedelta(days=day)) for day in range(rows)]
        return {
            "inputs": {
                "instruments": self.instruments, "accounts": accounts, "positions": self._positions(accounts),
                "dates": dates, "closes": self.closes, "stress": self._stress(dates),
                "convention": self._convention(), "models": self._models(),
            },
            "marks": self.marks, "cut_nanoseconds": CUT_SECONDS * 10 ** 9 + int(self.random.integers(10 ** 9)),
        }

    # Instruments

    def _add(self, symbol: str, **changes) -> dict:
        instrument = {
            "symbol": symbol, "sector": self.pick(SECTORS), "currency": "USD",
            "multiplier": float(self.pick([1.0, 1.0, 50.0, 0.01])),
            "margin_rate": float(self.random.uniform(0, 0.5)), "allows_negative_prices": False, "is_future": False,
            "tags": ["crowded"] if self.chance(0.3) else [], **changes,
        }
        self.instruments.append(instrument)
        return instrument

    def _mark(self, symbol: str, price: float) -> None:
        """Where prices may be stale some are, and of a wild book's marks one in ten is not there."""
        if not (self.is_wild and self.chance(0.1)):
            self.marks[symbol] = {"price": price, "is_stale": self.may_be_stale and self.chance(0.2)}

    def _history(self, symbol: str, price: float, rows: int, volatility: float) -> None:
        """A walk that ends at the price; with gaps some columns are short, blank, or not there."""
        moves = volatility * (0.5 * self.market + self.random.standard_t(4, rows))
        walk = price * numpy.exp(numpy.cumsum(moves) - numpy.sum(moves))
        column = [float(close) for close in walk]
        if self.has_gaps:
            gap = self.random.random()
            if gap < 0.1:
                return
            if gap < 0.2:
                column[int(self.random.integers(rows))] = None
            elif gap < 0.3:
                column[-1] = self.pick([None, 0.0, -1.0])
            elif gap < 0.6:
                column[:rows // 2] = [None] * (rows // 2)
        self.closes[symbol] = column

    def _spots(self, count: int, rows: int) -> None:
        currencies = ("USD", "EUR", "GBP", "GBX", "JPY", "SEK", "CHF") if self.has_currencies else ("USD",)
        for number in range(count):
            symbol, price = f"S{number}", float(10 ** self.random.uniform(0.5, 3.5))
            is_future = self.chance(0.25)
            instrument = self._add(
                symbol, currency=self.pick(currencies), is_future=is_future,
                allows_negative_prices=is_future and self.chance(0.3))
            if number and self.chance(0.8 if self.has_gaps else 0.5):
                instrument["proxy"] = {
                    "symbol": f"S{int(self.random.integers(number))}", "beta": float(self.random.normal(1, 0.5))}
            self._history(symbol, price, rows, float(self.random.uniform(0.003, 0.02)))
            self._mark(symbol, price * float(self.random.uniform(0.95, 1.05)))

    def _pairs(self, rows: int) -> None:
        for base, quote, price in PAIRS:
            symbol = base + quote
            self._add(symbol, currency=quote, base=base, sector="Currencies", multiplier=1.0)
            self._history(symbol, price, rows, 0.005)
            self._mark(symbol, price * float(self.random.uniform(0.98, 1.02)))

    def _option(self, symbol: str) -> None:
        """Marked by its own price, which implies the volatility, or by the model, or not at all; a few have expired."""
        underlying = self.pick([each for each in self.instruments if "option" not in each])
        spot = self.marks.get(underlying["symbol"], {"price": 100.0})["price"]
        is_normal = underlying["allows_negative_prices"]
        strike = spot * float(self.random.uniform(0.85, 1.15))
        days = int(self.random.integers(30, 500)) if self.chance(0.9) else -3
        expiry = datetime.date(2026, 6, 15) + datetime.timedelta(days=days)
        volatility = float(self.random.uniform(0.15, 0.5)) * (spot if is_normal else 1)
        implied = self.chance(0.5)
        self._add(
            symbol, currency=underlying["currency"], sector=underlying["sector"], allows_negative_prices=is_normal,
            multiplier=self.pick([1.0, 100.0]),
            option={
                "right": self.pick(["call", "put"]), "style": self.pick(["european", "american"]), "strike": strike,
                "expiry": str(expiry), "underlying": underlying["symbol"],
                "volatility": None if implied else volatility, "rate": float(self.random.uniform(0.001, 0.06)),
                "yield": float(self.random.uniform(0.001, 0.04)),
            })
        if implied or self.chance(0.3):
            # Above intrinsic value most often, so that a volatility gives it.
            intrinsic = max(spot - strike, strike - spot, 0.0)
            self.marks[symbol] = {
                "price": (intrinsic if self.chance(0.9) else 0.0) + spot * float(self.random.uniform(0.02, 0.1)),
                "is_stale": self.may_be_stale and self.chance(0.2),
            }

    # Accounts and positions

    def _accounts(self) -> list[dict]:
        currencies = ["USD", "EUR", "JPY", "CHF"] if self.has_currencies else ["USD"]
        return [
            {
                "id": f"A{number}", "currency": self.pick(currencies), "cash": float(self.random.normal(0, 1e6)),
                "margin_limit": self.pick([None, 0.0, 1e5, 1e6, 1e7]), "group": self.pick(["Alpha", "Beta"]),
            }
            for number in range(int(self.random.integers(1, 4)))
        ]

    def _positions(self, accounts: list[dict]) -> list[dict]:
        positions: list[dict] = []
        for account in accounts:
            if self.kind == "empty" or (self.is_wild and self.chance(0.1)):
                continue
            held = self.instruments[:1] if self.kind == "single" else self.instruments
            rows = [self._position(account["id"], instrument) for instrument in held if self._is_held()]
            if self.kind == "neutral":
                self._neutralise(rows)
            positions += rows
        return positions

    def _is_held(self) -> bool:
        return self.kind in ("single", "neutral") or self.chance(0.8)

    def _position(self, account: str, instrument: dict) -> dict:
        quantity = float(numpy.round(self.random.uniform(1, 5_000)))
        sign = {"long": 1, "short": -1}.get(self.kind, self.pick([1, -1]))
        if self.is_wild and self.chance(0.1):
            quantity = 0.0
        price = self.marks.get(instrument["symbol"], {"price": 10.0})["price"]
        return {
            "account": account, "symbol": instrument["symbol"], "quantity": sign * quantity,
            "average_cost": price * float(self.random.uniform(0.8, 1.2)),
            "strategy": self.pick([None, "Value", "Momentum"]),
        }

    def _neutralise(self, rows: list[dict]) -> None:
        """The last position is sized so that market values sum to nothing."""
        units = {each["symbol"]: each["multiplier"] * self.marks[each["symbol"]]["price"] for each in self.instruments}
        net = sum(row["quantity"] * units[row["symbol"]] for row in rows[:-1])
        rows[-1]["quantity"] = -net / units[rows[-1]["symbol"]]

    # Scenarios and conventions

    def _stress(self, dates: list[str]) -> list[dict]:
        symbol = self.pick(self.instruments)["symbol"]
        targets = [("all", ""), ("currency", "USD"), ("sector", self.pick(SECTORS)), ("tag", "crowded"),
                   ("underlying", symbol), ("instrument", self.pick(self.instruments)["symbol"])]
        scenarios = [
            {"name": "crash", "shocks": [self._shock("all", "", -0.1)], "currency_shocks": {}},
            {"name": "volatility", "shocks": [{**self._shock("all", "", -0.15), "volatility_points": 10.0}],
             "currency_shocks": {}},
        ]
        for number in range(3):
            shocks = [self._shock(*target) for target in targets if self.chance(0.5)]
            self.random.shuffle(shocks)
            codes = [code for code in ("EUR", "GBP", "JPY", "CHF") if self.has_currencies and self.chance(0.4)]
            scenario = {
                "name": f"mixed{number}", "shocks": shocks,
                "currency_shocks": {code: float(self.random.uniform(-0.2, 0.2)) for code in codes},
            }
            if self.chance(0.4):
                first, last = sorted(self.random.choice(len(dates), 2, replace=False))
                scenario["replay"] = [dates[first], dates[last]]
            scenarios.append(scenario)
        return scenarios

    def _shock(self, target: str, key: str, price: float | None = None) -> dict:
        return {
            "target": target, "key": key,
            "price": float(self.random.uniform(-0.4, 0.4)) if price is None else price,
            "price_change": float(self.random.normal(0, 1)) if self.chance(0.2) and price is None else 0.0,
            "volatility_points": float(self.random.uniform(-5, 20)) if self.chance(0.5) and price is None else 0.0,
        }

    def _convention(self) -> dict:
        return {
            "base_currency": self.pick(["USD", "EUR"]) if self.has_currencies else "USD",
            "window": int(self.random.choice([1, 50, 120, 250])), "confidences": [9500, 9750, 9900],
            "quantile": self.pick(["discrete", "linear", "hazen", "weibull"]),
            "shortfall": self.pick(["acerbi_tasche", "tail_mean"]), "horizon_days": self.pick([1, 1, 5, 10]),
            "horizon_method": self.pick(["sqrt", "sqrt", "overlapping"]),
            "missing_history": self.pick(["exclude", "proxy"]), "minimum_returns": self.pick([1, 1, 100]),
        }

    def _models(self) -> dict:
        return {
            "age_weighted_lambda": float(self.random.uniform(0.97, 0.999)),
            "volatility_lambda": float(self.random.uniform(0.9, 0.99)),
            "stressed_days": int(self.random.choice([30, 100, 250])), "interval_level": 9500,
            "worst_scenarios": 5, "histogram_bins": int(self.random.choice([10, 60])),
            "backtest_days": int(self.random.choice([20, 60])),
        }
