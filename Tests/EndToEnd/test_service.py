# SPDX-License-Identifier: Apache-2.0
"""The daemon as a service: what it tells its manager, the socket it is handed, how it stops."""

import re
import socket
import subprocess
import time

import pytest
from websockets.exceptions import ConnectionClosed

from daemon import BINARY, Daemon
from service_manager import ACTIVATE, FrozenThread, NotifySocket
from stream_client import StreamClient
from waiting import wait_until


@pytest.fixture
def manager(tmp_path):
    socket_of_manager = NotifySocket(tmp_path)
    yield socket_of_manager
    socket_of_manager.close()


@pytest.fixture
def serve(tmp_path, publish):
    """Starts daemons with variables of a service manager: `serve(environment, …)`."""
    made: list[Daemon] = []

    def make(environment=None, *, settings=None, **options) -> Daemon:
        directory = tmp_path / f"service{len(made)}"
        directory.mkdir()
        feeds = [{"name": "primary", "endpoint": publish().endpoint, "silent_after": "1h"}]
        made.append(Daemon(directory, feeds, settings, environment=environment, **options))
        return made[-1]

    yield make
    for daemon in made:
        daemon.stop()


@pytest.fixture
def port():
    """A listening socket that outlives daemons, as systemd holds it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    yield listener
    listener.close()


def activated(listener: socket.socket) -> dict:
    descriptor = listener.fileno()
    return {"wrapper": ACTIVATE, "descriptors": (descriptor,), "environment": {"TICKET": str(descriptor)}}


def test_the_manager_hears_that_it_starts_lives_and_stops(serve, manager):
    daemon = serve({"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"}).start()
    assert "reading configuration" in manager.until(lambda t: t.startswith("STATUS="), "what it does at the start")
    assert "feeds up" in manager.until(lambda text: "READY=1" in text, "READY=1"), "a line for people"
    for _ in range(3):
        manager.until(lambda text: "WATCHDOG=1" in text, "a sign of life", 2)
    daemon.terminate()
    manager.until(lambda text: "STOPPING=1" in text, "STOPPING=1")
    assert daemon.join() == 0


@pytest.mark.parametrize("thread", ["tr-engine", "tr-publish"])
def test_a_frozen_loop_feeds_no_watchdog(serve, manager, thread):
    daemon = serve({"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"}).start()
    manager.until(lambda text: "WATCHDOG=1" in text, "a sign of life")
    with FrozenThread(daemon.process.pid, thread):
        manager.drain()
        # One look may have seen the last turn; after that there is nothing for ten looks.
        manager.within(0.2)
        assert manager.within(1.0) is None
        assert daemon.request("/healthz")[0] == 200, "the rest of the process lives"
    manager.until(lambda text: "WATCHDOG=1" in text, "a sign of life after the thaw")


def test_a_daemon_takes_the_socket_it_is_handed(serve, port):
    daemon = serve(**activated(port)).start()
    assert daemon.address == "127.0.0.1:%d" % port.getsockname()[1]
    assert daemon.request("/healthz")[0] == 200


def test_no_connection_is_refused_while_daemons_change(serve, port):
    first = serve(**activated(port)).start()
    assert first.request("/healthz")[0] == 200
    first.terminate()
    assert first.join() == 0
    # Nobody accepts now; who comes waits.
    waiting = [socket.create_connection(port.getsockname(), timeout=15) for _ in range(20)]
    for connection in waiting:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    serve(**activated(port)).start()
    for connection in waiting:
        with connection:
            assert connection.recv(64).startswith(b"HTTP/1.1 200"), "whoever waited is answered"


def test_a_socket_that_others_reach_needs_a_configuration_that_says_so(tmp_path):
    with socket.create_server(("0.0.0.0", 0)) as listener:
        listener.set_inheritable(True)
        path = tmp_path / "tickrisk.yaml"
        path.write_text('http: {listen: "127.0.0.1:0"}\n')
        daemon = Daemon(tmp_path, [{"name": "primary", "endpoint": f"ipc://{tmp_path}/feed"}], **activated(listener))
        with pytest.raises(AssertionError, match="other machines"):
            daemon.start()
        assert daemon.join() == 1


def test_a_second_instance_on_a_store_is_refused(serve, tmp_path):
    settings = {"store": {"directory": str(tmp_path / "state")}}
    first = serve(settings=settings).start()
    second = subprocess.run(
        [BINARY, "--config", first.path], capture_output=True, text=True, timeout=30)
    assert second.returncode == 1 and "another process uses" in second.stderr
    assert first.request("/healthz")[0] == 200


def test_a_stop_tells_clients_when_to_come_back(serve):
    daemon = serve().start()
    clients = [StreamClient(daemon.stream_url) for _ in range(30)]
    for client in clients:
        client.subscribe("firm")
    begin = time.monotonic()
    daemon.terminate()
    pauses = set()
    for client in clients:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                client.receive(10)
        assert closed.value.rcvd.code == 4012
        pauses.add(int(re.fullmatch(r"retry in (\d+) ms", closed.value.rcvd.reason).group(1)))
    assert daemon.join() == 0
    assert time.monotonic() - begin < 5
    assert min(pauses) >= 100 and max(pauses) <= 3000 and max(pauses) - min(pauses) > 500


def test_a_stop_does_not_wait_for_who_never_answers(serve):
    daemon = serve().start()
    host, port_number = daemon.address.rsplit(":", 1)
    # Half a request, and a request whose answer is not read.
    half = socket.create_connection((host, int(port_number)))
    half.sendall(b"GET /metrics HTTP/1.1\r\nHost: local")
    full = socket.create_connection((host, int(port_number)))
    full.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    wait_until(lambda: daemon.metric("tickrisk_connections") >= 2, "both connections")
    begin = time.monotonic()
    daemon.terminate()
    assert daemon.join() == 0
    assert time.monotonic() - begin < 5
    half.close()
    full.close()
