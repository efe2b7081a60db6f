# SPDX-License-Identifier: Apache-2.0
"""Every number published on the demo book against numpy on the same prices and history."""

import numpy
import pytest

import reference
import wire
from reference import assert_contains, margin_levels, value_account, value_firm
from waiting import wait_until

ROUNDS = 12
SEED = 20260101


def random_prices(demo, random) -> dict[str, float]:
    """A move of each instrument from its prior close, two percent up or down at most, in cents."""
    return {
        symbol: round(instrument.prior_close * (1 + random.uniform(-0.02, 0.02)), 2)
        for symbol, instrument in demo.instruments.items()
    }


def publish_all(publisher, demo, prices) -> None:
    publisher.last({demo.instruments[symbol].id: price for symbol, price in prices.items()})


def has_prices(state, prices) -> bool:
    return all(position.get("price") == prices[symbol] for symbol, position in state["positions"].items())


def prices_of(states) -> dict[str, float]:
    return {symbol: position["price"] for state in states for symbol, position in state["positions"].items()}


def check_account(demo, state, **conventions) -> None:
    """Compares a state with the reference on the prices it shows itself."""
    expected = value_account(demo, state["account"], prices_of([state]), **conventions)
    assert_contains(state, expected, expected["totals"]["gross_exposure"])
    assert state["status"] == "ok"
    margin = state["margin"]
    if "limit" in expected["margin"]:
        assert margin["level"] in margin_levels(margin.get("utilisation_pct"), margin["used"])
    else:
        assert margin["level"] == "unknown"
    assert set(state["positions"]) == set(expected["positions"])
    assert set(state["risk"]["var"]) == set(expected["risk"]["var"])


@pytest.mark.parametrize("quantile", ["discrete", "linear"])
def test_every_snapshot_equals_the_reference(run, publish, stream, demo, quantile):
    publisher = publish()
    daemon = run(publisher.endpoint, settings={"risk": {"stale_after": "1h", "quantile": quantile}})
    publisher.wait_for_subscriber()
    random = numpy.random.default_rng(SEED)
    channels = [f"account:{account}" for account in demo.accounts]
    client = stream(daemon)
    client.subscribe(*channels, "market")
    compared = 0
    for round_number in range(ROUNDS):
        prices = random_prices(demo, random)
        publish_all(publisher, demo, prices)
        for channel in channels:
            state = client.until_state(
                channel, lambda state: has_prices(state, prices), f"round {round_number}, seed {SEED}: {channel}")
            check_account(demo, state, quantile=quantile)
            compared += 1
        market = client.until_state(
            "market", lambda state: all(state[s].get("last") == p for s, p in prices.items()), "the market's prices")
        for symbol, price in prices.items():
            change = (price / demo.instruments[symbol].prior_close - 1) * 100
            assert market[symbol]["change_pct"] == pytest.approx(change, rel=1e-9, abs=1e-9)
    assert compared == ROUNDS * len(channels)


def test_snapshots_cut_in_the_middle_of_moves_equal_the_reference_too(live, stream, demo):
    daemon, publisher = live
    random = numpy.random.default_rng(SEED + 1)
    channels = [f"account:{account}" for account in demo.accounts]
    client = stream(daemon)
    client.subscribe(*channels)
    symbols = list(demo.instruments)
    compared = 0
    while compared < 40:
        for _ in range(20):
            symbol = symbols[random.integers(len(symbols))]
            instrument = demo.instruments[symbol]
            publisher.last({instrument.id: round(instrument.prior_close * random.uniform(0.9, 1.1), 2)})
        message = client.receive()
        state = client.states.get(message.get("channel"))
        if message["type"] in ("snapshot", "delta") and all("price" in p for p in state["positions"].values()):
            check_account(demo, state)
            compared += 1


