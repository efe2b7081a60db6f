// SPDX-License-Identifier: Apache-2.0
// The binary form: framing, and each reason to refuse a tick.

import RiskDomain
import Testing
import TickFeed

struct BinaryTickTests {
    @Test func headerFieldsAreReadFromTheirOffsets() throws {
        let payload = header(count: 0, epoch: .max, sequence: .max - 1, sent: .max - 2)
        let head = try head(of: payload).get()
        #expect(head.kind == .ticks && !head.isLastOfSnapshot && head.count == 0)
        #expect(head.epoch == .max && head.sequence == .max - 1 && head.sentNanoseconds == .max - 2)
    }

    @Test func kindsAndFlagsAreTold() throws {
        #expect(try head(of: header(kind: 2, count: 0)).get().kind == .heartbeat)
        let middle = try head(of: header(kind: 1, count: 1) + record()).get()
        #expect(middle.kind == .snapshot && !middle.isLastOfSnapshot)
        #expect(try head(of: header(kind: 1, flags: 1, count: 0)).get().isLastOfSnapshot)
        #expect(try !head(of: header(kind: 0, flags: 1, count: 0)).get().isLastOfSnapshot)
    }

    @Test(
        arguments: [
            [], [0x54], Array("TKR1".utf8), header(count: 0).dropLast(), header(count: 0) + [0],
            header(magic: "TKR2", count: 0), header(magic: "KKR1", count: 0), header(kind: 3, count: 0),
            header(kind: 255, count: 0), header(flags: 2, count: 0), header(kind: 1, flags: 0x81, count: 0),
            header(count: 1), header(count: 2) + record(), header(count: 1) + record() + record(),
            header(count: 1) + record().dropLast(), header(count: 65_535) + record(),
            header(kind: 2, count: 1) + record(),
            Array("[]".utf8), [0xEF, 0xBB, 0xBF] + Array("{}".utf8), [0], [0xFF],
        ] as [[UInt8]])
    func whatIsNoMessageIsRefusedByItsFraming(payload: [UInt8]) {
        #expect(head(of: payload) == .failure(.framing))
    }

    @Test func ticksCarryTheIndexAndAbsentFieldsAreZero() throws {
        let payload =
            header(count: 3) + record(id: 4_000_000_000, status: 0)
            + record(fields: 0b010, status: 3, reserved: 0xFFFF, bid: .nan, ask: 11, last: -.infinity)
            + record(id: 0, fields: 0b1111_1000, status: 2, bid: -1, ask: .nan, last: 0)
        let batch = try decoded(payload).get()
        #expect(
            batch.ticks == [
                Tick(instrument: 1, fields: [.bid, .ask, .last], status: 0, bid: 10, ask: 11, last: 10.5),
                Tick(instrument: 0, fields: .ask, status: 3, ask: 11),
                Tick(instrument: 2, fields: [], status: 2),
            ])
        #expect(batch.ticks.allSatisfy { $0.kind == 0 })
        #expect(batch.rejected.total == 0 && batch.head.count == 3)
    }

    @Test(arguments: [
        (record(id: 8), RejectReason.unknownInstrument), (record(id: .max), .unknownInstrument),
        (record(bid: .nan), .nonFinite), (record(ask: .infinity), .nonFinite), (record(last: -.infinity), .nonFinite),
        (record(bid: 0), .priceRange), (record(bid: -0.0), .priceRange), (record(ask: -1), .priceRange),
        (record(last: 0), .priceRange), (record(last: 1_000_000_000_000.1), .priceRange),
        (record(id: 4_000_000_000, last: -1_000_000_000_000.1), .priceRange),
        (record(bid: 10, ask: 9.99), .crossed), (record(id: 4_000_000_000, bid: -1, ask: -2), .crossed),
        (record(status: 4), .status), (record(status: 255), .status), (record(fields: 0, status: 4), .status),
    ])
    func aTickIsRefusedForItsReasonAndItsMessageIsNot(bytes: [UInt8], reason: RejectReason) throws {
        let batch = try decoded(header(count: 3) + record() + bytes + record()).get()
        #expect(reasons(batch.rejected) == [reason])
        #expect(batch.ticks.count == 2)
    }

    @Test(arguments: [
        record(bid: 10, ask: 10), record(fields: 0b100, bid: 5, ask: 4), record(fields: 0b101, bid: 10, ask: 9),
        record(last: 1e12), record(bid: .leastNonzeroMagnitude),
        record(id: 4_000_000_000, bid: -1e12, ask: 0, last: -37.63),
        record(fields: 0, status: 0),
    ])
    func aTickAtTheLimitIsAccepted(bytes: [UInt8]) throws {
        let batch = try decoded(header(count: 1) + bytes).get()
        #expect(reasons(batch.rejected) == [] && batch.ticks.count == 1)
    }

    /// Each record has its own fault and all that are looked for later.
    @Test func theFirstReasonInTheirOrderCountsOnce() throws {
        let faulty: [(bytes: [UInt8], reason: RejectReason)] = [
            (record(id: 8, status: 9, bid: .nan, ask: -1, last: 0), .unknownInstrument),
            (record(status: 9, bid: 2, ask: -1, last: .nan), .nonFinite),
            (record(status: 9, bid: 2, ask: -1, last: 3), .priceRange),
            (record(status: 9, bid: 2, ask: 1, last: 3), .crossed),
            (record(status: 9), .status),
        ]
        for (bytes, reason) in faulty {
            #expect(reasons(try decoded(header(count: 1) + bytes).get().rejected) == [reason])
        }
    }

    @Test func aBatchIsOverwrittenByTheNextMessage() throws {
        let decoder = TickDecoder(directory: directory)
        var batch = TickBatch()
        for payload in [header(count: 2) + record() + record(id: 8), header(kind: 2, count: 0)] {
            try payload.withUnsafeBytes { bytes in
                decoder.decodeTicks(bytes, head: try decoder.decodeHead(bytes).get(), into: &batch)
            }
        }
        #expect(batch.head.kind == .heartbeat && batch.ticks.isEmpty && batch.rejected.total == 0)
    }

    @Test func aMessageMayLieAtAnyAlignment() throws {
        let decoder = TickDecoder(directory: directory)
        let payload = header(count: 1) + record()
        for shift in 0..<8 {
            try ([UInt8](repeating: 0xAA, count: shift) + payload).withUnsafeBytes { bytes in
                let shifted = UnsafeRawBufferPointer(rebasing: bytes[shift...])
                var batch = TickBatch()
                decoder.decodeTicks(shifted, head: try decoder.decodeHead(shifted).get(), into: &batch)
                #expect(batch.ticks.map(\.last) == [10.5])
            }
        }
    }

    @Test func reasonsAreIndexedDenselyAndNamedAsTheMetricNamesThem() {
        #expect(RejectReason.allCases.map(\.index) == Array(0..<7))
        #expect(
            RejectReason.allCases.map(\.rawValue) == [
                "framing", "json", "unknown_instrument", "non_finite", "price_range", "crossed", "status",
            ])
    }
}
