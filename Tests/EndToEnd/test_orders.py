# SPDX-License-Identifier: Apache-2.0
"""Orders over HTTP: what is taken, what is refused and why, and what the account shows afterwards."""

import pytest

from trading_desk import UNLIMITED, TradingDesk, flat_book, quoted_desk
from waiting import wait_until
from wire import HALTED


@pytest.fixture
def desk(run, publish, tmp_path):
    """`desk(orders={…}, venue={…}, account={…})`, on the flat book; AAPL is at 179.99/180, MSFT at 399.9/400."""

    def make(account: dict | None = None, **settings):
        return quoted_desk(run, publish(), tmp_path, flat_book(**(account or {})), settings)

    return make


# MARK: The reference system's own cases


def test_a_valid_market_order_is_submitted_and_filled(desk):
    desk = desk()
    answer = desk.submit(client_order_id="first", symbol="AAPL", side="buy", quantity=10)
    assert answer.status == 201
    assert answer.body == {"order_id": answer.body["order_id"], "client_order_id": "first", "status": "submitted"}
    place = f"accounts/{desk.account}/orders/{answer.body['order_id']}"
    assert answer.headers["location"] == f"/api/v1/{place}"
    assert desk.call(place).body["order_id"] == answer.body["order_id"]
    assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) == ("60", "59")
    order = desk.until(answer.body["order_id"], "filled")
    assert (order["order_type"], order["time_in_force"]) == ("market", "day")
    assert (order["filled_quantity"], order["remaining_quantity"], order["average_fill_price"]) == (10, 0, 180.0)
    (fill,) = desk.fills()
    assert (fill["order_id"], fill["symbol"], fill["side"], fill["quantity"]) == (order["order_id"], "AAPL", "buy", 10)


def test_ten_at_180_with_a_tick_at_195_are_150_ahead_and_worth_1950(desk):
    desk = desk()
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=10), "filled")
    desk.until_position("AAPL", 10)
    desk.quote(1, 194.99, 195.0)
    position = wait_until(lambda: (p := desk.position("AAPL")) and p["price"] == 195 and p, "the price of 195")
    assert (position["avg_cost"], position["market_value"], position["unrealised_pnl"]) == (180, 1950, 150)
    assert position["status"] == "ok" and position["day_pnl"] == 150
    totals = desk.daemon.account("FLAT")["totals"]
    assert (totals["cash"], totals["equity"], totals["total_pnl"]) == (998_200, 1_000_150, 150)
    assert desk.daemon.account("FLAT")["risk"]["var"]["9900"] > 0


def test_a_quantity_of_zero_is_named(desk):
    answer = desk().submit(symbol="AAPL", side="buy", quantity=0)
    assert answer.status == 422 and answer.body["code"] == "invalid"
    assert list(answer.body["errors"]) == ["quantity"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_61st_order_in_a_minute_is_too_many_and_a_restart_does_not_help(desk):
    desk = desk(orders={"duplicate_window": "0s"})
    for number in range(60):
        answer = desk.submit(client_order_id=f"n{number}", symbol="AAPL", side="buy", quantity=1)
        assert answer.status == 201, answer
        assert answer.headers["ratelimit-remaining"] == str(59 - number)
    refused = desk.submit(symbol="AAPL", side="buy", quantity=1)
    assert refused.status == 429 and 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-remaining"] == "0"
    # A repeat does not count and is not refused; neither is a cancel.
    assert desk.submit(client_order_id="n0", symbol="AAPL", side="buy", quantity=1).status == 201
    assert desk.call("accounts/FLAT/orders", "DELETE").status == 200
    desk.daemon.kill()
    desk.daemon.start()
    assert desk.submit(symbol="AAPL", side="buy", quantity=1).status == 429
    other = desk.call("accounts/OTHER/orders", "POST", {"symbol": "AAPL", "side": "buy", "quantity": 1})
    assert other.status != 429


def test_margin_above_80_warns_once_and_at_95_is_critical_once_on_the_private_channel(desk, stream):
    desk = desk(account={"margin_limit": 1000.0}, orders=UNLIMITED)
    client = stream(desk.daemon)
    client.subscribe("account:FLAT", "account:OTHER", "firm", "market")
    for quantity in (17, 1, 1, 1, 1, 1):  # 45 of margin a share
        desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=quantity), "filled")
    desk.until_position("AAPL", 22)
    seen = []
    while len(seen) < 2:
        seen.append(client.until(lambda m: m["type"] == "event" and m["event"] == "alert", "an alert"))
    assert [event["data"]["level"] for event in seen] == ["warn", "critical"]
    assert {event["channel"] for event in seen} == {"account:FLAT"}
    assert len(desk.call("accounts/FLAT/alerts").body["alerts"]) == 2
    assert desk.call("accounts/OTHER/alerts").body["alerts"] == []


