// SPDX-License-Identifier: Apache-2.0
// What is encoded is decoded again, and what is damaged on the way is still accounted for.

import RiskDomain
import Testing
import TickFeed

struct TickRoundTripTests {
    /// Bytes written out by hand from the tables of the wire.
    @Test func theEncoderWritesTheDocumentedBytes() {
        var encoder = TickEncoder(ids: [9, 0x0403_0201])
        let bytes = encoder.encode(
            kind: .snapshot, flags: TickWire.lastOfSnapshotFlag, epoch: 0x0807_0605_0403_0201, sequence: 5,
            sentNanoseconds: 0x1122_3344_5566_7788,
            ticks: [Tick(instrument: 1, fields: [.bid, .last], status: 2, bid: 1, last: 2)])
        #expect(
            bytes == [
                0x54, 0x4B, 0x52, 0x31, 1, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 0, 0, 0, 0, 0, 0,
                0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 1, 2, 3, 4, 5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40,
            ])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whatIsEncodedIsDecodedAgain(seed: UInt64) throws {
        var random = SplitMixGenerator(seed: seed)
        var encoder = TickEncoder(directory: directory)
        let jsonEncoder = TickJSONEncoder(directory: directory)
        for sequence in 0..<50 as Range<UInt64> {
            let ticks = Self.ticks(count: Int.random(in: 0...40, using: &random), using: &random)
            let (epoch, sent) = (UInt64.random(in: 0...UInt64.max, using: &random), random.next())
            // A collection without contiguous storage every other time: the encoder has a way for each.
            let scattered: any Collection<Tick> = sequence.isMultiple(of: 2) ? ticks : ticks.lazy.filter { _ in true }
            let bytes = encoder.encode(epoch: epoch, sequence: sequence, sentNanoseconds: sent, ticks: scattered)
            let json = jsonEncoder.encode(epoch: epoch, sequence: sequence, sentNanoseconds: sent, ticks: ticks)
            for payload in [bytes, json] {
                let batch = try decoded(payload).get()
                #expect(batch.ticks == ticks, "seed \(seed)")
                #expect(batch.rejected.total == 0, "seed \(seed)")
                #expect(batch.head.epoch == epoch && batch.head.sequence == sequence, "seed \(seed)")
                #expect(batch.head.sentNanoseconds == sent && batch.head.count == ticks.count, "seed \(seed)")
            }
        }
    }

    @Test func heartbeatsAndSnapshotsKeepTheirKind() throws {
        var encoder = TickEncoder(directory: directory)
        let beat = encoder.encodeHeartbeat(epoch: 1, sequence: 2, sentNanoseconds: 3)
        #expect(beat.count == TickWire.headerBytes)
        #expect(try head(of: beat).get().kind == .heartbeat)
        let last = encoder.encode(
            kind: .snapshot, flags: TickWire.lastOfSnapshotFlag, epoch: 1, sequence: 2, sentNanoseconds: 3,
            ticks: EmptyCollection())
        #expect(try head(of: last).get().isLastOfSnapshot)
    }

    @Test func theLargestMessageFitsTheLimitOfASocket() throws {
        var encoder = TickEncoder(directory: directory)
        let tick = Tick(instrument: 0, fields: .last, last: 1)
        let bytes = encoder.encode(
            epoch: 1, sequence: 1, sentNanoseconds: 1,
            ticks: repeatElement(tick, count: TickWire.ticksPerMessageMax))
        #expect(bytes.count <= TickWire.messageBytesMax)
        #expect(bytes.count + TickWire.recordBytes > TickWire.messageBytesMax)
        #expect(try decoded(bytes).get().ticks.count == TickWire.ticksPerMessageMax)
    }

    /// 200,000 damaged messages: none traps, and of those whose framing is still right every tick is accounted for.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func damagedMessagesAreAccountedTickByTick(seed: UInt64) {
        var random = SplitMixGenerator(seed: seed)
        let decoder = TickDecoder(directory: directory)
        var batch = TickBatch()
        let originals = Self.originals(using: &random)
        var framed = 0
        var rejected = 0
        for _ in 0..<25_000 {
            var payload = originals.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&payload, using: &random) }
            payload.withUnsafeBytes { bytes in
                guard case .success(let head) = decoder.decodeHead(bytes) else { return }
                decoder.decodeTicks(bytes, head: head, into: &batch)
                framed += 1
                rejected += batch.rejected.total
                let isAccounted = batch.ticks.count + batch.rejected.total == head.count
                if !isAccounted { Issue.record("seed \(seed): \(payload)") }
                let areSound = batch.ticks.allSatisfy {
                    $0.instrument < 3 && $0.status <= 3 && $0.bid.isFinite && $0.ask.isFinite && $0.last.isFinite
                }
                if !areSound { Issue.record("seed \(seed): \(payload) gave \(batch.ticks)") }
            }
        }
        // Otherwise nothing was tested.
        #expect(framed > 1_000, "seed \(seed)")
        #expect(rejected > 500, "seed \(seed)")
    }

    private static func ticks(count: Int, using random: inout SplitMixGenerator) -> [Tick] {
        (0..<count).map { _ in
            let fields = Tick.Fields(rawValue: UInt8.random(in: 0...7, using: &random))
            let bid = Double.random(in: 0.001...1e12, using: &random)
            return Tick(
                instrument: UInt32.random(in: 0...2, using: &random), fields: fields,
                status: UInt8.random(in: 0...3, using: &random), bid: fields.contains(.bid) ? bid : 0,
                ask: fields.contains(.ask) ? bid.nextUp : 0, last: fields.contains(.last) ? bid / 3 : 0)
        }
    }

    private static func originals(using random: inout SplitMixGenerator) -> [[UInt8]] {
        var encoder = TickEncoder(directory: directory)
        let jsonEncoder = TickJSONEncoder(directory: directory)
        var messages = [
            Array(#"{"event":"price_tick","prices":{"AAPL":189.34,"CL":-37.63,"Q\"\\\u00e9\u0001":1e2}}"#.utf8)
        ]
        for count in 0..<6 {
            let ticks = Self.ticks(count: count, using: &random)
            messages.append(encoder.encode(epoch: 1, sequence: 2, sentNanoseconds: 3, ticks: ticks))
            messages.append(jsonEncoder.encode(epoch: 1, sequence: 2, sentNanoseconds: 3, ticks: ticks))
        }
        return messages
    }

    private static func damage(_ payload: inout [UInt8], using random: inout SplitMixGenerator) {
        guard !payload.isEmpty else { return }
        let position = Int.random(in: 0..<payload.count, using: &random)
        switch UInt8.random(in: 0...5, using: &random) {
        case 0: payload[position] = UInt8.random(in: 0...255, using: &random)
        case 1: payload[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: payload[position] = Array(#"{}[]",:\u0-+.eE9 tn"#.utf8).randomElement(using: &random) ?? 0
        case 3: payload.removeSubrange(position..<min(payload.count, position + Int.random(in: 1...40, using: &random)))
        case 4: payload.insert(contentsOf: payload[position..<min(payload.count, position + 32)], at: position)
        default: payload.removeLast(payload.count - position)
        }
    }
}
