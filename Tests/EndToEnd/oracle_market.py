# SPDX-License-Identifier: Apache-2.0
"""What instruments are worth in numpy, and what scenarios make of them: history, currencies, options, stress."""

import datetime
import math

import numpy
import oracle
import oracle_options

MINOR_UNITS = {"GBX": ("GBP", 0.01)}
SPECIFICITY = ("all", "currency", "sector", "tag", "underlying", "instrument")
#: Targets that name what they aim at.
NAMES = ("tag", "underlying", "instrument")
STATUSES = ("ok", "stale", "partial", "missing")


def worse(*statuses: str) -> str:
    return max(statuses, key=STATUSES.index, default="ok")


class Scenarios:
    """Returns by symbol and, for a rate, by its pairs: `returns[symbol]` may be absent."""

    def __init__(self, dates: list[str], returns: dict[str, numpy.ndarray]):
        self.dates, self.returns = dates, returns

    def of_rate(self, path) -> numpy.ndarray | None:
        growth = numpy.ones(len(self.dates))
        for symbol, exponent in path[0]:
            if symbol not in self.returns:
                return None
            growth = growth * (1 + self.returns[symbol]) ** exponent
        return growth - 1


class MarketOracle:
    """What instruments are worth now, and what they would be."""

    def __init__(self, book: dict):
        self.inputs, self.marks = book["inputs"], book["marks"]
        self.cut = book["cut_nanoseconds"]
        self.convention, self.models = self.inputs["convention"], self.inputs["models"]
        self.instruments = {each["symbol"]: each for each in self.inputs["instruments"]}
        self.closes = {
            symbol: numpy.array([math.nan if close is None else close for close in column], float)
            for symbol, column in self.inputs["closes"].items()}
        self.options = {
            symbol: self._option(each) for symbol, each in self.instruments.items() if each.get("option")}
        self.window = self._window()

    # History

    def _window(self) -> Scenarios:
        """The newest returns over one day, or over the horizon where its windows overlap."""
        convention = self.convention
        step = convention["horizon_days"] if convention["horizon_method"] == "overlapping" else 1
        dates = self.inputs["dates"][step:][-convention["window"]:]
        own = {}
        for symbol, closes in self.closes.items():
            used = closes[-(convention["window"] + step):]
            if symbol not in self.options and len(used) > step and numpy.all(used > 0):
                own[symbol] = used[step:] / used[:-step] - 1
        rows = dict(own)
        if convention["missing_history"] == "proxy":
            for symbol, proxy in self._proxies():
                if symbol not in own and proxy["symbol"] in own:
                    rows[symbol] = proxy["beta"] * own[proxy["symbol"]]
        return Scenarios(dates, rows if len(dates) >= convention["minimum_returns"] else {})

    def _proxies(self):
        return [(symbol, each["proxy"]) for symbol, each in self.instruments.items() if each.get("proxy")]

    def scaled(self) -> Scenarios:
        decay = self.models["volatility_lambda"]
        rows = {symbol: oracle.volatility_scaled(row, decay) for symbol, row in self.window.returns.items()}
        return Scenarios(self.window.dates, rows)

    def whole(self) -> Scenarios:
        """One-day returns of all of the history, NaN where a close is missing."""
        def daily(closes):
            valid = numpy.where(closes > 0, closes, math.nan)
            return valid[1:] / valid[:-1] - 1

        rows = {symbol: daily(closes) for symbol, closes in self.closes.items() if symbol in self.window.returns}
        if self.convention["missing_history"] == "proxy":
            for symbol, proxy in self._proxies():
                if symbol in self.window.returns and proxy["symbol"] in self.closes:
                    substitute = proxy["beta"] * daily(self.closes[proxy["symbol"]])
                    own = rows.get(symbol, numpy.full(len(substitute), math.nan))
                    rows[symbol] = numpy.where(numpy.isnan(own), substitute, own)
        return Scenarios(self.inputs["dates"][1:], rows)

    def close_on(self, symbol: str, date: str) -> float | None:
        rows = [row for row, day in enumerate(self.inputs["dates"]) if day <= date]
        if symbol not in self.closes or not rows:
            return None
        close = self.closes[symbol][rows[-1]]
        return float(close) if close > 0 else None

    def prior_close(self, symbol: str) -> float | None:
        closes = self.closes.get(symbol)
        if closes is None or math.isnan(closes[-1]):
            return None
        is_valid = closes[-1] > 0 or self.instruments[symbol]["allows_negative_prices"]
        return float(closes[-1]) if is_valid else None

    # Currencies

    def path(self, source: str, target: str):
        """Pairs with their exponents, and a factor for minor units; None where nothing leads there."""
        source, source_size = MINOR_UNITS.get(source, (source, 1.0))
        target, target_size = MINOR_UNITS.get(target, (target, 1.0))
        legs = self._legs(source, target, [])
        return None if legs is None else (legs, source_size / target_size)

    def _legs(self, source: str, target: str, used: list[str]):
        """The pairs make a tree, so the way is the only one."""
        if source == target:
            return []
        for symbol, pair in self.instruments.items():
            if not pair.get("base") or symbol in used or source not in (pair["base"], pair["currency"]):
                continue
            after, exponent = (pair["currency"], 1) if source == pair["base"] else (pair["base"], -1)
            rest = self._legs(after, target, used + [symbol])
            if rest is not None:
                return [(symbol, exponent), *rest]
        return None

    def rate(self, source: str, target: str) -> tuple[float, str] | None:
        path = self.path(source, target)
        if path is None or any(symbol not in self.marks for symbol, _ in path[0]):
            return None
        marks = [(self.marks[symbol], exponent) for symbol, exponent in path[0]]
        rate = path[1] * math.prod(mark["price"] ** exponent for mark, exponent in marks)
        return rate, worse(*("stale" if mark["is_stale"] else "ok" for mark, _ in marks))

    # Prices

    def _option(self, instrument: dict) -> dict:
        """The option with its spot, volatility and mark; volatility is implied where none is given."""
        terms, own = instrument["option"], self.marks.get(instrument["symbol"])
        underlying = self.instruments[terms["underlying"]]
        model = "bachelier" if instrument["allows_negative_prices"] else (
            "black_76" if underlying["is_future"] else "black_scholes_merton")
        end = datetime.datetime.fromisoformat(terms["expiry"]).replace(tzinfo=datetime.timezone.utc)
        left = round((end + datetime.timedelta(days=1)).timestamp()) * 10 ** 9 - self.cut
        option = oracle_options.Option(
            model, terms["right"], terms["style"], terms["strike"], terms["rate"], terms["yield"],
            terms["volatility"] or 0.0, max(0, -(-left // (60 * 10 ** 9))) / (365 * 24 * 60))
        mark = self.marks.get(terms["underlying"])
        spot, volatility = mark and mark["price"], terms["volatility"]
        if volatility is None and own and mark:
            volatility = oracle_options.implied_volatility(option, spot, own["price"])
        option = oracle_options.with_volatility(option, volatility or 0.0)
        has_model = mark is not None and volatility is not None
        price = own["price"] if own else float(oracle_options.value(option, spot)) if has_model else None
        is_stale = any(each and each["is_stale"] for each in (own, mark))
        return {"option": option, "spot": spot, "has_model": has_model, "underlying": terms["underlying"],
                "mark": None if price is None else {"price": price, "is_stale": is_stale}}

    def mark(self, symbol: str) -> dict | None:
        return self.options[symbol]["mark"] if symbol in self.options else self.marks.get(symbol)

    def moved_option(self, symbol: str, spots, shift: float = 0.0):
        """Its price after a move of its underlying: today's, moved as the model moves."""
        each = self.options[symbol]
        if not each["has_model"]:
            return None
        option = each["option"]
        shifted = oracle_options.with_volatility(option, max(0.0, option.volatility + shift))
        change = oracle_options.value(shifted, spots) - oracle_options.value(option, each["spot"])
        return each["mark"]["price"] + change

    def scenario_pnl(self, position: dict, currency: str, scenarios: Scenarios) -> numpy.ndarray | None:
        """Over the scenarios, in the account's currency; None where they do not reach the position."""
        symbol = position["symbol"]
        instrument, mark = self.instruments[symbol], self.mark(symbol)
        path, rate = self.path(instrument["currency"], currency), self.rate(instrument["currency"], currency)
        rates = scenarios.of_rate(path) if path else None
        source = self.options[symbol]["underlying"] if symbol in self.options else symbol
        if mark is None or rate is None or rates is None or source not in scenarios.returns:
            return None
        moved = mark["price"] * (1 + scenarios.returns[source])
        if symbol in self.options:
            spot = self.options[symbol]["spot"]
            moved = None if spot is None else self.moved_option(symbol, spot * (1 + scenarios.returns[source]))
        units = position["quantity"] * instrument["multiplier"] * rate[0]
        return None if moved is None else units * (moved * (1 + rates) - mark["price"])

    # Stress

    def shock(self, scenario: dict, symbol: str) -> dict | None:
        """The most specific; of equals the first."""
        instrument = self.instruments[symbol]
        option = instrument.get("option") or {"underlying": symbol}
        own = {"currency": [instrument["currency"]], "sector": [instrument["sector"]], "tag": instrument["tags"],
               "underlying": [option["underlying"]], "instrument": [symbol], "all": [""]}
        matching = [shock for shock in scenario["shocks"] if shock["key"] in own[shock["target"]]]
        return max(matching, key=lambda shock: SPECIFICITY.index(shock["target"]), default=None)

    def moved(self, scenario: dict, symbol: str, price: float) -> float:
        """A pair moves by a shock that names it or by its currencies: a fall of all prices is none of a currency."""
        shock, pair = self.shock(scenario, symbol), self.instruments[symbol]
        if pair.get("base") and not (shock and shock["target"] in NAMES):
            shock = None
            base, quote = (scenario["currency_shocks"].get(code, 0.0) for code in (pair["base"], pair["currency"]))
            if base != quote:
                return price * (1 + base) / (1 + quote)
        if shock:
            return price * (1 + shock["price"]) + shock["price_change"]
        if "replay" in scenario:
            proxy = self.instruments[symbol].get("proxy")
            for source, beta in ((symbol, 1.0), *([(proxy["symbol"], proxy["beta"])] if proxy else [])):
                first, last = (self.close_on(source, date) for date in scenario["replay"])
                if first and last:
                    return price * (1 + beta * (last / first - 1))
        return price

    def stress_pnl(self, position: dict, currency: str, scenario: dict) -> float | None:
        symbol = position["symbol"]
        instrument, mark = self.instruments[symbol], self.mark(symbol)
        rate = self.rate(instrument["currency"], currency)
        if mark is None or rate is None:
            return None
        shock = self.shock(scenario, symbol)
        moved = self.moved(scenario, symbol, mark["price"])
        if symbol in self.options and not (shock and shock["target"] in ("instrument", "tag")):
            each = self.options[symbol]
            volatility = shock or self.shock(scenario, each["underlying"]) or {"volatility_points": 0.0}
            moved = None if each["spot"] is None else self.moved_option(
                symbol, self.moved(scenario, each["underlying"], each["spot"]),
                volatility["volatility_points"] / 100)
        if moved is None:
            return None

        # The rate moves as the pairs on the way do; what is added to a price in money is none of a rate.
        growth = 1.0
        for pair, exponent in self.path(instrument["currency"], currency)[0]:
            growth *= (self.moved(scenario, pair, 1.0) - self.added(scenario, pair)) ** exponent
        units = position["quantity"] * instrument["multiplier"] * rate[0]
        return units * (float(moved) * growth - mark["price"])

    def added(self, scenario: dict, pair: str) -> float:
        shock = self.shock(scenario, pair)
        return shock["price_change"] if shock and shock["target"] in NAMES else 0.0