# MARK: Form


@pytest.mark.parametrize("body, field", [
    ({"symbol": "AAPL", "side": "buy"}, "quantity"),
    ({"symbol": "AAPL", "side": "buy", "quantity": -1}, "quantity"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 10_001}, "quantity"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1.5}, "quantity"),
    ({"symbol": "AAPL", "side": "buy", "quantity": "1"}, "quantity"),
    ({"symbol": "AAPL", "side": "buy", "quantity": None}, "quantity"),
    ({"symbol": "AAPL", "side": "hold", "quantity": 1}, "side"),
    ({"symbol": "APPL", "side": "buy", "quantity": 1}, "symbol"),
    ({"side": "buy", "quantity": 1}, "symbol"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "limit"}, "limit_price"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "stop"}, "stop_price"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "limit", "limit_price": 180.005}, "limit_price"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "limit_price": 180}, "limit_price"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "time_in_force": "gtd"}, "time_in_force"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "client_order_id": ""}, "client_order_id"),
    ({"symbol": "AAPL", "side": "buy", "quantity": 1, "qty": 1}, "qty"),
])
def test_a_field_that_is_wrong_is_named(shared_desk, body, field):
    answer = shared_desk.call("accounts/FLAT/orders", "POST", body)
    assert answer.status == 422 and list(answer.body["errors"]) == [field], answer


@pytest.mark.parametrize("text, status", [
    (b'{"symbol":"AAPL","side":"buy","quantity":1,"quantity":2}', 422),
    (b'{"quantity":+5}', 400), (b'{"quantity":nan}', 400),
    (b'{"quantity":0x1p3}', 400), (b'{"quantity":1e999,"symbol":"AAPL","side":"buy"}', 422), (b"[]", 400), (b"", 400),
    (b'{"symbol":"AAPL","side":"buy","quantity":1} x', 400), (b'{"symbol":"\xff"}', 400),
])
def test_bodies_that_are_no_order(shared_desk, text, status):
    assert shared_desk.call("accounts/FLAT/orders", "POST", text).status == status


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory):
    """One daemon for everything that changes nothing."""
    from daemon import Daemon
    from publisher import Publisher

    folder = tmp_path_factory.mktemp("shared")
    publisher = Publisher()
    feeds = [{"name": "primary", "endpoint": publisher.endpoint, "silent_after": "1h"}]
    daemon = Daemon(folder, feeds, {"orders": UNLIMITED}, flat_book().save(folder / "data")).start()
    publisher.wait_for_subscriber()
    yield TradingDesk(daemon, publisher)
    daemon.stop()
    publisher.close()


# MARK: Names, changes, ends


def test_a_name_makes_an_order_idempotent(desk):
    desk = desk()
    body = {"client_order_id": "x-1", "symbol": "AAPL", "side": "buy", "quantity": 3}
    first = desk.submit(**body)
    desk.until(first.body["order_id"], "filled")
    again = desk.submit(**body)
    assert (again.status, again.body) == (201, first.body)
    other = desk.submit(**{**body, "quantity": 4})
    assert other.status == 409 and other.body["code"] == "client_order_id_taken"
    desk.daemon.kill()
    desk.daemon.start()
    assert desk.submit(**body).body == first.body
    assert len(desk.orders()) == 1 and len(desk.fills()) == 1


def test_a_resting_order_is_replaced_and_cancelled(desk, stream):
    desk = desk()
    client = stream(desk.daemon)
    client.subscribe("account:FLAT")
    order_id = desk.accepted(symbol="AAPL", side="buy", quantity=5, order_type="limit", limit_price=170)
    desk.until(order_id, "working")
    margin = wait_until(lambda: desk.daemon.account("FLAT")["margin"]["used"], "margin of the open order")
    assert margin == pytest.approx(5 * 170 * 0.25)
    replaced = desk.call(f"orders/{order_id}", "PATCH", {"quantity": 7, "limit_price": 171})
    assert replaced.status == 200, replaced
    order = wait_until(lambda: (o := desk.order(order_id))["status"] == "working" and o["quantity"] == 7 and o, "7")
    assert order["limit_price"] == 171
    assert desk.call(f"orders/{order_id}", "PATCH", {"stop_price": 1}).status == 422
    assert desk.call(f"orders/{order_id}", "DELETE").status == 200
    desk.until(order_id, "cancelled")
    late = desk.call(f"orders/{order_id}", "DELETE")
    assert late.status == 409 and late.body["code"] == "not_open"
    wait_until(lambda: desk.daemon.account("FLAT")["margin"]["used"] == 0, "no margin of orders")
    seen = []
    while "cancelled" not in seen:
        event = client.until(lambda m: m["type"] == "event" and m["event"] == "order", "an order event")
        seen.append(event["data"]["status"])
    assert seen[0] == "submitted" and "working" in seen and "pending_cancel" in seen
    assert event["data"] == desk.order(order_id)


