# SPDX-License-Identifier: Apache-2.0
"""Reports on books in numpy: further models, attribution, worst days, distribution, backtest, stress by part."""

import math

import numpy
import oracle
from oracle_books import BookOracle, historical, scaled_figures

#: Below this a backtest's forecasts say nothing.
BACKTEST_WINDOW_MIN = 100
#: Members that change with the rounding of scenarios whose P&L is the same.
ORDERED = ("attribution", "groupings", "scenario_dates", "worst", "backtest", "stressed_dates", "histogram")


def is_distinct(pnl, scale: float) -> bool:
    return len(pnl) < 2 or numpy.diff(numpy.sort(pnl)).min() > 1e-11 * scale


def without_order(report: dict) -> dict:
    return {name: value for name, value in report.items() if name not in ORDERED}


def account_report(book: BookOracle, name: str) -> dict:
    """By position, sector and strategy, with the models that need other scenarios."""
    market, account = book.market, book.accounts[name]
    held = book.positions(name, held=True)

    def vector(each, scenarios):
        return market.scenario_pnl(each, account["currency"], scenarios)

    covered = [(each, pnl) for each in held if (pnl := vector(each, market.window)) is not None]
    parts = [
        {"name": each["symbol"], "pnl": pnl, "market_value": account["positions"][each["symbol"]]["market_value"]}
        for each, pnl in covered]
    sectors = [market.instruments[each["symbol"]]["sector"] for each, _ in covered]
    strategies = [each["strategy"] or "none" for each, _ in covered]
    report = _report(book, parts, account["scenario_pnl"], [(parts, sectors), (parts, strategies)])
    report["stress"] = [
        [market.stress_pnl(each, account["currency"], scenario) for each in held]
        for scenario in book.inputs["stress"]]
    report["stress_parts"] = [each["symbol"] for each in held]
    if covered:
        scaled = sum(vector(each, market.scaled()) for each, _ in covered)
        _add_further(report, book, scaled, sum(vector(each, market.whole()) for each, _ in covered))
    return report


def _add_further(report: dict, book: BookOracle, scaled, whole) -> None:
    """Models that need other scenarios than the published ones."""
    report["models"]["volatility_scaled"] = historical(scaled, book.convention)
    blanks = numpy.flatnonzero(numpy.isnan(whole))
    first = blanks[-1] + 1 if len(blanks) else 0
    dates = book.market.whole().dates[first:]
    _add_stressed(report, book, whole[first:], dates)
    report["backtest"] = _backtest(book, whole[first:], dates)


def firm_report(book: BookOracle, firm: dict) -> dict:
    """By account and group; by sector, strategy and instrument, position for position: nothing is netted here."""
    market, base = book.market, book.convention["base_currency"]
    parts, groups, positions, stress = [], [], [], []
    for name, account in book.accounts.items():
        rate = market.rate(account["currency"], base)
        if not rate or account["scenario_pnl"] is None or not len(account["scenario_pnl"]):
            continue
        worth, gross = account["totals"]["market_value"], account["totals"]["gross_exposure"]
        parts.append({"name": name, "pnl": rate[0] * account["scenario_pnl"],
                      "market_value": None if worth is None else rate[0] * worth,
                      "gross_value": rate[0] * (gross or 0.0)})
        groups.append(book.owners[name]["group"])
        stress.append({key: rate[0] * value for key, value in account["stress"].items()})
        for each in book.positions(name, held=True):
            pnl = market.scenario_pnl(each, account["currency"], market.window)
            if pnl is not None:
                value = rate[0] * account["positions"][each["symbol"]]["market_value"]
                positions.append({
                    "name": each["symbol"], "pnl": rate[0] * pnl, "market_value": value,
                    "sector": market.instruments[each["symbol"]]["sector"], "strategy": each["strategy"] or "none",
                    "scaled": rate[0] * market.scenario_pnl(each, account["currency"], market.scaled()),
                    "whole": rate[0] * market.scenario_pnl(each, account["currency"], market.whole())})
    groupings = [(parts, groups)] if parts else []
    groupings += [(positions, [each[key] for each in positions]) for key in ("sector", "strategy", "name")]
    report = _report(book, parts, firm["scenario_pnl"], groupings)
    report["stress_parts"] = [part["name"] for part in parts]
    report["stress"] = [[rows.get(scenario["name"]) for rows in stress] for scenario in book.inputs["stress"]]
    if positions:
        _add_further(report, book, sum(each["scaled"] for each in positions), sum(each["whole"] for each in positions))
    return report


