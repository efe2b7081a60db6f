# SPDX-License-Identifier: Apache-2.0
"""A publisher of ticks, bound or connected, that knows when it has a subscriber."""

import json
import time

import zmq

import wire

CONTEXT = zmq.Context.instance()


class Publisher:
    """Sends messages of one epoch with sequences 0, 1, 2 … unless told otherwise.

    A publishing socket is an XPUB, whose subscriptions can be read: no test has to guess when it is heard.
    """

    def __init__(self, *, push: bool = False, connect: str | None = None, topic: bytes | None = None,
                 options: dict | None = None, bind: str = "tcp://127.0.0.1:*"):
        self.topic = topic
        self.epoch = time.time_ns()
        self.sequence = 0
        self.socket = CONTEXT.socket(zmq.PUSH if push else zmq.XPUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDTIMEO, 10_000)
        self.socket.setsockopt(zmq.RCVTIMEO, 10_000)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        if not push:
            self.socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        for name, value in (options or {}).items():
            self.socket.setsockopt(getattr(zmq, name.upper()), value)
        if connect is None:
            self.socket.bind(bind)
            self.endpoint = self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        else:
            self.socket.connect(connect)
            self.endpoint = connect
        self.is_push = push

    def wait_for_subscriber(self) -> bytes:
        """Blocks until somebody subscribes and returns the topic; a PUSH blocks in its sends instead."""
        if self.is_push:
            return b""
        while True:
            subscription = self.socket.recv()
            if subscription[:1] == b"\x01":
                return subscription[1:]

    def send(self, payload: bytes, topic: bytes | None = None) -> None:
        topic = self.topic if topic is None else topic
        self.socket.send_multipart([payload] if topic is None else [topic, payload])

    def ticks(self, *ticks: wire.Tick, sent_ns: int | None = None, kind: int = wire.TICKS) -> int:
        """Publishes a message and returns its sequence."""
        sequence = self.sequence
        self.sequence += 1
        self.send(wire.message(
            ticks, sequence=sequence, epoch=self.epoch, sent_ns=sent_ns or time.time_ns(), kind=kind))
        return sequence

    def last(self, prices: dict[int, float]) -> int:
        """Publishes last prices by instrument identifier, in one message."""
        return self.ticks(*(wire.Tick(instrument, last=price) for instrument, price in prices.items()))

    def handshake_failures(self) -> zmq.Socket:
        """A socket that tells of peers who could not prove who they are."""
        return self.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL)

    def heartbeat(self) -> int:
        return self.ticks(kind=wire.HEARTBEAT)

    def skip(self, count: int) -> None:
        self.sequence += count

    def restart(self) -> None:
        """What a publisher's own restart looks like: a new epoch, from sequence 0."""
        self.epoch += 1
        self.sequence = 0

    def json(self, value) -> None:
        self.send(json.dumps(value).encode())

    def close(self) -> None:
        self.socket.close()


class SnapshotServer:
    """A ROUTER that answers `SNAPSHOT` requests when the test says so."""

    def __init__(self):
        self.socket = CONTEXT.socket(zmq.ROUTER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, 10_000)
        self.socket.bind("tcp://127.0.0.1:*")
        self.endpoint = self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()

    def request(self) -> bytes:
        """Blocks until a request comes and returns who sent it."""
        identity, *frames = self.socket.recv_multipart()
        assert frames == [b"SNAPSHOT"], frames
        return identity

    def answer(self, identity: bytes, messages: list[bytes]) -> None:
        for payload in messages:
            self.socket.send_multipart([identity, payload])

    def close(self) -> None:
        self.socket.close()