def test_cancel_all_close_and_pages(desk):
    desk = desk(orders=UNLIMITED)

    def rest(symbol, price):
        return desk.accepted(symbol=symbol, side="buy", quantity=1, order_type="limit", limit_price=price)

    ids = [rest("AAPL", price) for price in range(170, 175)]
    other = rest("MSFT", 380)
    page = desk.call("accounts/FLAT/orders?limit=2").body
    assert [o["order_id"] for o in page["orders"]] == [other, ids[-1]]
    page = desk.call(f"accounts/FLAT/orders?limit=2&before={page['next_before']}").body
    assert [o["order_id"] for o in page["orders"]] == [ids[-2], ids[-3]]
    assert len(desk.call("accounts/FLAT/orders?symbol=AAPL", "DELETE").body["orders"]) == 5
    for order_id in ids:
        desk.until(order_id, "cancelled")
    assert [o["order_id"] for o in desk.orders(open="true")] == [other]
    assert desk.call("accounts/FLAT/positions/AAPL/close", "POST").body["code"] == "no_position"
    desk.until(desk.accepted(symbol="AAPL", side="sell", quantity=4), "filled")
    desk.until_position("AAPL", -4)
    closing = desk.call("accounts/FLAT/positions/AAPL/close", "POST")
    assert closing.status == 201
    assert desk.until(closing.body["order_id"], "filled")["side"] == "buy"
    closed = desk.until_position("AAPL", 0)
    assert closed["realised_pnl"] == pytest.approx(4 * (179.99 - 180.0))
    for query in ("limit=0", "limit=x", "before=-1", "open=maybe"):
        assert desk.call(f"accounts/FLAT/orders?{query}").status == 422


def test_a_stop_waits_for_its_price(desk):
    desk = desk(orders=UNLIMITED)
    order_id = desk.accepted(symbol="AAPL", side="buy", quantity=2, order_type="stop", stop_price=185)
    desk.until(order_id, "working")
    desk.quote(1, 183.9, 184.0)
    assert desk.order(order_id)["status"] == "working"
    desk.quote(1, 185.4, 185.5)
    assert desk.until(order_id, "filled")["average_fill_price"] == 185.5


def test_partial_fills_by_size_and_fees(desk):
    desk = desk(venue={"size_per_quote": 30, "fee_rate": 0.001})
    order_id = desk.accepted(symbol="AAPL", side="buy", quantity=50)
    assert desk.until(order_id, "partially_filled")["filled_quantity"] == 30
    desk.quote(1, 180.99, 181.0)
    order = desk.until(order_id, "filled")
    assert order["average_fill_price"] == pytest.approx((30 * 180 + 20 * 181) / 50)
    desk.until_position("AAPL", 50)
    totals = desk.daemon.account("FLAT")["totals"]
    assert totals["fees"] == pytest.approx(-0.001 * (30 * 180 + 20 * 181))
    assert totals["cash"] == pytest.approx(1_000_000 - (30 * 180 + 20 * 181) + totals["fees"])


# MARK: The gate


def test_the_gate_says_what_speaks_against_an_order(desk):
    desk = desk(orders={"notional_max": 5_000, "duplicate_window": "1m"})
    far = desk.submit(symbol="AAPL", side="buy", quantity=1, order_type="limit", limit_price=250)
    assert far.status == 422 and far.body["code"] == "collar"
    assert far.body["denials"][0]["code"] == "collar" and far.body["denials"][0]["limit"] > 0
    big = desk.submit(symbol="AAPL", side="buy", quantity=100)
    assert big.body["code"] == "order_notional"
    assert big.body["denials"] == [{"code": "order_notional", "limit": 5_000, "actual": 18_000}]
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=1), "filled")
    assert desk.submit(symbol="AAPL", side="buy", quantity=1).body["code"] == "duplicate"
    desk.quote(1, 180.0, 180.01, status=HALTED)
    assert desk.submit(symbol="AAPL", side="buy", quantity=2).body["code"] == "instrument_halted"


