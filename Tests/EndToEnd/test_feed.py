# SPDX-License-Identifier: Apache-2.0
"""Ticks from the publisher's side: sockets, forms, sequences, every reason to reject (DESIGN.md §4)."""

import math
import random
import time

import pytest

import wire
from waiting import wait_until
from wire import Tick

MARKER_PRICE = 77.25


@pytest.fixture
def first(demo):
    """The first instrument."""
    return next(iter(demo.instruments.values()))


@pytest.fixture
def second(demo):
    """The second instrument: its price is the mark that everything before has been read."""
    return list(demo.instruments.values())[1]


@pytest.fixture
def market(stream):
    """`market(daemon)` subscribes to the market and returns the client."""

    def make(daemon):
        client = stream(daemon)
        client.subscribe("market")
        client.until_type("snapshot", "market")
        return client

    return make


def wait_for_last(client, symbol: str, price: float) -> dict:
    return client.until_state("market", lambda s: s[symbol].get("last") == price, f"{symbol} at {price}")[symbol]


def is_about(**expected):
    return lambda row: all(row.get(key) == value for key, value in expected.items())


@pytest.mark.parametrize("pattern", ["sub", "pull"])
@pytest.mark.parametrize("side", ["connect", "bind"])
def test_every_kind_of_socket_delivers(run, publish, market, first, tmp_path, pattern, side):
    push = pattern == "pull"
    if side == "connect":
        publisher = publish(push=push)
        daemon = run(publisher.endpoint, feed={"pattern": pattern})
    else:
        endpoint = f"ipc://{tmp_path}/feed"
        daemon = run(endpoint, feed={"pattern": pattern, "socket": "bind"})
        publisher = publish(push=push, connect=endpoint)
    client = market(daemon)
    publisher.wait_for_subscriber()
    publisher.ticks(Tick(first.id, bid=10.0, ask=11.0, last=10.5))
    row = wait_for_last(client, first.symbol, 10.5)
    assert is_about(bid=10.0, ask=11.0, status="ok", trading="trading")(row), row


def test_a_topic_frame_is_a_filter_and_no_payload(run, publish, market, first, second):
    publisher = publish()
    daemon = run(publisher.endpoint, feed={"topic": "md."})
    client = market(daemon)
    assert publisher.wait_for_subscriber() == b"md."
    publisher.topic = b"other.one"
    publisher.last({first.id: 1.0})
    publisher.sequence = 0
    publisher.topic = b"md.one"
    publisher.last({second.id: MARKER_PRICE})
    wait_for_last(client, second.symbol, MARKER_PRICE)
    assert "last" not in client.states["market"][first.symbol]
    assert daemon.metric("tickrisk_ticks_total", feed="primary") == 1


def test_both_json_forms_are_read(run, publish, market, first, second):
    publisher = publish()
    daemon = run(publisher.endpoint)
    client = market(daemon)
    publisher.wait_for_subscriber()
    publisher.json({"epoch": 5, "sequence": 0, "sent_ns": time.time_ns(), "ticks": [
        {"symbol": first.symbol, "bid": 1, "ask": 2, "last": 1.5, "status": "trading"}]})
    assert is_about(bid=1, ask=2)(wait_for_last(client, first.symbol, 1.5))
    publisher.json({"event": "price_tick", "prices": {second.symbol: 189.34}})
    wait_for_last(client, second.symbol, 189.34)
    publisher.json({"epoch": 5, "sequence": 3, "sent_ns": time.time_ns(), "ticks": [
        {"symbol": first.symbol, "last": 1.75}]})
    wait_for_last(client, first.symbol, 1.75)
    assert daemon.metric("tickrisk_messages_missing_total", feed="primary") == 2


def good(identifier: int, **header) -> bytes:
    return wire.message([Tick(identifier, last=1.0)], sequence=0, epoch=1, sent_ns=1, **header)


