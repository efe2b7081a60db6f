# SPDX-License-Identifier: Apache-2.0
"""Gateways: a client cannot tell one from the node behind it."""

import itertools
import json
import signal
import time

import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from access import PASSWORD, Person, add, browser, first_user, set_roles
from fleet import Fleet, LossyLine, relay_out, wait_until_serving
from page_fixtures import chromium, expect_live, open_page  # noqa: F401 fixtures are used by name
from stream_client import HEADER_OFFSETS
from waiting import wait_until

SUBPROTOCOLS = ["tickrisk.v1.zstd", "tickrisk.v1.deflate"]


@pytest.fixture
def folder(tmp_path_factory):
    """Short enough for the path of a socket."""
    return tmp_path_factory.mktemp("r")


@pytest.fixture
def make_fleet(run, publish, demo, folder):
    def make(**settings) -> Fleet:
        publisher = publish()
        fleet = Fleet(run, folder, publisher, demo, settings)
        publisher.wait_for_subscriber()
        publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
        return fleet

    return make


@pytest.fixture
def fleet(make_fleet, demo):
    made = make_fleet()
    for account in demo.accounts:
        wait_until(lambda: made.node.account(account)["status"] == "ok", f"prices of {account}")
    return made


class Tap:
    """A client that keeps the bytes of every frame."""

    def __init__(self, url: str, subprotocol: str, channels: list[str]):
        self.connection = connect(
            url, subprotocols=[subprotocol], compression=None, max_size=None, max_queue=None).__enter__()
        self.connection.send(json.dumps({"op": "subscribe", "channels": channels}))
        self.offset = HEADER_OFFSETS[subprotocol]
        self.frames: dict[tuple, bytes] = {}

    def until(self, channel: str, sequence: int) -> None:
        """Receives up to a frame of a channel."""
        newest = -1
        while newest < sequence:
            message = self.connection.recv(timeout=10)
            if isinstance(message, str):
                continue
            name_bytes = int.from_bytes(message[self.offset + 6:self.offset + 8], "little")
            name = message[self.offset + 56:self.offset + 56 + name_bytes].decode()
            got, base = (int.from_bytes(message[self.offset + at:self.offset + at + 8], "little") for at in (8, 16))
            self.frames[name, base, got] = message
            if name == channel:
                newest = got

    def close(self) -> None:
        self.connection.close()


# The stream


@pytest.mark.parametrize("subprotocol", SUBPROTOCOLS)
def test_node_gateway_and_chained_gateway_send_the_same_bytes(fleet, folder, stream, subprotocol):
    behind = relay_out(folder)
    gateway = fleet.gateway(relay=behind)
    chained = fleet.gateway(upstream=gateway, behind=behind)
    channels = ["market", "account:ALPHA", "firm"]
    taps = [Tap(server.stream_url, subprotocol, channels) for server in (fleet.node, gateway, chained)]
    watch = stream(fleet.node)
    watch.subscribe("market")
    first = watch.until_type("snapshot", "market")["seq"]
    for tap in taps:
        tap.until("market", first)
    for _ in range(25):
        fleet.move()
        watch.until_type("delta", "market")
    last = watch.sequences["market"]
    for tap in taps:
        tap.until("market", last)
    common = set(taps[0].frames) & set(taps[1].frames) & set(taps[2].frames)
    assert len([key for key in common if key[0] == "market" and key[1] != key[2]]) >= 20, sorted(common)
    assert {key[0] for key in common} == set(channels)
    for key in common:
        assert taps[0].frames[key] == taps[1].frames[key] == taps[2].frames[key], key
    for tap in taps:
        tap.close()
    # Common frames were not encoded again: they came as they are.
    assert gateway.metric("tickrisk_relay_frames_total") >= 25


def test_hello_heartbeat_events_and_json_are_those_of_a_node(fleet, stream):
    gateway = fleet.gateway()
    ours, theirs = stream(fleet.node), stream(gateway)
    for client in (ours, theirs):
        assert client.receive()["type"] == "hello"
        client.subscribe("account:ALPHA", "market", "nothing")
        client.until_type("error")
        client.until_each("snapshot", "account:ALPHA", "market")
    assert ours.hello["epoch"] == theirs.hello["epoch"]
    ours.until_quiet("account:ALPHA", "market")
    theirs.until_quiet("account:ALPHA", "market")
    assert ours.sequences == theirs.sequences
    # JSON at a gateway has the numbers of binary frames.
    assert theirs.states["market"]["AAPL"]["last"] == ours.states["market"]["AAPL"]["last"]
    fleet.place(fleet.node)
    events = [client.until_type("event", "account:ALPHA") for client in (ours, theirs)]
    assert events[0] == events[1] and events[0]["event_seq"] >= 1


