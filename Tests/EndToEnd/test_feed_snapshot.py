# SPDX-License-Identifier: Apache-2.0
"""The snapshot exchange: when it is asked for, what of an answer counts, what happens without one (DESIGN.md §4)."""

import subprocess
import time

import pytest
import zmq

import wire
from daemon import DEMO, TOOL
from publisher import CONTEXT
from waiting import wait_until
from wire import Tick


@pytest.fixture
def feed(run, publish, snapshot_server, stream, demo):
    """A daemon that knows where to ask, its publisher, and a reader of the market."""
    publisher = publish()
    daemon = run(publisher.endpoint, feed={"snapshot_endpoint": snapshot_server.endpoint})
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    publisher.wait_for_subscriber()
    return Feed(daemon, publisher, client, snapshot_server, list(demo.instruments.values()))


class Feed:
    def __init__(self, daemon, publisher, client, server, instruments):
        self.daemon, self.publisher, self.client, self.server = daemon, publisher, client, server
        self.first, self.second, self.third = instruments[:3]

    def part(self, prices: dict, included: int, *, epoch=None, is_last=True) -> bytes:
        return wire.message(
            [Tick(i, last=price) for i, price in prices.items()], sequence=included,
            epoch=self.publisher.epoch if epoch is None else epoch, sent_ns=time.time_ns(), kind=wire.SNAPSHOT,
            flags=wire.LAST_OF_SNAPSHOT if is_last else 0)

    def answer(self, prices: dict, included: int, **options) -> None:
        """Waits for a request and answers it in one message."""
        self.server.answer(self.server.request(), [self.part(prices, included, **options)])

    def wait_for_last(self, instrument, price: float) -> dict:
        symbol = instrument.symbol
        return self.client.until_state(
            "market", lambda s: s[symbol].get("last") == price, f"{symbol} at {price}")[symbol]

    def wait_for_status(self, instrument, status: str) -> dict:
        symbol = instrument.symbol
        return self.client.until_state(
            "market", lambda s: s[symbol]["status"] == status, f"{symbol} {status}")[symbol]

    def wait_for(self, name: str, value: float) -> None:
        self.daemon.wait_for_metric(f"tickrisk_{name}", value, feed="primary")


def test_a_snapshot_is_asked_for_at_first_contact_and_after_a_gap(feed):
    feed.publisher.last({feed.second.id: 5.0})
    feed.answer({feed.first.id: 10.0, feed.second.id: 4.0}, included=0)
    feed.wait_for_last(feed.first, 10.0)
    feed.publisher.skip(2)
    sequence = feed.publisher.last({feed.second.id: 6.0})
    feed.answer({feed.first.id: 11.0, feed.second.id: 5.5}, included=sequence - 1)
    feed.wait_for_last(feed.first, 11.0)
    assert feed.wait_for_last(feed.second, 6.0)["status"] == "ok"
    feed.wait_for("messages_missing_total", 2)
    feed.wait_for("snapshot_requests_total", 2)
    feed.wait_for("snapshots_total", 2)
    feed.wait_for("snapshot_messages_total", 2)
    feed.wait_for("messages_total", 2)
    assert feed.daemon.metric("tickrisk_ticks_superseded_total") == 1


def test_a_snapshot_lifts_the_staleness_of_what_it_holds_only(feed):
    feed.publisher.last({feed.first.id: 1.0, feed.second.id: 2.0, feed.third.id: 3.0})
    feed.answer({}, included=0)
    feed.wait_for("snapshots_total", 1)
    feed.publisher.skip(1)
    sequence = feed.publisher.heartbeat()
    asker = feed.server.request()
    for instrument in (feed.first, feed.second, feed.third):
        feed.wait_for_status(instrument, "stale")
    feed.server.answer(asker, [
        feed.part({feed.first.id: 1.5}, sequence, is_last=False), feed.part({feed.second.id: 2.5}, sequence)])
    assert feed.wait_for_status(feed.first, "ok")["last"] == 1.5
    assert feed.wait_for_status(feed.second, "ok")["last"] == 2.5
    assert feed.client.states["market"][feed.third.symbol]["status"] == "stale"


