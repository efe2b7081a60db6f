# SPDX-License-Identifier: Apache-2.0
"""The stream protocol as a client sees it: control, deltas, binary frames, resume (DESIGN.md §6)."""

import time

import numpy
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import wire
from stream_client import StreamClient

BINARY = ["tickrisk.v1.zstd", "tickrisk.v1.deflate"]


def is_data(message, channel) -> bool:
    return message["type"] in ("snapshot", "delta") and message["channel"] == channel


class Ticker:
    """Publishes another move of every instrument at each call; equal seeds move equally."""

    def __init__(self, publisher, demo, seed=7):
        self.publisher = publisher
        self.instruments = list(demo.instruments.values())
        self.random = numpy.random.default_rng(seed)

    def move(self) -> dict[str, float]:
        prices = {i.symbol: round(i.prior_close * self.random.uniform(0.97, 1.03), 2) for i in self.instruments}
        self.publisher.last({i.id: prices[i.symbol] for i in self.instruments})
        return prices


@pytest.fixture
def ticker(live, demo):
    return Ticker(live[1], demo)


@pytest.fixture
def account(demo) -> str:
    """The channel of an account that holds something."""
    return "account:" + next(name for name, held in demo.positions.items() if held)


def test_hello_comes_first(live, stream):
    client = stream(live[0])
    hello = client.receive()
    assert hello["type"] == "hello" and hello["protocol"] == 1 and hello["max_hz"] == 10
    assert isinstance(hello["epoch"], str) and hello["epoch"]
    assert abs(hello["server_time_ns"] - time.time_ns()) < 60e9


@pytest.mark.parametrize("subprotocol", ["tickrisk.v1.json", *BINARY])
def test_the_answer_lists_the_channels_and_precedes_their_snapshots(live, stream, account, subprotocol):
    client = stream(live[0], subprotocol)
    assert client.connection.subprotocol == subprotocol
    client.subscribe("market", account)
    assert client.receive()["type"] == "hello"
    answer = client.receive()
    assert answer["type"] == "subscribed" and set(answer["channels"]) == {"market", account}
    client.until_each("snapshot", "market", account)
    client.subscribe("firm")
    assert set(client.until_type("subscribed")["channels"]) == {"market", account, "firm"}


def test_deltas_add_up_to_a_fresh_snapshot(live, stream, ticker, account):
    client = stream(live[0])
    client.subscribe("market", account, "firm")
    channels = ("market", account, "firm")
    client.until_each("snapshot", *channels)
    for _ in range(10):
        ticker.move()
        client.until_each("delta", *channels)
    client.until_quiet(*channels)
    fresh = stream(live[0])
    fresh.subscribe(*channels)
    fresh.until_each("snapshot", *channels)
    assert fresh.sequences == client.sequences
    assert fresh.states == client.states


def test_a_delta_carries_only_what_changed(live, stream, demo):
    daemon, publisher = live
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    client.until_quiet("market")
    symbol, instrument = next(iter(demo.instruments.items()))
    publisher.last({instrument.id: 123.25})
    delta = client.until_type("delta", "market")
    assert set(delta["data"]) == {symbol}
    assert set(delta["data"][symbol]) <= {"last", "change_pct"}
    assert delta["data"][symbol]["last"] == 123.25


def test_a_frame_tells_the_age_of_its_ticks(live, stream, demo):
    daemon, publisher = live
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    client.until_quiet("market")
    instruments = list(demo.instruments.values())
    sent = time.time_ns() - 5_000_000
    for offset, instrument in enumerate(instruments[:3]):
        publisher.ticks(wire.Tick(instrument.id, last=50.0 + offset), sent_ns=sent + offset)
    newest = client.until(lambda m: m.get("newest_ns") == sent + 2, "the newest tick's time")
    assert newest["oldest_ns"] in (sent, sent + 1, sent + 2)
    assert newest["oldest_ns"] <= newest["newest_ns"] <= newest["cut_ns"]


def tolerance(demo, path: tuple) -> float:
    """Half a unit of a decoded value, by where it lies."""
    name = path[-1]
    if name in ("price", "avg_cost", "bid", "ask", "last"):
        return 0.5 * 10.0 ** -demo.instruments[path[-2]].price_decimals
    if name.endswith("_pct"):
        return 0.5e-4
    if name in ("window", "horizon_days", "quantity") or path[-1] == "positions":
        return 0.0
    return 0.005


