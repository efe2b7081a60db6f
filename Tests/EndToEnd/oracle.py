# SPDX-License-Identifier: Apache-2.0
"""The statistics of docs/method.md in numpy and scipy: a second opinion on every number read off a P&L vector.

Levels are exact fractions here, and in the engine integers; distributions are scipy's; recursions are closed forms.
"""

import math
from fractions import Fraction

import numpy
from scipy import signal, special, stats

QUANTILES = ("discrete", "linear", "hazen", "weibull")
SHORTFALLS = ("acerbi_tasche", "tail_mean")
TAILS = ("loss", "gain")


def tail_probability(confidence: int) -> Fraction:
    return Fraction(10_000 - confidence, 10_000)


def losing(pnl, tail: str = "loss") -> numpy.ndarray:
    """The vector whose losses the tail measures."""
    pnl = numpy.asarray(pnl, float)
    return pnl if tail == "loss" else -pnl


# Value-at-Risk and expected shortfall


def quantile_place(count: int, confidence: int, definition: str = "discrete") -> Fraction | None:
    """The place of the quantile among the ordered values, from 1 (Hyndman & Fan 1996); None outside the sample."""
    alpha = tail_probability(confidence)
    if count == 0:
        return None
    if definition == "discrete":
        return Fraction(math.ceil(count * alpha))
    place = {
        "linear": (count - 1) * alpha + 1, "hazen": count * alpha + Fraction(1, 2), "weibull": (count + 1) * alpha,
    }[definition]
    return place if 1 <= place <= count else None


def value_at_risk(pnl, confidence: int, definition: str = "discrete", tail: str = "loss") -> float | None:
    """numpy's own quantile, but for `discrete`, where a floating-point level could miss its value."""
    pnl = losing(pnl, tail)
    place = quantile_place(len(pnl), confidence, definition)
    if place is None:
        return None
    if definition == "discrete":
        return -float(numpy.sort(pnl)[int(place) - 1])
    return -float(numpy.quantile(pnl, float(tail_probability(confidence)), method=definition))


def shortfall_shares(count: int, confidence: int, definition: str = "acerbi_tasche") -> numpy.ndarray:
    """What each ordered scenario weighs in the mean of the tail: 1, and what is left of it where the tail ends."""
    tail = count * tail_probability(confidence)
    if definition == "tail_mean":
        tail = Fraction(math.ceil(tail))
    shares = numpy.zeros(count)
    shares[:int(tail)] = 1
    if tail > int(tail):
        shares[int(tail)] = float(tail - int(tail))
    return shares / float(tail)


def expected_shortfall(
    pnl, confidence: int, definition: str = "acerbi_tasche", tail: str = "loss"
) -> float | None:
    ordered = numpy.sort(losing(pnl, tail))
    if not len(ordered):
        return None
    return -math.fsum(shortfall_shares(len(ordered), confidence, definition) * ordered)


def order_statistic_interval(pnl, confidence: int, level: int, tail: str = "loss") -> dict:
    """Ranks l and u with P(B <= l - 1) and P(B >= u) at most half of what the level leaves (David & Nagaraja 2003)."""
    ordered = numpy.sort(losing(pnl, tail))
    count = len(ordered)
    below = stats.binom(count, float(tail_probability(confidence)))
    # A probability that is what may be missed is not more than it, whatever its last bit.
    missed = (10_000 - level) / 20_000 * (1 + 1e-12)
    ranks = numpy.arange(1, count + 1)
    worse = ranks[below.cdf(ranks - 1) <= missed]
    better = ranks[below.sf(ranks - 1) <= missed]
    worse_rank = int(worse[-1]) if len(worse) else None
    better_rank = int(better[0]) if len(better) else None
    covered = below.cdf(better_rank - 1) if better_rank else 1.0
    return {
        "worse": worse_rank, "better": better_rank,
        "coverage": float(covered - (below.cdf(worse_rank - 1) if worse_rank else 0.0)),
        "least": -ordered[better_rank - 1] if better_rank else None,
        "greatest": -ordered[worse_rank - 1] if worse_rank else None,
    }


# Weights by age, volatility, normal distribution


def age_weights(count: int, decay: float) -> numpy.ndarray:
    powers = decay ** numpy.arange(count - 1, -1, -1, dtype=float)
    return powers / powers.sum()


def age_weighted(pnl, confidence: int, decay: float, tail: str = "loss") -> dict:
    """VaR where the weights reach the tail, VaR interpolated, and ES (Boudoukh, Richardson & Whitelaw 1998)."""
    pnl = losing(pnl, tail)
    if not len(pnl):
        return {"first_crossing": None, "interpolated": None, "es": None}
    order = numpy.argsort(pnl, kind="stable")
    ordered, weights = pnl[order], age_weights(len(pnl), decay)[order]
    alpha = float(tail_probability(confidence))
    reached = numpy.cumsum(weights)
    # A level that falls on a scenario is reached there, whatever the last bit of the sum.
    crossing = ordered[min(numpy.searchsorted(reached, alpha - 1e-12), len(ordered) - 1)]
    # Half of a scenario's weight on either side of it; where two weights meet stands their middle.
    levels = numpy.column_stack([reached - weights / 2, reached]).ravel()[:-1]
    values = numpy.column_stack([ordered, (ordered + numpy.roll(ordered, -1)) / 2]).ravel()[:-1]
    is_reached = levels[0] - 1e-12 <= alpha <= levels[-1] + 1e-12
    taken = numpy.diff(numpy.minimum(numpy.concatenate([[0.0], reached]), alpha))
    return {
        "first_crossing": -crossing,
        "interpolated": -numpy.interp(alpha, levels, values) if is_reached else None,
        "es": -float(taken @ ordered) / alpha,
    }


