# SPDX-License-Identifier: Apache-2.0
"""The formulas of DESIGN.md §5 in numpy, from the data files and prices alone: a second opinion on every number."""

import math

import numpy

from book import Book, Instrument

CONFIDENCES = (9500, 9750, 9900)
WINDOW = 500


def returns(book: Book, window: int = WINDOW) -> tuple[list[str], dict[str, numpy.ndarray]]:
    """Dates (the later day of each return) and the returns of every instrument that has all its closes."""
    rows = {}
    for symbol, closes in book.closes.items():
        used = closes[-(window + 1):]
        if len(used) >= 2 and numpy.all(used > 0):
            rows[symbol] = used[1:] / used[:-1] - 1
    return book.dates[-window:] if len(book.dates) > window else book.dates[1:], rows


def value_at_risk(pnl: numpy.ndarray, confidence: int, quantile: str = "discrete") -> float:
    if quantile == "linear":
        return -float(numpy.percentile(pnl, (10_000 - confidence) / 100))
    rank = -(-len(pnl) * (10_000 - confidence) // 10_000)
    return -float(numpy.sort(pnl)[rank - 1])


def expected_shortfall(pnl: numpy.ndarray, confidence: int) -> float:
    """Acerbi and Tasche: the whole scenarios of the tail and a part of the next one."""
    tail = len(pnl) * (10_000 - confidence)
    whole, part = divmod(tail, 10_000)
    ordered = numpy.sort(pnl)
    total = math.fsum(ordered[:whole]) + (part / 10_000 * ordered[whole] if part else 0.0)
    return -total * 10_000 / tail


def shock(shocks: list[dict], instrument: Instrument) -> float:
    """The price shock of the most specific match."""
    for key, own in (("instrument", instrument.symbol), ("sector", instrument.sector),
                     ("currency", instrument.currency), ("all", True)):
        for candidate in shocks:
            if candidate.get(key) == own:
                return candidate["price"]
    return 0.0


def scenario_pnl(book: Book, account: str, prices: dict[str, float], window: int = WINDOW) -> numpy.ndarray:
    dates, rows = returns(book, window)
    pnl = numpy.zeros(len(dates))
    for symbol, (quantity, _) in book.positions[account].items():
        if symbol in prices and symbol in rows and quantity != 0:
            pnl += quantity * book.instruments[symbol].multiplier * prices[symbol] * rows[symbol]
    return pnl


def value_account(
    book: Book, account: str, prices: dict[str, float], *, window: int = WINDOW, quantile: str = "discrete",
    confidences=CONFIDENCES,
) -> dict:
    """The channel's data for an account all of whose positions have a price; the margin level is left to the test."""
    owner = book.accounts[account]
    dates, rows = returns(book, window)
    positions, sectors = {}, {}
    used = covered = gross = 0.0
    for symbol, (quantity, cost) in book.positions[account].items():
        instrument, price = book.instruments[symbol], prices[symbol]
        worth = quantity * instrument.multiplier * price
        positions[symbol] = {
            "quantity": quantity, "avg_cost": cost, "price": price, "market_value": worth,
            "unrealised_pnl": (price - cost) * quantity * instrument.multiplier, "realised_pnl": 0.0,
            "status": "ok",
        }
        if instrument.prior_close is not None:
            positions[symbol]["day_pnl"] = (price - instrument.prior_close) * quantity * instrument.multiplier
        sector = sectors.setdefault(instrument.sector, {"net": 0.0, "gross": 0.0})
        sector["net"] += worth
        sector["gross"] += abs(worth)
        used += abs(worth) * instrument.margin_rate
        gross += abs(worth)
        covered += abs(worth) if symbol in rows else 0.0
    pnl = scenario_pnl(book, account, prices, window)
    return {
        "account": account, "currency": owner.currency,
        "totals": _totals(owner.cash, positions.values(), gross),
        "risk": {
            "window": len(dates), "quantile": quantile, "horizon_days": 1,
            "coverage_pct": covered / gross * 100 if gross else 100.0,
            "excluded": sorted(symbol for symbol in positions if symbol not in rows),
            **_tail(pnl, quantile, confidences),
        },
        "stress": {
            name: math.fsum(p["market_value"] * shock(shocks, book.instruments[s]) for s, p in positions.items())
            for name, shocks in book.scenarios.items()
        },
        "margin": _margin(used, owner.margin_limit),
        "sectors": sectors,
        "positions": positions,
    }


def value_firm(
    book: Book, prices: dict[str, float], *, window: int = WINDOW, quantile: str = "discrete", confidences=CONFIDENCES,
) -> dict:
    """The firm over accounts that are all in its currency and all priced."""
    accounts = {
        name: value_account(book, name, prices, window=window, quantile=quantile, confidences=confidences)
        for name in sorted(book.accounts)
    }
    parts = list(accounts.values())
    pnl = sum(scenario_pnl(book, name, prices, window) for name in accounts)
    sectors: dict = {}
    for part in parts:
        for name, exposure in part["sectors"].items():
            sector = sectors.setdefault(name, {"net": 0.0, "gross": 0.0})
            sector["net"] += exposure["net"]
            sector["gross"] += exposure["gross"]
    limits = [book.accounts[name].margin_limit for name in accounts]
    known = all(limit is not None for limit in limits)
    return {
        "currency": "USD",
        "totals": {key: math.fsum(part["totals"][key] for part in parts) for key in parts[0]["totals"]},
        "risk": {"window": len(pnl), "quantile": quantile, "horizon_days": 1, **_tail(pnl, quantile, confidences)},
        "stress": {name: math.fsum(part["stress"][name] for part in parts) for name in book.scenarios},
        "margin": _margin(sum(part["margin"]["used"] for part in parts), sum(limits)) if known else {},
        "sectors": sectors,
        "accounts": {
            name: {
                "currency": part["currency"], "positions": len(part["positions"]),
                "market_value": part["totals"]["market_value"], "day_pnl": part["totals"]["day_pnl"],
                "var_9900": part["risk"]["var"]["9900"],
            }
            for name, part in accounts.items()
        },
    }


def margin_levels(utilisation: float | None, used: float) -> set[str]:
    """Levels a utilisation allows; within the hysteresis the level before decides."""
    if utilisation is None:
        return {"critical"} if used > 0 else {"ok"}
    if utilisation >= 95:
        return {"critical"}
    if utilisation >= 90:
        return {"warn", "critical"}
    if utilisation >= 80:
        return {"warn"}
    return {"ok", "warn"} if utilisation >= 75 else {"ok"}


def assert_contains(actual, expected, scale: float, path: str = "data") -> None:
    """Requires every expected member: numbers to 1e-9 relative (1e-14 of `scale` for what cancels), others equal."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{path}: {actual!r}"
        for key, value in expected.items():
            assert key in actual, f"{path}.{key} is absent"
            assert_contains(actual[key], value, scale, f"{path}.{key}")
    elif isinstance(expected, (int, float)) and not isinstance(expected, bool):
        is_close = math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-14 * scale)
        assert is_close, f"{path}: {actual!r}, not {expected!r}"
    else:
        assert actual == expected, f"{path}: {actual!r}, not {expected!r}"


def _totals(cash: float, positions, gross: float) -> dict:
    positions = list(positions)
    worth = math.fsum(position["market_value"] for position in positions)
    unrealised = math.fsum(position["unrealised_pnl"] for position in positions)
    return {
        "cash": cash, "market_value": worth, "equity": cash + worth, "gross_exposure": gross, "net_exposure": worth,
        "unrealised_pnl": unrealised, "realised_pnl": 0.0, "fees": 0.0,
        "day_pnl": math.fsum(position.get("day_pnl", 0.0) for position in positions), "total_pnl": unrealised,
    }


def _tail(pnl, quantile: str, confidences) -> dict:
    return {
        "var": {str(c): value_at_risk(pnl, c, quantile) for c in confidences},
        "es": {str(c): expected_shortfall(pnl, c) for c in confidences},
    }


def _margin(used: float, limit: float | None) -> dict:
    margin = {"used": used}
    if limit is not None:
        margin["limit"] = limit
        if limit > 0:
            margin["utilisation_pct"] = used / limit * 100
    return margin
