# SPDX-License-Identifier: Apache-2.0
"""Engines share the accounts by partition; whatever becomes of an engine, each partition has one unit at a time."""

import json
import os
import random
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from daemon import TOOL, Daemon
from engine_fleet import (
    COORDINATOR_WAITS_S, SEED, EngineFleet, children_of, is_running, partition_of, wait_until_gone)
from kafka_broker import REJECTED, FillWriter, TopicReader, header
from postgres_server import PostgresServer
from stream_client import StreamClient
from waiting import wait_until
from wire import Tick

PARTITIONS = 4


@pytest.fixture
def make_fleet(publish, tmp_path):
    """Makes a fleet with sections of the configuration: `make_fleet(store={…})`; engines end before their cluster."""
    started: list[Daemon] = []

    def run(endpoint, *, settings, data):
        directory = tmp_path / f"engine{len(started)}"
        directory.mkdir()
        started.append(Daemon(
            directory, [{"name": "primary", "endpoint": endpoint, "silent_after": "1h"}], settings, data))
        return started[-1].start()

    made: list[EngineFleet] = []

    def make(partitions: int = PARTITIONS, **sections) -> EngineFleet:
        made.append(EngineFleet(run, publish(), tmp_path, accounts=40, partitions=partitions, **sections))
        return made[-1]

    yield make
    try:
        for daemon in started:
            daemon.stop()
    finally:
        for one in made:
            one.close()


@pytest.fixture
def fleet(make_fleet):
    return make_fleet()


@pytest.fixture
def server():
    made = PostgresServer()
    yield made
    made.close()