@pytest.mark.parametrize("reason, make", [
    ("framing", lambda i: good(i, magic=b"TKR2")),
    ("framing", lambda i: good(i, kind=3)),
    ("framing", lambda i: good(i, flags=0x80)),
    ("framing", lambda i: good(i, count=2)),
    ("framing", lambda i: good(i)[:-1]),
    ("framing", lambda i: good(i)[:20]),
    ("framing", lambda i: good(i) + b"\0"),
    ("framing", lambda i: b""),
    ("json", lambda i: b'{"epoch":1'),
    ("json", lambda i: b'{"epoch":"x","sequence":0,"sent_ns":1,"ticks":[]}'),
    ("json", lambda i: b'{"event":"price_tick","prices":[1]}'),
], ids=["magic", "kind", "flags", "count", "short", "header", "long", "empty", "cut", "types", "shape"])
def test_a_malformed_message_is_counted_and_uses_no_sequence(live, market, second, reason, make):
    daemon, publisher = live
    client = market(daemon)
    publisher.send(make(second.id))
    publisher.last({second.id: MARKER_PRICE})
    wait_for_last(client, second.symbol, MARKER_PRICE)
    daemon.wait_for_metric("tickrisk_ticks_rejected_total", 1, feed="primary", reason=reason)
    assert daemon.metric("tickrisk_ticks_rejected_total", feed="primary") == 1
    assert daemon.metric("tickrisk_messages_missing_total", feed="primary") == 0


@pytest.mark.parametrize("reason, make", [
    ("unknown_instrument", lambda i: Tick(4_000_000_000, last=1.0)),
    ("non_finite", lambda i: Tick(i, last=math.nan)),
    ("non_finite", lambda i: Tick(i, bid=math.inf, ask=math.inf)),
    ("price_range", lambda i: Tick(i, last=0.0)),
    ("price_range", lambda i: Tick(i, bid=-1.0)),
    ("price_range", lambda i: Tick(i, last=1.1e12)),
    ("crossed", lambda i: Tick(i, bid=2.0, ask=1.0)),
    ("status", lambda i: Tick(i, last=1.0, status=9)),
], ids=["unknown", "nan", "infinite", "zero", "negative", "huge", "crossed", "status"])
def test_a_bad_tick_is_counted_and_does_not_reject_its_message(live, market, first, second, reason, make):
    daemon, publisher = live
    client = market(daemon)
    before = client.states["market"][first.symbol]
    publisher.ticks(make(first.id), Tick(second.id, last=MARKER_PRICE))
    wait_for_last(client, second.symbol, MARKER_PRICE)
    assert client.states["market"][first.symbol] == before
    daemon.wait_for_metric("tickrisk_ticks_rejected_total", 1, feed="primary", reason=reason)
    assert daemon.metric("tickrisk_ticks_rejected_total", feed="primary") == 1
    assert daemon.metric("tickrisk_messages_missing_total", feed="primary") == 0


def test_fields_that_are_not_present_are_ignored(live, market, first):
    daemon, publisher = live
    client = market(daemon)
    publisher.ticks(Tick(first.id, bid=math.nan, ask=-5.0, last=12.5, fields=wire.LAST))
    row = wait_for_last(client, first.symbol, 12.5)
    assert "bid" not in row and "ask" not in row
    assert daemon.metric("tickrisk_ticks_rejected_total") == 0


def test_gaps_and_duplicates_are_counted_exactly(live, market, first, second):
    daemon, publisher = live
    client = market(daemon)
    publisher.skip(3)
    at = publisher.last({first.id: 10.0})
    publisher.skip(1)
    publisher.heartbeat()
    for sequence in (at, 0, at - 1):
        publisher.send(wire.message(
            [Tick(first.id, last=99.0)], sequence=sequence, epoch=publisher.epoch, sent_ns=time.time_ns()))
    publisher.last({second.id: MARKER_PRICE})
    wait_for_last(client, second.symbol, MARKER_PRICE)
    daemon.wait_for_metric("tickrisk_messages_missing_total", 4, feed="primary")
    daemon.wait_for_metric("tickrisk_messages_duplicate_total", 3, feed="primary")
    assert client.states["market"][first.symbol]["last"] == 10.0


def test_the_first_message_since_the_start_is_no_gap(run, publish, market, first):
    publisher = publish()
    daemon = run(publisher.endpoint)
    client = market(daemon)
    publisher.wait_for_subscriber()
    publisher.skip(1_000)
    publisher.last({first.id: 10.0})
    wait_for_last(client, first.symbol, 10.0)
    assert daemon.metric("tickrisk_messages_missing_total") == 0


