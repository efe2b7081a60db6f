# SPDX-License-Identifier: Apache-2.0
"""Decodes the data frames of a tickrisk stream, binary or JSON, into the channel's data (docs/wire-format.md).

    state = tickrisk.decode(message, state)     # binary subprotocols
    state = tickrisk.apply_json(text, state)    # tickrisk.v1.json

Keep one state for each channel. A state is never changed once it was returned: parts that a delta leaves alone are
shared with the next one, so treat its data as read-only. zstd frames need the package ``zstandard``; deflate and JSON
need the standard library only.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PLAIN_BYTES_MAX = 64 << 20
ITEMS_MAX = 4 << 20
PATH_NAMES_MAX = 16
DECIMALS_MAX = 18
INTEGER_MAX = (1 << 62) - 1

_HEADER = struct.Struct("<4sBBHQQQQQII")
_ZSTD_START = b"\x28\xb5\x2f\xfd\xa0"
_RECORD, _MAP, _ROWS = range(3)
_DECIMAL, _PRICE, _CHOICE, _TEXT, _TEXTS = range(5)
_ABSENT_INTEGER = struct.pack("<q", -(1 << 63))


class FrameError(ValueError):
    """A message that cannot be applied."""


class BadFrame(FrameError):
    """Not a frame of this protocol, or a damaged one. The state given is still good."""


class BaseMismatch(FrameError):
    """A delta on a state that is not the one given: subscribe to the channel again."""


class ChecksumMismatch(FrameError):
    """The state after the frame is not the sender's: subscribe to the channel again."""


class Header(NamedTuple):
    """The stored beginning of a binary frame; times are nanoseconds since 1970, None where there was no tick."""

    kind: str
    channel: str
    seq: int
    base: int | None
    cut_ns: int
    newest_ns: int | None
    oldest_ns: int | None
    resumed: bool
    checksum: int | None
    body_bytes: int
    stored_bytes: int


@dataclass
class State:
    """A channel after a frame. ``data`` is the object of the JSON form; ``kind`` is of the last frame."""

    kind: str
    channel: str
    seq: int
    base: int | None
    cut_ns: int
    newest_ns: int | None
    oldest_ns: int | None
    resumed: bool
    data: dict[str, Any]
    # The integer state of binary frames: tables, and by table and column the list of cells.
    _tables: list["_Table"] = field(default_factory=list, repr=False, compare=False)
    _cells: list[list[list[Any]]] = field(default_factory=list, repr=False, compare=False)


class _Column(NamedTuple):
    name: str
    type: int
    decimals: int
    choices: list[str]


class _Table(NamedTuple):
    path: list[str]
    shape: int
    columns: list[_Column]
    keys: list[str]
    row_count: int
    price_decimals: bytes

    def json_cell(self, column: _Column, row: int, cell: Any) -> Any:
        """A present cell as the JSON form has it."""
        if column.type == _CHOICE:
            return column.choices[cell]
        if column.type >= _TEXT:
            return cell
        decimals = self.price_decimals[row] if column.type == _PRICE else column.decimals
        return float(cell) / 10.0**decimals if decimals else int(float(cell))


