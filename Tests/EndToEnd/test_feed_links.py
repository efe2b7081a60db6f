# SPDX-License-Identifier: Apache-2.0
"""Links that break: half-open paths, publishers that restart or fall silent, strangers at the door."""

import random
import signal
import socket
import subprocess

import pytest
import zmq

from daemon import DEMO, TOOL
from publisher import Publisher
from relay import Relay
from waiting import wait_until

RUNS = 50


@pytest.fixture
def relay():
    made = []

    def make(endpoint: str) -> Relay:
        made.append(Relay(int(endpoint.rsplit(":", 1)[1])))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_path_that_leads_nowhere_is_noticed_and_taken_up_again(run, publish, relay, demo):
    instrument = next(iter(demo.instruments.values())).id
    publisher = publish()
    path = relay(publisher.endpoint)
    daemon = run(path.endpoint, feed={"silent_after": "1s"})
    publisher.wait_for_subscriber()

    def publish_until(condition, what: str) -> None:
        def sent():
            publisher.last({instrument: 10.0})
            return condition()

        wait_until(sent, what, 30)

    def is_up() -> bool:
        return daemon.metric("tickrisk_feed_up", feed="primary") == 1

    publish_until(is_up, "the feed is up")
    assert daemon.metric("tickrisk_messages_missing_total") == 0
    path.cut()
    publish_until(lambda: not is_up(), "silence is noticed")
    publish_until(lambda: path.hangups > 0, "the daemon gives the dead connection up by itself")
    assert daemon.request("/readyz")[0] == 503
    path.restore()
    publish_until(is_up, "the feed is up again")
    publisher.heartbeat()
    wait_until(
        lambda: daemon.metric("tickrisk_messages_total") + daemon.metric("tickrisk_messages_missing_total")
        == publisher.sequence, "every message is received or missing")
    assert daemon.metric("tickrisk_messages_missing_total") > 0
    assert daemon.metric("tickrisk_publisher_restarts_total") == 0


def test_fifty_publishers_one_after_another_are_counted_right(run, demo, free_port):
    instrument = next(iter(demo.instruments.values())).id
    endpoint = f"tcp://127.0.0.1:{free_port}"
    daemon = run(endpoint, feed={"pattern": "pull", "socket": "bind"})
    sent = lost = 0
    for number in range(RUNS):
        publisher = Publisher(push=True, connect=endpoint)
        publisher.epoch = 1_000 + number
        if number > 0:
            publisher.skip(number % 3)
            lost += number % 3
        for _ in range(4):
            publisher.last({instrument: 10.0})
        publisher.skip(1)
        publisher.heartbeat()
        sent, lost = sent + 5, lost + 1
        daemon.wait_for_metric("tickrisk_messages_total", sent, feed="primary")
        publisher.close()
    daemon.wait_for_metric("tickrisk_publisher_restarts_total", RUNS - 1, feed="primary")
    daemon.wait_for_metric("tickrisk_messages_missing_total", lost, feed="primary")
    daemon.wait_for_metric("tickrisk_messages_duplicate_total", 0, feed="primary")
    daemon.wait_for_metric("tickrisk_ticks_total", 4 * RUNS, feed="primary")


def bind_again(endpoint: str) -> Publisher:
    """ZeroMQ gives a port back some time after its socket was closed."""

    def bound():
        try:
            return Publisher(bind=endpoint)
        except zmq.ZMQError as error:
            assert error.errno == zmq.EADDRINUSE
            return None

    return wait_until(bound, f"{endpoint} is free")


def test_a_publisher_that_binds_again_is_found_again(run, demo, free_port):
    instrument = next(iter(demo.instruments.values())).id
    daemon = run(f"tcp://127.0.0.1:{free_port}")
    for number in range(3):
        publisher = bind_again(f"tcp://127.0.0.1:{free_port}")
        publisher.epoch = number
        publisher.wait_for_subscriber()
        publisher.last({instrument: 10.0})
        daemon.wait_for_metric("tickrisk_ticks_total", number + 1, feed="primary")
        publisher.close()
    assert daemon.metric("tickrisk_publisher_restarts_total") == 2