def resume_of(client) -> dict:
    return {"epoch": client.hello["epoch"], "sequences": dict(client.sequences)}


@pytest.mark.parametrize("subprotocol", SUBPROTOCOLS)
@pytest.mark.parametrize("direction", ["to the gateway", "to the node"])
def test_a_client_that_moves_resumes_where_it_was(fleet, stream, direction, subprotocol):
    gateway = fleet.gateway()
    servers = [fleet.node, gateway] if direction == "to the gateway" else [gateway, fleet.node]
    # Somebody else stays, as somebody always does.
    for server in servers:
        other = stream(server, subprotocol)
        other.subscribe("market")
        other.until_type("snapshot", "market")
    before = stream(servers[0], subprotocol)
    before.subscribe("market")
    before.until_type("snapshot", "market")
    fleet.move()
    before.until_type("delta", "market")
    resume = resume_of(before)
    before.connection.close()
    for _ in range(3):
        fleet.move()
        other.until_type("delta", "market")
    after = stream(servers[1], subprotocol)
    after.sequences, after.states, after._decoded = before.sequences, before.states, before._decoded
    after.subscribe("market", resume=resume)
    first = after.until(lambda m: m["type"] in ("snapshot", "delta"), "data")
    assert first["type"] == "delta" and first["base"] == resume["sequences"]["market"]


def test_missed_events_are_replayed_by_a_gateway_that_came_later(fleet, stream):
    for _ in range(3):
        fleet.place(fleet.node)
    gateway = fleet.gateway()
    client = stream(gateway)
    client.receive()
    client.subscribe("account:ALPHA", resume={"epoch": client.hello["epoch"], "events": {"account:ALPHA": 1}})
    assert client.until_type("event", "account:ALPHA")["event_seq"] == 2
    assert client.until_type("event", "account:ALPHA")["event_seq"] == 3


def test_risk_channels_come_while_somebody_watches_them(fleet, stream):
    gateway = fleet.gateway()
    client = stream(gateway, "tickrisk.v1.deflate")
    client.subscribe("risk:ALPHA", "risk:firm")
    fleet.move()
    client.until_each("snapshot", "risk:ALPHA", "risk:firm")
    fleet.move()
    client.until_type("delta", "risk:ALPHA")


def follow_both(fleet, gateway, stream) -> tuple:
    """A client of the gateway and one of the node, with the same channels."""
    clients = stream(gateway, "tickrisk.v1.zstd"), stream(fleet.node, "tickrisk.v1.zstd")
    for client in clients:
        client.subscribe("market", "account:ALPHA", "firm")
        client.until_each("snapshot", "market", "account:ALPHA", "firm")
    return clients


def require_same_end(fleet, *clients) -> None:
    """Every delta's base was what the client had (StreamClient asserts it), every checksum held (the decoder does)."""
    price = fleet.move()
    for client in clients:
        client.until_state("market", lambda state: state["AAPL"]["last"] == price, "the last price")
        client.until_quiet("market", "account:ALPHA", "firm")
    assert clients[0].sequences == clients[1].sequences and clients[0].states == clients[1].states


def test_a_gateway_that_stood_still_ends_with_the_nodes_state(fleet, stream):
    gateway = fleet.gateway(relay={"hwm": 100, "silent_after": "1h"})
    client, direct = follow_both(fleet, gateway, stream)
    gateway.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(40):
            fleet.move()
            direct.until_type("delta", "market")
    finally:
        gateway.process.send_signal(signal.SIGCONT)
    require_same_end(fleet, client, direct)