class _Reader:
    """A cursor over a body. Counts are checked against the bytes left and the items a frame may hold."""

    def __init__(self, data: bytes, offset: int, end: int) -> None:
        self.data, self.offset, self.end, self.items_left = data, offset, end, ITEMS_MAX

    def byte(self) -> int:
        if self.offset >= self.end:
            raise BadFrame("the body is truncated")
        self.offset += 1
        return self.data[self.offset - 1]

    def varint(self) -> int:
        byte = self.byte()
        if byte < 0x80:
            return byte
        value, shift = byte & 0x7F, 7
        while True:
            byte = self.byte()
            if shift == 63 and byte > 1:
                raise BadFrame("a varint does not fit 64 bits")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def take(self, items: int) -> int:
        if items > self.end - self.offset or items > self.items_left:
            raise BadFrame(f"a count of {items} is out of range")
        self.items_left -= items
        return items

    def count(self) -> int:
        return self.take(self.varint())

    def index(self, what: str, below: int) -> int:
        value = self.varint()
        if value >= below:
            raise BadFrame(f"{what} {value} is out of range")
        return value

    def raw(self, size: int) -> bytes:
        if size > self.end - self.offset:
            raise BadFrame("the body is truncated")
        self.offset += size
        return self.data[self.offset - size : self.offset]

    def text(self, size: int) -> str:
        try:
            return self.raw(size).decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadFrame("a text is not valid UTF-8") from error

    def string(self) -> str:
        return self.text(self.varint())

    def strings(self, count: int) -> list[str]:
        return [self.string() for _ in range(count)]

    def text_cell(self, column: _Column) -> Any:
        size = self.varint()
        if size == 0:
            return None
        return self.text(size - 1) if column.type == _TEXT else self.strings(self.take(size - 1))

    def number_cell(self, column: _Column, start: int) -> int | None:
        """``start`` plus the difference that follows, or None."""
        bits = self.varint()
        if bits == 0:
            return None
        bits -= 1
        number = start + ((bits >> 1) ^ -(bits & 1))
        limit = len(column.choices) - 1 if column.type == _CHOICE else INTEGER_MAX
        if number > limit or number < (0 if column.type == _CHOICE else -INTEGER_MAX):
            raise BadFrame(f"a cell of {column.name} is out of range")
        return number


def read_header(message: bytes) -> Header:
    """Reads header and channel without decompressing: enough for a relay, and to choose the state for ``decode``."""
    if message[:5] == _ZSTD_START and len(message) >= 12:
        block = int.from_bytes(message[9:12], "little")
        start, size, valid = 12, block >> 3, block & 7 == 0
    elif message[:1] == b"\x00" and len(message) >= 5:
        size, complement = struct.unpack_from("<HH", message, 1)
        start, valid = 5, size ^ complement == 0xFFFF
    else:
        raise BadFrame("the message is no binary frame")
    stored = message[start : start + size]
    if not valid or len(stored) != size or size < _HEADER.size:
        raise BadFrame("the message does not begin with a stored header")
    fields = _HEADER.unpack_from(stored)
    magic, kind, flags, channel_bytes, seq, base, cut, newest, oldest, checksum, body_bytes = fields
    stored_bytes = _HEADER.size + channel_bytes
    if magic != b"TKF1" or kind > 1 or stored_bytes > size or stored_bytes + body_bytes > PLAIN_BYTES_MAX:
        raise BadFrame("the header is invalid")
    try:
        channel = stored[_HEADER.size : stored_bytes].decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFrame("the channel's name is not valid UTF-8") from error
    return Header(
        "delta" if kind else "snapshot", channel, seq, base if kind else None, cut, newest or None, oldest or None,
        kind == 0 and bool(flags & 1), checksum if flags & 2 else None, body_bytes, stored_bytes)


def decode(message: bytes, state: State | None = None) -> State:
    """Applies a binary frame to the channel's state and returns the new one; a snapshot needs no state.

    Raises BaseMismatch, ChecksumMismatch or BadFrame; the state given stays as it was.
    """
    message = bytes(message)
    header = read_header(message)
    held = state
    if header.kind == "delta" and (held is None or held.channel != header.channel or held.seq != header.base):
        raise BaseMismatch(f"the delta of {header.channel} applies to {header.base}: subscribe again")
    plain = _decompress(message)
    end = header.stored_bytes + header.body_bytes
    if len(plain) < end:
        raise BadFrame("the body is truncated")
    reader = _Reader(plain, header.stored_bytes, end)
    if header.kind == "snapshot":
        tables, cells = _read_snapshot(reader)
        data = _data(tables, cells)
    else:
        tables, cells, data = _apply_delta(reader, held)
    if header.checksum is not None and header.checksum != _checksum(tables, cells):
        raise ChecksumMismatch(f"the state of {header.channel} is not the sender's: subscribe again")
    return State(*header[:8], data, tables, cells)


