# SPDX-License-Identifier: Apache-2.0
"""Margin levels with their hysteresis, on a book whose utilisation is the price in percent."""

import pytest

from book import single_book
from waiting import wait_until


@pytest.fixture
def run_single(run, publish, tmp_path):
    """A daemon on the one-instrument book: `run_single(margin_limit=…)` gives it and its publisher."""

    def make(**account):
        publisher = publish()
        daemon = run(publisher.endpoint, data=single_book(**account).save(tmp_path / "data"))
        publisher.wait_for_subscriber()
        return daemon, publisher

    return make


def margin_at(daemon, publisher, price: float) -> dict:
    """The margin once the account shows `price`."""
    publisher.last({1: price})
    state = wait_until(
        lambda: (state := daemon.account("SOLO"))["positions"]["ONE"].get("price") == price and state, f"price {price}")
    return state["margin"]


def test_levels_rise_at_once_and_fall_with_hysteresis(run_single):
    daemon, publisher = run_single(margin_limit=2500.0)  # 100 · price · 0.25 of it: the price in percent
    steps = [
        (70.0, "ok"), (79.5, "ok"), (80.0, "warn"), (76.0, "warn"), (75.0, "warn"), (94.5, "warn"), (95.0, "critical"),
        (91.0, "critical"), (90.0, "critical"), (89.5, "warn"), (74.5, "ok"), (96.0, "critical"), (60.0, "ok"),
    ]
    for price, level in steps:
        margin = margin_at(daemon, publisher, price)
        assert margin["utilisation_pct"] == pytest.approx(price, rel=1e-12)
        assert margin["used"] == pytest.approx(25 * price, rel=1e-12)
        assert margin["level"] == level, f"at {price}"


def test_an_account_without_a_limit_has_an_unknown_level(run_single):
    daemon, publisher = run_single()
    assert margin_at(daemon, publisher, 100.0) == {"used": 2500.0, "level": "unknown"}


def test_a_limit_of_zero_is_critical_once_anything_is_used(run_single):
    daemon, publisher = run_single(margin_limit=0.0)
    assert margin_at(daemon, publisher, 100.0) == {"used": 2500.0, "limit": 0, "level": "critical"}