def assert_rounds_to(demo, exact, decoded, path=()):
    """Requires the same members, and numbers within half a unit (and the last bits of a double)."""
    if isinstance(exact, dict):
        assert set(exact) == set(decoded), path
        for key in exact:
            assert_rounds_to(demo, exact[key], decoded[key], (*path, key))
    elif isinstance(exact, (int, float)):
        assert abs(exact - decoded) <= tolerance(demo, path) + 1e-12 * abs(exact), (path, exact, decoded)
    else:
        assert exact == decoded, path


@pytest.mark.parametrize("subprotocol", BINARY)
def test_binary_frames_are_the_json_state_within_half_a_unit(live, stream, ticker, demo, account, subprotocol):
    daemon, _ = live
    channels = ("market", account, "firm")
    clients = {"json": stream(daemon), "binary": stream(daemon, subprotocol)}
    histories: dict[str, dict] = {name: {} for name in clients}

    def recorder(name):
        client, history = clients[name], histories[name]

        def record(message) -> None:
            if message["type"] in ("snapshot", "delta"):
                history[message["channel"], message["seq"]] = client.states[message["channel"]]

        return record

    for name, client in clients.items():
        client.subscribe(*channels)
        client.until_each("snapshot", *channels, seen=recorder(name))
    for _ in range(8):
        ticker.move()
        for name, client in clients.items():
            client.until_each("delta", *channels, seen=recorder(name))
    for name, client in clients.items():
        client.until_quiet(*channels)
        for channel in channels:
            histories[name][channel, client.sequences[channel]] = client.states[channel]
    assert clients["json"].sequences == clients["binary"].sequences
    common = set(histories["json"]) & set(histories["binary"])
    assert len(common) >= 2 * len(channels)
    for key in common:
        assert_rounds_to(demo, histories["json"][key], histories["binary"][key])


def test_cuts_of_a_channel_are_a_tenth_of_a_second_apart(live, stream, ticker, account):
    client = stream(live[0])
    client.subscribe("market", account)
    client.until_each("snapshot", "market", account)
    cuts: dict[str, list[int]] = {"market": [], account: []}
    end = time.monotonic() + 15
    while min(map(len, cuts.values())) < 12:
        assert time.monotonic() < end, f"too few cuts: { {k: len(v) for k, v in cuts.items()} }"
        ticker.move()
        message = client.receive()
        if message["type"] == "delta":
            cuts[message["channel"]].append(message["cut_ns"])
    for channel, times in cuts.items():
        gaps = numpy.diff(times)
        assert gaps.min() >= 100_000_000, (channel, gaps.min())


def test_a_quiet_channel_beats_once_a_second_with_the_last_sequence(live, stream):
    client = stream(live[0])
    client.subscribe("market")
    client.until_type("snapshot", "market")
    client.until_quiet("market")
    before = time.monotonic()
    beat = client.until_type("heartbeat", "market")
    elapsed = time.monotonic() - before
    assert 0.5 <= elapsed <= 2.5, elapsed
    assert beat["seq"] == client.sequences["market"]
    assert abs(beat["server_time_ns"] - time.time_ns()) < 60e9


def test_an_unknown_channel_is_forbidden_and_the_socket_stays_open(live, stream):
    client = stream(live[0])
    client.subscribe("account:NOBODY", "market", "nonsense")
    refused = {client.until_type("error")["channel"] for _ in range(2)}
    assert refused == {"account:NOBODY", "nonsense"}
    client.subscribe("account:NOBODY")
    assert client.until_type("error")["code"] == "forbidden"
    client.send({"op": "ping", "id": 1})
    assert client.until_type("pong")["id"] == 1
    assert "market" in client.states


def test_what_is_no_message_is_a_bad_request_and_the_socket_stays_open(live, stream):
    client = stream(live[0])
    without_channels, not_a_list = '{"op":"subscribe"}', '{"op":"subscribe","channels":"market"}'
    for text in ("{", "[]", "7", without_channels, not_a_list, '{"op":"rate","hz":99}'):
        client.connection.send(text)
        assert client.until_type("error")["code"] == "bad_request", text
    client.send({"op": "ping", "id": "still here"})
    assert client.until_type("pong")["id"] == "still here"


def test_ping_answers_with_its_id(live, stream):
    client = stream(live[0])
    client.send({"op": "ping", "id": 7})
    pong = client.until_type("pong")
    assert pong["id"] == 7 and abs(pong["server_time_ns"] - time.time_ns()) < 60e9


@pytest.mark.parametrize("offered, chosen", [
    (["tickrisk.v1.json", "tickrisk.v1.zstd"], "tickrisk.v1.json"),
    (["tickrisk.v9", "tickrisk.v1.deflate", "tickrisk.v1.json"], "tickrisk.v1.deflate"),
])
def test_the_first_known_subprotocol_of_the_clients_list_is_taken(live, offered, chosen):
    with connect(live[0].stream_url, subprotocols=offered, compression=None) as connection:
        assert connection.subprotocol == chosen


