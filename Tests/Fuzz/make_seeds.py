# SPDX-License-Identifier: Apache-2.0
"""Writes what each fuzz target begins with: golden frames, the demo's files, hand-made messages.

    make_seeds.py FOLDER        FOLDER/<target>/<name>
"""
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def tick_message(*records, kind=0, flags=0, epoch=1, sequence=2):
    return struct.pack("<4sBBHQQQ", b"TKR1", kind, flags, len(records), epoch, sequence, 3) + b"".join(
        struct.pack("<IBBHddd", *record) for record in records)


def ticks():
    yield "records", tick_message(
        (1, 7, 1, 0, 10, 11, 10.5), (4_000_000_000, 4, 0, 0, 0, 0, -3), (9, 4, 0, 0, 0, 0, 1))
    yield "snapshot", tick_message((0, 3, 2, 0, 1, 2, 0), kind=1, flags=1)
    yield "heartbeat", tick_message(kind=2)
    yield "json", (b'{"epoch":1,"sequence":2,"sent_ns":3,"ticks":['
                   b'{"symbol":"AAPL","bid":1,"ask":2.5,"last":1.5e0,"status":"halted"},{"symbol":"CL","last":-1}]}')
    escapes = b'"Q\\"\\\\\\u00e9\\u0001"'
    yield "escapes", b' {"sequence":18446744073709551615,"epoch":0,"ticks":[{"symbol":' + escapes + b',"bid":1}]}'
    yield "short", b'{"event":"price_tick","prices":{"AAPL":189.34,"\\ud83d\\ude42":1}}'


def intake():
    yield "messages", bytes([2, 1, 1, 0, 4, 0, 3, 72, 1, 72, 2, 72, 0]) * 9
    yield "gap", bytes([2, 0, 0, 0, 0, 2, 3, 1, 1, 4, 0, 2, 70, 2, 70, 2, 70, 0, 2, 251, 0, 2])
    message = tick_message((0, 4, 0, 0, 0, 0, 5.0))
    yield "received", bytes([1]) + struct.pack(">H", len(message)) + message + b"\0"


def frames():
    golden = {path.name: path.read_bytes() for path in sorted((ROOT / "Tests/Golden").glob("*.bin"))}

    def script(*names):
        return b"".join(b"\0" + struct.pack(">H", len(golden[name])) + golden[name] for name in names)

    for name in golden:
        if name.endswith(("zstd.bin", "deflate.bin")):
            base = name.replace("delta", "snapshot").replace("empty", "account")
            yield name, script(name) if base == name or base not in golden else script(base, name)
    body = bytes([1, 0, 1, 1, 1, 0x78, 0, 2, 2, 1, 0x61, 1, 0x62, 3, 0])
    yield "body", b"\1" + struct.pack(">H", len(body)) + body + b"\2\0\4\1\0\1\1"


def relay_message(kind, name=b"", body=b"", number=0, epoch=1):
    return struct.pack("<4sBBHQQQ", b"TRL1", kind, 0, len(name), epoch, number, 2) + name + body


