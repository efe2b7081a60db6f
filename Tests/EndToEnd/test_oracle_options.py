# SPDX-License-Identifier: Apache-2.0
"""Option values, greeks and implied volatilities are QuantLib's, from the readable reference and the kernels alike."""

import math
from dataclasses import replace

import numpy
import oracle_options
import pytest
import QuantLib as ql
from oracle_options import Option
from probe import Probe, assert_same

SEEDS = range(120)
GREEKS = ("value", "delta", "gamma", "vega", "theta", "rho")
MODELS = ("black_scholes_merton", "black_76", "bachelier")
TODAY = ql.Date(15, 6, 2026)
DAY_COUNT = ql.Actual365Fixed()


@pytest.fixture(scope="module")
def probe():
    with Probe() as probe:
        yield probe


def random_option(random: numpy.random.Generator, model: str, style: str) -> tuple[Option, float]:
    """With a price of its underlying; time in whole days, which QuantLib counts in."""
    strike = float(10 ** random.uniform(0, 4))
    volatility = float(random.uniform(0.08, 0.7)) * (strike if model == "bachelier" else 1)
    option = Option(
        model, str(random.choice(["call", "put"])), style, strike, float(random.uniform(0.001, 0.1)),
        float(random.uniform(0.001, 0.1)), volatility, int(random.integers(5, 900)) / 365)
    spot = strike * float(random.uniform(0.6, 1.6))
    if model == "bachelier" and random.random() < 0.3:
        spot, option = -spot, replace(option, strike=-strike)
    return option, spot


def ask(probe, cases: list[tuple[Option, float]], prices=None, spots=()) -> list[dict]:
    return probe.ask("options", options=[
        {
            "model": option.model, "right": option.right, "style": option.style, "strike": option.strike,
            "rate": option.rate, "yield": option.yield_, "volatility": option.volatility, "years": option.years,
            "spot": spot, "price": prices[index] if prices else 0.0, "spots": list(spots),
        }
        for index, (option, spot) in enumerate(cases)
    ])


def figures(answer: dict) -> dict:
    return {name: answer[name] for name in GREEKS}


def scales(option: Option, spot: float) -> float:
    return max(abs(spot), abs(option.strike))


def quantlib_type(option: Option):
    return ql.Option.Call if option.right == "call" else ql.Option.Put


def quantlib(option: Option, spot: float) -> tuple:
    """The option with the process of its underlying."""
    ql.Settings.instance().evaluationDate = TODAY
    maturity = TODAY + round(option.years * 365)

    def flat(rate: float):
        return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, DAY_COUNT))

    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)), flat(option.carry_yield), flat(option.rate),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), option.volatility, DAY_COUNT)))
    exercise = (
        ql.AmericanExercise(TODAY, maturity) if option.style == "american" else ql.EuropeanExercise(maturity))
    return ql.VanillaOption(ql.PlainVanillaPayoff(quantlib_type(option), option.strike), exercise), process


@pytest.mark.parametrize("seed", SEEDS)
def test_european_values_and_greeks_are_the_analytic_engines(probe, seed):
    random = numpy.random.default_rng(seed)
    cases = [random_option(random, model, "european") for model in MODELS[:2] for _ in range(5)]
    for (option, spot), answer in zip(cases, ask(probe, cases)):
        instrument, process = quantlib(option, spot)
        instrument.setPricingEngine(ql.AnalyticEuropeanEngine(process))
        expected = {
            "value": instrument.NPV(), "delta": instrument.delta(), "gamma": instrument.gamma(),
            "vega": instrument.vega(), "theta": instrument.theta(),
            # QuantLib's rho leaves the yield unchanged; a forward's price has no rate in it, it is only discounted.
            "rho": instrument.rho() if option.model == MODELS[0] else -option.years * instrument.NPV(),
        }
        where = f"seed {seed} {option} at {spot}"
        for side in ("reference", "kernel"):
            assert_same(figures(answer[side]), expected, scales(option, spot), f"{where} {side}")
        own = oracle_options.greeks(option, spot)
        assert_same(own, expected, scales(option, spot), f"{where} oracle")


@pytest.mark.parametrize("seed", SEEDS)
def test_bachelier_values_and_greeks_are_the_calculators(probe, seed):
    random = numpy.random.default_rng(seed)
    cases = [random_option(random, "bachelier", str(random.choice(["european", "american"]))) for _ in range(8)]
    for (option, forward), answer in zip(cases, ask(probe, cases)):
        deviation, discount = option.volatility * math.sqrt(option.years), math.exp(-option.rate * option.years)
        payoff = ql.PlainVanillaPayoff(quantlib_type(option), option.strike)
        calculator = ql.BachelierCalculator(payoff, forward, deviation, discount)
        worth = ql.bachelierBlackFormula(quantlib_type(option), option.strike, forward, deviation, discount)
        expected = {
            "value": worth, "delta": calculator.deltaForward(), "gamma": calculator.gammaForward(),
            "vega": calculator.vega(option.years),
            # Heat equation of a normal forward: V_T = σ²·V_FF/2 − r·V, and time passes the other way.
            "theta": option.rate * worth - option.volatility ** 2 * calculator.gammaForward() / 2,
            "rho": -option.years * worth,
        }
        where = f"seed {seed} {option} at {forward}"
        own = oracle_options.greeks(option, forward)
        # Farther out QuantLib's calculator gives a worthless put the delta of a call.
        if abs(forward - option.strike) > 8 * deviation:
            expected = own
        for side in ("reference", "kernel"):
            assert_same(figures(answer[side]), expected, scales(option, forward), f"{where} {side}")
        assert_same(own, expected, scales(option, forward), f"{where} oracle")


