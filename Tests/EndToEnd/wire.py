# SPDX-License-Identifier: Apache-2.0
"""Messages of the tick wire, packed from its description and not from the daemon's code (DESIGN.md §4)."""

import struct
from dataclasses import dataclass

HEADER = struct.Struct("<4sBBHQQQ")
RECORD = struct.Struct("<IBBHddd")
MAGIC = b"TKR1"
TICKS, SNAPSHOT, HEARTBEAT = 0, 1, 2
LAST_OF_SNAPSHOT = 1
BID, ASK, LAST = 1, 2, 4
UNCHANGED, TRADING, HALTED, CLOSED = 0, 1, 2, 3


@dataclass(frozen=True)
class Tick:
    """One record; the fields present follow from what is given unless `fields` says otherwise."""

    instrument: int
    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    status: int = UNCHANGED
    fields: int | None = None

    def pack(self) -> bytes:
        given = ((BID, self.bid), (ASK, self.ask), (LAST, self.last))
        fields = sum(bit for bit, value in given if value is not None) if self.fields is None else self.fields
        return RECORD.pack(
            self.instrument, fields, self.status, 0, *(0.0 if value is None else value for _, value in given))


def message(
    ticks=(), *, sequence: int, epoch: int, sent_ns: int, kind: int = TICKS, flags: int = 0, magic: bytes = MAGIC,
    count: int | None = None,
) -> bytes:
    ticks = list(ticks)
    header = HEADER.pack(magic, kind, flags, len(ticks) if count is None else count, epoch, sequence, sent_ns)
    return header + b"".join(tick.pack() for tick in ticks)