def relay():
    """A byte says where a message comes: 0 live, 1 an answer, 2 a question; 3 lets time pass; 4, 5 of the firm."""
    def script(*messages):
        return b"".join(bytes([place]) + struct.pack(">H", len(message)) + message for place, message in messages)

    golden = {path.name: path.read_bytes() for path in sorted((ROOT / "Tests/Golden").glob("*.bin"))}
    beat = relay_message(3, body=bytes([7] + [0] * 14))
    hello = relay_message(0, body=b"\1\2" + b"\5ALPHA\1A\3USD" + b"\4BETA\1B\3EUR")
    begun = [(0, beat), (1, hello)]
    yield "begin", script(*begun, (1, relay_message(5, b"market", golden.get("market-snapshot.zstd.bin", b""), 3)))
    yield "event", script(*begun, (0, relay_message(2, b"account:ALPHA", b"\5order{}", 1)), (0, beat),
                          (0, relay_message(2, b"account:ALPHA", b'\4fill{"a":[1]}', 3)))
    yield "access", script(*begun, (0, relay_message(4, b"ann")), (3, b""), (2, relay_message(32)),
                           (2, relay_message(33, body=b"\2\0\0\3\7")),
                           (2, relay_message(34, body=b"\0\2ab", number=9)),
                           (1, relay_message(6, body=b"\3ann\1\2ab\0\x81\1\1\5ALPHA\3", number=9)))
    for name, frame in golden.items():
        if name.endswith("zstd.bin"):
            yield name, script(*begun, (0, relay_message(1, body=frame, number=1)), (0, beat))
            numbers = bytes([7, 3, 2, 1, 3, 80, 3, 72]) + bytes(8) + bytes([3, 3, 70, 3, 60, 3, 50])
            changed = bytes([1]) + bytes(7) + bytes([200, 9])
            yield f"part-{name}", script((5, frame)) + numbers + changed + script((4, relay_message(7, b"firm", frame)))


def frame_round_trip():
    yield "tables", bytes(range(7)) * 40
    yield "texts", bytes([1, 4, 2, 3, 3, 3, 4, 5]) + b"Zurich AAPL ok" * 12


def control():
    yield "subscribe", (b'{"op":"subscribe","channels":["market","account:ALPHA"],'
                        b'"resume":{"epoch":"1","sequences":{"market":42},"events":{"account:ALPHA":7}}}')
    yield "unsubscribe", b'{"op":"unsubscribe","channels":["firm"]}'
    yield "rate", b'{"op":"rate","hz":0.2}'
    yield "ping", b'{"op":"ping","id":"a"}'


def client_frame(opcode, payload, fin=True, reserved=0):
    key = b"\1\2\3\4"
    if len(payload) < 126:
        length = bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        length = bytes([0x80 | 126]) + struct.pack(">H", len(payload))
    else:
        length = bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
    masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    return bytes([(0x80 if fin else 0) | reserved << 4 | opcode]) + length + key + masked


def stream():
    yield "text", client_frame(1, b'{"op":"ping","id":1}') + client_frame(9, b"ping") + client_frame(8, b"\x03\xe8bye")
    yield "fragments", client_frame(1, b'{"op":', False) + client_frame(10, b"") + client_frame(0, b'"ping"}')
    yield "long", client_frame(1, b'{"op":"subscribe","channels":[' + b'"market",' * 20 + b'"firm"]}')
    yield "reserved", client_frame(3, b"x", reserved=4) + client_frame(2, b"\xff")
    yield "huge", bytes([0x81, 0xFF]) + struct.pack(">Q", 1 << 62) + b"\0\0\0\0"


def handshake():
    request = ("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n")
    yield "plain", (request % "").encode()
    yield "subprotocol", (request % "Sec-WebSocket-Protocol: tickrisk.v2, tickrisk.v1.zstd\r\n").encode()
    yield "origin", (request % "Origin: http://127.0.0.1:8080\r\n").encode()
    yield "foreign", (request % "Origin: https://desk.example\r\nContent-Length: 0\r\n").encode()
    yield "http", b"POST /api/v1/accounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


def data_files():
    demo = ROOT / "config/demo"
    for name in ("instruments.csv", "accounts.csv", "positions.csv", "scenarios.yaml"):
        yield name, name[:1].encode() + (demo / name).read_bytes()
    desk = ROOT / "config/desk"
    yield "options", b"i" + (desk / "instruments.csv").read_bytes()
    yield "replays", b"s" + (desk / "scenarios.yaml").read_bytes()
    yield "events", b"edate,symbol,kind,value\n2024-01-03,A,split,2\n2024-01-04,A,dividend,0.25\n"
    yield "history", b"hdate,A,B\n" + b"".join(b"2024-01-%02d,%d.5,\n" % (day, day) for day in range(1, 29))
    yield "optional", (b"iid,symbol,name,sector,currency,multiplier,tick_size,margin_rate,lot_size,price_decimals,"
                       b"negative_prices,proxy,proxy_beta\n1,A,\"Al \"\"p\"\"\",T,USD,1,0.01,0.25,1,4,true,B,0.5\n"
                       b"2,B,b,T,USD,1,1,1,1,2,false,,\n")
    yield "quotes", b'ca,"b ""c""","d\r\n"\r\n"",x,y\r\n'