@pytest.mark.parametrize("seed", SEEDS)
def test_american_values_are_barone_adesi_and_whaleys(probe, seed):
    """QuantLib solves for the critical price until it is a millionth of the strike from it, scipy to the last bit."""
    random = numpy.random.default_rng(seed)
    cases = [random_option(random, model, "american") for model in MODELS[:2] for _ in range(4)]
    for (option, spot), answer in zip(cases, ask(probe, cases)):
        instrument, process = quantlib(option, spot)
        instrument.setPricingEngine(ql.BaroneAdesiWhaleyApproximationEngine(process))
        own = oracle_options.greeks(option, spot)
        where = f"seed {seed} {option} at {spot}"
        for side in ("reference", "kernel"):
            actual = figures(answer[side])
            difference = abs(actual["value"] - instrument.NPV())
            assert difference <= 3e-6 * option.strike, f"{where} {side} QuantLib: off by {difference}"
            for name in GREEKS:
                # Differences over a step lose as many digits as the step has.
                relative = 1e-9 if name in ("value", "delta", "gamma") else 1e-6
                scale = scales(option, spot) * (1 if relative == 1e-9 else 1e3)
                assert_same(actual[name], own[name], scale, f"{where} {side} {name}", relative)


def test_american_values_are_near_those_of_finite_differences(probe):
    """How good the approximation is, by an engine that does not approximate: docs/method.md says the same."""
    differences = []
    for seed in range(60):
        random = numpy.random.default_rng(seed)
        cases = [random_option(random, model, "american") for model in MODELS[:2] for _ in range(2)]
        for (option, spot), answer in zip(cases, ask(probe, cases)):
            instrument, process = quantlib(option, spot)
            instrument.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, 200, 400, 0))
            difference = abs(answer["kernel"]["value"] - instrument.NPV()) / option.strike
            assert difference < 0.01, f"seed {seed} {option} at {spot}: off by {difference} of the strike"
            differences.append(difference)
    assert numpy.mean(differences) < 0.001


@pytest.mark.parametrize("seed", SEEDS)
def test_implied_volatility_is_found_back_from_quantlibs_prices(probe, seed):
    random = numpy.random.default_rng(seed)
    cases, prices = [], []
    for model in MODELS:
        for style in ("european", "american"):
            option, spot = random_option(random, model, style)
            spot = option.strike * float(random.uniform(0.85, 1.15))
            option = replace(option, years=max(option.years, 30 / 365))
            if model == "bachelier":
                prices.append(ql.bachelierBlackFormula(
                    quantlib_type(option), option.strike, spot, option.volatility * math.sqrt(option.years),
                    math.exp(-option.rate * option.years)))
            elif style == "european":
                instrument, process = quantlib(option, spot)
                instrument.setPricingEngine(ql.AnalyticEuropeanEngine(process))
                prices.append(instrument.NPV())
            else:
                prices.append(float(oracle_options.value(option, spot)))
            cases.append((option, spot))
    for (option, spot), price, answer in zip(cases, prices, ask(probe, cases, prices)):
        where = f"seed {seed} {option} at {spot}"
        inside = option.sign * (spot - option.strike)
        if option.is_exercised_early and price <= inside * (1 + 1e-9):
            continue  # exercised at once, whatever the volatility
        # A price that is wrong in its last bit moves the volatility by that much over vega.
        vega = oracle_options.greeks(option, spot)["vega"]
        scale = 10 * price / max(vega, 1e-9) if option.style == "american" else option.volatility
        for side in ("reference", "kernel"):
            assert_same(answer[side]["implied"], option.volatility, scale, f"{where} {side}")
        if option.model != "bachelier" and option.style == "european":
            forward = spot * math.exp((option.rate - option.carry_yield) * option.years)
            deviation = ql.blackFormulaImpliedStdDev(
                quantlib_type(option), option.strike, forward, price, math.exp(-option.rate * option.years), 0.0,
                option.volatility * math.sqrt(option.years), 1e-14, 1000)
            expected = deviation / math.sqrt(option.years)
            assert_same(answer["reference"]["implied"], expected, option.volatility, f"{where} QuantLib")


@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_values_many_prices_as_the_oracle(probe, seed):
    """Also those that expired, have no volatility, negative rates or an underlying worth nothing."""
    random = numpy.random.default_rng(seed)
    for model in MODELS:
        option, _ = random_option(random, model, str(random.choice(["european", "american"])))
        option = replace(
            option, strike=abs(option.strike), rate=float(random.choice([0.0, -0.02, option.rate])),
            years=option.years * int(random.choice([0, 1, 1])),
            volatility=option.volatility * int(random.choice([0, 1, 1, 1])))
        low = -1.0 if model == "bachelier" else 0.0
        spots = [0.0, option.strike * 0.9, *(option.strike * random.uniform(low, 3, 30)).tolist()]
        expected = oracle_options.value(option, spots)
        where = f"seed {seed} {option}"
        answer = ask(probe, [(option, spots[1])], spots=spots)[0]
        assert_same(answer["values"], expected, option.strike, f"{where} kernel")
        cases = [(option, spot) for spot in spots]
        values = [answer["reference"]["value"] for answer in ask(probe, cases)]
        assert_same(values, expected, option.strike, f"{where} reference")
