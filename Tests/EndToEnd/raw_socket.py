# SPDX-License-Identifier: Apache-2.0
"""A client that says exactly the bytes it is told, for what no library would send."""

import base64
import os
import re
import socket
import time
from dataclasses import dataclass

DEADLINE_S = 10.0
MASK = b"\x11\x22\x33\x44"


@dataclass
class Ending:
    """All that came until the server closed, and how it did."""

    data: bytes
    #: False where the server did not close in time.
    closed: bool
    seconds: float

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.data)]


class RawSocket:
    def __init__(self, address: str, receive_buffer_bytes: int | None = None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket()
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect((host, int(port)))
        self.address = address
        self._rest = b""

    def __enter__(self) -> "RawSocket":
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass  # refused before it had all; the answer tells

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def read_to_end(self, deadline_s: float = DEADLINE_S) -> Ending:
        """Reads until the server closes; a reset is an end too."""
        began = time.monotonic()
        data, self._rest = self._rest, b""
        while (left := began + deadline_s - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                chunk = self.socket.recv(1 << 16)
            except TimeoutError:
                break
            except ConnectionError:
                return Ending(data, True, time.monotonic() - began)
            if not chunk:
                return Ending(data, True, time.monotonic() - began)
            data += chunk
        return Ending(data, False, time.monotonic() - began)

    def read_until(self, mark: bytes) -> bytes:
        """Reads up to and including `mark`; what came behind it is kept."""
        while mark not in self._rest:
            chunk = self.socket.recv(1 << 16)
            assert chunk, f"closed before {mark!r}: {self._rest[-300:]!r}"
            self._rest += chunk
        head, _, self._rest = self._rest.partition(mark)
        return head + mark

    # WebSocket

    def upgrade(self, **changes: str | None) -> bytes:
        """Asks for the stream and returns the header of the answer; `changes` to fields, by name with underscores."""
        fields = {
            "Host": self.address, "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version": "13",
        }
        fields.update({name.replace("_", "-"): value for name, value in changes.items()})
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
        self.send(f"GET /ws HTTP/1.1\r\n{lines}\r\n".encode())
        return self.read_until(b"\r\n\r\n")

    def read_frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        first, length = self._take(2)
        assert first & 0xF0 == 0x80 and length < 128, "one whole frame, unmasked, without extensions"
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        elif length == 127:
            length = int.from_bytes(self._take(8), "big")
        return first & 15, self._take(length)

    def read_close(self) -> int:
        """Skips frames up to the Close, and returns its code; 1005 for none."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == 8:
                return int.from_bytes(payload[:2], "big") if payload else 1005

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            chunk = self.socket.recv(1 << 16)
            assert chunk, f"closed within a frame: {self._rest!r}"
            self._rest += chunk
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken


def frame(first: int, payload: bytes = b"") -> bytes:
    """A client's frame, masked."""
    if len(payload) < 126:
        length = bytes([0x80 | len(payload)])
    elif len(payload) < 1 << 16:
        length = b"\xfe" + len(payload).to_bytes(2, "big")
    else:
        length = b"\xff" + len(payload).to_bytes(8, "big")
    return bytes([first]) + length + MASK + bytes(byte ^ MASK[i % 4] for i, byte in enumerate(payload))


def is_let_in(daemon) -> bool:
    """Whether a new connection is served, and not turned away."""
    try:
        return daemon.request("/healthz")[0] == 200
    except OSError:
        return False
