// SPDX-License-Identifier: Apache-2.0
// The text subprotocol: frames as DESIGN.md §6 writes them, patches as RFC 7396 applies them.

import FrameCodec
import Testing

struct JSONFrameTests {
    @Test
    func aPatchAppliedByAnotherImplementationGivesTheState() throws {
        for seed in UInt64(0)..<200 {
            var random = FrameRandom(seed: seed)
            var state = random.state(of: random.layout())
            var held = try PatchableJSON(parsing: state.jsonData())
            for step in 0..<6 {
                let base = state
                random.change(&state, oneIn: [1, 3, 50][step % 3])
                held = held.merged(with: try PatchableJSON(parsing: state.mergePatch(from: base)))
                #expect(try held == PatchableJSON(parsing: state.jsonData()), "seed \(seed) step \(step)")
            }
        }
    }

    @Test
    func aPatchOfTheSameStateIsEmpty() {
        var random = FrameRandom(seed: 3)
        for _ in 0..<50 {
            let state = random.state(of: random.layout())
            #expect(state.mergePatch(from: state) == Array("{}".utf8))
        }
    }

    private static let layout = ChannelLayout(tables: [
        Table(
            path: "", shape: .record,
            columns: [
                Column(name: "account", kind: .text), Column(name: "status", kind: .choice(["ok", "stale"])),
            ]),
        Table(
            path: "risk", shape: .record,
            columns: [Column(name: "window", kind: .decimal(0)), Column(name: "excluded", kind: .texts)]),
        Table(path: "risk.var", shape: .map, columns: [Column(name: "", kind: .decimal(2))], keys: ["9500", "9900"]),
        Table(path: "greeks", shape: .map, columns: [Column(name: "", kind: .decimal(2))]),
        Table(
            path: "positions", shape: .rows,
            columns: [Column(name: "price", kind: .price), Column(name: "quantity", kind: .decimal(2))],
            keys: ["AAPL", "EURUSD"], priceDecimals: [2, 5]),
    ])

    private static func state() -> ChannelState {
        var state = ChannelState(layout: self.layout)
        state.texts = [.text("ALPHA"), .list(["X", "Y"])]
        state.numbers = [0, 500, 12.5, .nan, 195, 1.08125, 10, .nan]
        return state
    }

    @Test
    func framesReadAsTheProtocolWritesThem() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let base = Self.state()
        var state = base
        let snapshot = try encoder.snapshot(
            of: base, head: FrameHead(channel: "account:ALPHA", sequence: 100, cutNanoseconds: .max), encoding: .json)
        #expect(
            String(decoding: snapshot, as: UTF8.self)
                == #"{"type":"snapshot","channel":"account:ALPHA","seq":100,"cut_ns":18446744073709551615,"#
                + #""resumed":false,"data":{"account":"ALPHA","status":"ok","risk":{"window":500,"#
                + #""excluded":["X","Y"],"var":{"9500":12.5}},"greeks":{},"#
                + #""positions":{"AAPL":{"price":195,"quantity":10},"EURUSD":{"price":1.08125}}}}"#)
        state.numbers[0] = 1
        state.numbers[4] = .nan
        state.numbers[7] = 0.1 + 0.2
        state.texts[1] = .list([])
        let head = FrameHead(
            channel: "account:ALPHA", sequence: 101, base: 100, cutNanoseconds: 7, newestNanoseconds: 6,
            oldestNanoseconds: 5, resumed: true)
        let delta = try encoder.delta(from: base, to: state, head: head, includingChecksum: true, encoding: .json)
        #expect(
            String(decoding: delta, as: UTF8.self)
                == #"{"type":"delta","channel":"account:ALPHA","seq":101,"base":100,"cut_ns":7,"newest_ns":6,"#
                + #""oldest_ns":5,"data":{"status":"stale","risk":{"excluded":[]},"#
                + #""positions":{"AAPL":{"price":null},"EURUSD":{"quantity":0.30000000000000004}}}}"#)
    }

    @Test
    func layoutsFindTheirCells() {
        let layout = Self.layout
        #expect(layout.table(atPath: "risk.var") == 2)
        #expect(layout.table(atPath: "nothing") == nil)
        #expect(layout.column(named: "quantity", inTable: 4) == 1)
        #expect(layout.column(named: "var", inTable: 1) == nil)
        #expect(layout.numberOffset(table: 4, column: 1) == 6)
        #expect(layout.textOffset(table: 1, column: 1) == 1)
        #expect(layout.numberCount == 8)
        #expect(layout.textCount == 2)
        #expect(layout == ChannelLayout(tables: layout.tables))
        #expect(layout != ChannelLayout(tables: Array(layout.tables.dropLast())))
    }
}
