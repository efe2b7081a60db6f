# SPDX-License-Identifier: Apache-2.0
"""The Python decoder against the golden frames, damaged frames and the JSON subprotocol."""

from __future__ import annotations

import copy
import json
import pathlib
import random
import struct
import zlib

import pytest
import tickrisk

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
HEAD = ("kind", "channel", "seq", "base", "cut_ns", "newest_ns", "oldest_ns", "resumed")


def expected(name: str) -> dict:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def message(name: str, compression: str = "deflate") -> bytes:
    return (GOLDEN / f"{name}.{compression}.bin").read_bytes()


def golden_state(name: str, compression: str = "deflate") -> tickrisk.State:
    after = expected(name).get("after")
    return tickrisk.decode(message(name, compression), golden_state(after, compression) if after else None)


def uncompressed(
    kind: int, body: bytes, seq: int = 1, base: int = 1, flags: int = 0, declared: int | None = None
) -> bytes:
    """A message of stored blocks, without a checksum."""
    size = len(body) if declared is None else declared
    stored = struct.pack("<4sBBHQQQQQII", b"TKF1", kind, flags, 1, seq, base, 0, 0, 0, 0, size) + b"c"
    compressor = zlib.compressobj(0, zlib.DEFLATED, -15)
    block = struct.pack("<BHH", 0, len(stored), len(stored) ^ 0xFFFF) + stored
    return block + compressor.compress(body) + compressor.flush()


def test_there_are_golden_frames():
    assert len(NAMES) >= 6


@pytest.mark.parametrize("compression", ["zstd", "deflate"])
@pytest.mark.parametrize("name", NAMES)
def test_golden_frames_decode_to_what_they_were_made_from(name, compression):
    golden = expected(name)
    state = golden_state(name, compression)
    assert state.data == golden["data"]
    header = tickrisk.read_header(message(name, compression))
    for field in HEAD:
        assert getattr(state, field) == golden.get(field), field
        assert getattr(header, field) == golden.get(field), field
    assert header.checksum == golden.get("checksum")


@pytest.mark.parametrize("name", [name for name in NAMES if "after" in expected(name)])
def test_a_delta_leaves_the_state_it_was_given_alone(name):
    before = golden_state(expected(name)["after"])
    data, cells = copy.deepcopy(before.data), copy.deepcopy(before._cells)
    tickrisk.decode(message(name), before)
    assert before.data == data
    assert before._cells == cells


def test_a_delta_on_another_state_is_refused():
    delta = message("account-delta")
    for state in (None, golden_state("account-delta"), golden_state("market-snapshot")):
        with pytest.raises(tickrisk.BaseMismatch):
            tickrisk.decode(delta, state)


def test_a_wrong_checksum_is_noticed():
    damaged = bytearray(message("account-delta"))
    damaged[5 + 48] ^= 1
    with pytest.raises(tickrisk.ChecksumMismatch):
        tickrisk.decode(bytes(damaged), golden_state("account-snapshot"))


@pytest.mark.parametrize("compression", ["zstd", "deflate"])
@pytest.mark.parametrize("name", ["account-snapshot", "account-delta"])
def test_every_truncation_is_refused(name, compression):
    after = expected(name).get("after")
    state = golden_state(after) if after else None
    whole = message(name, compression)
    for length in range(len(whole)):
        with pytest.raises(tickrisk.BadFrame):
            tickrisk.decode(whole[:length], state)
    with pytest.raises(tickrisk.BadFrame):
        tickrisk.decode(whole + b"\0", state)


@pytest.mark.parametrize("name", ["account-snapshot", "account-delta"])
def test_damaged_bodies_raise_nothing_but_frame_errors(name):
    generator = random.Random(5)
    after = expected(name).get("after")
    state = golden_state(after) if after else None
    data = copy.deepcopy(state.data) if state else None
    header = tickrisk.read_header(message(name))
    plain = zlib.decompress(message(name), -15)
    refused = 0
    for _ in range(5_000):
        body = bytearray(plain[header.stored_bytes :])
        for _ in range(generator.randint(1, 3)):
            body[generator.randrange(len(body))] = generator.randrange(256)
        compressor = zlib.compressobj(0, zlib.DEFLATED, -15)
        damaged = message(name)[: 5 + header.stored_bytes] + compressor.compress(bytes(body)) + compressor.flush()
        try:
            tickrisk.decode(damaged, state)
        except tickrisk.FrameError:
            refused += 1
    assert refused > 4_500
    assert state is None or state.data == data


