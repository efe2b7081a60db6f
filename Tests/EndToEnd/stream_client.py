# SPDX-License-Identifier: Apache-2.0
"""A client of the stream that checks every frame's base as it applies it (DESIGN.md §6)."""

import copy
import json
import sys
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from daemon import ROOT
from waiting import DEADLINE_S

sys.path.insert(0, str(ROOT / "clients/python"))

#: Where a message stores its frame header uncompressed, by subprotocol (docs/wire-format.md).
HEADER_OFFSETS = {"tickrisk.v1.zstd": 12, "tickrisk.v1.deflate": 5}
HEADER_BYTES = 56


class StreamClient:
    """Receives messages one by one and keeps the state of every channel.

    `states` holds the JSON form by channel, `sequences` what each was last at. Binary frames go through the published
    Python client, and become messages of the same shape as the JSON ones, but for a delta's `data`.
    """

    def __init__(self, url: str, subprotocol: str | None = "tickrisk.v1.json", **options):
        self.connection = connect(
            url, subprotocols=[subprotocol] if subprotocol else None, compression=None, max_size=None, max_queue=None,
            open_timeout=10, close_timeout=1, **options).__enter__()
        self.states: dict[str, dict] = {}
        self.sequences: dict[str, int] = {}
        self.hello: dict | None = None
        self._decoded: dict = {}

    def send(self, message: dict) -> None:
        self.connection.send(json.dumps(message))

    def subscribe(self, *channels: str, **members) -> None:
        self.send({"op": "subscribe", "channels": list(channels), **members})

    def receive(self, deadline_s: float = DEADLINE_S) -> dict:
        """The next message, applied to the state where it is data."""
        raw = self.connection.recv(timeout=deadline_s)
        message = json.loads(raw) if isinstance(raw, str) else self._decode(raw)
        if message["type"] == "hello":
            self.hello = message
        elif message["type"] == "snapshot":
            self.states[message["channel"]] = copy.deepcopy(message["data"])
            self.sequences[message["channel"]] = message["seq"]
        elif message["type"] == "delta":
            self._apply(message)
        return message

    def until(self, matches, what: str, deadline_s: float = DEADLINE_S) -> dict:
        """Receives until a message matches, and returns it."""
        end = time.monotonic() + deadline_s
        seen = []
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.receive(left)
            except TimeoutError:
                break
            if matches(message):
                return message
            seen.append(message["type"])
        raise AssertionError(f"not within {deadline_s} s: {what}; came: {seen[-20:]}")

    def until_type(self, kind: str, channel: str | None = None) -> dict:
        return self.until(
            lambda m: m["type"] == kind and (channel is None or m.get("channel") == channel), f"{kind} of {channel}")

    def until_each(self, kind: str, *channels: str, seen=lambda message: None) -> None:
        """Receives until every channel has sent a message of this type, in any order; `seen` is told of all."""
        left = set(channels)

        def is_last(message) -> bool:
            seen(message)
            if message["type"] == kind:
                left.discard(message["channel"])
            return not left

        self.until(is_last, f"{kind} of {', '.join(channels)}")

    def until_state(self, channel: str, condition, what: str) -> dict:
        """Receives until the state of a channel satisfies `condition`, and returns it."""
        if channel in self.states and condition(self.states[channel]):
            return self.states[channel]
        self.until(lambda m: m.get("channel") == channel and channel in self.states and condition(self.states[channel]),
                   what)
        return self.states[channel]

    def until_quiet(self, *channels: str) -> None:
        """Receives until every channel has sent a heartbeat at the sequence we hold: nothing is on its way any more."""
        quiet: set[str] = set()
        while quiet != set(channels):
            message = self.receive()
            if message["type"] == "heartbeat" and message["channel"] in channels:
                assert message["seq"] == self.sequences[message["channel"]]
                quiet.add(message["channel"])
            elif message["type"] in ("snapshot", "delta"):
                quiet.discard(message["channel"])

    def close_code(self, deadline_s: float = DEADLINE_S) -> int:
        """Receives until the server closes, and returns its code."""
        end = time.monotonic() + deadline_s
        try:
            while True:
                self.receive(max(0.0, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def close(self) -> None:
        self.connection.close()

    def _apply(self, message: dict) -> None:
        channel = message["channel"]
        assert message["base"] == self.sequences.get(channel), (
            f"{channel}: base {message['base']}, but the last was {self.sequences.get(channel)}")
        assert message["seq"] > message["base"]
        self.states[channel] = (
            message["state"] if "state" in message else merge_patch(self.states[channel], message["data"]))
        self.sequences[channel] = message["seq"]

    def _decode(self, raw: bytes) -> dict:
        import tickrisk

        offset = HEADER_OFFSETS[self.connection.subprotocol]
        header = raw[offset:offset + HEADER_BYTES]
        assert header[:4] == b"TKF1", header
        kind, flags = header[4], header[5]
        name_bytes = int.from_bytes(header[6:8], "little")
        channel = raw[offset + HEADER_BYTES:offset + HEADER_BYTES + name_bytes].decode()
        base, cut_ns = (int.from_bytes(header[at:at + 8], "little") for at in (16, 24))
        state = tickrisk.decode(raw, self._decoded.get(channel))
        self._decoded[channel] = state
        message = {
            "type": "delta" if kind else "snapshot", "channel": channel, "seq": state.seq, "cut_ns": cut_ns,
        }
        data = copy.deepcopy(state.data)
        if kind:
            return {**message, "base": base, "state": data}
        return {**message, "resumed": bool(flags & 1), "data": data}


def merge_patch(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
