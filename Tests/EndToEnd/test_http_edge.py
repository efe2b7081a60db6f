# SPDX-License-Identifier: Apache-2.0
"""HTTP that is hostile, broken or slow: refused with its status and a close, never a hang, and nobody else notices."""

import shutil
import subprocess
import time

import pytest

from raw_socket import RawSocket, is_let_in
from waiting import wait_until

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
END = b"\r\n"
#: What a slow client may take here, and what a test waits for it at most.
TIMEOUT = "300ms"
TIMEOUT_S = 0.3
LATE_S = 3.0


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    """One daemon for all requests that are refused: each gets a connection of its own."""
    from daemon import Daemon

    daemon = Daemon(
        tmp_path_factory.mktemp("edge"), [{"name": "primary", "endpoint": "ipc:///tmp/tickrisk-no-publisher"}],
        {"http": {"listen": "127.0.0.1:0", "header_timeout": TIMEOUT, "idle_timeout": TIMEOUT}})
    yield daemon.start()
    daemon.stop()


def is_well(daemon) -> bool:
    return daemon.request("/healthz")[0] == 200


def many(count: int) -> bytes:
    return b"".join(b"X-%d: y\r\n" % number for number in range(count))


REFUSED = {
    "both lengths": (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "both lengths, the other way": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 0\r\nContent-Length: 3\r\n\r\nabc", 400),
    "two equal lengths": (POST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400),
    "a list of lengths": (POST + b"Content-Length: 0, 0\r\n\r\n", 400),
    "a signed length": (POST + b"Content-Length: +0\r\n\r\n", 400),
    "a hexadecimal length": (POST + b"Content-Length: 0x1\r\n\r\n", 400),
    "a length beyond 64 bits": (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    "chunked is not last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "chunked in HTTP/1.0": (
        b"POST /healthz HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a bad chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", 411),
    "a chunk extension": (POST + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n", 411),
    "chunked behind gzip": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked, disguised": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "a body": (POST + b"Content-Length: 5\r\n\r\nhello", 413),
    "a body that is announced": (POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 413),
    "a folded field": (GET + b"X: y\r\n z\r\n\r\n", 400),
    "bare line feeds": (b"GET /healthz HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400),
    "a bare carriage return": (GET + b"X: y\rZ: w\r\n\r\n", 400),
    "a space before the colon": (GET + b"X : y\r\n\r\n", 400),
    "a field without a name": (GET + b": y\r\n\r\n", 400),
    "a field without a colon": (GET + b"X\r\n\r\n", 400),
    "a null byte": (GET + b"X: a\0b\r\n\r\n", 400),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + b"Host: localhost\r\n\r\n", 400),
    "a malformed Host": (b"GET /healthz HTTP/1.1\r\nHost: local host\r\n\r\n", 400),
    "a Host with a user": (b"GET /healthz HTTP/1.1\r\nHost: me@localhost\r\n\r\n", 400),
    "a foreign Host": (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    "absolute form": (b"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "authority form": (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "no target": (b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "a method in lower case": (b"get /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "an unknown method": (b"BREW /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0 by name": (b"GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    "HTTP/1.2": (b"GET /healthz HTTP/1.2\r\nHost: localhost\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 505),
    "TLS": (bytes.fromhex("16030100a5010000a10303") + b"\0" * 160, 400),
    "a long target": (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a very long target": (b"GET /" + b"a" * 200_000, 414),
    "a long field": (GET + b"X: " + b"a" * 9_000 + b"\r\n\r\n", 431),
    "a field without an end": (GET + b"X: " + b"a" * 200_000, 431),
    "a long name": (GET + b"a" * 9_000 + b": y\r\n\r\n", 431),
    "a long header": (GET + b"".join(b"X%d: %s\r\n" % (i, b"a" * 4_000) for i in range(5)) + END, 431),
    "65 fields": (GET + many(64) + END, 431),
    "fields without an end": (GET + many(20_000), 431),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_request_of_ours_is_refused_and_the_connection_closed(edge, what):
    request, status = REFUSED[what]
    before = edge.metric("tickrisk_requests_refused_total", status=str(status))
    with RawSocket(edge.address) as client:
        client.send(request)
        end = client.read_to_end(LATE_S)
    assert end.closed and end.statuses == [status], end
    assert b"connection: close" in end.data.lower()
    assert edge.metric("tickrisk_requests_refused_total", status=str(status)) == before + 1


@pytest.mark.parametrize("what", ["both lengths", "a bad chunk", "two Hosts", "a body"])
def test_what_is_smuggled_behind_a_refused_request_is_never_served(edge, what):
    with RawSocket(edge.address) as client:
        client.send(REFUSED[what][0] + GET + END)
        end = client.read_to_end(LATE_S)
    assert end.statuses == [REFUSED[what][1]], end


def test_a_request_within_all_limits_is_served(edge):
    with RawSocket(edge.address) as client:
        client.send(b"\r\n" + GET + b"X: " + b"a" * 8_000 + END + many(61) + b"Connection: close\r\n\r\n")
        assert client.read_to_end(LATE_S).statuses == [200]
    with RawSocket(edge.address) as client:
        client.send(b"POST /healthz HTTP/1.1\r\nHost: LocalHost:1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert client.read_to_end(LATE_S).statuses == [404]


def test_pipelined_requests_are_answered_in_order_before_a_refusal(edge):
    with RawSocket(edge.address) as client:
        client.send((GET + END) * 3 + (GET + END).replace(b"healthz", b"nowhere") + b"NONSENSE\r\n\r\n" + GET + END)
        assert client.read_to_end(LATE_S).statuses == [200, 200, 200, 404, 400]


def test_a_client_that_says_no_more_still_gets_its_answer(edge):
    with RawSocket(edge.address) as client:
        client.send(GET + END)
        client.half_close()
        assert client.read_to_end(LATE_S).statuses == [200]
    with RawSocket(edge.address) as client:
        client.send(GET)
        client.half_close()
        end = client.read_to_end(LATE_S)
        assert end.closed and end.statuses in ([], [400])


def test_a_slow_header_times_out_however_it_trickles(edge):
    with RawSocket(edge.address) as client:
        began = time.monotonic()
        client.send(GET)
        client.socket.settimeout(0.02)
        data = b""
        while not data.endswith(b"}") and time.monotonic() - began < LATE_S:
            client.send(b"X: y\r\n")
            try:
                data += client.socket.recv(1 << 16)
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert b" 408 " in data and TIMEOUT_S * 0.9 < time.monotonic() - began < LATE_S


def test_a_slow_second_header_times_out_too(edge):
    with RawSocket(edge.address) as client:
        client.send(GET + END)
        client.read_until(b"ok\n")
        client.send(GET)
        end = client.read_to_end(LATE_S)
    assert end.closed and end.statuses == [408] and end.seconds > TIMEOUT_S * 0.9


@pytest.mark.parametrize("request_first", [False, True])
def test_a_silent_connection_is_closed_without_a_word(edge, request_first):
    with RawSocket(edge.address) as client:
        if request_first:
            client.send(GET + END)
            client.read_until(b"ok\n")
        end = client.read_to_end(LATE_S)
    assert end.closed and end.data == b"" and end.seconds > TIMEOUT_S * 0.9


def test_a_response_that_nobody_takes_is_given_up(run, publish):
    daemon = run(publish().endpoint, settings={"http": {"response_timeout": TIMEOUT}})
    with RawSocket(daemon.address, receive_buffer_bytes=2_048) as client:
        # More answers than any socket buffer holds.
        client.send(b"GET /api/v1/instruments HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2_000)
        wait_until(lambda: daemon.metric("tickrisk_responses_timed_out_total") == 1, "the response is given up", LATE_S)
    assert is_well(daemon)


def test_connections_are_limited(run, publish):
    daemon = run(publish().endpoint, settings={"http": {"max_connections": 8}})
    with_room = [RawSocket(daemon.address) for _ in range(8)]
    for client in with_room:
        client.send(GET + END)
        client.read_until(b"ok\n")
    with RawSocket(daemon.address) as refused:
        end = refused.read_to_end(LATE_S)
        assert end.closed and end.statuses in ([503], [])
    for client in with_room[1:]:
        client.__exit__()
    wait_until(lambda: is_let_in(daemon), "the places are free")
    assert daemon.metric("tickrisk_connections_refused_total", limit="total") >= 1
    assert sum("connections refused" in line for line in daemon.log) == 1
    with_room[0].send(GET + END)
    with_room[0].read_until(b"ok\n")
    with_room[0].__exit__()


def test_connections_are_limited_per_address(run, publish):
    daemon = run(publish().endpoint, settings={"http": {"max_connections_per_address": 2}})
    with RawSocket(daemon.address), RawSocket(daemon.address), RawSocket(daemon.address) as refused:
        end = refused.read_to_end(LATE_S)
        assert end.closed and end.statuses in ([503], [])
    wait_until(lambda: is_let_in(daemon), "the places are free")
    assert daemon.metric("tickrisk_connections_refused_total", limit="address") >= 1


@pytest.mark.parametrize(
    "attack", [["-H"], ["-B"], ["-X", "-w", "1", "-y", "1", "-n", "1", "-z", "1"]], ids=["header", "body", "read"])
def test_slow_clients_by_the_hundreds_keep_nobody_waiting(run, publish, attack):
    if not shutil.which("slowhttptest"):
        pytest.skip("slowhttptest is not installed: scripts/install-dependencies test")
    settings = {"http": {"header_timeout": "1s", "response_timeout": "1s", "idle_timeout": "1s"}}
    daemon = run(publish().endpoint, settings=settings)
    options = ["-c", "200", "-r", "200", "-i", "1", "-l", "3", "-p", "1", "-u", daemon.url + "/"]
    process = subprocess.Popen(
        ["slowhttptest", *attack, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        slowest = 0.0
        while process.poll() is None:
            began = time.monotonic()
            assert is_well(daemon)
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    assert slowest < 2.0
    wait_until(lambda: daemon.metric("tickrisk_connections") <= 1, "the slow ones are gone")
