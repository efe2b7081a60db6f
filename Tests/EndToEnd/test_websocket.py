# SPDX-License-Identifier: Apache-2.0
"""The stream's edge: handshakes, frames and Closes that no library would send (RFC 6455)."""

import json
import resource
import time

import pytest

from raw_socket import RawSocket, frame
from waiting import wait_until

LATE_S = 3.0
PING = frame(0x81, b'{"op":"ping","id":1}')


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    from daemon import Daemon

    daemon = Daemon(
        tmp_path_factory.mktemp("edge"), [{"name": "primary", "endpoint": "ipc:///tmp/tickrisk-no-publisher"}],
        {"streaming": {"frame_timeout": "300ms"}, "http": {"allowed_hosts": ["risk.example"]}})
    yield daemon.start()
    daemon.stop()


@pytest.fixture
def open_stream(edge):
    opened: list[RawSocket] = []

    def make() -> RawSocket:
        client = RawSocket(edge.address)
        opened.append(client)
        assert client.upgrade().startswith(b"HTTP/1.1 101 ")
        opcode, hello = client.read_frame()
        assert opcode == 1 and json.loads(hello)["type"] == "hello"
        return client

    yield make
    for client in opened:
        client.socket.close()


# Handshake


def test_every_extension_is_declined(edge):
    with RawSocket(edge.address) as client:
        answer = client.upgrade(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits, x-own")
        assert answer.startswith(b"HTTP/1.1 101 ") and b"extensions" not in answer.lower()


def test_the_answer_is_computed_from_the_key(edge):
    with RawSocket(edge.address) as client:
        answer = client.upgrade(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer  # RFC 6455 section 1.3


@pytest.mark.parametrize("version", ["8", "14", "0", "13, 8"])
def test_another_version_is_told_the_one_there_is(edge, version):
    with RawSocket(edge.address) as client:
        answer = client.upgrade(Sec_WebSocket_Version=version).lower()
        assert answer.startswith(b"http/1.1 426 ") and b"sec-websocket-version: 13\r\n" in answer
        assert b"upgrade: websocket\r\n" in answer
        assert client.read_to_end(LATE_S).closed


@pytest.mark.parametrize("changes, status", [
    ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400), ({"Sec_WebSocket_Key": "!" * 24}, 400),
    ({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Version": None}, 400), ({"Connection": "keep-alive"}, 400),
    ({"Host": None}, 400), ({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403),
    ({"Sec_WebSocket_Protocol": "chat"}, 400), ({"Content_Length": "5"}, 413),
])
def test_a_bad_handshake_is_refused(edge, changes, status):
    with RawSocket(edge.address) as client:
        answer = client.upgrade(**changes)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
        assert client.read_to_end(LATE_S).closed


def test_a_listed_host_is_served(edge):
    with RawSocket(edge.address) as client:
        assert client.upgrade(Host="risk.example:9000").startswith(b"HTTP/1.1 101 ")


# Frames


BREACHES = {
    "no mask": (b"\x81\x02hi", 1002),
    "a reserved bit": (frame(0xC1, b"hi"), 1002),
    "a reserved data opcode": (frame(0x83), 1002),
    "a reserved control opcode": (frame(0x8B), 1002),
    "a fragmented ping": (frame(0x09), 1002),
    "a long ping": (frame(0x89, b"x" * 126), 1002),
    "a continuation of nothing": (frame(0x80, b"hi"), 1002),
    "a message within a message": (frame(0x01, b"h") + frame(0x81, b"i"), 1002),
    "a length of 64 bits": (b"\x81\xff" + b"\xff" * 8, 1002),
    "bad text": (frame(0x81, b"\xc3\x28"), 1007),
    "bad text in a frame that has not ended": (frame(0x81, b"\xed\xa0" + b"x" * 100)[:20], 1007),
    "half a character": (frame(0x01, b"\xe2\x82") + frame(0x80), 1007),
    "a message too big, by its header": (frame(0x81, b"x" * 65_537)[:14], 1009),
    "fragments too big together": (frame(0x01, b"x" * 40_000) + frame(0x80, b"x" * 40_000), 1009),
    "too many fragments": (frame(0x01) + frame(0x00) * 64, 1008),
    "a binary message": (frame(0x82, b"hi"), 1003),
    "a Close of one byte": (frame(0x88, b"\x03"), 1002),
    "a Close with a code that never travels": (frame(0x88, (1005).to_bytes(2, "big")), 1002),
    "a Close with a bad reason": (frame(0x88, b"\x03\xe8\xff"), 1007),
    "HTTP": (b"GET / HTTP/1.1\r\n\r\n", 1002),
}


@pytest.mark.parametrize("what", BREACHES)
def test_a_breach_ends_the_stream_with_its_code(edge, open_stream, what):
    data, code = BREACHES[what]
    before = edge.metric("tickrisk_stream_closes_total", code=str(code))
    client = open_stream()
    # What comes behind it is not looked at.
    client.send(data + (b"" if len(data) == 20 or "header" in what else PING * 100))
    assert client.read_close() == code
    assert client.read_to_end(LATE_S).data == b""
    assert edge.metric("tickrisk_stream_closes_total", code=str(code)) == before + 1


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999, None])
def test_a_close_is_answered_and_nothing_after_it(open_stream, code):
    client = open_stream()
    payload = b"" if code is None else code.to_bytes(2, "big") + "grund: \u00e4".encode()
    client.send(frame(0x88, payload) + frame(0x89, b"late") + PING)
    assert client.read_frame() == (8, payload[:2])
    end = client.read_to_end(LATE_S)
    assert end.closed and end.data == b""


def test_pings_are_answered_with_their_bytes_also_within_a_message(open_stream):
    client = open_stream()
    client.send(frame(0x8A, b"nobody asked") + frame(0x89) + PING[:3])
    assert client.read_frame() == (10, b"")
    client.send(PING[3:] + frame(0x01, b'{"op":"ping",') + frame(0x89, bytes(range(125))) + frame(0x80, b'"id":2}'))
    assert json.loads(client.read_frame()[1])["id"] == 1
    assert client.read_frame() == (10, bytes(range(125)))
    assert json.loads(client.read_frame()[1])["id"] == 2


@pytest.mark.parametrize("count", [1, 4, 7])
def test_a_frame_that_trickles_is_closed_in_time(open_stream, count):
    client = open_stream()
    began = time.monotonic()
    client.send(PING[:count])
    assert client.read_close() == 1008
    assert 0.25 < time.monotonic() - began < LATE_S
    assert client.read_to_end(LATE_S).closed


def test_a_stream_closed_by_half_is_closed(edge, open_stream):
    client = open_stream()
    before = edge.metric("tickrisk_stream_closes_total", code="1006")
    client.half_close()
    assert client.read_to_end(LATE_S).closed
    wait_until(lambda: edge.metric("tickrisk_stream_closes_total", code="1006") == before + 1, "it is counted")


def test_a_close_that_is_not_answered_is_final_all_the_same(run, publish):
    daemon = run(publish().endpoint, settings={"streaming": {"max_clients": 1}})
    with RawSocket(daemon.address) as first, RawSocket(daemon.address) as second:
        first.upgrade()
        first.read_frame()  # its hello: it is in
        second.upgrade()
        assert second.read_close() == 4009
        end = second.read_to_end(6.0)
        assert end.closed and end.seconds > 1.0


def resident_bytes(daemon) -> int:
    with open(f"/proc/{daemon.process.pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("request_frame", [frame(0x89), PING], ids=["pings", "messages"])
def test_answers_do_not_pile_up_for_a_client_that_does_not_read(run, publish, request_frame):
    daemon = run(publish().endpoint)
    with RawSocket(daemon.address, receive_buffer_bytes=4_096) as client:
        client.upgrade()
        before = resident_bytes(daemon)
        client.socket.settimeout(0.5)
        sent = 0
        chunk = request_frame * (60_000 // len(request_frame))
        # Until the daemon has stopped reading and every buffer on the way is full.
        while sent < 256 << 20:
            try:
                sent += client.socket.send(chunk)
            except TimeoutError:
                break
        assert sent < 64 << 20, "the daemon goes on reading"
        assert resident_bytes(daemon) - before < 8 << 20
    assert daemon.request("/healthz")[0] == 200