def test_no_subprotocol_means_json(live, stream):
    client = stream(live[0], None)
    assert client.connection.subprotocol is None
    client.subscribe("market")
    assert client.until_type("snapshot", "market")["data"]


def test_only_unknown_subprotocols_are_refused(live):
    with pytest.raises(InvalidStatus) as refused:
        StreamClient(live[0].stream_url, "tickrisk.v9.morse")
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example", "http://localhost:1"])
def test_a_foreign_origin_is_refused(live, origin):
    with pytest.raises(InvalidStatus) as refused:
        StreamClient(live[0].stream_url, origin=origin)
    assert refused.value.response.status_code == 403


def test_the_same_host_and_a_listed_origin_are_accepted(run, publish, stream):
    daemon = run(publish().endpoint, settings={"streaming": {"allowed_origins": ["https://desk.example"]}})
    for origin in (daemon.url, "https://desk.example", None):
        client = stream(daemon, origin=origin)
        assert client.receive()["type"] == "hello"
    with pytest.raises(InvalidStatus):
        StreamClient(daemon.stream_url, origin="https://other.example")


def test_unsubscribing_stops_a_channel_and_only_it(live, stream, ticker, account):
    client = stream(live[0])
    client.subscribe("market", account)
    client.until_each("snapshot", "market", account)
    client.send({"op": "unsubscribe", "channels": [account]})
    client.until(lambda m: m["type"] == "subscribed" and m["channels"] == ["market"], "the answer")
    for _ in range(4):
        ticker.move()
        message = client.until(lambda m: m["type"] == "delta", "a delta")
        assert message["channel"] == "market"


def test_a_slower_rate_gets_deltas_from_what_it_last_had(live, stream, ticker):
    client = stream(live[0])
    client.subscribe("market")
    client.until_type("snapshot", "market")
    client.send({"op": "rate", "hz": 2})
    client.send({"op": "ping", "id": "rate is set"})
    client.until_type("pong")
    cuts: list[int] = []
    end = time.monotonic() + 15
    while len(cuts) < 5 and time.monotonic() < end:
        ticker.move()
        try:
            message = client.receive(0.05)
        except TimeoutError:
            continue
        if is_data(message, "market"):
            cuts.append(message["cut_ns"])
    assert len(cuts) == 5
    assert numpy.diff(cuts[1:]).min() >= 0.35e9, numpy.diff(cuts)
    client.until_quiet("market")
    fresh = stream(live[0])
    fresh.subscribe("market")
    assert fresh.until_type("snapshot", "market")["data"] == client.states["market"]


def resume_of(client, **changes) -> dict:
    return {"resume": {"epoch": client.hello["epoch"], "sequences": dict(client.sequences), "events": {}, **changes}}


@pytest.mark.parametrize("subprotocol", ["tickrisk.v1.json", *BINARY])
def test_a_client_that_comes_back_continues_where_it_was(live, stream, ticker, subprotocol):
    client = stream(live[0], subprotocol)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    client.until_quiet("market")
    client.close()
    prices = ticker.move()
    back = stream(live[0], subprotocol)
    back.states, back.sequences, back._decoded = client.states, dict(client.sequences), client._decoded
    back.subscribe("market", **resume_of(client))
    first = back.until(lambda m: is_data(m, "market"), "data")
    assert first["type"] == "delta" and first["base"] == client.sequences["market"]
    back.until_state("market", lambda s: all(abs(s[k]["last"] - p) < 1e-9 for k, p in prices.items()), "the new prices")


@pytest.mark.parametrize("changes", [{"epoch": "another"}, {"sequences": {"market": 1 << 40}}])
def test_what_cannot_be_resumed_starts_with_a_snapshot(live, stream, changes):
    client = stream(live[0])
    client.subscribe("market")
    client.until_type("snapshot", "market")
    back = stream(live[0])
    back.subscribe("market", **resume_of(client, **changes))
    first = back.until(lambda m: is_data(m, "market"), "data")
    assert first["type"] == "snapshot" and first["resumed"] is False


def test_a_message_that_names_too_many_channels_is_refused_once(live, stream):
    client = stream(live[0])
    client.subscribe(*(f"account:X{number}" for number in range(1_001)))
    error = client.until_type("error")
    assert error["code"] == "too_many"
    client.send({"op": "ping", "id": 1})
    assert client.until(lambda m: m["type"] in ("error", "pong"), "the next answer")["type"] == "pong"
