# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, too many, too loud, or there when the daemon ends."""

import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from book import random_book
from stalled_client import StalledClient
from waiting import wait_until

SEED = 11
INSTRUMENTS = 2_000


@pytest.fixture
def wide(run, publish, tmp_path):
    """`wide(settings)`: a daemon whose frames fill socket buffers in seconds, and what moves all its prices."""
    book = random_book(SEED, instruments=INSTRUMENTS, accounts=1, positions=INSTRUMENTS, days=30)
    publisher = publish()

    def make(**streaming):
        daemon = run(publisher.endpoint, data=book.save(tmp_path / "wide"), settings={"streaming": streaming})
        publisher.wait_for_subscriber()
        turns = iter(range(1 << 30))

        def move() -> float:
            factor = 1 + (next(turns) % 97 + 1) / 1000
            prices = {i.id: round(i.prior_close * factor, 4) for i in book.instruments.values()}
            publisher.last(prices)
            return factor

        return daemon, move

    return make


CHANNELS = ("market", "account:A000")


def move_until(move, condition, what: str, deadline_s: float = 60.0) -> None:
    """Keeps prices moving, at a pace that makes every cut a full one, until `condition` holds."""

    def moved():
        move()
        return condition()

    wait_until(moved, what, deadline_s)


def test_a_slow_client_is_skipped_and_resynchronised(wide, stream):
    daemon, move = wide(slow_client_timeout="60s")
    slow = StalledClient(daemon.address, CHANNELS)
    quick = stream(daemon)
    quick.subscribe(*CHANNELS)
    quick.until_type("snapshot", "market")
    move_until(move, lambda: daemon.metric("tickrisk_frames_skipped_total") > 0, "a skipped frame")
    resumed = slow.resume()
    quick.until_quiet(*CHANNELS)
    resumed.until_quiet(*CHANNELS)
    for channel in CHANNELS:
        assert resumed.sequences[channel] == quick.sequences[channel]
        assert resumed.states[channel] == quick.states[channel]
    slow.close()


def test_a_slow_client_does_not_delay_another(wide, stream):
    daemon, move = wide(slow_client_timeout="60s")
    slow = StalledClient(daemon.address, CHANNELS)
    quick = stream(daemon)
    quick.subscribe("market")
    quick.until_type("snapshot", "market")
    move_until(move, lambda: daemon.metric("tickrisk_frames_skipped_total") > 0, "a skipped frame")
    quick.until_quiet("market")
    before = time.monotonic()
    move()
    quick.until_type("delta", "market")
    assert time.monotonic() - before < 2.0
    slow.close()


def test_a_client_that_takes_nothing_is_closed(wide):
    daemon, move = wide(slow_client_timeout="1s")
    slow = StalledClient(daemon.address, CHANNELS)
    wait_until(lambda: daemon.metric("tickrisk_clients") == 1, "the client is counted")
    move_until(move, lambda: daemon.metric("tickrisk_clients") == 0, "the client is closed")
    assert slow.drain() in (4008, 1006)
    slow.close()


def test_too_many_clients_are_turned_away(run, publish, stream):
    daemon = run(publish().endpoint, settings={"streaming": {"max_clients": 2}})
    kept = [stream(daemon), stream(daemon)]
    for client in kept:
        assert client.receive()["type"] == "hello"
    try:
        assert stream(daemon).close_code() == 4009
    except InvalidHandshake as refused:
        raise AssertionError(f"refused before the upgrade, without a close code: {refused}") from refused
    for client in kept:
        client.send({"op": "ping", "id": 1})
        assert client.until_type("pong")["id"] == 1
    kept[0].close()
    wait_until(lambda: daemon.metric("tickrisk_clients") == 1, "the place is free")
    assert stream(daemon).receive()["type"] == "hello"


def test_a_message_too_big_closes_its_connection(live, stream):
    client = stream(live[0])
    client.receive()
    try:
        client.connection.send("x" * (4 << 20))
    except ConnectionClosed:
        pass  # closed while it was being sent
    assert client.close_code() in (1009, 1006)
    assert stream(live[0]).receive()["type"] == "hello"


def test_a_daemon_that_ends_says_so(live, stream):
    daemon, _ = live
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    daemon.terminate()
    assert client.close_code() in (4012, 1001)
    assert daemon.join() == 0
