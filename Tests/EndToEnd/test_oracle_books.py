# SPDX-License-Identifier: Apache-2.0
"""Accounts, the firm and the reports on both are the oracle's, for random books of every kind."""

import numpy
import pytest
from oracle_books import BookOracle
from oracle_reports import account_report, firm_report, is_distinct, without_order
from probe import Probe, assert_same
from random_books import KINDS, BookMaker

SEEDS = range(30)


@pytest.fixture(scope="module")
def probe():
    with Probe() as probe:
        yield probe


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_book(probe, seed, kind):
    book = BookMaker(seed, kind).make()
    answer = probe.ask("book", **book)
    expected = BookOracle(book)
    where = f"seed {seed} {kind}"
    assert answer["dates"] == expected.market.window.dates, where
    assert answer["accounts"].keys() == expected.accounts.keys(), where
    for name, account in expected.accounts.items():
        scale = expected.scale(name)
        assert_same(answer["accounts"][name], account, scale, f"{where} {name}")
        _check_report(answer["reports"][name], account_report(expected, name), account, scale, f"{where} {name}")
    firm, scale = expected.firm(), _firm_scale(expected)
    assert_same(answer["firm"], firm, scale, f"{where} firm")
    _check_report(answer["firm_report"], firm_report(expected, firm), firm, scale, f"{where} firm")


def _firm_scale(expected: BookOracle) -> float:
    base = expected.convention["base_currency"]
    rates = {name: expected.market.rate(each["currency"], base) for name, each in expected.accounts.items()}
    return 1 + sum(expected.scale(name) * rate[0] for name, rate in rates.items() if rate)


def _check_report(actual: dict, expected: dict, valuation: dict, scale: float, where: str) -> None:
    pnl = valuation["scenario_pnl"]
    # Scenarios that differ by rounding alone may be ordered either way; then only what has no order is compared.
    if pnl is not None and not is_distinct(pnl, scale):
        actual, expected = without_order(actual), without_order(expected)
    assert_same(actual, expected, scale, f"{where} report")


def test_kinds_are_what_they_say():
    """The random books reach what they are there for."""
    for kind, holds in (("long", lambda q: q > 0), ("short", lambda q: q < 0)):
        quantities = [row["quantity"] for seed in SEEDS for row in BookMaker(seed, kind).make()["inputs"]["positions"]]
        assert quantities and all(holds(quantity) for quantity in quantities)
    accounts = [
        (account, kind) for kind in KINDS for seed in SEEDS
        for account in BookOracle(BookMaker(seed, kind).make()).accounts.values()]
    for account, kind in accounts:
        net, gross = account["totals"]["net_exposure"], account["totals"]["gross_exposure"]
        if kind == "neutral" and account["positions"]:
            assert gross > 0 and abs(net) <= 1e-9 * gross
        assert kind != "empty" or (not account["positions"] and gross == 0)
        assert kind != "single" or len(account["positions"]) <= 1
    assert {account["status"] for account, _ in accounts} == {"ok", "stale", "partial", "missing"}
    assert {account["margin"]["level"] for account, _ in accounts} == {"ok", "warn", "critical", "unknown"}
    assert any(account["risk"]["excluded"] and account["risk"]["var"] for account, _ in accounts)
    assert any(account["positions"] and account["scenario_pnl"] is None for account, _ in accounts)
    assert any(greek["vega"] for account, _ in accounts for greek in account["greeks"].values())
    assert any(numpy.any(account["scenario_pnl"]) for account, kind in accounts if kind == "currencies")
