# SPDX-License-Identifier: Apache-2.0
"""Three engines, two gateways, 300 accounts: an engine dies, and nobody who trades or watches loses anything."""

import collections
import json
import os
import random
import threading
import time
import urllib.error
import urllib.request

import pytest

from daemon import Daemon
from engine_fleet import SEED, EngineFleet, children_of, partition_of, wait_until_gone
from fleet import NOWHERE, wait_until_serving
from kafka_broker import FillWriter
from stream_client import StreamClient
from waiting import wait_until
from wire import Tick

ACCOUNTS, PARTITIONS = 300, 6
FILLS = int(os.environ.get("FLEET_FILLS", "10000"))
PRICES = {1: 181.25, 2: 398.5}
RELATIVE = 1e-9


class Watcher(threading.Thread):
    """Follows accounts at one gateway; where the stream ends it goes on at the other, from where it was."""

    def __init__(self, gateways: list, channels: list[str]):
        super().__init__(daemon=True)
        self.gateways, self.channels = gateways, channels
        self.states: dict[str, dict] = {}
        self.sequences: dict[str, int] = {}
        self.epoch = None
        self.failure: BaseException | None = None
        self.is_over = False
        #: Switches the gateway at the next message.
        self.moves = False
        self.frames = 0

    def run(self) -> None:
        turn = 0
        try:
            while not self.is_over:
                self._follow(self.gateways[turn % len(self.gateways)])
                turn += 1
        except BaseException as error:  # noqa: BLE001 whatever it is, the test says it
            self.failure = error

    def _follow(self, gateway) -> None:
        client = StreamClient(gateway.stream_url)
        # A delta that does not begin where this client is fails in `receive`.
        client.states, client.sequences = self.states, self.sequences
        try:
            client.until_type("hello")
            if self.epoch is not None:
                assert client.hello["epoch"] == self.epoch
            resume = {"epoch": self.epoch, "sequences": dict(self.sequences)} if self.sequences else None
            self.epoch = client.hello["epoch"]
            client.subscribe(*self.channels, **({"resume": resume} if resume else {}))
            while not self.is_over:
                if self.moves:
                    self.moves = False
                    return
                before = dict(self.sequences)
                try:
                    message = client.receive(0.2)
                except TimeoutError:
                    continue
                if message["type"] in ("snapshot", "delta"):
                    self.frames += 1
                    # Never back, whoever has the account now.
                    assert message["seq"] >= before.get(message["channel"], 0), message
        finally:
            client.close()


@pytest.fixture
def fleet(publish, tmp_path):
    started: list[Daemon] = []

    def run(endpoint, *, settings, data):
        directory = tmp_path / f"engine{len(started)}"
        directory.mkdir()
        started.append(Daemon(
            directory, [{"name": "primary", "endpoint": endpoint, "silent_after": "1h"}], settings, data))
        return started[-1].start()

    fleet = EngineFleet(run, publish(), tmp_path, accounts=ACCOUNTS, partitions=PARTITIONS)
    yield fleet
    try:
        for daemon in started:
            daemon.stop()
    finally:
        fleet.close()


def gateway_of(run, fleet: EngineFleet, name: str) -> Daemon:
    gateway = run(feeds=NOWHERE, data=fleet.data, settings={
        "node": {"role": "gateway", "name": name},
        "kafka": {"brokers": fleet.broker.addresses, "properties": ["reconnect.backoff.max.ms=500"]}})
    wait_until_serving(gateway)
    return gateway


def fills_of(seed: int) -> list[dict]:
    dice = random.Random(seed)
    names = [f"A{number:03d}" for number in range(ACCOUNTS)]
    return [
        {"fill_id": f"F-{number}", "account": dice.choice(names), "symbol": dice.choice(["AAPL", "MSFT"]),
         "side": dice.choice(["buy", "sell"]), "quantity": 1 + number % 7, "price": 100 + dice.randrange(400) / 4}
        for number in range(FILLS)]


