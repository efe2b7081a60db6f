# SPDX-License-Identifier: Apache-2.0
"""Fills in, risk out: the daemon beside an independent Kafka client, on a cluster in memory that is made to fail."""

import json
import os
import random
import struct
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from daemon import Daemon
from kafka_broker import FILLS, RISK, VECTORS, FillWriter, KafkaBroker, TopicReader, header
from trading_desk import TradingDesk, flat_book, quoted_desk
from waiting import wait_until

SEED = int(os.environ.get("KAFKA_SEED", "20261128"))


@pytest.fixture
def broker():
    cluster = KafkaBroker()
    yield cluster
    cluster.close()


@pytest.fixture
def reader(broker):
    """Opens readers: `reader(topic, partitions)`."""
    opened = []

    def make(topic: str, partitions: int) -> TopicReader:
        opened.append(TopicReader(broker, topic, partitions))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def settings(broker: KafkaBroker, **kafka) -> dict:
    return {"kafka": {
        "brokers": broker.addresses, "risk_interval": "200ms",
        "properties": ["session.timeout.ms=6000", "heartbeat.interval.ms=300", "reconnect.backoff.max.ms=500"],
        **kafka}}


@pytest.fixture
def desk(run, publish, tmp_path, broker) -> TradingDesk:
    return quoted_desk(run, publish(), tmp_path, flat_book(), settings(broker))


def accepted(daemon: Daemon) -> float:
    return daemon.metric("tickrisk_kafka_fills_accepted_total")


def rejected(daemon: Daemon, reason: str) -> float:
    return daemon.metric("tickrisk_kafka_fills_rejected_total", reason=reason)


def test_a_fill_is_booked_told_and_valued_as_one_of_the_venue(desk, broker, stream):
    client = stream(desk.daemon)
    client.subscribe("account:FLAT")
    client.until_type("snapshot", "account:FLAT")
    writer = FillWriter(broker)
    sent = writer.fill(fill_id="one", quantity=7, price=179.5, fees=-1.25)
    writer.flush()
    shown = desk.until_position("AAPL", 7)
    assert shown["avg_cost"] == 179.5
    fills = desk.fills()
    assert [(f["fill_id"], f["quantity"], f["price"], f["fees"]) for f in fills] == [("one", 7, 179.5, -1.25)]
    assert fills[0]["ts"] == sent["ts"]
    event = client.until(lambda frame: frame.get("event") == "fill", "the fill is told")
    assert event["data"]["fill_id"] == "one"
    assert desk.daemon.account("FLAT")["totals"]["fees"] == -1.25


def test_a_fill_counts_once_however_often_it_comes(desk, broker):
    writer = FillWriter(broker)
    first = writer.fill(fill_id="twice", quantity=3)
    writer.fill(**first)
    writer.fill(**{**first, "rate": 1})
    writer.flush()
    desk.daemon.wait_for_metric("tickrisk_kafka_fills_repeated_total", 2)
    assert accepted(desk.daemon) == 1
    assert desk.until_position("AAPL", 3)
    assert len(desk.fills()) == 1


REFUSED = [
    ("conflict", {"fill_id": "known", "quantity": 2}),
    ("unknown_account", {"account": "NOBODY"}),
    ("unknown_symbol", {"symbol": "NONE"}),
    ("malformed", {"quantity": 0}),
    ("malformed", {"quantity": "1"}),
    ("malformed", {"side": "hold"}),
    ("malformed", {"fees": 1}),
    ("malformed", {"price": None}),
    ("malformed", {"colour": "red"}),
    ("malformed", {"ts": 2**63}),
    ("malformed", {"fill_id": ""}),
    ("unsupported_version", {"version": 2}),
    ("unfit_rate", {"rate": 1.5}),
    ("unknown_order", {"order_id": 77}),
    ("nothing_to_reverse", {"reverses": "never", "side": "sell"}),
    ("unequal_reversal", {"reverses": "known", "side": "sell", "quantity": 2}),
    ("already_reversed", {"reverses": "undone", "side": "sell"}),
]


