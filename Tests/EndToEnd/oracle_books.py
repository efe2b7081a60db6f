# SPDX-License-Identifier: Apache-2.0
"""Whole books by docs/method.md in numpy: accounts and the firm, with options, currencies and what is missing."""

import math

import numpy
import oracle
import oracle_options
from oracle_market import MarketOracle, worse

GREEK_UNITS = {"gamma": 1 / 100, "vega": 1 / 100, "theta": 1 / 365, "rho": 1 / 100}
TOTALS = ("cash", "market_value", "gross_exposure", "unrealised_pnl", "realised_pnl", "fees", "day_pnl")


def total(values, of_nothing: float = 0.0) -> float | None:
    """The sum of what has a value; absent where there are values and none is known."""
    values = list(values)
    known = [value for value in values if value is not None]
    return None if values and not known else math.fsum(known) if known else of_nothing


def status_of_total(parts: list[str]) -> str:
    if parts and all(part == "missing" for part in parts):
        return "missing"
    return "partial" if "missing" in parts else worse(*parts)


class BookOracle:
    """`account(id)` and `firm()`, member by member as the probe tells them."""

    def __init__(self, book: dict):
        self.market = MarketOracle(book)
        self.inputs, self.convention = book["inputs"], book["inputs"]["convention"]
        self.count = len(self.market.window.dates)
        self.owners = {owner["id"]: owner for owner in sorted(self.inputs["accounts"], key=lambda each: each["id"])}
        self.accounts = {name: self._account(owner) for name, owner in self.owners.items()}

    def positions(self, account: str, held: bool = False) -> list[dict]:
        rows = [each for each in self.inputs["positions"] if each["account"] == account]
        return [each for each in rows if each["quantity"] != 0] if held else rows

    def scale(self, account: str) -> float:
        """The size of what figures are computed from: exposures, those of options in their underlyings."""
        size, currency = abs(self.owners[account]["cash"]) + 1, self.owners[account]["currency"]
        for each in self.positions(account):
            instrument, mark = self.market.instruments[each["symbol"]], self.market.mark(each["symbol"])
            rate = self.market.rate(instrument["currency"], currency)
            option = self.market.options.get(each["symbol"])
            if mark and rate:
                price = max(mark["price"], option["spot"] or 0.0) if option else mark["price"]
                size += abs(each["quantity"] * instrument["multiplier"] * rate[0] * price)
        return size

    def _valued(self, each: dict, currency: str) -> dict:
        market, symbol = self.market, each["symbol"]
        instrument, mark = market.instruments[symbol], market.mark(symbol)
        rate, prior = market.rate(instrument["currency"], currency), market.prior_close(symbol)
        worth = unrealised = day = None
        status = "missing"
        if mark and rate:
            units = each["quantity"] * instrument["multiplier"] * rate[0]
            worth, unrealised = units * mark["price"], units * (mark["price"] - each["average_cost"])
            day = None if prior is None else units * (mark["price"] - prior)
            status = worse("stale" if mark["is_stale"] else "ok", rate[1])
        return {
            "quantity": each["quantity"], "average_cost": each["average_cost"], "price": mark and mark["price"],
            "market_value": worth, "unrealised_pnl": unrealised, "day_pnl": day, "status": status,
        }

    def _account(self, owner: dict) -> dict:
        market, currency = self.market, owner["currency"]
        rows = self.positions(owner["id"])
        valued = {each["symbol"]: self._valued(each, currency) for each in rows}
        vectors = {each["symbol"]: market.scenario_pnl(each, currency, market.window) for each in rows}
        held = {symbol: value for symbol, value in valued.items() if value["quantity"] != 0}
        worths = {symbol: value["market_value"] for symbol, value in held.items()}
        reached = [vectors[symbol] for symbol in held if vectors[symbol] is not None]
        pnl = None if held and not reached else sum(reached, numpy.zeros(self.count))
        status = status_of_total([value["status"] for value in held.values()])
        if any(value["market_value"] is not None and value["day_pnl"] is None for value in held.values()):
            status = worse(status, "partial")
        gross = math.fsum(abs(worth) for worth in worths.values() if worth is not None)
        covered = math.fsum(abs(worths[symbol]) for symbol in held if vectors[symbol] is not None)
        is_missing = bool(held) and all(worth is None for worth in worths.values())
        used = total(
            None if worth is None else abs(worth) * market.instruments[symbol]["margin_rate"]
            for symbol, worth in worths.items())
        figures = {name: total(value[name] for value in held.values())
                   for name in ("market_value", "unrealised_pnl", "day_pnl")}
        sectors = {
            name: [s for s in held if market.instruments[s]["sector"] == name]
            for name in {market.instruments[s]["sector"] for s in valued}}
        return {
            "currency": currency, "status": status,
            "totals": self._totals({
                **figures, "cash": owner["cash"], "realised_pnl": 0.0, "fees": 0.0,
                "gross_exposure": None if is_missing else gross}),
            "risk": self._risk(
                pnl, covered, gross, is_missing, sorted(s for s in held if vectors[s] is None)),
            "scenario_pnl": pnl, "stress": self._stress(rows, currency, is_missing),
            "greeks": self._greeks(rows, valued, currency),
            "margin": self._margin(used, owner["margin_limit"]),
            "sectors": {
                name: {
                    "net": total(worths[s] for s in members),
                    "gross": total(None if worths[s] is None else abs(worths[s]) for s in members)}
                for name, members in sectors.items()},
            "positions": valued,
        }

    def _totals(self, known: dict) -> dict:
        def plus(*names):
            values = [known[name] for name in names]
            return None if None in values else math.fsum(values)

        return {
            **known, "net_exposure": known["market_value"], "equity": plus("cash", "market_value"),
            "total_pnl": plus("realised_pnl", "unrealised_pnl", "fees")}

    def _risk(self, pnl, covered: float, gross: float, is_missing: bool, excluded: list[str]) -> dict:
        figures = historical(pnl, self.convention)
        coverage = None if is_missing else covered / gross * 100 if gross else 100.0
        return {"window": self.count, "coverage_pct": coverage, "excluded": excluded, **figures}

    def _margin(self, used: float | None, limit: float | None) -> dict:
        utilisation = used / limit * 100 if used is not None and limit else None
        level = "unknown"
        if utilisation is not None:
            level = "critical" if utilisation >= 95 else "warn" if utilisation >= 80 else "ok"
        elif used is not None and limit is not None:
            level = "critical" if used > 0 else "ok"
        return {"used": used, "limit": limit, "utilisation_pct": utilisation, "level": level}

    def _stress(self, rows: list[dict], currency: str, is_missing: bool) -> dict:
        result: dict = {}
        for scenario in [] if is_missing else self.inputs["stress"]:
            parts = [
                self.market.stress_pnl(each, currency, scenario) for each in rows
                if each["quantity"] != 0 and self._valued(each, currency)["market_value"] is not None]
            if None not in parts:
                result[scenario["name"]] = math.fsum(parts)
        return result

    def _greeks(self, rows: list[dict], valued: dict, currency: str) -> dict:
        """In money by underlying of the options held, with what is held of the underlying itself."""
        options = self.market.options
        result: dict = {
            options[each["symbol"]]["underlying"]: dict.fromkeys(("delta", *GREEK_UNITS))
            for each in rows if each["symbol"] in options}
        for each in rows:
            symbol, option = each["symbol"], options.get(each["symbol"])
            rate = self.market.rate(self.market.instruments[symbol]["currency"], currency)
            if option is None:
                if symbol in result and each["quantity"] != 0 and valued[symbol]["market_value"] is not None:
                    add(result[symbol], {"delta": valued[symbol]["market_value"]})
            elif option["has_model"] and rate:
                units = each["quantity"] * self.market.instruments[symbol]["multiplier"] * rate[0]
                greeks, spot = oracle_options.greeks(option["option"], option["spot"]), option["spot"]
                factors = {"delta": spot, **GREEK_UNITS, "gamma": spot ** 2 / 100}
                add(result[option["underlying"]], {
                    name: units * greeks[name] * factor for name, factor in factors.items()})
        return result

    # The firm

    def firm(self) -> dict:
        """Accounts in the base currency, added up; those without a rate are left out."""
        base = self.convention["base_currency"]
        rates = {name: self.market.rate(each["currency"], base) for name, each in self.accounts.items()}
        parts = [(each, rates[name][0], name) for name, each in self.accounts.items() if rates[name]]
        none_left = not parts and bool(self.accounts)
        status = status_of_total([
            worse(each["status"], rates[name][1]) if rates[name] else "missing"
            for name, each in self.accounts.items()])

        def added(read, strict: bool = False) -> float | None:
            values = [None if read(each) is None else rate * read(each) for each, rate, _ in parts]
            return None if none_left or (strict and None in values) else total(values)

        holders = [(each, rate) for each, rate, name in parts if self.positions(name, held=True)]
        vectors = [rate * each["scenario_pnl"] for each, rate in holders if each["scenario_pnl"] is not None]
        pnl = None if none_left or (holders and not vectors) else sum(vectors, numpy.zeros(self.count))
        gross = math.fsum(rate * (each["totals"]["gross_exposure"] or 0.0) for each, rate, _ in parts)
        covered = math.fsum(
            rate * (each["totals"]["gross_exposure"] or 0.0) * (each["risk"]["coverage_pct"] or 0.0) / 100
            for each, rate, _ in parts)
        excluded = sorted({symbol for each, _, _ in parts for symbol in each["risk"]["excluded"]})
        stress = {
            scenario["name"]: added(lambda each: each["stress"].get(scenario["name"]))
            for scenario in self.inputs["stress"]}
        return {
            "currency": base, "status": status,
            "totals": self._totals({name: added(lambda each: each["totals"][name]) for name in TOTALS}),
            "risk": self._risk(pnl, covered, gross, status == "missing", excluded), "scenario_pnl": pnl,
            "stress": {name: value for name, value in stress.items() if value is not None},
            "greeks": self._firm_greeks(parts),
            "margin": self._margin(
                added(lambda each: each["margin"]["used"], strict=True),
                added(lambda each: each["margin"]["limit"], strict=True)),
            "sectors": {
                sector: {
                    side: total(
                        None if each["sectors"][sector][side] is None else rate * each["sectors"][sector][side]
                        for each, rate, _ in parts if sector in each["sectors"])
                    for side in ("net", "gross")}
                for sector in {sector for each, _, _ in parts for sector in each["sectors"]}},
        }

    def _firm_greeks(self, parts) -> dict:
        result: dict = {
            underlying: dict.fromkeys(("delta", *GREEK_UNITS))
            for each in self.accounts.values() for underlying in each["greeks"]}
        for each, rate, _ in parts:
            for underlying, greeks in each["greeks"].items():
                add(result[underlying], {
                    name: rate * value for name, value in greeks.items() if value is not None})
        return result


def add(sums: dict, values: dict) -> None:
    for name, value in values.items():
        sums[name] = (sums[name] or 0.0) + value


def historical(pnl, convention: dict, tail: str = "loss", horizon: float | None = None) -> dict:
    """VaR and ES by confidence, at the horizon."""
    if horizon is None:
        horizon = math.sqrt(convention["horizon_days"]) if convention["horizon_method"] == "sqrt" else 1.0
    pnl = [] if pnl is None else pnl
    return scaled_figures(convention, horizon, lambda confidence: (
        oracle.value_at_risk(pnl, confidence, convention["quantile"], tail),
        oracle.expected_shortfall(pnl, confidence, convention["shortfall"], tail)))


def scaled_figures(convention: dict, horizon: float, measure) -> dict:
    figures: dict = {"var": {}, "es": {}}
    for confidence in convention["confidences"]:
        for name, value in zip(("var", "es"), measure(confidence)):
            if value is not None:
                figures[name][str(confidence)] = horizon * value
    return figures
