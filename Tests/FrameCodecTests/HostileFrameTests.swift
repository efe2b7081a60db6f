// SPDX-License-Identifier: Apache-2.0
// The decoder against truncated, mutated and invented messages: it refuses, and never traps or loses its state.

import FrameCodec
import Testing

struct HostileFrameTests {
    private struct Pair {
        let base: ChannelState
        let snapshot: [UInt8]
        let delta: [UInt8]

        init(seed: UInt64, encoding: FrameEncoding) throws {
            var random = FrameRandom(seed: seed)
            self.base = random.state(of: random.layout())
            var state = self.base
            random.change(&state, oneIn: 2)
            // Level 0 stores: a mutated byte then reaches the body instead of failing in the decompressor.
            let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 0)
            self.snapshot = try encoder.snapshot(
                of: self.base, head: FrameHead(channel: "account:A", sequence: 1, cutNanoseconds: 1),
                encoding: encoding)
            self.delta = try encoder.delta(
                from: self.base, to: state,
                head: FrameHead(channel: "account:A", sequence: 2, base: 1, cutNanoseconds: 2),
                includingChecksum: seed % 2 == 0, encoding: encoding)
        }
    }

    @Test(arguments: [FrameEncoding.zstd, .deflate])
    func everyTruncationIsRefused(encoding: FrameEncoding) throws {
        for seed in UInt64(0)..<6 {
            let pair = try Pair(seed: seed, encoding: encoding)
            let decoder = FrameDecoder()
            _ = try decoder.decode(pair.snapshot)
            for message in [pair.snapshot, pair.delta] {
                for length in 0..<message.count {
                    #expect(throws: FrameDecodeError.self, "seed \(seed) length \(length)") {
                        try decoder.decode(Array(message[..<length]))
                    }
                }
                #expect(throws: FrameDecodeError.self) { try decoder.decode(message + [7]) }
            }
            #expect(try decoder.decode(pair.delta).head.sequence == 2, "the refused messages left the state alone")
        }
    }

    @Test(arguments: [FrameEncoding.zstd, .deflate])
    func mutatedMessagesNeverTrap(encoding: FrameEncoding) throws {
        var random = FrameRandom(seed: 77)
        var refused = 0
        for seed in UInt64(0)..<40 {
            let pair = try Pair(seed: seed, encoding: encoding)
            let decoder = FrameDecoder()
            for round in 0..<400 {
                var message = round % 2 == 0 ? pair.snapshot : pair.delta
                for _ in 0...random.index(below: 3) {
                    let index = random.index(below: message.count)
                    message[index] =
                        random.chance(2)
                        ? UInt8(random.index(below: 256)) : [0, 0x7F, 0x80, 0xFF][random.index(below: 4)]
                }
                _ = try decoder.decode(pair.snapshot)
                do { _ = try decoder.decode(message) } catch { refused += 1 }
            }
        }
        #expect(refused > 8_000, "most of 16,000 mutations are noticed")
    }

    @Test
    func inventedBodiesNeverTrap() throws {
        var random = FrameRandom(seed: 4)
        let pair = try Pair(seed: 1, encoding: .deflate)
        let decoder = FrameDecoder()
        var refused = 0
        for round in 0..<20_000 {
            let small = round % 2 == 0
            let body = (0..<random.index(below: 40)).map { _ in UInt8(random.index(below: small ? 5 : 256)) }
            let message = Self.message(kind: UInt8(round % 4 / 2), body: body)
            _ = try decoder.decode(pair.snapshot)
            do { _ = try decoder.decode(message) } catch { refused += 1 }
        }
        #expect(refused > 10_000)
        for length in 0..<200 {
            let noise = (0..<length).map { _ in UInt8(random.index(below: 256)) }
            #expect(throws: FrameDecodeError.self) { try decoder.decode(noise) }
        }
    }

    /// A deflate message of stored blocks: what anyone can write without a compressor.
    private static func message(kind: UInt8, body: [UInt8], declaredBytes: UInt32? = nil) -> [UInt8] {
        func little(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        func block(_ content: [UInt8], isLast: UInt8) -> [UInt8] {
            [isLast] + little(UInt64(content.count), 2) + little(~UInt64(content.count), 2) + content
        }
        let channel = Array("account:A".utf8)
        var stored = Array("TKF1".utf8) + [kind, 0] + little(UInt64(channel.count), 2)
        stored += little(2, 8) + little(1, 8) + little(0, 24) + little(0, 4)
        stored += little(UInt64(declaredBytes ?? UInt32(body.count)), 4) + channel
        return block(stored, isLast: 0) + block(body, isLast: 1)
    }

    /// Body of a snapshot of one map with the given count of rows.
    private static func map(rows: [UInt8], rest: [UInt8]) -> [UInt8] { [1, 0, 1, 1, 1, 0x78, 0, 2] + rows + rest }

    @Test(arguments: [
        map(rows: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], rest: []),
        map(rows: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2], rest: []),
        map(rows: [2], rest: [1, 0x61, 1, 0x61, 0, 0]), map(rows: [1], rest: [1, 0xFF, 0]),
        map(rows: [1], rest: [1, 0x61]),
        map(rows: [1], rest: [1, 0x61, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        [1, 0, 3, 0, 0], [1, 0, 0, 0, 2], [1, 0, 2, 1, 0, 9, 0], [1, 0, 2, 1, 0, 0, 19, 0],
        [2, 0, 0, 0, 1, 0, 0, 0, 1],
        [2, 0, 0, 1, 1, 0x61, 3, 1, 1, 0x61, 0, 0, 1, 0], [1, 0, 2, 1, 0, 1, 1, 0, 19, 0],
        [1, 16] + [UInt8](repeating: 0x2E, count: 16) + [2, 0, 0],
    ])
    func contradictorySnapshotsAreRefused(body: [UInt8]) {
        #expect(throws: FrameDecodeError.self) { try FrameDecoder().decode(Self.message(kind: 0, body: body)) }
    }

    @Test
    func theInventedSnapshotIsReadWhereNothingContradicts() throws {
        let message = Self.message(kind: 0, body: Self.map(rows: [1], rest: [1, 0x61, 3]) + [9, 9])
        let decoded = try FrameDecoder().decode(message)
        #expect(decoded.state.jsonData() == Array(#"{"a":0.01}"#.utf8))
    }

    @Test
    func aDeepPathAndManyTablesAreReadWithinTheLimits() throws {
        let deep = Self.message(kind: 0, body: [1, 15] + [UInt8](repeating: 0x2E, count: 15) + [2, 0, 0])
        #expect(try FrameDecoder().decode(deep).state.layout.tables.count == 1)
        var body: [UInt8] = [0x80, 0x20]
        for index in 0..<4_096 { body += [2, UInt8(0x30 + index % 64), UInt8(0x30 + index / 64), 2, 0, 0] }
        let wide = Self.message(kind: 0, body: body)
        #expect(try FrameDecoder().decode(wide).state.layout.tables.count == 4_096)
    }

    @Test
    func aSmallMessageCannotClaimALargeState() {
        let zeros = [UInt8](repeating: 0, count: 50_000)
        let message = Self.message(kind: 0, body: zeros, declaredBytes: 1 << 27)
        #expect(throws: FrameDecodeError.self) { try FrameDecoder().decode(message) }
        let truncated = Self.message(kind: 0, body: zeros, declaredBytes: 60_000)
        #expect(throws: FrameDecodeError.self) { try FrameDecoder().decode(truncated) }
    }

    @Test
    func aDeltaOnAnotherStateIsRefused() throws {
        let pair = try Pair(seed: 2, encoding: .zstd)
        let decoder = FrameDecoder()
        #expect(throws: FrameDecodeError.baseMismatch(channel: "account:A", base: 1, held: nil)) {
            try decoder.decode(pair.delta)
        }
        _ = try decoder.decode(pair.snapshot)
        _ = try decoder.decode(pair.delta)
        #expect(throws: FrameDecodeError.baseMismatch(channel: "account:A", base: 1, held: 2)) {
            try decoder.decode(pair.delta)
        }
        _ = try decoder.decode(pair.snapshot)
        decoder.forget(channel: "account:A")
        #expect(throws: FrameDecodeError.baseMismatch(channel: "account:A", base: 1, held: nil)) {
            try decoder.decode(pair.delta)
        }
    }

    @Test
    func aStateThatIsNotTheSendersIsNoticedAndForgotten() throws {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let column = Column(name: "value", kind: .decimal(0))
        var states = [ChannelState](
            repeating: ChannelState(
                layout: ChannelLayout(tables: [Table(path: "", shape: .record, columns: [column])])),
            count: 3)
        for index in states.indices { states[index].numbers[0] = Double(index) }
        let decoder = FrameDecoder()
        let first = FrameHead(channel: "c", sequence: 1, cutNanoseconds: 0)
        _ = try decoder.decode(encoder.snapshot(of: states[0], head: first, encoding: .zstd))
        // The sender believes the receiver held state 1: the difference leads elsewhere.
        let delta = try encoder.delta(
            from: states[1], to: states[2], head: FrameHead(channel: "c", sequence: 2, base: 1, cutNanoseconds: 0),
            includingChecksum: true, encoding: .zstd)
        #expect(
            throws: FrameDecodeError.checksumMismatch(
                channel: "c", expected: states[2].checksum(), actual: states[1].checksum())
        ) { try decoder.decode(delta) }
        #expect(throws: FrameDecodeError.baseMismatch(channel: "c", base: 1, held: nil)) { try decoder.decode(delta) }
    }
}