def test_a_restarted_publisher_starts_again_at_zero(live, market, first, second):
    daemon, publisher = live
    client = market(daemon)
    publisher.restart()
    publisher.last({first.id: 10.0})
    wait_for_last(client, first.symbol, 10.0)
    assert daemon.metric("tickrisk_messages_missing_total") == 0
    publisher.restart()
    publisher.skip(2)
    publisher.last({second.id: MARKER_PRICE})
    wait_for_last(client, second.symbol, MARKER_PRICE)
    daemon.wait_for_metric("tickrisk_messages_missing_total", 2, feed="primary")
    assert daemon.metric("tickrisk_messages_duplicate_total") == 0


def test_a_gap_marks_instruments_stale_until_each_ticks_again(live, market, demo, first):
    daemon, publisher = live
    client = market(daemon)
    client.until_state("market", lambda s: all(row["status"] == "ok" for row in s.values()), "everything ticked")
    publisher.skip(1)
    publisher.last({first.id: 10.0})
    others = [symbol for symbol in demo.instruments if symbol != first.symbol]
    state = client.until_state(
        "market", lambda s: all(s[symbol]["status"] == "stale" for symbol in others), "the others are stale")
    assert is_about(status="ok", last=10.0)(state[first.symbol])
    account = next(name for name, held in demo.positions.items() if set(held) & set(others))
    wait_until(lambda: daemon.account(account)["status"] == "stale", f"{account} is stale")
    publisher.last({demo.instruments[symbol].id: 20.0 for symbol in others})
    client.until_state("market", lambda s: all(row["status"] == "ok" for row in s.values()), "all are fresh again")
    wait_until(lambda: daemon.account(account)["status"] == "ok", f"{account} is fresh again")


def test_an_instrument_without_a_tick_turns_stale_and_keeps_its_price(run, publish, market, demo):
    publisher = publish()
    daemon = run(publisher.endpoint, settings={"risk": {"stale_after": "1s"}})
    client = market(daemon)
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    state = client.until_state("market", lambda s: all(r["status"] == "stale" for r in s.values()), "all are stale")
    assert all(state[symbol]["last"] == i.prior_close for symbol, i in demo.instruments.items())
    account = next(name for name, held in demo.positions.items() if held)
    wait_until(lambda: daemon.account(account)["status"] == "stale", f"{account} is cut to show it")


def test_halted_and_closed_keep_their_price(live, market, first):
    daemon, publisher = live
    client = market(daemon)
    publisher.last({first.id: 10.0})
    for status, word in ((wire.HALTED, "halted"), (wire.CLOSED, "closed"), (wire.TRADING, "trading")):
        publisher.ticks(Tick(first.id, status=status))
        row = client.until_state("market", lambda s: s[first.symbol]["trading"] == word, word)[first.symbol]
        assert is_about(last=10.0, status="ok")(row), row


def test_two_feeds_are_counted_apart(run, publish, market, first, second):
    left, right = publish(), publish(push=True)
    daemon = run(feeds=[
        {"name": "left", "endpoint": left.endpoint}, {"name": "right", "endpoint": right.endpoint, "pattern": "pull"}])
    client = market(daemon)
    left.wait_for_subscriber()
    left.last({first.id: 10.0})
    right.last({second.id: 20.0})
    right.last({second.id: MARKER_PRICE})
    wait_for_last(client, first.symbol, 10.0)
    wait_for_last(client, second.symbol, MARKER_PRICE)
    daemon.wait_for_metric("tickrisk_ticks_total", 1, feed="left")
    daemon.wait_for_metric("tickrisk_ticks_total", 2, feed="right")
    assert daemon.metric("tickrisk_messages_missing_total") == 0


def test_noise_does_not_stop_the_daemon(live, market, second):
    daemon, publisher = live
    client = market(daemon)
    seed = 4242
    noise = random.Random(seed)
    template = good(second.id)
    for _ in range(3_000):
        damaged = bytearray(template[:noise.randrange(len(template) + 1)] or b"{")
        for _ in range(noise.randrange(4)):
            damaged[noise.randrange(min(8, len(damaged)))] = noise.randrange(256)
        # An intact message would count: one more byte makes the length wrong.
        publisher.send(bytes(damaged) + (b"\0" if len(damaged) == len(template) else b""))
    publisher.last({second.id: MARKER_PRICE})
    wait_for_last(client, second.symbol, MARKER_PRICE)
    assert daemon.request("/healthz")[0] == 200, f"seed {seed}"
    daemon.wait_for_metric("tickrisk_ticks_rejected_total", 3_000, feed="primary")