def variances(first, second, decay: float) -> numpy.ndarray:
    """Forecast (co)variances of each day and the day after: a recursive filter that starts at the mean product."""
    products = numpy.asarray(first, float) * numpy.asarray(second, float)
    if not len(products):
        return products
    mean = products.mean()
    later, _ = signal.lfilter([1 - decay], [1, -decay], products, zi=[decay * mean])
    return numpy.concatenate([[mean], later])


def next_covariance(first, second, decay: float) -> float:
    """The forecast for the day after as a closed sum."""
    products = numpy.asarray(first, float) * numpy.asarray(second, float)
    ages = numpy.arange(len(products) - 1, -1, -1, dtype=float)
    return float(decay ** len(products) * products.mean() + (1 - decay) * (decay ** ages @ products))


def volatility_scaled(returns, decay: float) -> numpy.ndarray:
    """Hull & White 1998: each return at the volatility forecast for tomorrow."""
    returns = numpy.asarray(returns, float)
    path = numpy.sqrt(variances(returns, returns, decay))
    if not len(returns):
        return returns
    return numpy.where(path[:-1] > 0, returns * path[-1] / numpy.where(path[:-1] > 0, path[:-1], 1), returns)


def parametric(sigma: float, confidence: int) -> dict:
    alpha = float(tail_probability(confidence))
    deviations = stats.norm.isf(alpha)
    return {"var": deviations * sigma, "es": stats.norm.pdf(deviations) / alpha * sigma}


def covariance_risk(returns, exposures, confidence: int, decay: float | None) -> dict:
    """Variance-covariance: equal weights without a decay, else exponential."""
    returns, exposures = numpy.asarray(returns, float), numpy.asarray(exposures, float)
    if decay is None:
        matrix = returns @ returns.T / returns.shape[1]
    else:
        matrix = numpy.array([[next_covariance(a, b, decay) for b in returns] for a in returns])
    sigma = math.sqrt(exposures @ matrix @ exposures)
    deviations = stats.norm.isf(float(tail_probability(confidence)))
    return {
        "matrix": matrix, "sigma": sigma, **parametric(sigma, confidence),
        "components": exposures * (matrix @ exposures) / sigma * deviations,
    }


# Attribution


def read(pnl, order, place: Fraction) -> float:
    """Minus the value at a place among scenarios ordered by another vector."""
    rank, weight = int(place), float(place - int(place))
    lower = pnl[order[rank - 1]]
    return -float(lower + weight * (pnl[order[rank]] - lower) if weight else lower)


def attribution(
    parts: list[dict], total, confidence: int, quantile: str, shortfall: str = "acerbi_tasche", tail: str = "loss"
) -> dict:
    """Euler components: each part in the scenarios that make the figure (Tasche 1999, Hallerbach 2003)."""
    total = losing(total, tail)
    count = len(total)
    place = quantile_place(count, confidence, quantile)
    order = numpy.argsort(total, kind="stable")
    shares = shortfall_shares(count, confidence, shortfall)

    def tail_mean(pnl) -> float | None:
        return -float(shares @ pnl[order]) if count else None

    def figure(pnl) -> float | None:
        return value_at_risk(pnl, confidence, quantile)

    whole = figure(total)
    rows = []
    for part in parts:
        pnl, worth = losing(part["pnl"], tail), part["market_value"]
        # Long and short cancel but for rounding: a neutral part has no value to be marginal to.
        if worth is not None and abs(worth) <= 1e-10 * part.get("gross_value", abs(worth)):
            worth = None
        component = None if place is None else read(pnl, order, place)
        rows.append({
            "name": part["name"], "component_var": component, "component_es": tail_mean(pnl),
            "marginal_var": component / worth if component is not None and worth else None,
            "alone_var": figure(pnl),
            "incremental_var": None if whole is None else whole - figure(total - pnl),
        })
    scenarios = [] if place is None else [int(order[int(place) - 1])]
    if place is not None and place.denominator > 1:
        scenarios.append(int(order[int(place)]))
    return {
        "var": whole, "es": tail_mean(total), "scenarios": scenarios, "parts": rows,
        "benefit": None if whole is None else sum(row["alone_var"] for row in rows) - whole,
    }


# Windows, backtests


