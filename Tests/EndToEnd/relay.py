# SPDX-License-Identifier: Apache-2.0
"""A TCP path between two programs that can be cut without either end being told."""

import socket
import threading


class Relay:
    """Forwards connections to `port`; while it is a black hole, bytes of either side vanish and no side is told."""

    def __init__(self, port: int):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        self.is_black_hole = False
        self.connections: list[socket.socket] = []
        #: Connections the near end has given up while they led nowhere.
        self.hangups = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self.lock:
            self.is_black_hole = True

    def restore(self) -> None:
        """New connections get through; those that lost bytes are ended."""
        with self.lock:
            self.is_black_hole = False
            self._end_all()

    def close(self) -> None:
        self.listener.close()
        with self.lock:
            self._end_all()

    def _end_all(self) -> None:
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                far = None
                if not self.is_black_hole:
                    try:
                        far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                        far.settimeout(None)
                    except OSError:
                        near.close()
                        continue
                self.connections += [near] if far is None else [near, far]
            threading.Thread(target=self._pump, args=(near, far, True), daemon=True).start()
            if far is not None:
                threading.Thread(target=self._pump, args=(far, near, False), daemon=True).start()

    def _pump(self, source, sink, is_near: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                if not self.is_black_hole and sink is not None:
                    sink.sendall(data)
        except OSError:
            pass
        with self.lock:
            if self.is_black_hole:
                self.hangups += is_near
                return
        for end in (source, sink):
            if end is not None:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