@pytest.mark.parametrize("lost", ["every third frame", "the last frame", "torn frames"])
def test_what_is_lost_on_the_way_is_noticed_and_made_good(fleet, folder, stream, lost):
    line = LossyLine(fleet.relay["bind"], f"ipc://{folder}/line")
    try:
        gateway = fleet.gateway(relay={"connect": line.endpoint})
        client, direct = follow_both(fleet, gateway, stream)
        counter = itertools.count()
        if lost == "torn frames":
            line.loses = lambda topic, payload: tear(line, topic, payload, counter)
        elif lost == "every third frame":
            line.loses = lambda topic, payload: topic[:1] == b"z" and next(counter) % 3 == 0
        for _ in range(20):
            fleet.move()
            direct.until_type("delta", "market")
        if lost == "the last frame":
            before = line.lost
            line.loses = lambda topic, payload: topic.startswith(b"zmarket") and line.lost == before
        require_same_end(fleet, client, direct)
        assert gateway.metric("tickrisk_relay_gaps_total") > 0
        refused = gateway.metric("tickrisk_relay_messages_refused_total", reason="body")
        assert (refused > 0) == (lost == "torn frames")
    finally:
        line.close()


def tear(line, topic: bytes, payload: bytes, counter) -> bool:
    """Sends half of every third frame in its place."""
    if topic[:1] != b"z" or next(counter) % 3:
        return False
    line.send(topic, payload[:len(payload) // 2 + 40])
    return True


# Upstream goes


def test_an_upstream_that_restarts_is_another_epoch(make_fleet, stream, free_port):
    fleet = make_fleet(http={"listen": f"127.0.0.1:{free_port}"})
    gateway = fleet.gateway()
    client = stream(gateway, "tickrisk.v1.zstd")
    client.subscribe("market")
    client.until_type("snapshot", "market")
    resume = resume_of(client)
    fleet.node.stop()
    assert client.close_code() == 4012
    wait_until(lambda: gateway.request("/readyz")[0] == 503, "the gateway says so")
    reasons = json.loads(gateway.request("/readyz")[2])["reasons"]
    assert len(reasons) == 1 and "silent" in reasons[0]
    with pytest.raises(InvalidStatus) as refused:
        connect(gateway.stream_url, subprotocols=["tickrisk.v1.zstd"])
    assert refused.value.response.status_code == 503
    assert json.loads(refused.value.response.body)["code"] == "not_ready"
    status, headers, body = gateway.request("/api/v1/accounts")
    assert status == 502 and json.loads(body)["code"] == "upstream_unreachable" and headers["retry-after"] == "2"
    fleet.node.start()
    fleet.move()
    wait_until_serving(gateway)
    back = stream(gateway, "tickrisk.v1.zstd")
    back.receive()
    assert back.hello["epoch"] != resume["epoch"]
    back.subscribe("market", resume={**resume, "events": {"market": 0}})
    assert back.until_type("gap", "market")
    assert back.until_type("snapshot", "market")["resumed"] is False
    assert gateway.metric("tickrisk_relay_restarts_total") == 1


def test_a_silent_upstream_is_no_news_and_no_numbers(fleet, stream):
    gateway = fleet.gateway(relay={"silent_after": "1s"})
    client = stream(gateway)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    held = resume_of(client)
    fleet.node.process.send_signal(signal.SIGSTOP)
    try:
        assert client.close_code() == 4012
        wait_until(lambda: gateway.request("/readyz")[0] == 503, "the gateway says so")
        assert gateway.metric("tickrisk_relay_up") == 0
    finally:
        fleet.node.process.send_signal(signal.SIGCONT)
    wait_until_serving(gateway)
    fleet.move()
    back = stream(gateway)
    back.sequences, back.states = client.sequences, client.states
    back.subscribe("market", resume=held)
    back.until(lambda m: m["type"] in ("delta", "snapshot", "heartbeat"), "a word of the same run")
    assert back.hello["epoch"] == held["epoch"]


# Who may see what


@pytest.fixture
def secured(make_fleet, tmp_path):
    fleet = make_fleet(auth={"mode": "password"}, store={"directory": str(tmp_path / "state")})
    admin = first_user(fleet.node)
    wait_until(lambda: admin.api("accounts/BETA")["status"] == "ok", "prices of BETA")
    return fleet, admin


def test_a_gateway_knows_who_may_see_what(secured, stream):
    fleet, admin = secured
    gateway = fleet.gateway()
    add(admin, "ann", ("BETA", "view"))
    with pytest.raises(InvalidStatus) as refused:
        connect(gateway.stream_url)
    assert refused.value.response.status_code == 401
    assert refused.value.response.headers["www-authenticate"] == "Bearer"
    with pytest.raises(InvalidStatus) as refused:
        connect(gateway.stream_url, additional_headers={"Authorization": "Bearer " + "0" * 64})
    assert 'error="invalid_token"' in refused.value.response.headers["www-authenticate"]
    ann = browser(fleet.node, "ann")
    client = stream(gateway, additional_headers={"Cookie": ann.headers["Cookie"]})
    client.subscribe("account:BETA", "account:ALPHA", "firm", "account:NONE")
    forbidden = [client.until_type("error") for _ in range(3)]
    assert {message["channel"] for message in forbidden} == {"account:ALPHA", "firm", "account:NONE"}
    assert {(message["code"], message["message"]) for message in forbidden} == {
        ("forbidden", "no such channel, or not yours to see")}
    client.until_type("snapshot", "account:BETA")
    # By token as by session, and through the gateway's own API.
    token = Person(gateway, {"Cookie": ann.headers["Cookie"], "Origin": gateway.url}).token("read")["token"]
    other = stream(gateway, additional_headers={"Authorization": f"Bearer {token}"})
    other.subscribe("account:BETA")
    other.until_type("snapshot", "account:BETA")


@pytest.mark.parametrize("how", ["signing out", "revoking a token", "taking a role away", "disabling"])
def test_what_ends_at_the_node_ends_at_the_gateway(secured, stream, folder, how):
    fleet, admin = secured
    behind = relay_out(folder)
    gateway = fleet.gateway(relay=behind)
    chained = fleet.gateway(upstream=gateway, behind=behind)
    add(admin, "ann", ("BETA", "view"))
    ann = browser(fleet.node, "ann")
    token = ann.token("read")
    headers = {"Authorization": f"Bearer {token['token']}"} if "token" in how else {"Cookie": ann.headers["Cookie"]}
    clients = [stream(server, additional_headers=headers) for server in (gateway, chained)]
    for client in clients:
        client.subscribe("account:BETA")
        client.until_type("snapshot", "account:BETA")
    act = {
        "signing out": lambda: ann.api("sessions", "DELETE", status=204),
        "revoking a token": lambda: ann.api(f"tokens/{token['id']}", "DELETE", status=204),
        "taking a role away": lambda: set_roles(admin, "ann", ("ALPHA", "view")),
        "disabling": lambda: admin.api("users/ann", "PATCH", {"disabled": True}),
    }[how]
    act()
    begun = time.monotonic()
    for client in clients:
        assert client.close_code() == (4003 if "role" in how else 4001)
    assert time.monotonic() - begun < 2  # 100 ms on a quiet machine; this one may be busy
    if "role" not in how:
        for server in (gateway, chained):
            with pytest.raises(InvalidStatus) as refused:
                connect(server.stream_url, additional_headers=headers)
            assert refused.value.response.status_code == 401


def test_failed_attempts_count_for_who_makes_them_behind_a_trusted_gateway(make_fleet, tmp_path):
    fleet = make_fleet(
        auth={"mode": "password"}, store={"directory": str(tmp_path / "state")},
        http={"listen": "127.0.0.1:0", "trusted_proxies": ["127.0.0.1"]})
    gateway = fleet.gateway(http={"listen": "127.0.0.1:0", "trusted_proxies": ["127.0.0.1"]})

    def attempt(address: str, name: str) -> int:
        return Person(gateway, {"X-Forwarded-For": address}).ask(
            "/api/v1/sessions", "POST", {"user": name, "password": "wrong password"})[0]

    assert [attempt("192.0.2.1", f"user{number}") for number in range(11)] == [401] * 10 + [429]
    assert attempt("192.0.2.2", "user20") == 401


# Pages and API


def test_pages_and_api_come_through(fleet):
    gateway = fleet.gateway()
    for path in ("/", "/api/v1/accounts", "/api/v1/accounts/ALPHA", "/api/v1/instruments", "/api/v1/openapi.json",
                 "/api/v1/accounts/NONE", "/nothing", "/sign-in"):
        ours, theirs = fleet.node.request(path), gateway.request(path)
        assert ours[0] == theirs[0], path
        assert ours[1].get("content-type") == theirs[1].get("content-type"), path
        if path != "/":
            assert ours[2] == theirs[2], path
    page = gateway.request("/")[2].decode()
    script = next(part for part in page.split('"') if part.startswith("/assets/") and part.endswith(".js"))
    before = gateway.metric("tickrisk_requests_forwarded_total")
    assert gateway.request(script)[0] == 200
    assert gateway.metric("tickrisk_requests_forwarded_total") == before
    status, headers, body = gateway.request("/api/v1/accounts", "HEAD")
    assert status == 200 and body == b"" and int(headers["content-length"]) > 0
    assert gateway.request("/healthz")[2] == b"ok\n"
    assert gateway.metric("tickrisk_relay_up") == 1 and fleet.node.metric("tickrisk_relay_up") == 0


def test_hop_by_hop_fields_stay_on_their_hop(fleet):
    gateway = fleet.gateway()
    status, headers, _ = gateway.request(
        "/api/v1/accounts", headers={"Connection": "X-Secret, close", "X-Secret": "1", "Proxy-Authorization": "x"})
    assert status == 200 and "keep-alive" not in headers


def test_an_order_is_placed_through_a_gateway(fleet):
    gateway = fleet.gateway()
    number = fleet.place(gateway)
    assert fleet.node.get(f"/api/v1/orders/{number}")["symbol"] == "AAPL"
    status, _, body = gateway.request(
        "/api/v1/accounts/ALPHA/orders", "POST", {"Content-Type": "application/json"}, b'{"symbol":"NONE"}')
    assert status == 422 and json.loads(body)["errors"]


def test_a_node_that_does_not_answer_is_a_timeout(fleet):
    gateway = fleet.gateway(relay={"silent_after": "1h"}, http={"listen": "127.0.0.1:0", "response_timeout": "1s"})
    fleet.node.process.send_signal(signal.SIGSTOP)
    try:
        status, _, body = gateway.request("/api/v1/accounts")
        assert status == 504 and json.loads(body)["code"] == "upstream_silent"
    finally:
        fleet.node.process.send_signal(signal.SIGCONT)


# Many


def test_three_hundred_clients_on_one_gateway(fleet, demo):
    gateway = fleet.gateway()
    clients = []
    try:
        for number in range(300):
            client = connect(
                gateway.stream_url, subprotocols=[SUBPROTOCOLS[number % 2]], compression=None, max_size=None,
                max_queue=None).__enter__()
            client.send(json.dumps({"op": "subscribe", "channels": ["market", "account:ALPHA"]}))
            clients.append(client)
        wait_until(lambda: gateway.metric("tickrisk_clients") == 300, "all are there")
        before = gateway.metric("tickrisk_frames_sent_total")
        for _ in range(5):
            fleet.move()
            target = before + 300
            wait_until(lambda: gateway.metric("tickrisk_frames_sent_total") >= target, "everybody has a frame")
            before = gateway.metric("tickrisk_frames_sent_total")
        assert fleet.node.metric("tickrisk_clients") == 0
        assert gateway.metric("tickrisk_slow_clients_closed_total") == 0
    finally:
        for client in clients:
            client.close_socket()


# The page


def test_the_page_trades_through_a_gateway(fleet, open_page):
    gateway = fleet.gateway()
    page = open_page(f"{gateway.url}/?view=trade&account=ALPHA")
    expect_live(page)
    for name, value in {"symbol": "AAPL", "quantity": "3"}.items():
        page.locator(f".ticket [name={name}]").fill(value)
    page.locator(".ticket [name=side][value=buy]").check()
    page.locator(".ticket [name=order_type]").select_option("limit")
    page.locator(".ticket [name=limit_price]").fill(f"{fleet.instrument.prior_close * 0.95:.2f}")
    expect(page.locator(".ticket .preview")).to_have_attribute("data-state", "known")
    page.locator(".ticket [name=quantity]").press("Enter")
    expect(page.locator("[data-send]")).to_be_focused()
    page.keyboard.press("Enter")
    # The order is at the node, and its event came back by the gateway's stream.
    expect(page.locator("#list-open tbody tr[data-row]:visible:not([data-pending])")).to_have_count(1)
    (order,) = fleet.node.get("/api/v1/accounts/ALPHA/orders")["orders"]
    assert (order["symbol"], order["quantity"]) == ("AAPL", 3)
    expect_live(page)
