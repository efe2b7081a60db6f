# SPDX-License-Identifier: Apache-2.0
"""Options in scipy: values, derivatives and implied volatility from their published formulas, for one or many prices.

QuantLib holds these in test_oracle_options.py; test_oracle_books.py stands on them.
"""

import math
from dataclasses import dataclass, replace

import numpy
from scipy import optimize
from scipy.special import ndtr

#: Of what there is more than one convention for: steps of numeric derivatives of American values.
VOLATILITY_STEP, YEARS_STEP, RATE_STEP = 1e-4, 1e-4, 1e-5


@dataclass(frozen=True)
class Option:
    """`model` is "black_scholes_merton", "black_76" or "bachelier"; volatility in units of price under the last."""

    model: str
    right: str
    style: str
    strike: float
    rate: float
    yield_: float
    volatility: float
    years: float

    @property
    def sign(self) -> int:
        return 1 if self.right == "call" else -1

    @property
    def carry_yield(self) -> float:
        """A forward costs nothing to carry."""
        return self.rate if self.model == "black_76" else self.yield_

    @property
    def is_exercised_early(self) -> bool:
        """A call gains the yield and loses interest on its strike, a put the other way round."""
        if self.style != "american" or self.model == "bachelier" or self.years <= 0:
            return False
        gained, lost = (self.carry_yield, self.rate) if self.sign > 0 else (self.rate, self.carry_yield)
        return gained > 0 or lost < 0


def density(x):
    return numpy.exp(-numpy.square(x) / 2) / math.sqrt(2 * math.pi)


def _deviations(option: Option, spot):
    deviation = option.volatility * math.sqrt(max(0.0, option.years))
    with numpy.errstate(divide="ignore", invalid="ignore"):
        moneyness = numpy.log(spot / option.strike) + (option.rate - option.carry_yield) * max(0.0, option.years)
        if deviation == 0:
            d = numpy.where(moneyness > 0, math.inf, -math.inf)
            return d, d
        return moneyness / deviation + deviation / 2, moneyness / deviation - deviation / 2


def european(option: Option, spot):
    """Black & Scholes 1973 with Merton's yield, Black 1976, Bachelier 1900."""
    spot, years = numpy.asarray(spot, float), max(0.0, option.years)
    discount, sign = math.exp(-option.rate * years), option.sign
    if option.model == "bachelier":
        deviation = option.volatility * math.sqrt(years)
        inside = sign * (spot - option.strike)
        if deviation == 0:
            return discount * numpy.maximum(0, inside)
        return discount * (inside * ndtr(inside / deviation) + deviation * density(inside / deviation))
    spot = numpy.maximum(0, spot)
    d1, d2 = _deviations(option, spot)
    forward = spot * math.exp(-option.carry_yield * years)
    return numpy.maximum(0, sign * (forward * ndtr(sign * d1) - option.strike * discount * ndtr(sign * d2)))


def early_exercise(option: Option):
    """Barone-Adesi & Whaley 1987: the critical price, the premium there and the exponent; None where there is none."""
    gained = option.carry_yield if option.sign > 0 else option.rate
    variance = option.volatility ** 2 * option.years
    if not (gained > 0 and variance > 0):
        return None
    interest = option.rate * option.years
    ratio = 2 / variance * (1 if interest == 0 else interest / (1 - math.exp(-interest)))
    n = 2 * (option.rate - option.carry_yield) * option.years / variance
    exponent = (1 - n + option.sign * math.sqrt((n - 1) ** 2 + 4 * ratio)) / 2

    def premium(price: float) -> float:
        d1, _ = _deviations(option, price)
        held = math.exp(-option.carry_yield * option.years) * float(ndtr(option.sign * d1))
        return option.sign * price / exponent * (1 - held)

    def excess(price: float) -> float:
        return option.sign * (price - option.strike) - float(european(option, price)) - premium(price)

    low, high = (option.strike, 2 * option.strike) if option.sign > 0 else (1e-12 * option.strike, option.strike)
    while option.sign > 0 and excess(high) <= 0:
        if high > 1e12 * option.strike:
            return None
        high *= 2
    if option.sign < 0 and excess(low) <= 0:
        return None
    critical = optimize.brentq(excess, low, high, xtol=1e-14 * option.strike, rtol=1e-15, maxiter=500)
    return critical, premium(critical), exponent