def test_a_restarted_publisher_is_asked(feed):
    feed.publisher.last({feed.first.id: 1.0})
    feed.answer({}, included=0)
    feed.wait_for("snapshots_total", 1)
    feed.publisher.restart()
    feed.publisher.heartbeat()
    feed.answer({feed.first.id: 7.0}, included=0)
    feed.wait_for_last(feed.first, 7.0)
    feed.wait_for("messages_missing_total", 0)
    feed.wait_for("publisher_restarts_total", 1)


def test_a_snapshot_older_than_the_gap_loses_and_is_asked_for_again(feed):
    feed.publisher.last({feed.first.id: 1.0})
    feed.answer({}, included=0)
    feed.wait_for("snapshots_total", 1)
    feed.publisher.skip(5)
    sequence = feed.publisher.last({feed.second.id: 2.0})
    feed.answer({feed.first.id: 1.25}, included=sequence - 2)
    feed.answer({feed.first.id: 1.5}, included=sequence - 1)
    # The reader may not have seen the gap: the value says that the newer snapshot counted.
    feed.wait_for_last(feed.first, 1.5)
    assert feed.wait_for_status(feed.first, "ok")["last"] == 1.5
    feed.wait_for("snapshots_ignored_total", 1)
    feed.wait_for("snapshot_requests_total", 3)


def test_a_snapshot_of_another_epoch_is_ignored_and_asked_for_again(feed):
    feed.publisher.last({feed.second.id: 1.0})
    feed.answer({feed.first.id: 66.0}, included=9, epoch=feed.publisher.epoch - 1)
    feed.answer({feed.first.id: 2.0}, included=0)
    feed.wait_for_last(feed.first, 2.0)
    feed.wait_for("snapshots_ignored_total", 1)
    feed.wait_for("snapshots_total", 1)


def test_without_a_complete_answer_it_is_asked_again(feed):
    feed.publisher.last({feed.second.id: 1.0})
    feed.server.answer(feed.server.request(), [feed.part({feed.first.id: 3.0}, 0, is_last=False)])
    assert feed.wait_for_last(feed.first, 3.0)["status"] == "ok"
    feed.answer({feed.first.id: 4.0}, included=0)
    feed.wait_for_last(feed.first, 4.0)
    feed.wait_for("snapshots_total", 1)
    feed.wait_for("snapshot_requests_total", 2)


def test_live_messages_that_a_snapshot_includes_do_not_turn_prices_back(feed):
    feed.publisher.last({feed.second.id: 1.0})
    feed.answer({feed.first.id: 9.0}, included=2)
    feed.wait_for_last(feed.first, 9.0)
    feed.publisher.last({feed.first.id: 7.0})
    feed.publisher.last({feed.first.id: 9.0})
    feed.publisher.last({feed.second.id: 2.0})
    feed.wait_for_last(feed.second, 2.0)
    assert feed.client.states["market"][feed.first.symbol]["last"] == 9.0
    feed.publisher.last({feed.first.id: 7.5})
    feed.wait_for_last(feed.first, 7.5)
    feed.wait_for("ticks_superseded_total", 2)


def test_ticks_of_a_snapshot_pass_the_same_checks(feed):
    feed.publisher.last({feed.second.id: 1.0})
    feed.answer({feed.first.id: -1.0, 4_000_000_000: 1.0, feed.third.id: 3.0}, included=0)
    feed.wait_for_last(feed.third, 3.0)
    for reason in ("price_range", "unknown_instrument"):
        feed.daemon.wait_for_metric("tickrisk_ticks_rejected_total", 1, feed="primary", reason=reason)
    feed.wait_for("ticks_total", 2)


