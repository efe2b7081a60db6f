# SPDX-License-Identifier: Apache-2.0
"""Every statistic is numpy's and scipy's, on random vectors of every kind."""

import math

import numpy
import oracle
import pytest
from probe import Probe, assert_same
from scipy import stats

SEEDS = range(120)


@pytest.fixture(scope="module")
def probe():
    with Probe() as probe:
        yield probe


def random_pnl(random: numpy.random.Generator) -> numpy.ndarray:
    """Few and many scenarios, of all scales; losing, gaining, fat-tailed, clustered, rounded so that they tie, none."""
    count = int(random.choice([0, 1, 2, 11, 40, 100, 101, 250, 333, 500]))
    pnl = random.standard_t(3, count) if random.random() < 0.5 else random.standard_normal(count)
    if random.random() < 0.3:
        pnl = pnl * numpy.exp(numpy.cumsum(random.normal(0, 0.1, count)))
    pnl = pnl + random.choice([0.0, -3.0, 3.0])
    if random.random() < 0.2:
        pnl = numpy.round(pnl, 1) + 0.0
    return pnl * 10.0 ** random.integers(-3, 9)


def random_confidences(random: numpy.random.Generator) -> list[int]:
    return [9900, 9750, 9500, int(random.integers(1, 10_000)), int(random.integers(9_000, 10_000))]


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_of_a_vector(probe, seed):
    random = numpy.random.default_rng(seed)
    pnl = random_pnl(random)
    confidences = list(dict.fromkeys(random_confidences(random)))
    age, decay = float(random.uniform(0.97, 1.0)), float(random.uniform(0.9, 0.99))
    days, window = int(random.integers(1, 120)), int(random.integers(1, 120))
    level = int(random.choice([9000, 9500, 9900]))
    age = 1.0 if random.random() < 0.2 else age
    answer = probe.ask(
        "statistics", pnl=pnl.tolist(), confidences=confidences, age_decay=age, volatility_decay=decay, bins=17,
        worst=10, stressed_days=days, interval_level=level, backtest_window=window)
    scale = float(numpy.abs(pnl).max(initial=0.0))
    where = f"seed {seed}"

    for name, expected, size in (
        ("weights", oracle.age_weights(len(pnl), age) if len(pnl) else [], 1.0),
        ("variances", oracle.variances(pnl, pnl, decay), scale ** 2),
        ("scaled", oracle.volatility_scaled(pnl, decay), scale),
    ):
        assert_same(answer[name], expected, size, f"{where} {name}")
    if len(pnl):
        closed = oracle.next_covariance(pnl, pnl, decay)
        assert_same(answer["variances"][-1], closed, scale ** 2, f"{where} closed variance")
    _check_histogram(answer["histogram"], pnl, 17, scale, where)
    for tail in oracle.TAILS:
        worst = numpy.argsort(oracle.losing(pnl, tail), kind="stable")[:10]
        assert_same(answer["worst"][tail], worst, 0, f"{where} worst {tail}")
    for confidence in confidences:
        actual = answer["confidences"][str(confidence)]
        _check_confidence(actual, pnl, confidence, age, decay, days, level, window, scale, f"{where} {confidence}")


def _check_histogram(actual, pnl, bins, scale, where) -> None:
    if not len(pnl):
        assert actual == {"edges": [], "counts": []}, where
        return
    same = pnl.min() == pnl.max()
    edges = [pnl[0], pnl[0]] if same else numpy.linspace(pnl.min(), pnl.max(), bins + 1)
    assert_same(actual["edges"], edges, scale, f"{where} edges")
    assert_same(actual["counts"], numpy.histogram(pnl, actual["edges"])[0], 0, f"{where} counts")