def test_margin_of_positions_orders_and_the_new_order_together(desk):
    desk = desk(account={"margin_limit": 1000.0})
    assert desk.submit(symbol="AAPL", side="buy", quantity=23).body["code"] == "margin"
    resting = desk.accepted(symbol="AAPL", side="buy", quantity=20, order_type="limit", limit_price=175)
    assert desk.submit(symbol="AAPL", side="buy", quantity=4).body["code"] == "margin"
    desk.call(f"orders/{resting}", "DELETE")
    desk.until(resting, "cancelled")
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=4), "filled")


def test_a_limit_on_var_counts_before_the_trade(desk):
    desk = desk(orders=UNLIMITED)
    limits = {"limits": [{"metric": "value_at_risk", "hard": 100}, {"metric": "position", "part": "MSFT", "hard": 5}]}
    assert desk.call("accounts/FLAT/limits", "PUT", limits).status == 200
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=10), "filled")
    denied = desk.submit(symbol="AAPL", side="buy", quantity=200)
    assert denied.body["code"] == "value_at_risk" and denied.body["denials"][0]["actual"] > 100
    assert desk.submit(symbol="MSFT", side="buy", quantity=6).body["code"] == "position_quantity"


def test_the_kill_switch_cancels_denies_survives_and_is_reset(desk, stream):
    desk = desk(orders=UNLIMITED)
    resting = desk.accepted(symbol="AAPL", side="buy", quantity=1, order_type="limit", limit_price=170)
    desk.until(resting, "working")
    engaged = desk.call("accounts/FLAT/kill-switch", "PUT", {"state": "halted", "reason": "fat finger"})
    assert engaged.status == 200 and engaged.body["state"] == "halted"
    desk.until(resting, "cancelled")
    assert desk.submit(symbol="AAPL", side="buy", quantity=1).body["code"] == "kill_switch_account"
    desk.daemon.kill()
    desk.daemon.start()
    assert desk.call("accounts/FLAT/kill-switch").body["reason"] == "fat finger"
    # No feed has ticked since: the switch works without one.
    assert desk.call("kill-switch", "PUT", {"state": "halted", "reason": "all"}).status == 200
    assert desk.submit(symbol="AAPL", side="buy", quantity=1).body["code"] == "kill_switch_global"
    for path in ("kill-switch", "accounts/FLAT/kill-switch"):
        assert desk.call(path, "PUT", {"state": "active", "reason": ""}).body["state"] == "active"
    desk.quote(1, 179.99, 180.0)
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=1), "filled")
    assert desk.call("kill-switch", "PUT", {"state": "off"}).status == 422


def test_reducing_orders_pass_while_an_account_may_only_reduce(desk):
    desk = desk(orders=UNLIMITED)
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=10), "filled")
    desk.until_position("AAPL", 10)
    desk.call("accounts/FLAT/kill-switch", "PUT", {"state": "reducing", "reason": "day loss"})
    assert desk.submit(symbol="AAPL", side="buy", quantity=1).status == 422
    assert desk.submit(symbol="AAPL", side="sell", quantity=11).status == 422
    desk.until(desk.accepted(symbol="AAPL", side="sell", quantity=10), "filled")


# MARK: After a crash


def test_everything_is_there_after_a_crash(desk):
    desk = desk(orders=UNLIMITED, venue={"fee_rate": 0.001})
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=10), "filled")
    desk.until(desk.accepted(symbol="AAPL", side="sell", quantity=4), "filled")
    resting = desk.accepted(
        symbol="MSFT", side="buy", quantity=1, order_type="limit", limit_price=380, time_in_force="gtc")
    desk.until(resting, "working")
    desk.until_position("AAPL", 6)
    before = desk.daemon.account("FLAT")
    orders, fills = desk.orders(), desk.fills()
    desk.daemon.kill()
    desk.daemon.start()
    desk.quote(1, 179.99, 180.0)
    desk.quote(2, 399.9, 400.0)
    after = wait_until(
        lambda: (s := desk.daemon.account("FLAT"))["status"] == "ok" and "MSFT" not in s["positions"] and s, "prices")
    assert after["positions"] == before["positions"] and after["totals"] == before["totals"]
    assert after["margin"] == before["margin"]
    assert desk.fills() == fills and [o["order_id"] for o in desk.orders()] == [o["order_id"] for o in orders]
    desk.until(resting, "working")
    desk.quote(2, 379.5, 379.9)
    desk.until(resting, "filled")
    assert len(desk.fills()) == len(fills) + 1