def test_a_silent_feed_goes_down_and_comes_up(run, tmp_path):
    endpoint = f"ipc://{tmp_path}/ticks"
    feed = subprocess.Popen(
        [TOOL, "feed", "--endpoint", endpoint, "--instruments", DEMO / "instruments.csv", "--replay",
         DEMO / "history.csv"], stdout=subprocess.DEVNULL)
    try:
        daemon = run(endpoint, feed={"silent_after": "500ms"})
        for _ in range(2):
            wait_until(lambda: daemon.metric("tickrisk_feed_up", feed="primary") == 1, "up")
            wait_until(lambda: daemon.request("/readyz")[0] == 200, "ready")
            feed.send_signal(signal.SIGSTOP)
            wait_until(lambda: daemon.metric("tickrisk_feed_up", feed="primary") == 0, "down")
            assert daemon.request("/readyz")[0] == 503
            feed.send_signal(signal.SIGCONT)
        wait_until(lambda: daemon.metric("tickrisk_feed_up", feed="primary") == 1, "up again")
        assert daemon.metric("tickrisk_publisher_restarts_total") == 0
    finally:
        feed.send_signal(signal.SIGCONT)
        feed.terminate()
        feed.wait(10)


def test_garbage_at_a_bound_socket_starves_nobody(run, publish, demo, free_port):
    instrument = next(iter(demo.instruments.values())).id
    endpoint = f"tcp://127.0.0.1:{free_port}"
    daemon = run(endpoint, feed={"pattern": "pull", "socket": "bind"})
    good = publish(push=True, connect=endpoint)
    noise = random.Random(99).randbytes
    greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00NULL" + b"\0" * 49
    ready = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x04PUSH"
    garbage = [
        noise(4_000), b"GET / HTTP/1.1\r\n\r\n", greeting, greeting + noise(200), greeting[:9] + b"\x7f\x01",
        greeting + ready + b"\x02" + b"\xff" * 8, greeting + ready + b"\x02" + (1 << 40).to_bytes(8, "big") + b"x",
        b"\x01\x00" + noise(50),
    ]
    for number in range(400):
        with socket.create_connection(("127.0.0.1", free_port), timeout=10) as rough:
            rough.sendall(garbage[number % len(garbage)])
        good.last({instrument: 10.0 + number})
    daemon.wait_for_metric("tickrisk_ticks_total", 400, feed="primary")
    # Some of it is ZMTP 1.0, which knows neither greeting nor keys: messages, refused like those of anybody.
    wait_until(
        lambda: daemon.metric("tickrisk_messages_total") == 400 + daemon.metric("tickrisk_ticks_rejected_total"),
        "every message is good or refused")
    assert daemon.metric("tickrisk_messages_missing_total", feed="primary") == 0


def wait_for_end(connection: socket.socket) -> None:
    """Fails with the socket's time-out when the other end keeps the connection."""
    try:
        while connection.recv(100):
            pass
    except ConnectionResetError:
        pass


def test_who_connects_and_says_nothing_is_let_go(run, publish, demo, free_port):
    endpoint = f"tcp://127.0.0.1:{free_port}"
    daemon = run(endpoint, feed={"pattern": "pull", "socket": "bind"})
    idle = [socket.create_connection(("127.0.0.1", free_port), timeout=10) for _ in range(50)]
    try:
        publish(push=True, connect=endpoint).last({next(iter(demo.instruments.values())).id: 10.0})
        daemon.wait_for_metric("tickrisk_ticks_total", 1, feed="primary")
        for each in idle:
            wait_for_end(each)
    finally:
        for each in idle:
            each.close()


def test_a_frame_too_large_costs_its_sender_the_connection_only(run, publish, demo, free_port):
    endpoint = f"tcp://127.0.0.1:{free_port}"
    daemon = run(endpoint, feed={"pattern": "pull", "socket": "bind"})
    rude = publish(push=True, connect=endpoint)
    monitor = rude.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    rude.socket.send(b"T" * (64 << 20))
    assert monitor.poll(10_000)
    rude.socket.disable_monitor()
    publish(push=True, connect=endpoint).last({next(iter(demo.instruments.values())).id: 10.0})
    daemon.wait_for_metric("tickrisk_messages_total", 1, feed="primary")
    assert daemon.resident_bytes < 256 << 20