def place_order(api: str, account: str, order: dict) -> dict | None:
    request = urllib.request.Request(
        f"{api}/api/v1/accounts/{account}/orders", json.dumps(order).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        print(refusal.read())
        return None


def unit_metric(api: str, name: str) -> float:
    """Of a unit, which other programs may ask as they ask a node."""
    with urllib.request.urlopen(f"{api}/metrics", timeout=10) as answer:
        lines = [line.split() for line in answer.read().decode().splitlines()]
    return sum(float(line[-1]) for line in lines if line and line[0].partition("{")[0] == name)


def publish_fills(fleet: EngineFleet, writer: FillWriter, numbers: range, dice: random.Random) -> None:
    names = list(fleet.book.accounts)
    for number in numbers:
        writer.fill(fill_id=f"F-{number}", account=dice.choice(names), quantity=1 + number % 5)


def test_an_engine_that_is_killed_leaves_its_partitions_to_the_other_and_no_fill_is_lost_or_doubled(fleet):
    dice = random.Random(SEED)
    print("seed", SEED)
    fleet.engine("first")
    fleet.engine("second")
    fleet.wait_until_serving(first=2, second=2)
    writer = FillWriter(fleet.broker)
    publish_fills(fleet, writer, range(1_000), dice)
    wait_until(lambda: len(fleet.stored()) > 200, "fills are booked")
    units = children_of(fleet.engines["first"].process.pid)
    assert len(units) == 2
    killed = fleet.kill("first")
    wait_until_gone(units)
    publish_fills(fleet, writer, range(1_000, 2_000), dice)
    writer.flush()
    fleet.wait_until_serving(second=PARTITIONS)
    taken = time.monotonic() - killed
    assert taken < 10, f"{taken:.1f} s until the other engine served everything"
    wait_until(lambda: len(fleet.stored()) >= 2_000, "all fills are booked", 30)
    stored = fleet.stored()
    assert sorted(identifier for _, _, identifier in stored) == sorted(f"F-{number}" for number in range(2_000))
    assert all(partition == partition_of(account, PARTITIONS) for partition, account, _ in stored)
    print(f"moved in {taken:.1f} s")


def test_a_partition_that_moves_is_left_before_it_is_taken(fleet):
    fleet.engine("first")
    fleet.wait_until_serving(first=PARTITIONS)
    fleet.engine("second")
    fleet.wait_until_serving(first=2, second=2)
    ended, begun = {}, {}
    for said in fleet.nodes.all():
        key = said["partition"], said["generation"]
        begun.setdefault(key, said["started_ns"])
        if said["state"] == "ended":
            ended[key] = said["sent_ns"]
    moved = fleet.nodes.serving("second")
    for partition in moved:
        generation = fleet.nodes.newest()[partition]["generation"]
        before = max(g for p, g in begun if p == partition and g < generation)
        assert ended[partition, before] < begun[partition, generation]
    # The others went on as they were.
    for partition in fleet.nodes.serving("first"):
        assert len([p for p, _ in begun if p == partition]) == 1


def test_an_engine_that_is_told_to_end_hands_over_at_once_and_leaves_nothing_running(fleet):
    first = fleet.engine("first")
    fleet.engine("second")
    fleet.wait_until_serving(first=2, second=2)
    units = children_of(first.process.pid)
    begin = time.monotonic()
    first.process.send_signal(signal.SIGTERM)
    assert first.join() == 0
    ended = time.monotonic() - begin
    assert not any(is_running(one) for one in units)
    fleet.engines.pop("first")
    fleet.wait_until_serving(second=PARTITIONS)
    taken = time.monotonic() - begin
    print(f"ended in {ended:.1f} s, handed over in {taken:.1f} s")
    assert ended < 5 and taken < 5 + COORDINATOR_WAITS_S


def test_a_unit_that_dies_is_begun_again_and_numbers_above_what_was(fleet):
    engine = fleet.engine("only")
    fleet.wait_until_serving(only=PARTITIONS)
    wait_until(lambda: engine.request("/readyz")[0] == 200, "the engine is ready")
    before = fleet.nodes.newest()
    unit = children_of(engine.process.pid)[0]
    os.kill(unit, signal.SIGKILL)
    after = wait_until(
        lambda: next((s for p, s in fleet.nodes.newest().items()
                      if s["generation"] > before[p]["generation"] and s["state"] == "serving"), None),
        "another generation")
    assert after["generation"] == before[after["partition"]]["generation"] + 1
    assert engine.metric("tickrisk_unit_restarts_total") == 1
    assert {said["fleet"] for said in fleet.nodes.all()} == {before[0]["fleet"]}


def test_a_unit_that_hangs_is_ended_and_begun_again_and_the_others_go_on(make_fleet, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "4000000")
    fleet = make_fleet(partitions=2)
    engine = fleet.engine("only")
    fleet.wait_until_serving(only=2)
    wait_until(lambda: engine.request("/readyz")[0] == 200, "the engine is ready")
    before = fleet.nodes.newest()
    units = children_of(engine.process.pid)
    os.kill(units[0], signal.SIGSTOP)
    after = wait_until(
        lambda: next((s for p, s in fleet.nodes.newest().items()
                      if s["generation"] > before[p]["generation"] and s["state"] == "serving"), None),
        "another generation", 30)
    assert not is_running(units[0]) and is_running(units[1])
    assert engine.metric("tickrisk_unit_hangs_total") == engine.metric("tickrisk_unit_restarts_total") == 1
    assert fleet.nodes.newest()[1 - after["partition"]]["generation"] == before[1 - after["partition"]]["generation"]
    wait_until(lambda: engine.request("/readyz")[0] == 200, "the engine is ready again")


def test_units_number_by_generation_and_speak_in_the_epoch_of_the_fleet(fleet):
    fleet.engine("only")
    fleet.wait_until_serving(only=PARTITIONS)
    account = next(name for name in fleet.book.accounts if partition_of(name, PARTITIONS) == 3)
    said = fleet.nodes.newest()[3]
    assert said["accounts"] == sum(partition_of(name, PARTITIONS) == 3 for name in fleet.book.accounts)
    for instrument in fleet.book.instruments.values():
        fleet.publisher.ticks(Tick(instrument.id, last=instrument.prior_close))
    # Its orders have numbers of its own, which say whose they are.
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "limit", "limit_price": 170}
    placed = wait_until(lambda: place_order(said["api"], account, order), "an order is taken")
    assert placed["order_id"] == (3 << 40) + 1
    client = StreamClient(said["api"].replace("http", "ws") + "/ws")
    try:
        client.subscribe(f"account:{account}")
        snapshot = client.until_type("snapshot", f"account:{account}")
        assert client.hello["epoch"] == said["fleet"]
        assert snapshot["seq"] > said["generation"] << 32
    finally:
        client.close()


