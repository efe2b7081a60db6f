// SPDX-License-Identifier: Apache-2.0
// What the encoder sends is what the decoder holds, for any layout and any change.

import FrameCodec
import Testing

struct FrameRoundTripTests {
    private static let binary: [FrameEncoding] = [.zstd, .deflate]

    /// What a receiver may see for a number: its double within half a unit.
    private static func isShown(_ sent: Double, as shown: Double, decimals: Int) -> Bool {
        if sent.isNaN { return shown.isNaN }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let limit = 0x1p62 / scale
        let expected = min(max(sent, -limit), limit)
        return (shown - expected).magnitude <= 0.5 / scale + expected.magnitude * 0x1p-51
    }

    private static func mismatch(_ sent: ChannelState, _ shown: ChannelState) -> String? {
        guard sent.layout == shown.layout else { return "layout" }
        guard sent.texts == shown.texts else { return "texts" }
        for (table, definition) in sent.layout.tables.enumerated() {
            for (column, columnDefinition) in definition.columns.enumerated() where columnDefinition.kind.isNumeric {
                let offset = sent.layout.numberOffset(table: table, column: column)
                for row in 0..<definition.rowCount {
                    let decimals =
                        switch columnDefinition.kind {
                        case .decimal(let decimals): decimals
                        case .price: Int(definition.priceDecimals[row])
                        default: 0
                        }
                    let (before, after) = (sent.numbers[offset + row], shown.numbers[offset + row])
                    if !self.isShown(before, as: after, decimals: decimals) {
                        return "\(definition.path).\(columnDefinition.name)[\(row)]: \(before) shown as \(after)"
                    }
                }
            }
        }
        return nil
    }

