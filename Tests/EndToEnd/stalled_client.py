# SPDX-License-Identifier: Apache-2.0
"""A client that subscribes and then takes nothing from its socket until told to go on."""

import base64
import os
import socket

from stream_client import StreamClient

#: Small, so that what is not read piles up at the server within a few frames.
RECEIVE_BUFFER_BYTES = 8 << 10


class StalledClient(StreamClient):
    """Speaks the JSON subprotocol over a socket of its own; nothing is read after the upgrade until `resume`."""

    def __init__(self, address: str, channels: tuple[str, ...]):
        host, port = address.rsplit(":", 1)
        self._gate = socket.socket()
        self._gate.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self._gate.connect((host, int(port)))
        self._gate.sendall(_upgrade(address))
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._gate.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head
        quoted = ",".join(f'"{channel}"' for channel in channels)
        self._gate.sendall(_text_frame(f'{{"op":"subscribe","channels":[{quoted}]}}'.encode()))
        self.states, self.sequences, self.hello, self._decoded = {}, {}, None, {}

    def resume(self) -> "StalledClient":
        """Reads from here on; what was queued comes first."""
        self.connection = _Reader(self._gate)
        return self

    def sip(self, count: int) -> None:
        """Takes at most so many bytes off the socket, if there are any."""
        self._gate.settimeout(0.05)
        try:
            self._gate.recv(count)
        except TimeoutError:
            pass

    def drain(self) -> int:
        """Reads to the end and returns the close code, 1006 where there was none."""
        self.resume()
        try:
            while True:
                self.connection.recv(15.0)
        except ConnectionError:
            return 1006
        except _Closed as closed:
            return closed.code

    def close(self) -> None:
        self._gate.close()


class _Closed(Exception):
    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


class _Reader:
    """The server's side of a WebSocket: unmasked, possibly fragmented frames to messages."""

    subprotocol = "tickrisk.v1.json"

    def __init__(self, gate: socket.socket):
        self.gate = gate
        self.buffer = bytearray()

    def recv(self, timeout: float | None = None) -> str:
        self.gate.settimeout(timeout)
        parts = b""
        while True:
            first, length = self._take(2)
            if length == 126:
                length = int.from_bytes(self._take(2), "big")
            elif length == 127:
                length = int.from_bytes(self._take(8), "big")
            payload = bytes(self._take(length))
            opcode = first & 15
            if opcode == 8:
                raise _Closed(int.from_bytes(payload[:2], "big") if payload else 1005)
            if opcode == 9:
                self.gate.sendall(_frame(0x8A, payload))
            elif opcode in (0, 1):
                parts += payload
                if first & 128:
                    return parts.decode()

    def _take(self, count: int) -> bytearray:
        while len(self.buffer) < count:
            chunk = self.gate.recv(1 << 16)
            if not chunk:
                raise ConnectionResetError("the server closed without a close frame")
            self.buffer += chunk
        taken = self.buffer[:count]
        del self.buffer[:count]
        return taken


def _upgrade(address: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: tickrisk.v1.json\r\n\r\n").encode()


def _text_frame(payload: bytes) -> bytes:
    return _frame(0x81, payload)


def _frame(first: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros; payloads of fewer than 126 bytes."""
    assert len(payload) < 126
    return bytes([first, 0x80 | len(payload), 0, 0, 0, 0]) + payload