def test_noise_is_refused():
    generator = random.Random(6)
    for length in range(300):
        with pytest.raises(tickrisk.BadFrame):
            tickrisk.decode(generator.randbytes(length))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes([1, 0, 1, 1, 1, 0x78, 0, 2]) + b"\xff" * 9 + b"\x01",  # rows beyond the bytes left
        bytes([1, 0, 1, 1, 1, 0x78, 0, 2]) + b"\xff" * 9 + b"\x02",  # a varint beyond 64 bits
        bytes([1, 0, 1, 1, 1, 0x78, 0, 2, 2, 1, 0x61, 1, 0x61, 0, 0]),  # the same key twice
        bytes([1, 0, 1, 1, 1, 0x78, 0, 2, 1, 1, 0xFF, 0]),  # not UTF-8
        bytes([1, 0, 3, 0, 0]),  # an unknown shape
        bytes([1, 0, 0, 0, 2]),  # a record of two rows
        bytes([1, 0, 2, 1, 0, 9, 0]),  # an unknown type
        bytes([1, 0, 2, 1, 0, 0, 19, 0]),  # too many decimals
        bytes([2, 0, 0, 0, 1, 0, 0, 0, 1]),  # the same path twice
        bytes([2, 0, 0, 1, 1, 0x61, 3, 1, 1, 0x61, 0, 0, 1, 0]),  # a member that is also a table
        bytes([1, 16]) + b"." * 16 + bytes([2, 0, 0]),  # a path of 17 names
    ],
)
def test_contradictory_snapshots_are_refused(body):
    with pytest.raises(tickrisk.BadFrame):
        tickrisk.decode(uncompressed(0, body))


def test_claims_beyond_the_limits_are_refused():
    with pytest.raises(tickrisk.BadFrame):
        tickrisk.decode(uncompressed(0, b"\0", declared=1 << 27))
    with pytest.raises(tickrisk.BadFrame):
        tickrisk.decode(uncompressed(0, b"\0", declared=2))


def test_what_follows_the_body_and_unknown_flags_are_ignored():
    body = bytes([1, 0, 1, 1, 1, 0x78, 0, 2, 1, 1, 0x61, 3])
    state = tickrisk.decode(uncompressed(0, body + b"later", flags=0xF0, declared=len(body)))
    assert state.data == {"a": 0.01}


def test_groups_out_of_order_are_refused():
    body = bytes([1, 0, 0, 2, 1, 0x61, 0, 0, 1, 0x62, 0, 0, 1, 3, 3])
    state = tickrisk.decode(uncompressed(0, body))
    assert state.data == {"a": 1, "b": 1}
    delta = tickrisk.decode(uncompressed(1, bytes([2, 0, 0, 1, 0, 3, 0, 1, 1, 0, 0]), seq=2), state)
    assert delta.data == {"a": 2}
    for groups in ([2, 0, 1, 1, 0, 3, 0, 0, 1, 0, 3], [2, 0, 0, 1, 0, 3, 0, 0, 1, 0, 3]):
        with pytest.raises(tickrisk.BadFrame):
            tickrisk.decode(uncompressed(1, bytes(groups), seq=2), state)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # the examples of RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_apply_as_the_standard_says(target, patch, result):
    before = copy.deepcopy(target)
    assert tickrisk.merge_patch(target, patch) == result
    assert target == before


def test_json_frames_build_the_state():
    assert tickrisk.apply_json('{"type":"hello","protocol":1}') is None
    first = tickrisk.apply_json(
        '{"type":"snapshot","channel":"c","seq":4,"cut_ns":1767225600123456789,"resumed":true,'
        '"data":{"a":{"x":1,"y":2}}}')
    assert (first.kind, first.seq, first.base, first.resumed) == ("snapshot", 4, None, True)
    assert first.cut_ns == 1767225600123456789
    second = tickrisk.apply_json(
        '{"type":"delta","channel":"c","seq":6,"base":4,"cut_ns":2,"newest_ns":3,"oldest_ns":1,'
        '"data":{"a":{"x":null}}}', first)
    assert (second.kind, second.seq, second.base, second.newest_ns, second.oldest_ns) == ("delta", 6, 4, 3, 1)
    assert second.data == {"a": {"y": 2}}
    assert first.data == {"a": {"x": 1, "y": 2}}
    assert tickrisk.apply_json('{"type":"heartbeat","channel":"c","seq":6}', second) is second
    with pytest.raises(tickrisk.BaseMismatch):
        tickrisk.apply_json('{"type":"delta","channel":"c","seq":7,"base":5,"cut_ns":2,"data":{}}', second)
    for text in ("{", "[" * 100_000, '{"type":"snapshot","channel":"c"}'):
        with pytest.raises(tickrisk.BadFrame):
            tickrisk.apply_json(text, second)