def test_what_is_not_taken_in_goes_to_a_topic_of_its_own_and_holds_up_nothing(desk, broker, reader):
    writer = FillWriter(broker)
    writer.fill(fill_id="known")
    writer.fill(fill_id="undone", ts=5)
    writer.fill(fill_id="undoes", reverses="undone", side="sell", ts=6)
    raw = [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"version":1}', b"{}" + b" " * 20_000, None,
           b'{"version":1,"version":1}']
    expected = []
    for number, (reason, members) in enumerate(REFUSED):
        writer.fill(**{"fill_id": f"poison-{number}", **members})
        expected.append(reason)
    for value in raw:
        writer.raw(value, b"FLAT")
        expected.append("malformed")
    good = {"version": 1, "fill_id": "k", "account": "FLAT", "symbol": "AAPL", "side": "buy", "quantity": 1, "price": 1,
            "fees": 0, "ts": 1}
    for key in (b"OTHER", None):
        writer.raw(json.dumps(good).encode(), key, partition=0)
        expected.append("key_mismatch")
    writer.fill(fill_id="behind", quantity=40)
    writer.flush()
    desk.until_position("AAPL", 41)
    places = reader("tickrisk.fills.rejected", 1).until(len(expected))
    assert sorted(header(m, "reason") for m in places) == sorted(expected)
    for reason in set(expected):
        assert rejected(desk.daemon, reason) == expected.count(reason)
    # The original is where the headers say, and beside them.
    originals = {(m.partition(), m.offset()): m for m in reader(FILLS, broker.partitions).until(len(expected) + 4)}
    for message in places:
        assert header(message, "topic") == FILLS
        original = originals[int(header(message, "partition")), int(header(message, "offset"))]
        assert (message.value(), message.key()) == (original.value(), original.key())
    wait_until(lambda: desk.daemon.metric("tickrisk_kafka_lag_messages") == 0, "no lag")


def test_a_reversal_takes_back_its_fill_and_comes_after_it(desk, broker):
    writer = FillWriter(broker)
    reversal = {"fill_id": "back", "reverses": "there", "side": "sell", "quantity": 5, "fees": 2}
    writer.fill(**reversal)
    writer.fill(fill_id="there", quantity=5, fees=-2)
    writer.flush()
    desk.until_position("AAPL", 5)
    assert rejected(desk.daemon, "nothing_to_reverse") == 1
    writer.fill(**reversal)
    writer.flush()
    wait_until(lambda: accepted(desk.daemon) == 2, "the reversal")
    wait_until(lambda: desk.daemon.account("FLAT")["totals"]["fees"] == 0, "fees given back")
    totals = desk.daemon.account("FLAT")["totals"]
    assert (totals["cash"], totals["total_pnl"]) == (1_000_000, 0)


def test_a_fill_of_an_order_of_this_desk_fills_it(desk, broker):
    order = desk.accepted(symbol="AAPL", side="buy", quantity=10, order_type="limit", limit_price=100,
                          time_in_force="gtc")
    writer = FillWriter(broker)
    writer.fill(fill_id="part", order_id=order, quantity=4, price=99)
    writer.fill(fill_id="wrong side", order_id=order, side="sell")
    writer.fill(fill_id="too much", order_id=order, quantity=7)
    writer.fill(fill_id="rest", order_id=order, quantity=6, price=98)
    writer.flush()
    filled = desk.until(order, "filled")
    assert (filled["filled_quantity"], filled["average_fill_price"]) == (10, 98.4)
    assert rejected(desk.daemon, "order_contradicts") == 2


