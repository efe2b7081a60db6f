# SPDX-License-Identifier: Apache-2.0
"""A path between browser and daemon that reads the WebSocket frames on it, and may lose some.

The page's socket lives in a worker, where a browser's own interception does not reach.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable


class PageRelay:
    """Forwards connections to `port` of loopback; `url` takes the place of the daemon's."""

    def __init__(self, port: int):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        #: What the page sent on its sockets, decoded.
        self.requests: list[dict] = []
        #: What the daemon said in text: control messages, events, heartbeats.
        self.answers: list[dict] = []
        #: Asked for each data frame of the daemon; a frame it says True to is lost.
        self.is_lost: Callable[[bytes], bool] = lambda payload: False
        #: Asked for each text message; one it says True to is lost.
        self.is_unsaid: Callable[[dict], bool] = lambda message: False
        #: When each of the page's sockets was asked for, by the monotonic clock.
        self.arrivals: list[float] = []
        self.farewell = b""
        self.lock = threading.Lock()
        self.sockets: list[socket.socket] = []
        self.streams: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def break_streams(self) -> None:
        """Ends the page's sockets, as a cable would."""
        with self.lock:
            self._end(self.streams)

    def end_streams(self, code: int, reason: str) -> None:
        """Ends the page's sockets by a Close of the daemon's, after the next frame of each."""
        payload = struct.pack(">H", code) + reason.encode()
        self.farewell = struct.pack(">BB", 0x88, len(payload)) + payload

    def close(self) -> None:
        self.listener.close()
        with self.lock:
            self._end(self.sockets)

    @staticmethod
    def _end(sockets: list[socket.socket]) -> None:
        for connection in sockets:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        sockets.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with self.lock:
                self.sockets += [near, far]
            threading.Thread(target=self._begin, args=(near, far), daemon=True).start()

    def _begin(self, near, far) -> None:
        try:
            head = near.recv(1 << 16)
            far.sendall(head)
        except OSError:
            return
        is_stream = head.startswith(b"GET /ws ")
        if is_stream:
            self.farewell = b""
            self.arrivals.append(time.monotonic())
            with self.lock:
                self.streams += [near, far]
        pumps = [(near, far, self._note_requests if is_stream else None),
                 (far, near, self._sift if is_stream else None)]
        for source, sink, through in pumps:
            threading.Thread(target=self._pump, args=(source, sink, through), daemon=True).start()

    def _pump(self, source, sink, through) -> None:
        try:
            if through:
                through(source, sink)
            else:
                while data := source.recv(1 << 16):
                    sink.sendall(data)
        except OSError:
            pass
        self._end([source, sink])

    def _note_requests(self, source, sink) -> None:
        for raw, opcode, payload in frames(source, b""):
            if opcode == 1:
                self.requests.append(json.loads(payload))
            sink.sendall(raw)

    def _sift(self, source, sink) -> None:
        buffered = b""
        while b"\r\n\r\n" not in buffered:
            data = source.recv(1 << 16)
            if not data:
                return
            buffered += data
        head, rest = buffered.split(b"\r\n\r\n", 1)
        sink.sendall(head + b"\r\n\r\n")
        for raw, opcode, payload in frames(source, rest):
            if opcode == 1:
                self.answers.append(json.loads(payload))
                is_lost = self.is_unsaid(self.answers[-1])
            else:
                is_lost = opcode == 2 and self.is_lost(payload)
            if not is_lost:
                sink.sendall(raw)
            if self.farewell:
                sink.sendall(self.farewell)
                return


def frames(source: socket.socket, buffered: bytes):
    """Frames of one direction, unfragmented as both ends send them: (bytes as sent, opcode, payload)."""

    def take(count: int) -> bytes:
        nonlocal buffered
        while len(buffered) < count:
            data = source.recv(1 << 16)
            if not data:
                raise OSError("ended")
            buffered += data
        taken, buffered = buffered[:count], buffered[count:]
        return taken

    while True:
        raw = take(2)
        size = raw[1] & 0x7F
        if size >= 126:
            extended = take(2 if size == 126 else 8)
            raw += extended
            (size,) = struct.unpack(">H" if size == 126 else ">Q", extended)
        mask = take(4) if raw[1] & 0x80 else b""
        payload = take(size)
        plain = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload)) if mask else payload
        yield raw + mask + payload, raw[0] & 0x0F, plain