def quantities(fills: list[dict]) -> dict[str, dict[str, float]]:
    held: dict[str, dict[str, float]] = collections.defaultdict(lambda: collections.defaultdict(float))
    for fill in fills:
        held[fill["account"]][fill["symbol"]] += fill["quantity"] * (1 if fill["side"] == "buy" else -1)
    return held


def shown(account: dict) -> dict[str, float]:
    return {symbol: row["quantity"] for symbol, row in account.get("positions", {}).items() if row["quantity"]}


def firm_at(stream_url: str) -> dict:
    """The newest state of the firm's channel."""
    client = StreamClient(stream_url)
    try:
        client.subscribe("firm")
        client.until_type("snapshot", "firm")
        return client.states["firm"]
    finally:
        client.close()


def asked(server, path: str) -> dict:
    status, _, body = server.request(path)
    assert status == 200, (path, status, body)
    return json.loads(body)


def test_an_engine_dies_among_three_and_nobody_loses_anything(fleet, run):
    print("seed", SEED)
    fills = fills_of(SEED)
    for name in ("one", "two", "three"):
        fleet.engine(name)
    fleet.wait_until_serving(one=2, two=2, three=2)
    gateways = [gateway_of(run, fleet, name) for name in ("left", "right")]
    single = run(fleet.publisher.endpoint, data=fleet.data, settings={
        **fleet.settings, "store": {"directory": str(fleet.stores.parent / "single")},
        "kafka": {**fleet.settings["kafka"], "group": "single", "risk_topic": "", "vectors_topic": "",
                  "rejected_topic": "single.rejected"}})
    fleet.publisher.ticks(*(Tick(instrument, last=price) for instrument, price in PRICES.items()))

    watched = [next(name for name in fleet.book.accounts if partition_of(name, PARTITIONS) == partition)
               for partition in range(PARTITIONS)]
    channels = ["firm", *(f"account:{name}" for name in watched)]
    watchers = [Watcher(gateways[turn:] + gateways[:turn], channels) for turn in (0, 1)]
    for watcher in watchers:
        watcher.start()

    writer = FillWriter(fleet.broker)
    for fill in fills[:FILLS // 2]:
        writer.fill(**fill)
    wait_until(lambda: len(fleet.stored()) > FILLS // 5, "fills are booked", 60)
    victim = max(("one", "two", "three"), key=lambda name: 0 not in fleet.nodes.serving(name))
    lost = fleet.nodes.serving(victim)
    units = children_of(fleet.engines[victim].process.pid)
    killed = fleet.kill(victim)
    wait_until_gone(units)
    for fill in fills[FILLS // 2:]:
        writer.fill(**fill)
    rest = {name: 3 for name in fleet.engines}
    fleet.wait_until_serving(**rest)
    moved = time.monotonic() - killed
    print(f"{sorted(lost)} moved in {moved:.1f} s")
    assert moved < 10
    # Whoever watched changes gateways while there is still something to come.
    for watcher in watchers:
        watcher.moves = True
    writer.flush()

    wait_until(lambda: len(fleet.stored()) >= FILLS, "all fills are booked", 60)
    stored = fleet.stored()
    assert sorted(row[2] for row in stored) == sorted(fill["fill_id"] for fill in fills)
    assert all(partition == partition_of(account, PARTITIONS) for partition, account, _ in stored)

    held = quantities(fills)
    for watcher in watchers:
        wait_until(
            lambda watcher=watcher: watcher.failure or all(
                shown(watcher.states.get(f"account:{name}", {})) == {s: q for s, q in held[name].items() if q}
                for name in watched), "watchers see what was booked", 20)
        watcher.is_over = True
        watcher.join(10)
        assert watcher.failure is None, watcher.failure
        assert watcher.frames > 0

    wait_until(lambda: single.metric("tickrisk_kafka_fills_accepted_total") == FILLS, "one node alone has all", 60)
    alone = wait_until(lambda: (firm := firm_at(single.stream_url))["status"] == "ok" and firm, "it is done", 20)
    # A node's JSON is not rounded; a gateway's is, to what binary frames have.
    house = fleet.nodes.newest()[0]["api"].replace("http", "ws") + "/ws"
    joined = wait_until(
        # Units that began meanwhile have heard no price: a market goes on.
        lambda: fleet.publisher.last(PRICES) >= 0 and (firm := firm_at(house))["status"] == "ok" and all(
            close(firm["totals"][name], alone["totals"][name]) for name in ("cash", "gross_exposure")) and firm,
        "the firm is whole", 20)
    passed_on = wait_until(lambda: (firm := firm_at(gateways[0].stream_url))["totals"]["cash"] == pytest.approx(
        alone["totals"]["cash"], abs=0.01) and firm, "gateways have it", 20)
    assert passed_on["risk"]["var"] == pytest.approx(alone["risk"]["var"], abs=0.01)
    for kind in ("var", "es"):
        for level, value in alone["risk"][kind].items():
            assert close(joined["risk"][kind][level], value), (kind, level, joined["risk"][kind][level], value)
    for name in fleet.book.accounts:
        row = joined["accounts"][name]
        assert row["status"] == "ok" and row["day_pnl"] == pytest.approx(alone["accounts"][name]["day_pnl"], abs=1e-6)


def close(left: float, right: float) -> bool:
    return abs(left - right) <= RELATIVE * max(abs(left), abs(right), 1e-300)


def test_the_firm_without_a_unit_is_partial_and_names_who_is_missing(fleet, run):
    for name in ("one", "two"):
        fleet.engine(name)
    fleet.wait_until_serving(one=3, two=3)
    gateway = gateway_of(run, fleet, "only")
    fleet.publisher.ticks(*(Tick(instrument, last=price) for instrument, price in PRICES.items()))
    wait_until(lambda: firm_at(gateway.stream_url)["status"] == "ok", "the firm is whole", 20)
    # The house stays; nobody takes over while the group does not know.
    victim = next(name for name in ("one", "two") if 0 not in fleet.nodes.serving(name))
    lost = fleet.nodes.serving(victim)
    for unit in children_of(fleet.engines[victim].process.pid):
        os.kill(unit, 19)
    try:
        expected = {name for name in fleet.book.accounts if partition_of(name, PARTITIONS) in lost}

        def is_partial() -> bool:
            firm = firm_at(gateway.stream_url)
            missing = {name for name, row in firm["accounts"].items() if row["status"] == "missing"}
            return firm["status"] == "partial" and missing == expected

        wait_until(is_partial, "the firm is partial, and names who is missing", 10)
        assert gateway.request("/readyz")[0] == 200
        assert gateway.metric("tickrisk_relay_up", partition=str(min(lost))) == 0
    finally:
        for unit in children_of(fleet.engines[victim].process.pid):
            os.kill(unit, 18)
    wait_until(lambda: firm_at(gateway.stream_url)["status"] == "ok", "the firm is whole again", 20)


def test_orders_go_to_the_unit_that_has_the_account(fleet, run):
    fleet.engine("one")
    fleet.engine("two")
    fleet.wait_until_serving(one=3, two=3)
    gateway = gateway_of(run, fleet, "only")
    fleet.publisher.ticks(*(Tick(number, bid=price - 0.5, ask=price, last=price) for number, price in PRICES.items()))
    ordered = set()
    for partition in range(PARTITIONS):
        account = next(name for name in fleet.book.accounts if partition_of(name, PARTITIONS) == partition)
        ordered.add(account)
        order = json.dumps({"symbol": "AAPL", "side": "buy", "quantity": 3}).encode()
        json_type = {"Content-Type": "application/json"}
        wait_until(
            lambda: gateway.request(f"/api/v1/accounts/{account}/orders", "POST", json_type, order)[0] == 201,
            "an order", 10)
        wait_until(lambda: shown(asked(gateway, f"/api/v1/accounts/{account}")) == {"AAPL": 3.0}, "it is filled", 10)
    # Of limits each unit knows its own accounts'.
    rows = asked(gateway, "/api/v1/firm/limit-use")["accounts"]
    assert [row["account"] for row in rows] == sorted(fleet.book.accounts)
    used = {row["account"]: row["margin_utilisation_pct"] for row in rows}
    assert [used[name] > 0 for name in fleet.book.accounts] == [name in ordered for name in fleet.book.accounts]
    # A report on all positions is not waited for, because no unit has one.
    status, _, page = gateway.request("/")
    assert status == 200 and b"data-fleet" in page and b"No engine has the positions of all accounts" in page
    status, _, body = gateway.request("/api/v1/accounts/NOBODY")
    assert status == 404, body


def test_the_house_is_stopped_in_every_unit_and_a_unit_that_did_not_hear_is_named(fleet, run):
    fleet.engine("one")
    fleet.engine("two")
    fleet.wait_until_serving(one=3, two=3)
    gateway = gateway_of(run, fleet, "only")
    ticks = [Tick(number, bid=price - 0.5, ask=price, last=price) for number, price in PRICES.items()]
    fleet.publisher.ticks(*ticks)
    json_type = {"Content-Type": "application/json"}
    accounts = [next(name for name in fleet.book.accounts if partition_of(name, PARTITIONS) == partition)
                for partition in range(PARTITIONS)]

    def send_order(account: str) -> tuple[int, bytes]:
        order = json.dumps({"symbol": "AAPL", "side": "buy", "quantity": 3}).encode()
        status, _, body = gateway.request(f"/api/v1/accounts/{account}/orders", "POST", json_type, order)
        return status, body

    def switch(state: str | None = None) -> tuple[int, dict]:
        body = None if state is None else json.dumps({"state": state, "reason": "a test"}).encode()
        status, _, answer = gateway.request(
            "/api/v1/kill-switch", "GET" if state is None else "PUT", json_type if state else {}, body)
        return status, json.loads(answer)

    for account in accounts:
        wait_until(lambda: send_order(account)[0] == 201, "an order", 10)
    assert b'data-scope="house"' in gateway.request("/")[2]
    status, answer = switch("halted")
    assert (status, answer["state"], answer["reason"]) == (200, "halted", "a test"), answer
    for account in accounts:
        status, body = send_order(account)
        assert status == 422 and b"kill_switch_global" in body, body
    assert switch()[1]["state"] == "halted"
    assert switch("sleeping")[0] == 422
    # A unit by itself obeys for its own part alone, and only where that is said.
    unit = fleet.nodes.newest()[1]["api"]
    for query, expected in [("", 501), ("?scope=partition", 200)]:
        request = urllib.request.Request(
            f"{unit}/api/v1/kill-switch{query}", b'{"state":"active","reason":"one"}', json_type, method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                found = answer.status
        except urllib.error.HTTPError as refusal:
            found = refusal.code
        assert found == expected, query
    assert switch()[1]["state"] == "active"
    assert [send_order(account)[0] for account in accounts] == [201 if p == 1 else 422 for p in range(PARTITIONS)]
    # What stands in the stores goes with them; who is away is named, and hears it when it is sent again.
    lost = fleet.nodes.serving("two")
    fleet.kill("two")
    status, answer = wait_until(lambda: (said := switch("halted"))[0] == 503 and said, "a unit is silent", 10)
    assert answer["code"] == "in_part" and all(f"{partition} (" in answer["detail"] for partition in lost), answer
    fleet.wait_until_serving(one=PARTITIONS)
    wait_until(lambda: switch("halted")[0] == 200, "all have heard", 20)
    assert [send_order(account)[0] for account in accounts] == [422] * PARTITIONS
    assert switch("active")[0] == 200
    fleet.publisher.ticks(*ticks)
    for account in accounts:
        wait_until(lambda: send_order(account)[0] == 201, "an order", 10)
