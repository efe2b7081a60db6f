# SPDX-License-Identifier: Apache-2.0
"""The stream under many clients at once: rates, storms, slow readers, the end of the history ring."""

import time
from collections import defaultdict

import numpy
import pytest

from book import random_book
from stalled_client import StalledClient
from waiting import wait_until

#: Deltas from at most so many bases are made for one cut (DESIGN.md §6).
BASES_MAX = 8
#: Cuts a channel keeps for those who come back.
HISTORY_CUTS = 64


def move(publisher, instruments, random) -> None:
    publisher.last({i.id: round(i.prior_close * random.uniform(0.97, 1.03), 2) for i in instruments})


def test_many_rates_share_at_most_eight_bases_a_cut(live, stream, demo):
    daemon, publisher = live
    random = numpy.random.default_rng(3)
    instruments = list(demo.instruments.values())
    rates = [10, 5, 3.3, 2.5, 2, 1.7, 1.4, 1.2, 1.1, 1, 0.9, 0.8]
    clients = [stream(daemon) for _ in rates]
    for client, rate in zip(clients, rates):
        client.send({"op": "rate", "hz": rate})
        client.subscribe("market")
        client.until_type("snapshot", "market")
    end = time.monotonic() + 4
    while time.monotonic() < end:
        move(publisher, instruments, random)
        try:
            clients[0].receive(0.03)
        except TimeoutError:
            continue
    clients[0].until_quiet("market")
    newest = clients[0].sequences["market"]
    bases = defaultdict(set)

    def is_newest(message) -> bool:
        if message["type"] == "delta":
            bases[message["seq"]].add(message["base"])
        return message.get("seq") == newest

    for client in clients[1:]:
        client.until(is_newest, "the newest cut, at the client's own rate")
    assert max(len(found) for found in bases.values()) <= BASES_MAX
    assert any(len(found) > 1 for found in bases.values()), "rates differ, so bases do"
    for client in clients:
        assert client.states["market"] == clients[0].states["market"]


def test_who_comes_back_after_the_history_ended_gets_a_snapshot(live, stream, demo):
    daemon, publisher = live
    random = numpy.random.default_rng(4)
    instruments = list(demo.instruments.values())
    watcher, client = stream(daemon), stream(daemon)
    for one in (watcher, client):
        one.subscribe("market")
        one.until_type("snapshot", "market")
    client.until_quiet("market")
    left = client.sequences["market"]
    client.close()
    while watcher.sequences["market"] <= left + HISTORY_CUTS:
        move(publisher, instruments, random)
        watcher.until(lambda m: m["type"] == "delta", "the next cut")
    back = stream(daemon)
    back.subscribe("market", resume={"epoch": client.hello["epoch"], "sequences": {"market": left}})
    first = back.until(lambda m: m["type"] in ("snapshot", "delta"), "data")
    assert first["type"] == "snapshot" and first["resumed"] is False


def test_events_seen_in_another_run_are_a_gap(live, stream, demo):
    account = f"account:{next(iter(demo.positions))}"
    client = stream(live[0])
    client.subscribe(account, resume={"epoch": "another", "sequences": {}, "events": {account: 7}})
    assert client.until_type("gap")["channel"] == account


def test_a_storm_of_clients_all_have_a_snapshot_soon(live, stream, demo):
    daemon = live[0]
    channels = ("market", "firm")
    first = [stream(daemon) for _ in range(100)]
    for client in first:
        client.subscribe(*channels)
    for client in first:
        client.until_each("snapshot", *channels)
        client.close()
    begin = time.monotonic()
    again = [stream(daemon) for _ in range(100)]
    for client in again:
        client.subscribe(*channels)
    for client in again:
        client.until_each("snapshot", *channels)
    assert time.monotonic() - begin < 3.0
    assert all(client.states == again[0].states for client in again)


@pytest.fixture
def wide(run, publish, tmp_path):
    """A daemon with frames of some hundred kilobytes, and what moves all prices."""
    book = random_book(12, instruments=2_000, accounts=1, positions=2_000, days=30)
    publisher = publish()
    daemon = run(
        publisher.endpoint, data=book.save(tmp_path / "wide"),
        settings={"streaming": {"slow_client_timeout": "6s"}})
    publisher.wait_for_subscriber()
    random = numpy.random.default_rng(5)
    return daemon, lambda: move(publisher, book.instruments.values(), random)


def test_a_client_that_reads_a_little_is_kept_and_one_that_reads_nothing_is_not(wide):
    daemon, move_all = wide
    channels = ("market", "account:A000")
    stalled, trickling = (StalledClient(daemon.address, channels) for _ in range(2))
    wait_until(lambda: daemon.metric("tickrisk_clients") == 2, "both are counted")
    closed = daemon.metric("tickrisk_slow_clients_closed_total")

    def moved() -> bool:
        move_all()
        trickling.sip(8_192)
        return daemon.metric("tickrisk_clients") == 1

    wait_until(moved, "the client that takes nothing is closed", 60)
    assert daemon.metric("tickrisk_slow_clients_closed_total") == closed + 1
    end = time.monotonic() + 7
    while time.monotonic() < end:
        move_all()
        trickling.sip(8_192)
        time.sleep(0.1)  # a reader's pace, not a wait for something
    assert daemon.metric("tickrisk_clients") == 1
    stalled.close()
    trickling.close()


def test_slow_clients_cost_little_memory(wide):
    daemon, move_all = wide
    for _ in range(20):
        move_all()
    before = daemon.resident_bytes
    slow = [StalledClient(daemon.address, ("market", "account:A000")) for _ in range(40)]
    wait_until(lambda: daemon.metric("tickrisk_clients") == len(slow), "all are counted")

    def moved() -> bool:
        move_all()
        return daemon.metric("tickrisk_frames_skipped_total") >= 2 * len(slow)

    wait_until(moved, "all are skipped", 60)
    assert (daemon.resident_bytes - before) / len(slow) < 256 << 10
    for client in slow:
        client.close()
