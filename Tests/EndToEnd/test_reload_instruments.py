# SPDX-License-Identifier: Apache-2.0
"""SIGHUP with other instruments: they come, change and go while ticks and clients go on; what is in use stays."""

import csv
import itertools
import threading

import pytest

from test_reload import add_row, refusal
from trading_desk import UNLIMITED, TradingDesk, flat_book
from waiting import wait_until
from wire import Tick


@pytest.fixture
def data(tmp_path):
    return flat_book().save(tmp_path / "data")


@pytest.fixture
def desk(run, publish, data, tmp_path):
    """FLAT holds nothing and OTHER 100 MSFT; a quote of each, and a store."""
    publisher = publish()
    daemon = run(publisher.endpoint, data=data, settings={
        "store": {"directory": str(tmp_path / "state")}, "orders": {**UNLIMITED, "collar_pct": 0}})
    publisher.wait_for_subscriber()
    desk = TradingDesk(daemon, publisher)
    desk.quote(1, 179.99, 180.0)
    desk.quote(2, 399.9, 400.0)
    return desk


def rewrite(path, change) -> None:
    """Replaces the rows by those that `change` makes of them."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        rows = change(list(reader))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else reader.fieldnames)
        writer.writeheader()
        writer.writerows(rows)


def remove(data, symbol: str) -> None:
    """From every file: an instrument goes with its positions and its history."""
    for name in ("instruments.csv", "positions.csv"):
        rewrite(data / name, lambda rows: [row for row in rows if row["symbol"] != symbol])
    rewrite(data / "history.csv", lambda rows: [{k: v for k, v in row.items() if k != symbol} for row in rows])


@pytest.fixture
def restore(data):
    """Puts all files back."""
    before = {path: path.read_bytes() for path in data.iterdir()}
    return lambda: [path.write_bytes(content) for path, content in before.items()]


def symbols(desk) -> list[str]:
    return [i["symbol"] for i in desk.call("instruments").body["instruments"]]


def test_a_new_instrument_is_quoted_watched_traded_and_valued(desk, data, stream):
    client = stream(desk.daemon)
    client.subscribe("market", "account:FLAT")
    client.until_each("snapshot", "market", "account:FLAT")
    desk.publisher.ticks(Tick(77, bid=9.9, ask=10.0, last=10.0))
    desk.daemon.wait_for_metric("tickrisk_ticks_rejected_total", 1, reason="unknown_instrument")
    # In front of the others: every index changes.
    rewrite(data / "instruments.csv", lambda rows: [
        {**rows[0], "id": "77", "symbol": "NEW", "name": "Newly listed"}, *reversed(rows)])
    assert desk.daemon.reload() == "applied"
    state = client.until_state("market", lambda s: "NEW" in s, "the new row")
    assert state["AAPL"]["last"] == 180.0 and state["MSFT"]["last"] == 400.0
    assert state["NEW"]["status"] == "missing"
    assert symbols(desk) == ["NEW", "MSFT", "AAPL"]
    assert desk.call("instruments?search=newly").body["instruments"][0]["id"] == 77
    assert desk.call("watchlist", "PUT", {"symbols": ["NEW", "AAPL"]}).body["symbols"] == ["NEW", "AAPL"]

    desk.quote(77, 19.99, 20.0)
    order = desk.accepted(symbol="NEW", side="buy", quantity=5)
    assert desk.until(order, "filled")["average_fill_price"] == 20.0
    held = client.until_state("account:FLAT", lambda s: "NEW" in s["positions"], "the position")["positions"]["NEW"]
    assert (held["quantity"], held["price"]) == (5, 20.0)
    assert desk.call("accounts/FLAT/what-if", "POST", {"trades": [{"symbol": "NEW", "quantity": 5}]}).status == 200
    assert any("reloaded" in line and "instruments" in line for line in desk.daemon.log)


def test_an_instrument_nobody_uses_goes_and_may_come_back_on_other_terms(desk, data, stream):
    client = stream(desk.daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    assert desk.call("watchlist", "PUT", {"symbols": ["AAPL", "MSFT"]}).status == 200
    remove(data, "AAPL")
    assert desk.daemon.reload() == "applied"
    client.until_state("market", lambda s: "AAPL" not in s, "the row is gone")
    assert client.states["market"]["MSFT"]["last"] == 400.0
    assert desk.call("watchlist").body["symbols"] == ["MSFT"]
    answer = desk.submit(symbol="AAPL", side="buy", quantity=1)
    assert answer.status == 422 and "symbol" in str(answer.body), answer
    refused = desk.daemon.metric("tickrisk_ticks_rejected_total", reason="unknown_instrument")
    desk.publisher.ticks(Tick(1, last=181.0))
    desk.daemon.wait_for_metric("tickrisk_ticks_rejected_total", refused + 1, reason="unknown_instrument")

    add_row(data / "instruments.csv", id="5", symbol="AAPL", name="Apple", multiplier="10")
    assert desk.daemon.reload() == "applied"
    state = client.until_state("market", lambda s: "AAPL" in s, "the row is back")
    assert state["AAPL"]["status"] == "missing", "another instrument of that name has no price yet"
    desk.quote(5, 17.9, 18.0)
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=2), "filled")
    desk.until_position("AAPL", 2)
    wait_until(lambda: desk.position("AAPL")["market_value"] == 2 * 10 * 18.0, "valued with the new multiplier")


def test_what_is_held_or_ordered_is_refused_by_name_and_nothing_changes(desk, data, restore):
    resting = desk.accepted(
        symbol="AAPL", side="buy", quantity=1, order_type="limit", limit_price=90.0, time_in_force="gtc")
    for symbol, reason in (("MSFT", "MSFT is held by OTHER"), ("AAPL", "AAPL has open orders of FLAT")):
        remove(data, symbol)
        add_row(data / "instruments.csv", id="88", symbol="BESIDE")
        assert desk.daemon.reload() == "refused"
        wait_until(lambda reason=reason: f"in use: {reason}" in refusal(desk.daemon), reason)
        assert symbols(desk) == ["AAPL", "MSFT"], "all or nothing: no BESIDE"
        restore()
    assert desk.order(resting)["status"] == "working"

    # What was traded today has P&L of today: it may go with the day.
    desk.call(f"orders/{resting}", "DELETE")
    desk.until(resting, "cancelled")
    for side in ("buy", "sell"):
        desk.until(desk.accepted(symbol="AAPL", side=side, quantity=1), "filled")
    remove(data, "AAPL")
    assert desk.daemon.reload() == "refused"
    reason = "AAPL is held by FLAT (closed today: free after the day roll)"
    wait_until(lambda: reason in refusal(desk.daemon), reason)


def test_ticks_orders_and_clients_go_on_over_many_reloads_of_instruments(desk, data, stream):
    """Indices move at every reload; no tick is lost or shown on another instrument's row."""
    client = stream(desk.daemon)
    client.subscribe("market", "account:OTHER")
    client.until_each("snapshot", "market", "account:OTHER")
    ids = {"AAPL": 1, "MSFT": 2}
    is_done = threading.Event()
    sent = dict.fromkeys(ids, 0)

    def tick() -> None:
        # AAPL below 1000, MSFT above: a price on another row shows.
        for number in itertools.count(1):
            if is_done.is_set():
                return
            sent.update(AAPL=500 + number % 400, MSFT=1500 + number % 400)
            desk.publisher.ticks(Tick(1, last=float(sent["AAPL"])), Tick(2, last=float(sent["MSFT"])))
            if number % 50 == 0:
                is_done.wait(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        with (data / "instruments.csv").open(newline="") as file:
            first = list(csv.DictReader(file))
        for turn in range(12):
            extra = [{**first[0], "id": str(100 + n), "symbol": f"X{n}"} for n in range(turn % 4)]
            rows = [*extra, *(reversed(first) if turn % 2 else first)]
            rewrite(data / "instruments.csv", lambda _, rows=rows: rows)
            assert desk.daemon.reload() == "applied"
            assert symbols(desk) == [row["symbol"] for row in rows]
            assert desk.submit(symbol="MSFT", side="buy", quantity=1).status == 201
            state = client.until_state(
                "market", lambda s, rows=rows: set(s) == {r["symbol"] for r in rows}, f"the rows of turn {turn}")
            for message_state in (state, client.until_type("delta", "market") and client.states["market"]):
                assert 180 <= message_state["AAPL"]["last"] < 1000 and message_state["MSFT"]["last"] >= 400
    finally:
        is_done.set()
        thread.join()
    client.until_state("market", lambda s: all(s[name]["last"] == sent[name] for name in ids), "the last prices")
    assert desk.daemon.metric("tickrisk_messages_missing_total") == 0
    assert desk.daemon.metric("tickrisk_ticks_rejected_total") == 0
    wait_until(lambda: desk.daemon.account("OTHER")["positions"]["MSFT"]["quantity"] == 100, "what is held stays")