def what_if():
    yield "two", b'{"trades":[{"symbol":"A","quantity":-10.5},{"symbol":"B","quantity":1e3,"price":-2}]}'
    yield "none", b'{"trades":[]}'


def limits():
    yield "two", b'{"limits":[{"metric":"value_at_risk","soft":1,"hard":2},{"metric":"notional","part":"A","soft":5}]}'
    yield "none", b'{"limits":[]}'


def access():
    yield "sign_in", b'{"user":"ann","password":"correct horse"}'
    yield "user", b'{"name":"ann","password":"correct horse","roles":[{"account":"A","role":"view"}]}'
    yield "change", b'{"password":"correct horse","disabled":false}'
    yield "roles", b'{"roles":[{"account":null,"role":"admin"},{"account":"A","role":"trade"}]}'
    yield "token", b'{"scopes":["read","trade"],"expires_ns":1893456000000000000}'


def watchlist():
    yield "two", b'{"symbols":["A","B/C"]}'
    yield "near", b'{"symbols":["AA","B-C","A"]}'


def gateway():
    head = b'{"protocol":1,"type":"%s","session":9,"sequence":%d,"message_id":"9-%d"%s}'
    fill = b'"fill_id":"F1","side":"sell","quantity":3,"price":180.5,"fees":-0.5,"time_ns":77'
    order = b'{"order_id":1,"standing":"working","executed_quantity":3,"fills":[{%s}]}' % fill
    bodies = [(b"heartbeat", b""), (b"ack", b',"order_id":1'), (b"fill", b',"order_id":1,' + fill),
              (b"reject", b',"order_id":1,"reason":"no"'), (b"cancelled", b',"order_id":2'),
              (b"status", b',"request_id":1,"orders":[%s],"more":false' % order)]
    messages = [head % (kind, number, number, rest) for number, (kind, rest) in enumerate(bodies, start=1)]
    yield "session", b"".join(b"\0" + struct.pack(">H", len(text)) + text for text in messages)


def fill():
    plain = (b'{"version":1,"fill_id":"F1","account":"A","symbol":"B","side":"sell","quantity":3,"price":180.5,'
             b'"fees":-0.5,"ts":77%s}')
    yield "plain", b"\x01A" + plain % b""
    yield "whole", b"\x01A" + plain % b',"rate":1.25,"order_id":7'
    yield "reversal", b"\x01A" + (plain % b',"reverses":"F0"').replace(b"-0.5", b"0.5")


def configuration():
    yield "example", (ROOT / "config/tickrisk.example.yaml").read_bytes()
    yield "demo", (ROOT / "config/demo/tickrisk.yaml").read_bytes()
    yield "settings", b'risk: {window: 250}\n\x1ffeeds.0.endpoint=ipc:///run/a\x1frisk.confidences_bp=[9500, 9900]'
    yield "alias", b"a: &x [1, 2]\nb: *x\n? [q]\n: !!int 3\n---\nc: |\n  text\n"


def main(folder):
    makers = [
        ticks, intake, frames, frame_round_trip, control, stream, handshake, data_files, configuration, what_if,
        limits, gateway, fill, watchlist, access, relay]
    for make in makers:
        target = pathlib.Path(folder) / ("Fuzz" + make.__name__.title().replace("_", ""))
        target.mkdir(parents=True, exist_ok=True)
        for name, content in make():
            (target / name).write_bytes(content)


main(sys.argv[1])