def _report(book: BookOracle, parts: list[dict], pnl, groupings: list[tuple[list[dict], list[str]]]) -> dict:
    convention, models = book.convention, book.market.models
    empty = {
        "models": {}, "stressed_dates": None, "intervals": {}, "attribution": None, "scenario_dates": [],
        "groupings": [None] * len(groupings), "worst": [], "histogram": None, "backtest": None, "stress": [],
        "stress_parts": []}
    if pnl is None or not len(pnl) or not parts:
        return empty
    confidence = convention["confidences"][-1]
    horizon = math.sqrt(convention["horizon_days"]) if convention["horizon_method"] == "sqrt" else 1.0
    decay, dates = models["volatility_lambda"], book.market.window.dates

    def weighted(confidence):
        figures = oracle.age_weighted(pnl, confidence, models["age_weighted_lambda"])
        return figures["first_crossing"], figures["es"]

    def normal(sigma):
        return scaled_figures(
            convention, horizon, lambda confidence: tuple(oracle.parametric(sigma, confidence).values()))

    def attributed(parts):
        return oracle.attribution(parts, pnl, confidence, convention["quantile"], convention["shortfall"])

    attribution = attributed(parts)
    return {
        **empty,
        "models": {
            "historical": historical(pnl, convention), "gain": historical(pnl, convention, "gain"),
            "age_weighted": scaled_figures(convention, horizon, weighted),
            "parametric": normal(math.sqrt(numpy.mean(pnl ** 2))),
            "parametric_ewma": normal(math.sqrt(oracle.next_covariance(pnl, pnl, decay))),
        },
        "intervals": {
            str(level): _interval(pnl, level, models["interval_level"], horizon)
            for level in convention["confidences"]},
        "attribution": attribution, "scenario_dates": [dates[each] for each in attribution["scenarios"]],
        "groupings": [attributed(_grouped(members, keys)) for members, keys in groupings],
        "worst": [
            {"date": dates[each], "pnl": pnl[each], "parts": [part["pnl"][each] for part in parts]}
            for each in numpy.argsort(pnl, kind="stable")[:models["worst_scenarios"]]],
        "histogram": _histogram(pnl, models["histogram_bins"]),
    }


def _interval(pnl, confidence: int, level: int, horizon: float) -> dict:
    interval = oracle.order_statistic_interval(pnl, confidence, level)
    bounds = {name: None if interval[name] is None else horizon * interval[name] for name in ("least", "greatest")}
    return {**bounds, "coverage": interval["coverage"]}


def _histogram(pnl, bins: int) -> dict:
    if pnl.min() == pnl.max():
        return {"edges": [pnl[0], pnl[0]], "counts": [len(pnl)]}
    counts, edges = numpy.histogram(pnl, bins)
    return {"edges": edges, "counts": counts}


def _grouped(parts: list[dict], keys: list[str]) -> list[dict]:
    groups = []
    for key in dict.fromkeys(keys):
        members = [part for part, each in zip(parts, keys) if each == key]
        worths = [part["market_value"] for part in members]
        gross = math.fsum(part.get("gross_value", abs(part["market_value"] or 0.0)) for part in members)
        groups.append({"name": key, "pnl": sum(part["pnl"] for part in members),
                       "market_value": None if None in worths else math.fsum(worths),
                       "gross_value": gross})
    return groups


def _add_stressed(report: dict, book: BookOracle, pnl, dates: list[str]) -> None:
    """The window of the highest confidence that has one is told."""
    convention, days = book.convention, book.market.models["stressed_days"]
    horizon = math.sqrt(convention["horizon_days"])
    windows = {
        confidence: oracle.stressed_window(
            pnl, days, confidence, convention["quantile"], convention["shortfall"])
        for confidence in convention["confidences"]}
    found = [window for window in windows.values() if window]
    if found:
        report["stressed_dates"] = [dates[found[-1]["from"]], dates[found[-1]["to"] - 1]]
        report["models"]["stressed"] = scaled_figures(convention, horizon, lambda confidence: (
            (windows[confidence]["var"], windows[confidence]["es"]) if windows[confidence] else (None, None)))


def _backtest(book: BookOracle, pnl, dates: list[str]) -> dict | None:
    """The newest days, each against the window before it, or what a short history leaves of it."""
    convention, days = book.convention, book.market.models["backtest_days"]
    window = min(convention["window"], len(pnl) - days)
    if window < BACKTEST_WINDOW_MIN:
        return None
    pnl, dates = pnl[-(days + window):], dates[-(days + window):]
    report = oracle.historical_backtest(
        pnl, window, convention["confidences"][-1], convention["quantile"], convention["shortfall"])
    return report and {
        "report": report, "from": dates[window], "to": dates[-1],
        "exception_dates": [dates[each] for each in report["exceptions"]]}