def value(option: Option, spot):
    """American options by the quadratic approximation, others by their formula."""
    spot = numpy.asarray(spot, float)
    held = european(option, spot)
    if not option.is_exercised_early:
        return held
    spot = numpy.maximum(0, spot)
    exercised = option.sign * (spot - option.strike)
    exercise = early_exercise(option)
    if exercise is None:
        return numpy.maximum(held, exercised)
    critical, premium, exponent = exercise
    # Beyond the critical price the power may be any, and is not taken.
    with numpy.errstate(divide="ignore", over="ignore"):
        waiting = numpy.maximum(held + premium * (spot / critical) ** exponent, exercised)
    return numpy.where(option.sign * (spot - critical) >= 0, exercised, waiting)


def greeks(option: Option, spot: float) -> dict:
    """Closed forms of European options (Haug 2007); of American ones delta and gamma are, the others differences."""
    worth = float(value(option, spot))
    inside = option.sign * (spot - option.strike)
    intrinsic = {
        "value": worth, "delta": float(option.sign if inside > 0 else 0), "gamma": 0.0, "vega": 0.0, "theta": 0.0,
        "rho": 0.0}
    if option.years <= 0 or option.is_exercised_early and inside > 0 and worth == inside:
        return intrinsic
    root, discount = math.sqrt(option.years), math.exp(-option.rate * option.years)
    if option.model == "bachelier":
        d = (spot - option.strike) / (option.volatility * root)
        hill = discount * float(density(d))
        return {
            "value": worth, "delta": option.sign * discount * float(ndtr(option.sign * d)),
            "gamma": hill / (option.volatility * root), "vega": hill * root,
            "theta": option.rate * worth - hill * option.volatility / (2 * root),
            "rho": -option.years * worth,
        }
    d1, d2 = (float(d) for d in _deviations(option, spot))
    held = math.exp(-option.carry_yield * option.years)
    asset = spot * held * float(ndtr(option.sign * d1))
    strike = option.strike * discount * float(ndtr(option.sign * d2))
    result = {
        "value": worth, "delta": option.sign * held * float(ndtr(option.sign * d1)),
        "gamma": held * float(density(d1)) / (spot * option.volatility * root),
        "vega": spot * held * float(density(d1)) * root,
        "theta": option.sign * (option.carry_yield * asset - option.rate * strike)
        - spot * held * float(density(d1)) * option.volatility / (2 * root),
        "rho": option.sign * option.years * strike if option.model == "black_scholes_merton" else -option.years * worth,
    }
    return _american(option, spot, result) if option.is_exercised_early else result


def _american(option: Option, spot: float, result: dict) -> dict:
    exercise = early_exercise(option)
    if exercise is not None:
        critical, premium, exponent = exercise
        slope = premium * (spot / critical) ** exponent * exponent / spot
        result["delta"] += slope
        result["gamma"] += slope * (exponent - 1) / spot

    def moved(**changes) -> float:
        return float(value(replace(option, **changes), spot))

    volatility, years, rate = option.volatility, option.years, option.rate
    up, down = 1 + VOLATILITY_STEP, 1 - VOLATILITY_STEP
    result["vega"] = (
        (moved(volatility=volatility * up) - moved(volatility=volatility * down)) / (2 * VOLATILITY_STEP * volatility))
    result["theta"] = (moved(years=years * (1 - YEARS_STEP)) - moved(years=years * (1 + YEARS_STEP))) / (
        2 * YEARS_STEP * years)
    result["rho"] = (moved(rate=rate + RATE_STEP) - moved(rate=rate - RATE_STEP)) / (2 * RATE_STEP)
    return result


def implied_volatility(option: Option, spot: float, price: float) -> float | None:
    """None where it has expired, and where no volatility gives the price."""
    still = float(value(replace(option, volatility=0.0), spot))
    if option.years <= 0 or price < still:
        return None
    if price == still:
        return 0.0

    def excess(volatility: float) -> float:
        return float(value(replace(option, volatility=volatility), spot)) - price

    # From a tenth of a per cent: with less, the exponent of early exercise is lost in its rounding.
    unit = abs(option.strike) + abs(spot) if option.model == "bachelier" else 1.0
    low, high = 1e-3 * unit, 0.1 * unit
    while excess(high) < 0:
        if high > 1e6 * unit:
            return None
        high *= 2
    return optimize.brentq(excess, low, high, xtol=1e-16, rtol=1e-15, maxiter=500)


def with_volatility(option: Option, volatility: float) -> Option:
    return replace(option, volatility=volatility)