def test_ten_thousand_fills_and_a_daemon_that_dies_among_them(run, publish, tmp_path, broker):
    """Ids compared: none lost, none twice, and positions are their sum."""
    chance = random.Random(SEED)
    print(f"KAFKA_SEED={SEED}")
    data = flat_book(cash=1e9, margin_limit=1e9).save(tmp_path / "data")
    market = publish(options={"rcvtimeo": 3_000})
    made: list[Daemon] = []

    def start() -> Daemon:
        folder = tmp_path / f"life{len(made)}"
        folder.mkdir()
        feeds = [{"name": "primary", "endpoint": market.endpoint, "silent_after": "1h"}]
        made.append(Daemon(
            folder, feeds, {"store": {"directory": str(tmp_path / "state")}, **settings(broker)}, data))
        return made[-1].start()

    writer = FillWriter(broker)
    sent: dict[str, dict] = {}
    try:
        daemon = start()
        for number in range(10_000):
            fill = writer.fill(
                fill_id=f"f{number}", account=chance.choice(["FLAT", "OTHER"]),
                symbol=chance.choice(["AAPL", "MSFT"]), side=chance.choice(["buy", "sell"]),
                quantity=chance.randint(1, 9), price=chance.randint(100, 400), ts=number)
            sent[fill["fill_id"]] = fill
            # Some come twice, some are no fills.
            if chance.random() < 0.02:
                writer.fill(**fill)
            if chance.random() < 0.01:
                writer.fill(fill_id=f"bad{number}", quantity=-1)
            if number % 2_000 == 1_999:
                writer.flush()
                goal = chance.randint(1, 400)
                wait_until(lambda: accepted(daemon) >= goal, f"{goal} fills in this life", 30)
                daemon.kill()
                daemon = start()
        writer.flush()
        market.wait_for_subscriber()
        desks = {name: TradingDesk(daemon, market, account=name) for name in ("FLAT", "OTHER")}
        wait_until(lambda: sum(len(desk.fills()) for desk in desks.values()) >= len(sent), "all fills", 60)
        wait_until(lambda: daemon.metric("tickrisk_kafka_lag_messages") == 0, "no lag")
        for name, desk in desks.items():
            booked = desk.fills()
            expected = {fill_id for fill_id, fill in sent.items() if fill["account"] == name}
            assert len(booked) == len(expected) and {fill["fill_id"] for fill in booked} == expected
            # Per account they are in the order in which they were published.
            times = [fill["ts"] for fill in reversed(booked)]
            assert times == sorted(times)
        check_positions(desks, sent)
        assert len(made) == 6
    finally:
        for one in made:
            one.kill_group()


def check_positions(desks: dict, sent: dict) -> None:
    opening = {("OTHER", "MSFT"): 100.0}
    for name, desk in desks.items():
        positions = desk.daemon.account(name)["positions"]
        for symbol in ("AAPL", "MSFT"):
            total = opening.get((name, symbol), 0.0) + sum(
                fill["quantity"] * (1 if fill["side"] == "buy" else -1)
                for fill in sent.values() if (fill["account"], fill["symbol"]) == (name, symbol))
            assert positions[symbol]["quantity"] == total, (name, symbol)


def test_fills_go_on_where_they_stopped_when_the_brokers_come_back(desk, broker):
    writer = FillWriter(broker)
    writer.fill(fill_id="before")
    writer.flush()
    desk.until_position("AAPL", 1)
    broker.each("down")
    wait_until(lambda: desk.daemon.request("/readyz")[0] == 503, "not ready", 30)
    assert b"no broker of fills answers" in desk.daemon.request("/readyz")[2]
    broker.each("up")
    writer.fill(fill_id="after", quantity=2)
    assert writer.producer.flush(60) == 0
    wait_until(lambda: (desk.position("AAPL") or {}).get("quantity") == 3, "the fill behind the outage", 60)
    wait_until(lambda: desk.daemon.request("/readyz")[0] == 200, "ready again", 30)
    assert len(desk.fills()) == 2
    # Said once, not for every look.
    assert sum("no broker of fills answers" in line for line in desk.daemon.log) == 1