    @Test(arguments: binary)
    func framesCarryEveryStateOfAnyLayout(encoding: FrameEncoding) throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        for seed in UInt64(0)..<120 {
            var random = FrameRandom(seed: seed)
            var state = random.state(of: random.layout())
            let decoder = FrameDecoder()
            var head = FrameHead(channel: random.text(), sequence: 5, cutNanoseconds: random.next(), resumed: true)
            var decoded = try decoder.decode(encoder.snapshot(of: state, head: head, encoding: encoding))
            #expect(decoded.head == head, "seed \(seed)")
            #expect(decoded.checksum == state.checksum(), "seed \(seed)")
            #expect(Self.mismatch(state, decoded.state) == nil, "seed \(seed)")
            for step in UInt64(0)..<8 {
                let base = state
                random.change(&state, oneIn: [1, 3, 50][random.index(below: 3)])
                head = FrameHead(
                    channel: head.channel, sequence: 6 + step, base: 5 + step, cutNanoseconds: random.next(),
                    newestNanoseconds: 7, oldestNanoseconds: step == 0 ? nil : 6)
                let frame = try encoder.delta(
                    from: base, to: state, head: head, includingChecksum: step % 2 == 0, encoding: encoding)
                decoded = try decoder.decode(frame)
                #expect(decoded.head == head, "seed \(seed) step \(step)")
                #expect((decoded.checksum == nil) == (step % 2 == 1))
                #expect(Self.mismatch(state, decoded.state) == nil, "seed \(seed) step \(step)")
            }
        }
    }

    @Test
    func deltasBetweenAnyTwoCutsLeadToTheSameStateAsSingleSteps() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        for seed in UInt64(0)..<40 {
            var random = FrameRandom(seed: seed)
            let first = random.state(of: random.layout())
            var last = first
            for _ in 0..<5 { random.change(&last, oneIn: 4) }
            let decoder = FrameDecoder()
            let head = FrameHead(channel: "c", sequence: 1, cutNanoseconds: 0)
            _ = try decoder.decode(encoder.snapshot(of: first, head: head, encoding: .zstd))
            let jump = FrameHead(channel: "c", sequence: 6, base: 1, cutNanoseconds: 0)
            let decoded = try decoder.decode(
                encoder.delta(from: first, to: last, head: jump, includingChecksum: true, encoding: .zstd))
            #expect(decoded.checksum == last.checksum(), "seed \(seed)")
        }
    }

    private static func money(_ values: [Double]) -> ChannelState {
        let keys = values.indices.map { "k\($0)" }
        let table = Table(path: "", shape: .map, columns: [Column(name: "", kind: .decimal(2))], keys: keys)
        var state = ChannelState(layout: ChannelLayout(tables: [table]))
        state.numbers = values
        return state
    }

    @Test
    func numbersRoundToNearestWithTiesToEvenAndSaturate() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let sent = [0.125, 0.375, -0.125, 1.005, 1e300, -1e300, .infinity, .nan, -0.0, 0.004]
        let head = FrameHead(channel: "c", sequence: 1, cutNanoseconds: 0)
        let frame = try encoder.snapshot(of: Self.money(sent), head: head, encoding: .deflate)
        let shown = try FrameDecoder().decode(frame).state.numbers
        let limit = 0x1p62 / 100
        let expected = [0.12, 0.38, -0.12, 1, limit, -limit, limit, .nan, 0, 0]
        for (shown, expected) in zip(shown, expected) {
            #expect(shown == expected || (shown.isNaN && expected.isNaN))
        }
    }

    @Test
    func aChangeWithinItsRoundingMakesADeltaWithoutGroups() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let head = FrameHead(channel: "c", sequence: 2, base: 1, cutNanoseconds: 0)
        let (base, state) = (Self.money([1, 2.001]), Self.money([1, 2.002]))
        #expect(state.differs(from: base))
        let frame = try encoder.delta(from: base, to: state, head: head, includingChecksum: false, encoding: .zstd)
        #expect(try FrameHeader.read(frame).bodyBytes == 1)
        let text = try encoder.delta(from: base, to: state, head: head, includingChecksum: false, encoding: .json)
        #expect(String(decoding: text, as: UTF8.self).hasSuffix(#""data":{"k1":2.002}}"#))
    }

    @Test
    func statesAreTheSameWhateverTheirNaNsAndTheSignsOfTheirZeros() {
        let state = Self.money([.nan, 0, 1])
        let negative = Self.money([-Double.nan, -0.0, 1])
        #expect(!state.differs(from: negative))
        #expect(state.differs(from: Self.money([.nan, 0, 1.5])))
        #expect(state.differs(from: Self.money([0, 0, 1])))
        #expect(state.differs(from: Self.money([.nan, 0, 1, 2])))
    }

    @Test
    func aLargeBookTravelsInOneFrameOfManyBlocks() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        var random = FrameRandom(seed: 9)
        let keys = (0..<60_000).map { "SYM\($0)" }
        let columns = ["bid", "ask", "last"].map { Column(name: $0, kind: .decimal(4)) }
        var state = ChannelState(
            layout: ChannelLayout(tables: [Table(path: "", shape: .rows, columns: columns, keys: keys)]))
        for index in state.numbers.indices { state.numbers[index] = Double.random(in: 0...1e6, using: &random) }
        for encoding in Self.binary {
            let head = FrameHead(channel: "market", sequence: 1, cutNanoseconds: 0)
            let frame = try encoder.snapshot(of: state, head: head, encoding: encoding)
            #expect(try FrameDecoder().decode(frame).checksum == state.checksum())
        }
    }

    @Test
    func aLayoutThatChangedNeedsASnapshot() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let head = FrameHead(channel: "c", sequence: 2, base: 1, cutNanoseconds: 0)
        for encoding in FrameEncoding.allCases {
            #expect(throws: FrameCodecError.layoutChanged(channel: "c")) {
                try encoder.delta(
                    from: Self.money([1]), to: Self.money([1, 2]), head: head, includingChecksum: true,
                    encoding: encoding)
            }
        }
    }

    @Test
    func whatFitsNoFrameIsRefused() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let state = Self.money([1])
        let longest = String(repeating: "c", count: FrameLimits.channelBytesMax)
        for encoding in Self.binary {
            let head = FrameHead(channel: longest, sequence: 1, cutNanoseconds: 0)
            let frame = try encoder.snapshot(of: state, head: head, encoding: encoding)
            #expect(try FrameDecoder().decode(frame).head.channel == longest)
            let tooLong = FrameHead(channel: longest + "c", sequence: 1, cutNanoseconds: 0)
            #expect(throws: FrameCodecError.channelNameTooLong(bytes: 65_480, bytesMax: 65_479)) {
                try encoder.snapshot(of: state, head: tooLong, encoding: encoding)
            }
        }
        #expect(throws: FrameCodecError.levelOutOfRange(compressor: "deflate", level: 10, allowed: 0...9)) {
            try FrameEncoder(zstdLevel: 1, deflateLevel: 10)
        }
        #expect(throws: FrameCodecError.self) { try FrameEncoder(zstdLevel: 23, deflateLevel: 1) }
    }
}