def _check_confidence(actual, pnl, confidence, age, decay, days, level, window, scale, where) -> None:
    for tail in oracle.TAILS:
        weighted = oracle.age_weighted(pnl, confidence, age, tail)
        expected = {
            "var": {name: oracle.value_at_risk(pnl, confidence, name, tail) for name in oracle.QUANTILES},
            "es": {name: oracle.expected_shortfall(pnl, confidence, name, tail) for name in oracle.SHORTFALLS},
            "interval": oracle.order_statistic_interval(pnl, confidence, level, tail),
            "age_weighted": {name: weighted[name] for name in ("first_crossing", "interpolated")},
            "age_weighted_es": weighted["es"],
            "stressed": {
                name: oracle.stressed_window(pnl, days, confidence, name, tail=tail) for name in oracle.QUANTILES},
        }
        assert_same(actual["tails"][tail], expected, scale, f"{where} {tail}")
    absent = {"var": None, "es": None}
    equal = oracle.parametric(math.sqrt(numpy.mean(pnl ** 2)), confidence) if len(pnl) else absent
    assert_same(actual["parametric"], equal, scale, f"{where} parametric")
    moving = oracle.parametric(math.sqrt(oracle.next_covariance(pnl, pnl, decay)), confidence) if len(pnl) else absent
    assert_same(actual["parametric_ewma"], moving, scale, f"{where} parametric_ewma")
    for name in oracle.QUANTILES:
        expected = oracle.historical_backtest(pnl, window, confidence, name)
        found = actual["backtest"][name]
        # Of a shortfall that is 0 but for its rounding nothing is a multiple.
        if expected and numpy.abs(expected["es"]).min() < 1e-12 * scale:
            expected.pop("z2")
            found.pop("z2")
        # The oracle's likelihoods are differences of numbers in the hundreds.
        assert_same(found, expected, max(scale, 10.0), f"{where} backtest {name}", 1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_attribution(probe, seed):
    random = numpy.random.default_rng(seed)
    count = int(random.choice([1, 25, 100, 250, 500]))
    common = random.standard_normal(count)
    parts = [
        {
            "name": f"P{index}", "group": str(random.choice(["A", "B", "C"])),
            "pnl": (1000 * random.normal() * (common + random.standard_normal(count))).tolist(),
            "market_value": None if random.random() < 0.1 else float(random.normal(0, 1e5)),
        }
        for index in range(int(random.integers(1, 9)))
    ]
    confidence = int(random.choice([9500, 9750, 9900, 9990]))
    trade = (500 * random.standard_normal(count)).tolist()
    answer = probe.ask("attribution", parts=parts, count=count, confidence=confidence, trade=trade)
    total = numpy.sum([part["pnl"] for part in parts], axis=0)
    groups = _grouped(parts)
    scale = float(sum(numpy.abs(part["pnl"]).max() for part in parts))
    for tail in oracle.TAILS:
        for quantile in oracle.QUANTILES:
            place = oracle.quantile_place(count, confidence, quantile)
            for shortfall in oracle.SHORTFALLS:
                actual = answer[tail][quantile][shortfall]
                where = f"seed {seed} {tail} {quantile} {shortfall}"
                for name, rows in (("parts", parts), ("groups", groups)):
                    expected = oracle.attribution(rows, total, confidence, quantile, shortfall, tail)
                    # In floating point a level may fall beside the value it falls on.
                    if quantile == "linear" and place.denominator == 1:
                        expected.pop("scenarios")
                        actual[name].pop("scenarios")
                    assert_same(actual[name], expected, scale, f"{where} {name}")
                    _check_sums(actual[name], scale, where)
                larger = oracle.value_at_risk(total + trade, confidence, quantile, tail)
                smaller = oracle.value_at_risk(total, confidence, quantile, tail)
                assert_same(
                    actual["trade"], None if place is None else larger - smaller, scale, f"{where} trade")


def _check_sums(actual, scale, where) -> None:
    for figure in ("var", "es"):
        if actual[figure] is not None:
            components = math.fsum(part[f"component_{figure}"] for part in actual["parts"])
            assert_same(components, actual[figure], scale, f"{where} sum of components of {figure}")


def _grouped(parts: list[dict]) -> list[dict]:
    groups = []
    for name in dict.fromkeys(part["group"] for part in parts):
        members = [part for part in parts if part["group"] == name]
        worths = [part["market_value"] for part in members]
        groups.append({
            "name": name, "pnl": numpy.sum([part["pnl"] for part in members], axis=0),
            "market_value": None if None in worths else sum(worths),
            "gross_value": sum(abs(worth or 0.0) for worth in worths),
        })
    return groups


@pytest.mark.parametrize("seed", SEEDS)
def test_covariances(probe, seed):
    random = numpy.random.default_rng(seed)
    order, count = int(random.integers(1, 8)), int(random.integers(1, 300))
    returns = 0.01 * (random.standard_normal((order, count)) + random.standard_normal(count))
    exposures = random.normal(0, 1e6, order)
    confidence, decay = int(random.integers(9_000, 10_000)), float(random.uniform(0.9, 0.99))
    answer = probe.ask(
        "covariance", returns=returns.tolist(), exposures=exposures.tolist(), confidence=confidence, decay=decay)
    scale = float(numpy.abs(exposures).sum())
    for name, weight in (("equal", None), ("ewma", decay)):
        expected = oracle.covariance_risk(returns, exposures, confidence, weight)
        assert_same(answer[name], expected, scale, f"seed {seed} {name}")


@pytest.mark.parametrize("seed", SEEDS)
def test_backtests(probe, seed):
    """Forecasts too low, right and too high; exceptions alone, in clusters and none."""
    random = numpy.random.default_rng(seed)
    days = int(random.choice([0, 1, 2, 50, 250, 251, 1000]))
    confidence = int(random.choice([9500, 9750, 9900]))
    pnl = random.standard_t(4, days) * numpy.exp(numpy.cumsum(random.normal(0, 0.05, days)))
    forecast = numpy.full(days, float(random.choice([0.5, 1.0, 2.3, 50.0])))
    shortfall = forecast * 1.2 * (0 if random.random() < 0.05 else 1)
    answer = probe.ask(
        "backtest", pnl=pnl.tolist(), value_at_risk=forecast.tolist(), expected_shortfall=shortfall.tolist(),
        confidence=confidence)
    # Likelihoods of a thousand days are differences of numbers in the hundreds.
    assert_same(answer, oracle.backtest(pnl, forecast, shortfall, confidence), 10.0, f"seed {seed}")


@pytest.mark.parametrize("seed", SEEDS)
def test_distributions(probe, seed):
    random = numpy.random.default_rng(seed)
    trials = int(random.choice([1, 10, 250, 1000]))
    probability = float(random.choice([0.01, 0.025, 0.05, 0.5, 0.99]))
    successes = [-1, 0, trials, trials + 1, *random.integers(0, trials + 1, 8).tolist()]
    degrees = int(random.integers(1, 30))
    statistics = [0.0, *random.exponential(degrees, 8).tolist(), 200.0]
    deviations = [0.0, -8.0, 8.0, *random.normal(0, 3, 8).tolist()]
    probabilities = [1e-300, 1e-12, 0.5, *random.uniform(0, 1, 8).tolist()]
    answer = probe.ask(
        "distributions", trials=trials, probability=probability, successes=successes, degrees=degrees,
        statistics=statistics, deviations=deviations, probabilities=probabilities)
    binomial = stats.binom(trials, probability)
    expected = {
        "mass": binomial.pmf(successes), "cumulative": binomial.cdf(successes), "survival": binomial.sf(successes),
        "chi_squared": stats.chi2.sf(statistics, degrees), "normal_density": stats.norm.pdf(deviations),
        "normal_cumulative": stats.norm.cdf(deviations), "normal_quantile": stats.norm.ppf(probabilities),
    }
    assert_same(answer, expected, 0.1, f"seed {seed}")