def test_a_fill_in_another_partition_than_its_account_is_rejected(fleet):
    fleet.engine("only")
    fleet.wait_until_serving(only=PARTITIONS)
    account = next(name for name in fleet.book.accounts if partition_of(name, PARTITIONS) == 2)
    writer = FillWriter(fleet.broker)
    fill = writer.fill(fill_id="right", account=account)
    writer.raw(json.dumps({**fill, "fill_id": "wrong"}).encode(), account.encode(), partition=1)
    writer.flush()
    reader = TopicReader(fleet.broker, REJECTED, 1)
    try:
        message = reader.until(1)[0]
        assert header(message, "reason") == "wrong_partition" and header(message, "partition") == "1"
    finally:
        reader.close()
    wait_until(lambda: [row[2] for row in fleet.stored()] == ["right"], "the other is booked")


def cluster_status(fleet: EngineFleet, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [TOOL, "cluster", "status", "--brokers", fleet.broker.addresses, *arguments], capture_output=True, text=True,
        timeout=30, check=False)


def test_the_companion_says_who_has_what_and_fails_where_somebody_is_missing(fleet):
    nothing = cluster_status(fleet)
    assert nothing.returncode == 1 and "no unit has said anything" in nothing.stdout
    fleet.engine("first")
    fleet.engine("second")
    fleet.wait_until_serving(first=2, second=2)
    writer = FillWriter(fleet.broker)
    publish_fills(fleet, writer, range(50), random.Random(SEED))
    writer.flush()
    wait_until(lambda: len(fleet.stored()) == 50, "all fills are booked")
    whole = wait_until(
        lambda: (answer := json.loads(cluster_status(fleet, "--json").stdout))
        and all(row["lag"] == 0 for row in answer["partitions"]) and answer, "nothing is behind")
    assert whole["served"] == PARTITIONS
    assert {row["node"] for row in whole["partitions"]} == {"first", "second"}
    assert sum(row["accounts"] for row in whole["partitions"]) == len(fleet.book.accounts)
    assert cluster_status(fleet).returncode == 0
    fleet.engines.pop("second").stop()
    fleet.engines.pop("first").stop()
    ended = cluster_status(fleet, "--json")
    assert ended.returncode == 1
    assert {row["state"] for row in json.loads(ended.stdout)["partitions"]} == {"ended"}


def test_units_on_a_server_write_nothing_while_it_is_away_and_go_on_from_what_it_has(make_fleet, server, tmp_path):
    fleet = make_fleet(2, store={
        "engine": "postgres", "url": server.url, "timeout": "2s", "directory": str(tmp_path / "stores")})
    engine = fleet.engine("only")
    fleet.wait_until_serving(only=2)
    writer = FillWriter(fleet.broker)
    dice = random.Random(SEED)
    publish_fills(fleet, writer, range(100), dice)
    writer.flush()

    def stored() -> list[str]:
        statement = "SELECT id FROM tickrisk_p0.fills UNION ALL SELECT id FROM tickrisk_p1.fills"
        return sorted(server.execute(statement).split())

    wait_until(lambda: len(stored()) == 100, "all fills are booked")
    apis = [said["api"] for said in fleet.nodes.newest().values()]
    units = children_of(engine.process.pid)
    server.stop()
    publish_fills(fleet, writer, range(100, 200), dice)
    writer.flush()
    # Where something was on its way to the server the store stops, else it waits; risk goes on in the same processes.
    for api in apis:
        wait_until(
            lambda: 0 in (unit_metric(api, "tickrisk_store_writable"), unit_metric(api, "tickrisk_store_connected")),
            "nothing is written", 40)
        assert unit_metric(api, "tickrisk_store_outbox_entries") == 0
    assert children_of(engine.process.pid) == units
    server.start()
    wait_until(lambda: len(stored()) >= 200, "all fills are booked", 30)
    assert stored() == sorted(f"F-{number}" for number in range(200))
    fleet.wait_until_serving(only=2)