def stressed_window(pnl, days: int, confidence: int, quantile: str, shortfall="acerbi_tasche", tail="loss"):
    """The earliest of the windows with the greatest VaR, by trying every one."""
    pnl = losing(pnl, tail)
    if len(pnl) < days or quantile_place(days, confidence, quantile) is None:
        return None
    figures = rolling_value_at_risk(pnl, days, confidence, quantile)
    start = int(numpy.argmax(figures))
    return {
        "from": start, "to": start + days, "var": figures[start],
        "es": expected_shortfall(pnl[start:start + days], confidence, shortfall),
    }


def rolling_value_at_risk(pnl, days: int, confidence: int, quantile: str) -> numpy.ndarray:
    """Of every window of consecutive days."""
    ordered = ordered_windows(pnl, days)
    place = quantile_place(days, confidence, quantile)
    rank, weight = int(place), float(place - int(place))
    lower = ordered[:, rank - 1]
    return -(lower + weight * (ordered[:, rank] - lower)) if weight else -lower


def ordered_windows(pnl, days: int) -> numpy.ndarray:
    return numpy.sort(numpy.lib.stride_tricks.sliding_window_view(pnl, days), axis=1)


def traffic_light(exceptions: int, days: int, confidence: int) -> dict:
    """Basel Committee, January 1996, tables 1 and 2."""
    cumulative = float(stats.binom.cdf(exceptions, days, float(tail_probability(confidence))))
    zone = "green" if exceptions == 0 or cumulative < 0.95 else "red" if cumulative >= 0.9999 else "yellow"
    add_on = {"green": 0.0, "red": 1.0}.get(zone)
    if zone == "yellow" and (days, confidence) == (250, 9900):
        add_on = {5: 0.40, 6: 0.50, 7: 0.65, 8: 0.75, 9: 0.85}[exceptions]
    return {"cumulative": cumulative, "zone": zone, "add_on": add_on}


def likelihood_ratio(statistic: float, degrees: int) -> dict:
    statistic = max(0.0, float(statistic))
    return {"statistic": statistic, "degrees": degrees, "p_value": float(stats.chi2.sf(statistic, degrees))}


def log_likelihood(hits: int, misses: int, rate: float) -> float:
    return float(special.xlogy(hits, rate) + special.xlog1py(misses, -rate))


def kupiec(exceptions: int, days: int, confidence: int) -> dict | None:
    if not days:
        return None
    misses = days - exceptions
    null = log_likelihood(exceptions, misses, float(tail_probability(confidence)))
    return likelihood_ratio(-2 * (null - log_likelihood(exceptions, misses, exceptions / days)), 1)


def christoffersen(hits: numpy.ndarray, confidence: int) -> dict | None:
    """Independence and conditional coverage (Christoffersen 1998)."""
    if len(hits) < 2:
        return None
    before, after = hits[:-1], hits[1:]
    counts = [int(numpy.sum((before == a) & (after == b))) for a in (False, True) for b in (False, True)]
    n00, n01, n10, n11 = counts
    null = log_likelihood(n01 + n11, n00 + n10, (n01 + n11) / len(after))
    free = sum(log_likelihood(hit, miss, hit / (hit + miss)) for hit, miss in ((n01, n00), (n11, n10)) if hit + miss)
    independence = -2 * (null - free)
    unconditional = kupiec(int(hits.sum()), len(hits), confidence)["statistic"]
    return {
        "transitions": counts, "independence": likelihood_ratio(independence, 1),
        "conditional_coverage": likelihood_ratio(unconditional + max(0.0, independence), 2),
    }


def backtest(pnl, forecast, shortfall, confidence: int) -> dict:
    """All tests of forecasts at hand; Z2 is the second of Acerbi & Szekely 2014."""
    pnl, forecast, shortfall = (numpy.asarray(values, float) for values in (pnl, forecast, shortfall))
    hits = -pnl > forecast
    count, days = int(hits.sum()), len(pnl)
    expected = days * float(tail_probability(confidence))
    z2 = 1 - float(numpy.sum(-pnl[hits] / shortfall[hits])) / expected if days and numpy.all(shortfall > 0) else None
    return {
        "exceptions": numpy.flatnonzero(hits), "traffic_light": traffic_light(count, days, confidence),
        "last_year": traffic_light(int(hits[-250:].sum()), 250, confidence) if days >= 250 else None,
        "kupiec": kupiec(count, days, confidence), "christoffersen": christoffersen(hits, confidence), "z2": z2,
    }


def historical_backtest(pnl, window: int, confidence: int, quantile: str, shortfall="acerbi_tasche") -> dict | None:
    """Each day against the figures of the window before it."""
    pnl = numpy.asarray(pnl, float)
    if len(pnl) <= window or quantile_place(window, confidence, quantile) is None:
        return None
    forecast = rolling_value_at_risk(pnl[:-1], window, confidence, quantile)
    beyond = -ordered_windows(pnl[:-1], window) @ shortfall_shares(window, confidence, shortfall)
    tests = backtest(pnl[window:], forecast, beyond, confidence)
    return {
        "from": window, "to": len(pnl), "var": forecast, "es": beyond, **tests,
        "exceptions": tests["exceptions"] + window,
    }
