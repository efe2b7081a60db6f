# SPDX-License-Identifier: Apache-2.0
"""Limits before and after trades that are not made, and the moves of prices that reach them."""

import json

import numpy
import pytest

from book import Account, Book, Instrument
from trading_desk import UNLIMITED, flat_book, quoted_desk
from waiting import wait_until

#: High enough to be known and not reached.
LIMITS = [
    {"metric": "gross_exposure", "soft": 1e6, "hard": 2e6}, {"metric": "net_exposure", "hard": 2e6},
    {"metric": "position", "part": "AAPL", "hard": 5000}, {"metric": "notional", "part": "AAPL", "hard": 1e6},
    {"metric": "notional", "part": "MSFT", "hard": 1e6}, {"metric": "concentration", "hard": 90},
    {"metric": "sector", "part": "Technology", "hard": 1e6}, {"metric": "sector", "part": "Software", "hard": 1e6},
    {"metric": "value_at_risk", "hard": 1e6}, {"metric": "expected_shortfall", "hard": 1e6},
    {"metric": "stress_loss", "hard": 1e6}, {"metric": "day_loss", "hard": 1e6}, {"metric": "drawdown", "hard": 50},
]


@pytest.fixture
def desk(run, publish, tmp_path):
    """OTHER holds 100 MSFT; AAPL was last traded a little below the ask."""
    book = flat_book()
    book.accounts["OTHER"] = Account("OTHER", cash=900_000.0, margin_limit=200_000.0)
    desk = quoted_desk(run, publish(), tmp_path, book, {"orders": UNLIMITED})
    desk.account = "OTHER"
    desk.quote(1, 179.99, 180.0, last=179.75)
    assert desk.call("accounts/OTHER/limits", "PUT", {"limits": LIMITS}).status == 200
    return desk


def uses(answer: dict) -> dict[tuple, float | None]:
    return {(use["metric"], use.get("part")): use.get("value") for use in answer["limits"]}


def what_if(desk, *trades) -> dict:
    answer = desk.call(f"accounts/{desk.account}/what-if", "POST", {"trades": list(trades)})
    assert answer.status == 200, answer
    return answer.body


def test_what_a_trade_would_do_is_what_it_does(desk):
    """The figures of the reports beside those of the engine, on either side of real orders."""
    trades = [
        {"symbol": "AAPL", "quantity": 300, "price": 180.0}, {"symbol": "MSFT", "quantity": -250, "price": 399.9},
        {"symbol": "AAPL", "quantity": 50, "price": 180.0}]
    foretold = what_if(desk, *trades)
    now = desk.call("accounts/OTHER/limit-use").body
    assert foretold["before"]["limits"] == now["limits"]
    assert foretold["before"]["margin"] == desk.daemon.account("OTHER")["margin"]
    assert foretold["gain"] == pytest.approx(350 * (179.75 - 180.0) - 250 * (400.0 - 399.9), rel=1e-9)
    assert {foretold[name] for name in ("model", "quantile", "expected_shortfall", "horizon_method")} == {
        "historical", "discrete", "acerbi_tasche", "sqrt"}
    desk.accepted(symbol="AAPL", side="buy", quantity=350)
    desk.accepted(symbol="MSFT", side="sell", quantity=250)
    desk.until_position("AAPL", 350)
    desk.until_position("MSFT", -150)
    state = desk.daemon.account("OTHER")
    for measure in ("var", "es"):
        assert foretold["after"][measure] == pytest.approx(state["risk"][measure], rel=1e-9)
    assert foretold["after"]["margin"].pop("level") == state["margin"].pop("level")
    assert foretold["after"]["margin"] == pytest.approx(state["margin"], rel=1e-9)
    found = uses(desk.call("accounts/OTHER/limit-use").body)
    assert uses(foretold["after"]) == pytest.approx(found, rel=1e-9, abs=1e-6)
    assert foretold["after"]["limits"] != foretold["before"]["limits"]
    assert found["position", "AAPL"] == 350 and found["sector", "Technology"] == pytest.approx(350 * 179.75)


def test_what_open_orders_tie_up_is_part_of_both_sides(desk):
    order = desk.accepted(symbol="AAPL", side="buy", quantity=100, order_type="limit", limit_price=100.0)
    margin = wait_until(
        lambda: (margin := desk.daemon.account("OTHER")["margin"])["used"] > 10_000.0 and margin, "a reservation")
    foretold = what_if(desk, {"symbol": "MSFT", "quantity": -100})
    assert foretold["before"]["margin"] == margin
    assert foretold["after"]["margin"]["used"] == pytest.approx(margin["used"] - 10_000.0)
    assert desk.call(f"orders/{order}", "DELETE").status < 300


# Reverse stress


