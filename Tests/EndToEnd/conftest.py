# SPDX-License-Identifier: Apache-2.0
"""Fixtures: publishers, daemons and streams that end with the test, daemons with exit code 0."""

import socket

import pytest

from book import Book
from daemon import DEMO, Daemon
from publisher import Publisher, SnapshotServer
from stream_client import StreamClient
from waiting import wait_until


@pytest.fixture
def publish():
    """Makes publishers."""
    made: list[Publisher] = []

    def make(**options) -> Publisher:
        made.append(Publisher(**options))
        return made[-1]

    yield make
    for publisher in made:
        publisher.close()


@pytest.fixture
def snapshot_server():
    server = SnapshotServer()
    yield server
    server.close()


@pytest.fixture
def free_port() -> int:
    """A port for a daemon's feed, which unlike its HTTP has no way to tell which one the kernel chose."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def run(tmp_path):
    """Starts daemons: `run(endpoint, feed={…}, settings={…}, data=DIR)`; none of them may fail at the end."""
    started: list[Daemon] = []

    def make(endpoint: str | None = None, *, feed=None, feeds=None, settings=None, data=DEMO) -> Daemon:
        directory = tmp_path / f"daemon{len(started)}"
        directory.mkdir()
        feeds = feeds or [{"name": "primary", "endpoint": endpoint, "silent_after": "1h", **(feed or {})}]
        daemon = Daemon(directory, feeds, settings, data)
        started.append(daemon)
        return daemon.start()

    yield make
    for daemon in started:
        daemon.stop()


@pytest.fixture
def stream():
    """Opens streams: `stream(daemon, subprotocol)`."""
    opened: list[StreamClient] = []

    def make(daemon: Daemon, subprotocol: str | None = "tickrisk.v1.json", **options) -> StreamClient:
        opened.append(StreamClient(daemon.stream_url, subprotocol, **options))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture(scope="session")
def demo() -> Book:
    return Book.load(DEMO)


@pytest.fixture
def live(run, publish, demo):
    """A daemon on the demo files and its publisher; every instrument has ticked once, at its prior close."""
    publisher = publish()
    daemon = run(publisher.endpoint)
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    for account in demo.accounts:
        wait_until(lambda: daemon.account(account)["status"] == "ok", f"all prices of {account}")
    return daemon, publisher