def test_partitions_that_go_and_come_back_are_read_from_where_the_store_stands(desk, broker):
    """Another member of the group reads, commits far ahead, books nothing, and leaves."""
    daemon, writer = desk.daemon, FillWriter(broker)
    count = 0

    def publish(number: int) -> None:
        nonlocal count
        for _ in range(number):
            writer.raw(json.dumps({
                "version": 1, "fill_id": f"f{count}", "account": "FLAT", "symbol": "AAPL", "side": "buy", "quantity": 1,
                "price": 180, "fees": 0, "ts": count}).encode(), b"FLAT", partition=count % broker.partitions)
            count += 1
        writer.flush()

    publish(40)
    wait_until(lambda: accepted(daemon) == 40, "the first fills")
    assert daemon.metric("tickrisk_kafka_partitions") == broker.partitions
    other = Consumer({
        "bootstrap.servers": broker.addresses, "group.id": "tickrisk", "log_level": 0, "session.timeout.ms": 6000,
        "partition.assignment.strategy": "cooperative-sticky", "auto.offset.reset": "latest"})
    other.subscribe([FILLS])

    def is_shared() -> bool:
        other.poll(0.1)
        return other.assignment() and daemon.metric("tickrisk_kafka_partitions") == broker.partitions - len(
            other.assignment())

    wait_until(is_shared, "two members share the partitions", 60)
    publish(400)
    other.commit(offsets=[TopicPartition(p.topic, p.partition, 110) for p in other.assignment()], asynchronous=False)
    wait_until(lambda: accepted(daemon) > 40, "the daemon's own go on")
    other.close()
    wait_until(lambda: daemon.metric("tickrisk_kafka_partitions") == broker.partitions, "all are back", 60)
    wait_until(lambda: desk.position("AAPL")["quantity"] == count, "all fills", 30)
    assert accepted(daemon) == count and len(desk.fills()) == count
    assert daemon.metric("tickrisk_kafka_rebalances_total") >= 3


def test_a_rejected_fill_that_finds_no_place_is_in_the_log_and_holds_up_nothing(run, publish, tmp_path, broker):
    chosen = settings(broker)
    chosen["kafka"]["properties"] += ["message.timeout.ms=1500"]
    desk = quoted_desk(run, publish(), tmp_path, flat_book(), chosen)
    broker.tell("refuse tickrisk.fills.rejected 29")  # TOPIC_AUTHORIZATION_FAILED
    writer = FillWriter(broker)
    writer.fill(fill_id="bad", quantity=-1)
    writer.fill(fill_id="good", quantity=6)
    writer.flush()
    desk.until_position("AAPL", 6)
    desk.daemon.wait_for_metric("tickrisk_kafka_rejections_lost_total", 1)
    line = next(line for line in desk.daemon.log if "found no place" in line)
    assert "malformed" in line and "offset=0" in line
    writer.fill(fill_id="next", quantity=1)
    writer.flush()
    desk.until_position("AAPL", 7)


def test_a_lost_offset_stops_the_partition_unless_told_otherwise(run, publish, tmp_path, broker):
    """The store says 100 fills were read, and the topic was made anew with fewer."""
    desk = quoted_desk(run, publish(), tmp_path, flat_book(), settings(broker))
    writer = FillWriter(broker)
    for number in range(100):
        writer.fill(fill_id=f"f{number}")
    writer.flush()
    desk.until_position("AAPL", 100)
    desk.daemon.stop()
    other = KafkaBroker()
    try:
        writer = FillWriter(other)
        for number in range(2):
            writer.fill(fill_id=f"g{number}")
        writer.flush()
        lives = []
        for policy in ("stop", "earliest"):
            folder = tmp_path / policy
            folder.mkdir()
            feeds = [{"name": "primary", "endpoint": desk.publisher.endpoint, "silent_after": "1h"}]
            daemon = Daemon(
                folder, feeds, {"store": {"directory": str(tmp_path / "state")},
                                **settings(other, lost_offsets=policy)}, tmp_path / "data")
            lives.append(daemon.start())
            if policy == "stop":
                wait_until(lambda: b"fills are missing" in daemon.request("/readyz")[2], "the loss is told", 30)
                assert accepted(daemon) == 0 and daemon.metric("tickrisk_kafka_reading") == 0
            else:
                wait_until(lambda: accepted(daemon) == 2, "the fills of the new topic", 30)
            daemon.stop()
    finally:
        for daemon in lives:
            daemon.kill_group()
        other.close()