def book() -> Book:
    """PAIR is long LONG and a little less short SHORT, and has cash; nothing but prices moves its limits."""
    walk = numpy.array([100.0, 101, 99, 102, 98, 103, 97, 104, 96, 100])
    return Book(
        {"LONG": Instrument(1, "LONG", prior_close=100.0),
         "SHORT": Instrument(2, "SHORT", sector="Energy", prior_close=50.0)},
        {"PAIR": Account("PAIR", cash=100_000.0, margin_limit=100_000.0), "BARE": Account("BARE", cash=1.0)},
        {"PAIR": {"LONG": (1000.0, 100.0), "SHORT": (-1200.0, 50.0)}, "BARE": {"LONG": (1.0, 100.0)}},
        [f"2022-01-{day:02d}" for day in range(3, 13)], {"LONG": walk, "SHORT": walk / 2})


@pytest.fixture
def pair(run, publish, tmp_path):
    publisher = publish()
    daemon = run(
        publisher.endpoint, data=book().save(tmp_path / "data"),
        settings={"store": {"directory": str(tmp_path / "state")}})
    publisher.wait_for_subscriber()
    publisher.last({1: 100.0, 2: 50.0})
    wait_until(lambda: daemon.account("PAIR")["status"] == "ok", "prices")
    return daemon


def put(daemon, limits: list[dict]) -> None:
    status, _, body = daemon.request(
        "/api/v1/accounts/PAIR/limits", "PUT", body=json.dumps({"limits": limits}).encode())
    assert status == 200, body


def reached(daemon, query: str = "", account: str = "PAIR") -> dict:
    answer = daemon.get(f"/api/v1/accounts/{account}/reverse-stress{query}")
    assert "options valued anew" in answer["convention"]
    return {(each["metric"], each.get("part")): each for each in answer["limits"]}


def test_each_limit_has_the_move_that_reaches_it(pair):
    put(pair, [
        {"metric": "day_loss", "soft": 1000, "hard": 4000}, {"metric": "drawdown", "hard": 5},
        {"metric": "gross_exposure", "hard": 200_000}, {"metric": "net_exposure", "soft": 44_000},
        {"metric": "notional", "part": "SHORT", "hard": 75_000}, {"metric": "sector", "part": "Energy", "hard": 66_000},
        {"metric": "concentration", "hard": 75}, {"metric": "value_at_risk", "hard": 1e6},
        {"metric": "position", "part": "LONG", "hard": 1e6}])
    found = reached(pair)
    use = uses(pair.get("/api/v1/accounts/PAIR/limit-use"))
    peak = 140_000 / (1 - use["drawdown", None] / 100)
    # Net 40,000, gross 160,000, equity 140,000, margin a quarter of gross.
    expected = {
        ("margin_utilisation", None): 95_000 / 40_000 - 1, ("day_loss", None): -0.1,
        ("drawdown", None): (0.95 * peak - 140_000) / 40_000, ("gross_exposure", None): 0.25,
        ("net_exposure", None): 0.1,
        ("notional", "SHORT"): 0.25, ("sector", "Energy"): 0.1,
        # 100,000·(1 + m) is 75 % of 140,000 + 40,000·m
        ("concentration", None): (0.75 * 140_000 - 100_000) / (100_000 - 0.75 * 40_000),
    }
    assert found.keys() == expected.keys()
    for limit, move in expected.items():
        if abs(move) > 1:
            assert "move_pct" not in found[limit], limit
            continue
        assert found[limit]["move_pct"] == pytest.approx(100 * move, abs=2e-4), limit
        assert found[limit]["pnl"] == pytest.approx(40_000 * found[limit]["move_pct"] / 100, rel=1e-9), limit
    assert found["day_loss", None]["threshold"] == 4000 and found["net_exposure", None]["threshold"] == 44_000


def test_one_underlying_moves_alone(pair):
    put(pair, [{"metric": "day_loss", "hard": 6000}, {"metric": "notional", "part": "LONG", "hard": 50_000}])
    found = reached(pair, "?underlying=SHORT")
    assert found["day_loss", None]["move_pct"] == pytest.approx(10, abs=2e-4)
    # It is over its limit already.
    assert found["notional", "LONG"]["move_pct"] == 0 and found["notional", "LONG"]["pnl"] == 0
    answer = pair.get("/api/v1/accounts/PAIR/reverse-stress?loss=3000&underlying=LONG")
    assert (answer["underlying"], answer["loss"]) == ("LONG", 3000)
    assert answer["move_pct"] == pytest.approx(-3, abs=2e-4)
    assert pair.request("/api/v1/accounts/PAIR/reverse-stress?underlying=NONE")[0] == 404


def test_an_account_without_limits_has_no_moves(pair):
    assert reached(pair, account="BARE") == {}
