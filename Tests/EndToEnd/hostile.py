# SPDX-License-Identifier: Apache-2.0
"""A seeded publisher of everything a feed may be sent, that knows what each message must be counted as."""

import json
import math
import random
from collections import Counter

import wire
from wire import Tick

#: Malformed as JSON, or neither of the two forms.
BAD_JSON = [
    b'{"epoch":1', b'{', b'{}', b' ', b'{"ticks":[]}', b'{"epoch":-1,"sequence":0,"ticks":[]}',
    b'{"epoch":1,"sequence":0.5,"ticks":[]}', b'{"epoch":1,"sequence":0,"ticks":{}}', b'{"event":"x","prices":{}}',
    b'{"event":"price_tick","prices":[]}', b'\t[]', b'{"epoch":1,"sequence":1,"ticks":[]}x',
    b'{"epoch":1,"sequence":99999999999999999999,"ticks":[]}', b'{"epoch":1,"sequence":0,"ticks":[\xff\xfe]}',
    b'{"a":' + b"[" * 5_000 + b'}', b'{"epoch":1,"sequence":0,"ticks":[nan]}', b'{"epoch":1,"sequence":0,,}',
]


class Hostile:
    """`next()` gives the frames of one message and adds what it must change to `expected`."""

    def __init__(self, seed: int, instruments: list):
        self.random = random.Random(seed)
        self.instruments = instruments
        self.epoch = 1 << 63
        self.sequence = -1
        self.expected: Counter = Counter()
        self.makers = [
            self.good, self.good, self.bad_ticks, self.noise, self.cut, self.header, self.frames, self.bad_json,
            self.json_ticks, self.short_json, self.duplicate, self.gap, self.restart, self.heartbeat, self.snapshot,
            self.stray_snapshot,
        ]

    def next(self) -> list[bytes]:
        self.expected["messages"] += 1
        # The first message sets the epoch, and counts no gap.
        if self.sequence < 0:
            return self.good()
        return self.random.choice(self.makers)()

    def _message(self, ticks, **header) -> bytes:
        return wire.message(ticks, **{
            "sequence": self.sequence, "epoch": self.epoch, "sent_ns": self.random.getrandbits(64), **header})

    def _good_ticks(self) -> list[Tick]:
        return [self._good_tick() for _ in range(self.random.randrange(1, 6))]

    def _good_tick(self) -> Tick:
        price = self.random.uniform(1, 500)
        return Tick(self.random.choice(self.instruments).id, bid=price, ask=price, last=price,
                    status=self.random.randrange(4))

    def _reject(self, reason: str, count: int = 1) -> None:
        self.expected[reason] += count

    def good(self) -> list[bytes]:
        self.sequence += 1
        ticks = self._good_ticks()
        self.expected["ticks"] += len(ticks)
        payload = self._message(ticks)
        return [payload] if self.random.random() < 0.8 else [b"topic", payload]

    def bad_ticks(self) -> list[bytes]:
        self.sequence += 1
        known = self.random.choice(self.instruments).id
        choices = {
            "unknown_instrument": lambda: Tick(self.random.randrange(1 << 20, 1 << 32), last=math.nan, status=9),
            "non_finite": lambda: Tick(known, last=self.random.choice([math.nan, math.inf, -math.inf]), bid=-1.0),
            "price_range": lambda: Tick(known, last=self.random.choice([0.0, -0.0, -1.0, 1.1e12, 1e308, -5e-324])),
            "crossed": lambda: Tick(known, bid=2.0, ask=1.0, status=200),
            "status": lambda: Tick(known, last=1.0, status=self.random.randrange(4, 256)),
        }
        ticks = []
        for _ in range(self.random.randrange(1, 8)):
            if self.random.random() < 0.3:
                ticks.append(self._good_tick())
                self.expected["ticks"] += 1
            else:
                reason = self.random.choice(list(choices))
                ticks.append(choices[reason]())
                self._reject(reason)
        return [self._message(ticks)]

    def noise(self) -> list[bytes]:
        """Bytes that open neither as binary nor as JSON, of any length up to a few kilobytes."""
        self._reject("framing")
        payload = bytearray(self.random.randbytes(self.random.randrange(0, 3_000)))
        if payload and payload[0] in b"T{ \n\r\t":
            payload[0] = 0x80
        return [bytes(payload)]

    def cut(self) -> list[bytes]:
        self._reject("framing")
        whole = self._message(self._good_ticks(), sequence=self.random.getrandbits(64))
        if self.random.random() < 0.5:
            return [whole[:self.random.randrange(1, len(whole))]]
        return [whole + self.random.randbytes(self.random.randrange(1, 31))]

    def header(self) -> list[bytes]:
        self._reject("framing")
        ticks = self._good_ticks()
        return [self.random.choice([
            lambda: self._message(ticks, magic=b"TKR" + self.random.choice([b"0", b"2", b"\0"])),
            lambda: self._message(ticks, kind=self.random.randrange(3, 256)),
            lambda: self._message(ticks, kind=wire.HEARTBEAT),
            lambda: self._message(ticks, flags=self.random.randrange(2, 256)),
            lambda: self._message(ticks, count=self.random.choice([0, len(ticks) + 1, 65_535])),
        ])()]

    def frames(self) -> list[bytes]:
        self._reject("framing")
        good = self._message(self._good_ticks())
        return self.random.choice([[b"a", b"b", good], [good] * 10, [good, b""], [b"", b""], [b""]])

    def bad_json(self) -> list[bytes]:
        self._reject("json")
        return [self.random.choice(BAD_JSON)]

    def json_ticks(self) -> list[bytes]:
        self.sequence += 1
        symbol = self.random.choice(self.instruments).symbol
        choices = [
            ("ticks", {"symbol": symbol, "last": self.random.uniform(1, 9), "extra": [None]}),
            ("json", {"last": 1}), ("json", 7), ("json", {"symbol": symbol, "last": "1"}),
            ("json", {"symbol": symbol, "last": None}), ("unknown_instrument", {"symbol": symbol + "\u0000'--"}),
            ("price_range", {"symbol": symbol, "bid": 0}), ("crossed", {"symbol": symbol, "bid": 2, "ask": 1}),
            ("status", {"symbol": symbol, "status": "x" * 300}),
        ]
        ticks = []
        for _ in range(self.random.randrange(1, 6)):
            key, tick = self.random.choice(choices)
            self.expected[key] += 1
            ticks.append(tick)
        return [json.dumps({"epoch": self.epoch, "sequence": self.sequence, "ticks": ticks}).encode()]

    def short_json(self) -> list[bytes]:
        self.expected.update(ticks=1, price_range=1, unknown_instrument=1, non_finite=1)
        a, b, c = (i.symbol for i in self.instruments[:3])
        return [f' {{"event":"price_tick","prices":{{"{a}":1.5,"{b}":-1,"NOPE":2,"{c}":1e999}}}}'.encode()]

    def duplicate(self) -> list[bytes]:
        self.expected["duplicates"] += 1
        return [self._message(
            [Tick(1 << 31, last=math.nan)], sequence=self.sequence - self.random.randrange(0, self.sequence + 1))]

    def gap(self) -> list[bytes]:
        lost = self.random.randrange(1, 50)
        self.sequence += lost
        self.expected["missing"] += lost
        return self.good()

    def restart(self) -> list[bytes]:
        epochs = {0, 1, (1 << 64) - 1, self.random.getrandbits(64)} - {self.epoch}
        self.epoch = self.random.choice(sorted(epochs))
        self.sequence = self.random.choice([0, 0, self.random.randrange(1, 1_000)])
        self.expected.update(restarts=1, missing=self.sequence)
        self.sequence -= 1
        return self.good()

    def heartbeat(self) -> list[bytes]:
        self.sequence += 1
        self.expected["heartbeats"] += 1
        return [self._message([], kind=wire.HEARTBEAT, flags=self.random.randrange(2))]

    def snapshot(self) -> list[bytes]:
        ticks = self._good_ticks()
        self.expected["ticks"] += len(ticks)
        return [self._message(ticks, kind=wire.SNAPSHOT, flags=self.random.randrange(2))]

    def stray_snapshot(self) -> list[bytes]:
        self.expected["ignored"] += 1
        ticks = [Tick(1 << 31, last=math.nan)] * 3
        if self.random.random() < 0.5:
            return [self._message(ticks, kind=wire.SNAPSHOT, epoch=self.epoch ^ 1)]
        return [self._message(ticks, kind=wire.SNAPSHOT, sequence=self.sequence + (1 << 30))]