def test_the_firm_equals_the_reference(run, publish, stream, demo):
    publisher = publish()
    daemon = run(publisher.endpoint)
    publisher.wait_for_subscriber()
    random = numpy.random.default_rng(SEED + 2)
    client = stream(daemon)
    client.subscribe("firm")
    for _ in range(ROUNDS):
        prices = random_prices(demo, random)
        publish_all(publisher, demo, prices)
        expected = value_firm(demo, prices)
        scale = expected["totals"]["gross_exposure"]
        worth = expected["totals"]["market_value"]
        state = client.until_state(
            "firm", lambda s: abs(s["totals"].get("market_value", 0) - worth) <= 1e-9 * scale, "the firm's value")
        assert_contains(state, expected, scale)
        assert state["status"] == "ok"
        assert "positions" not in state


def test_http_says_the_same(live, demo):
    daemon, publisher = live
    prices = random_prices(demo, numpy.random.default_rng(SEED + 3))
    publish_all(publisher, demo, prices)
    listed = daemon.get("/api/v1/accounts")["accounts"]
    assert [account["id"] for account in listed] == sorted(demo.accounts)
    assert all(set(account) >= {"id", "name", "currency"} for account in listed)
    for account in demo.accounts:
        wait_until(lambda: has_prices(daemon.account(account), prices), f"the prices of {account}")
        check_account(demo, daemon.account(account))


def test_http_scenarios_are_the_vector_behind_value_at_risk(live, demo):
    daemon, publisher = live
    prices = random_prices(demo, numpy.random.default_rng(SEED + 4))
    publish_all(publisher, demo, prices)
    dates, _ = reference.returns(demo)
    for account in demo.accounts:
        wait_until(lambda: has_prices(daemon.account(account), prices), f"the prices of {account}")
        expected = reference.scenario_pnl(demo, account, prices)

        def has_vector():
            answer = daemon.get(f"/api/v1/accounts/{account}/scenarios")
            return answer if numpy.allclose(answer["pnl"], expected, rtol=1e-9, atol=1e-7) else None

        answer = wait_until(has_vector, f"the scenarios of {account}")
        assert answer["dates"] == dates
        risk = daemon.account(account)["risk"]
        for confidence in reference.CONFIDENCES:
            value = reference.value_at_risk(numpy.array(answer["pnl"]), confidence)
            assert risk["var"][str(confidence)] == pytest.approx(value, rel=1e-9)


def test_quotes_without_a_trade_price_at_their_mid(run, publish, demo):
    publisher = publish()
    daemon = run(publisher.endpoint)
    publisher.wait_for_subscriber()
    account = next(name for name, held in demo.positions.items() if len(held) > 1)
    symbol, other = list(demo.positions[account])[:2]
    identifier, marker = demo.instruments[symbol].id, demo.instruments[other].id

    def price(name=symbol):
        return daemon.account(account)["positions"][name].get("price")

    publisher.ticks(wire.Tick(identifier, bid=100.0, ask=101.0))
    wait_until(lambda: price() == 100.5, "the mid")
    publisher.ticks(wire.Tick(identifier, last=99.0))
    wait_until(lambda: price() == 99.0, "the last")
    publisher.ticks(wire.Tick(identifier, bid=110.0, ask=112.0), wire.Tick(marker, last=50.0))
    wait_until(lambda: price(other) == 50.0, "the tick after the quote")
    assert price() == 99.0


def test_a_book_without_ticks_has_no_values_and_says_so(run, publish, demo):
    publisher = publish()
    daemon = run(publisher.endpoint)
    for account, held in demo.positions.items():
        if not held:
            continue
        state = daemon.account(account)
        assert state["status"] == "missing"
        assert state["totals"]["cash"] == demo.accounts[account].cash
        assert not {"market_value", "equity", "unrealised_pnl", "day_pnl", "total_pnl"} & set(state["totals"])
        assert state["risk"]["var"] == {} and state["risk"]["es"] == {} and state["stress"] == {}
        assert state["risk"]["excluded"] == sorted(held)
        for position in state["positions"].values():
            assert position["status"] == "missing"
            assert not {"price", "market_value", "unrealised_pnl", "day_pnl"} & set(position)
        assert state["margin"]["level"] == "unknown"
    assert "null" not in daemon.request("/api/v1/accounts/" + next(iter(demo.accounts)))[2].decode()