def _decompress(message: bytes) -> bytes:
    if message[0] == _ZSTD_START[0]:
        import zstandard

        if int.from_bytes(message[5:9], "little") > PLAIN_BYTES_MAX:
            raise BadFrame("the frame is too large")
        try:
            return zstandard.ZstdDecompressor().decompress(message, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise BadFrame(f"the frame does not decompress: {error}") from error
    stream = zlib.decompressobj(-15)
    try:
        plain = stream.decompress(message, PLAIN_BYTES_MAX + 1)
    except zlib.error as error:
        raise BadFrame(f"the frame does not decompress: {error}") from error
    if len(plain) > PLAIN_BYTES_MAX or not stream.eof or stream.unused_data:
        raise BadFrame("the frame is too large, truncated or followed by other bytes")
    return plain


def _read_snapshot(reader: _Reader) -> tuple[list[_Table], list[list[list[Any]]]]:
    tables = [_read_table(reader) for _ in range(reader.count())]
    _check_paths(tables)
    reader.take(sum(table.row_count * len(table.columns) for table in tables))
    cells = []
    for table in tables:
        rows = range(table.row_count)
        cells.append([
            [reader.text_cell(column) for _ in rows] if column.type >= _TEXT
            else [reader.number_cell(column, 0) for _ in rows]
            for column in table.columns
        ])
    return tables, cells


def _read_table(reader: _Reader) -> _Table:
    path = reader.string()
    shape = reader.byte()
    columns = [_read_column(reader) for _ in range(reader.count())]
    row_count = reader.varint() if shape == _RECORD else reader.count()
    keys = [] if shape == _RECORD else reader.strings(row_count)
    if shape > _ROWS or (shape == _RECORD and row_count != 1) or (shape == _MAP and len(columns) != 1):
        raise BadFrame(f"the table {path} is not shaped as it says")
    if len({column.name for column in columns}) != len(columns) or len(set(keys)) != len(keys):
        raise BadFrame(f"two columns or rows of {path} share a name")
    has_prices = any(column.type == _PRICE for column in columns)
    price_decimals = reader.raw(row_count) if has_prices else b""
    names = path.split(".", PATH_NAMES_MAX) if path else []
    if len(names) > PATH_NAMES_MAX or max(price_decimals, default=0) > DECIMALS_MAX:
        raise BadFrame(f"the table {path} is too deep or too fine")
    return _Table(names, shape, columns, keys, row_count, price_decimals)


def _read_column(reader: _Reader) -> _Column:
    name, type_ = reader.string(), reader.byte()
    decimals = reader.byte() if type_ == _DECIMAL else 0
    choices = reader.strings(reader.count()) if type_ == _CHOICE else []
    if type_ > _TEXTS or decimals > DECIMALS_MAX:
        raise BadFrame(f"the column {name} is of an unknown type or too fine")
    return _Column(name, type_, decimals, choices)


def _check_paths(tables: list[_Table]) -> None:
    paths = {tuple(table.path) for table in tables}
    if len(paths) != len(tables):
        raise BadFrame("two tables share a path")
    objects = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    parents = {path[:-1] for path in objects}
    for table in tables:
        if tuple(table.path) not in parents:
            continue
        members = (column.name for column in table.columns) if table.shape == _RECORD else table.keys
        if any((*table.path, member) in objects for member in members):
            raise BadFrame("a member is also a table")


def _data(tables: list[_Table], cells: list[list[list[Any]]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for table, columns in zip(tables, cells):
        target = data
        for name in table.path:
            target = target.setdefault(name, {})
        if table.shape == _ROWS:
            for key in table.keys:
                target[key] = {}
        for column, column_cells in zip(table.columns, columns):
            for row, cell in enumerate(column_cells):
                if cell is None:
                    continue
                value = table.json_cell(column, row, cell)
                if table.shape == _RECORD:
                    target[column.name] = value
                elif table.shape == _MAP:
                    target[table.keys[row]] = value
                else:
                    target[table.keys[row]][column.name] = value
    return data


def _apply_delta(reader: _Reader, state: State) -> tuple[list[_Table], list[list[list[Any]]], dict[str, Any]]:
    tables, cells, data = state._tables, list(state._cells), dict(state.data)
    fresh: set[int] = {id(data)}  # the dictionaries that are this frame's own

    def own(parent: dict[str, Any], name: str) -> dict[str, Any]:
        child = parent[name]
        if id(child) not in fresh:
            child = parent[name] = dict(child)
            fresh.add(id(child))
        return child

    previous = (-1, -1)
    for _ in range(reader.count()):
        table_index = reader.index("table", len(tables))
        table = tables[table_index]
        column_index = reader.index("column", len(table.columns))
        column = table.columns[column_index]
        if (table_index, column_index) <= previous:
            raise BadFrame("the groups are out of order")
        previous = (table_index, column_index)
        rows, next_row = [], 0
        for _ in range(reader.count()):
            row = next_row + reader.index("row", table.row_count - next_row)
            rows.append(row)
            next_row = row + 1
        cells[table_index] = list(cells[table_index])
        changed = cells[table_index][column_index] = list(cells[table_index][column_index])
        target = data
        for name in table.path:
            target = own(target, name)
        for row in rows:
            if column.type >= _TEXT:
                cell = reader.text_cell(column)
            else:
                cell = reader.number_cell(column, changed[row] or 0)
            changed[row] = cell
            member, holder = column.name, target
            if table.shape == _MAP:
                member = table.keys[row]
            elif table.shape == _ROWS:
                holder = own(target, table.keys[row])
            if cell is None:
                holder.pop(member, None)
            else:
                holder[member] = table.json_cell(column, row, cell)
    return tables, cells, data


def _checksum(tables: list[_Table], cells: list[list[list[Any]]]) -> int:
    parts: list[bytes] = []
    for table, columns in zip(tables, cells):
        parts.extend(key.encode() + b"\0" for key in table.keys)
        for column, column_cells in zip(table.columns, columns):
            if column.type == _TEXT:
                parts.extend(b"\xff" if cell is None else cell.encode() + b"\0" for cell in column_cells)
            elif column.type == _TEXTS:
                for cell in column_cells:
                    parts.append(b"\xff" if cell is None else b"".join(text.encode() + b"\0" for text in cell))
                    parts.append(b"\xff")
            elif None in column_cells:
                parts.extend(_ABSENT_INTEGER if cell is None else struct.pack("<q", cell) for cell in column_cells)
            else:
                parts.append(struct.pack(f"<{len(column_cells)}q", *column_cells))
    return zlib.crc32(b"".join(parts))


def merge_patch(state: Any, patch: Any) -> Any:
    """RFC 7396: what ``state`` becomes by ``patch``. Neither is changed; unpatched parts are shared."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(state) if isinstance(state, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def apply_json(text: str | bytes, state: State | None = None) -> State | None:
    """Applies a text message of the stream: data frames of ``tickrisk.v1.json`` give the channel's new state; every
    other message (hello, subscribed, heartbeat, event …) gives back the state it was given.

    Raises BaseMismatch or BadFrame; the state given stays as it was.
    """
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("the message is not JSON") from error
    kind = frame.get("type") if isinstance(frame, dict) else None
    if kind not in ("snapshot", "delta"):
        return state
    try:
        channel, seq, base, cut_ns, data = (
            frame["channel"], frame["seq"], frame.get("base"), frame["cut_ns"], frame["data"])
    except KeyError as error:
        raise BadFrame(f"the frame has no {error}") from error
    if not isinstance(data, dict):
        raise BadFrame("the frame's data is not an object")
    if kind == "delta":
        if state is None or state.channel != channel or state.seq != base:
            raise BaseMismatch(f"the delta of {channel} applies to {base}: subscribe again")
        data = merge_patch(state.data, data)
    return State(
        kind, channel, seq, base if kind == "delta" else None, cut_ns, frame.get("newest_ns"), frame.get("oldest_ns"),
        frame.get("resumed") is True, data)