def test_an_endless_snapshot_delays_no_live_tick_and_grows_no_memory(feed):
    feed.publisher.last({feed.second.id: 1.0})
    asker = feed.server.request()
    feed.server.socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    endless = wire.message(
        [Tick(feed.first.id, last=3.0)] * 30_000, sequence=0, epoch=feed.publisher.epoch, sent_ns=1,
        kind=wire.SNAPSHOT)
    slowest, before, sent = 0.0, None, 0
    for turn in range(40):
        try:
            while True:
                feed.server.socket.send_multipart([asker, endless], zmq.DONTWAIT)
                sent += 1
        except zmq.ZMQError as error:
            if error.errno != zmq.EAGAIN:
                break  # given up: the asker is gone
        start = time.monotonic()
        price = 100.0 + turn
        feed.publisher.last({feed.second.id: price})
        feed.wait_for_last(feed.second, price)
        slowest = max(slowest, time.monotonic() - start)
        # The first turn has filled every buffer on the way; how many follow until the daemon gives up is its affair.
        before = before or feed.daemon.resident_bytes
    assert sent > 50
    assert slowest < 1.0
    assert feed.daemon.resident_bytes - before < 32 << 20
    wait_until(lambda: feed.daemon.metric("tickrisk_snapshot_requests_total") >= 2, "it is given up and asked again")
    assert feed.daemon.metric("tickrisk_messages_missing_total") == 0


def test_the_shipped_publisher_answers_with_all_last_values(run, stream, tmp_path, demo):
    ticks, snapshots = f"ipc://{tmp_path}/ticks", f"ipc://{tmp_path}/snapshots"
    feed = subprocess.Popen(
        [TOOL, "feed", "--endpoint", ticks, "--snapshot-endpoint", snapshots, "--instruments",
         DEMO / "instruments.csv", "--replay", DEMO / "history.csv", "--rate", "2000", "--batch", "1"],
        stdout=subprocess.PIPE, text=True)
    try:
        assert "publishing" in feed.stdout.readline()
        daemon = run(ticks, feed={"snapshot_endpoint": snapshots})
        daemon.wait_for_metric("tickrisk_snapshots_total", 1, feed="primary")
        client = stream(daemon)
        client.subscribe("market")
        client.until_state("market", lambda s: all(row["status"] == "ok" for row in s.values()), "all have a price")
        assert daemon.metric("tickrisk_messages_missing_total") == 0
        assert daemon.metric("tickrisk_snapshots_ignored_total") == 0
    finally:
        feed.terminate()
        feed.wait(10)
        feed.stdout.close()


def test_a_snapshot_of_the_shipped_publisher_agrees_with_its_live_messages(tmp_path):
    """Replays live messages next to a snapshot: at the sequence each part names, its records are what was published."""
    ticks, snapshots = f"ipc://{tmp_path}/ticks", f"ipc://{tmp_path}/snapshots"
    feed = subprocess.Popen(
        [TOOL, "feed", "--endpoint", ticks, "--snapshot-endpoint", snapshots, "--synthetic", "6000", "--rate",
         "40000", "--batch", "8"], stdout=subprocess.DEVNULL)
    live, dealer = CONTEXT.socket(zmq.SUB), CONTEXT.socket(zmq.DEALER)
    try:
        for socket, endpoint in ((live, ticks), (dealer, snapshots)):
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RCVTIMEO, 10_000)
            socket.setsockopt(zmq.RCVHWM, 0)
            socket.connect(endpoint)
        live.setsockopt(zmq.SUBSCRIBE, b"")
        history: dict[int, list] = {}

        def read_live() -> int:
            payload = live.recv()
            _, _, _, count, _, sequence, _ = wire.HEADER.unpack_from(payload)
            for at in range(count):
                record = wire.RECORD.unpack_from(payload, 32 + 32 * at)
                history.setdefault(record[0], []).append((sequence, record[4:]))
            return sequence

        while len(history) < 4_500:
            reached = read_live()
        dealer.send(b"SNAPSHOT")
        parts = compared = 0
        is_last = False
        while not is_last:
            payload = dealer.recv()
            _, kind, flags, count, _, included, _ = wire.HEADER.unpack_from(payload)
            assert kind == wire.SNAPSHOT
            while reached < included:
                reached = read_live()
            for at in range(count):
                record = wire.RECORD.unpack_from(payload, 32 + 32 * at)
                known = [prices for sequence, prices in history.get(record[0], []) if sequence <= included]
                if known:
                    assert record[4:] == known[-1], (record, included)
                    compared += 1
            parts += 1
            is_last = bool(flags & wire.LAST_OF_SNAPSHOT)
        assert parts == 2 and compared >= 4_500
    finally:
        feed.terminate()
        feed.wait(10)
        live.close()
        dealer.close()