def test_risk_and_vectors_say_what_the_api_says(desk, broker, reader):
    writer = FillWriter(broker)
    writer.fill(fill_id="one", quantity=100)
    writer.flush()
    desk.until_position("AAPL", 100)
    wait_until(lambda: desk.daemon.account("FLAT")["status"] == "ok", "all prices")
    wanted = desk.daemon.account("FLAT")
    scenarios = desk.daemon.get("/api/v1/accounts/FLAT/scenarios")
    risk, vectors = reader(RISK, broker.partitions), reader(VECTORS, broker.partitions)

    def newest(topic: TopicReader):
        return next((m for m in reversed(topic.poll()) if m.key() == b"FLAT"), None)

    def is_current(message) -> bool:
        return message is not None and json.loads(message.value())["data"]["totals"] == wanted["totals"]

    message = wait_until(lambda: is_current(m := newest(risk)) and m, "the newest risk")
    body = json.loads(message.value())
    assert (body["version"], body["account"]) == (1, "FLAT")
    assert body["data"] == {name: wanted[name] for name in body["data"]}
    assert {"status", "currency", "totals", "risk", "margin"} < set(body["data"])
    assert body["data"]["risk"]["var"] and body["data"]["risk"]["es"]

    def is_same(message) -> bool:
        return message is not None and struct.unpack_from("<Q", message.value(), 16)[0] == body["sequence"]

    vector = wait_until(lambda: is_same(m := newest(vectors)) and m, "the vector of the same cut").value()
    magic, head, epoch, sequence, cut_ns, digest, count, currency = struct.unpack_from("<4sIQQQQI4s", vector)
    assert (magic, head, str(epoch), cut_ns) == (b"TKV1", 48, body["epoch"], body["cut_ns"])
    assert list(struct.unpack_from(f"<{count}d", vector, head)) == scenarios["pnl"]
    assert len(vector) == head + 8 * count and currency == b"USD\0"
    assert digest == fnv1a("".join(f"{date}\n" for date in scenarios["dates"]).encode())


def fnv1a(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def test_risk_that_nobody_takes_is_replaced_by_newer_and_the_stream_goes_on(run, publish, tmp_path, broker, reader):
    chosen = settings(broker, fills_topic="", risk_interval="100ms")
    chosen["kafka"]["properties"] += ["message.timeout.ms=1500"]
    desk = quoted_desk(run, publish(), tmp_path, flat_book(), chosen)
    daemon = desk.daemon
    wait_until(lambda: daemon.metric("tickrisk_kafka_produced_total", topic=RISK) >= 2, "risk is sent")
    broker.each("down")
    price = 390.0
    before = daemon.metric("tickrisk_kafka_conflated_total", topic=RISK)

    def is_conflated() -> bool:
        nonlocal price
        price += 0.25
        desk.publisher.last({2: price})
        return (daemon.metric("tickrisk_kafka_conflated_total", topic=RISK) > before + 5
                and daemon.metric("tickrisk_kafka_produce_failures_total", topic=RISK) > 0)

    wait_until(is_conflated, "risk is conflated", 30)
    # The page does not know: values move as before.
    wait_until(lambda: daemon.account("OTHER")["positions"]["MSFT"]["price"] == price, "the newest price")
    broker.each("up")
    risk = reader(RISK, broker.partitions)
    wanted = daemon.account("OTHER")["totals"]

    def is_caught_up() -> bool:
        newest = next((m for m in reversed(risk.poll()) if m.key() == b"OTHER"), None)
        return newest is not None and json.loads(newest.value())["data"]["totals"] == wanted

    wait_until(is_caught_up, "the newest risk", 60)


def test_without_brokers_nothing_of_kafka_runs(live):
    daemon, _ = live
    tasks = Path(f"/proc/{daemon.process.pid}/task")
    threads = [path.read_text().strip() for path in tasks.glob("*/comm")]
    assert not [name for name in threads if name.startswith(("rdk:", "tr-fills", "tr-risk-out"))]
    lines = daemon.request("/metrics")[2].decode().splitlines()
    assert not [line for line in lines if line.startswith("tickrisk_kafka_")]


def test_a_setting_librdkafka_does_not_take_is_told_by_name(broker, tmp_path):
    feeds = [{"name": "primary", "endpoint": "tcp://127.0.0.1:1"}]
    daemon = Daemon(tmp_path, feeds, settings(broker, properties=["fetch.wait.max.ms=fast"]))
    with pytest.raises(AssertionError, match="kafka: the property fetch.wait.max.ms"):
        daemon.start()
    assert daemon.join() == 1
