// SPDX-License-Identifier: Apache-2.0
// What the tests of the tick wire share: instruments, bytes written by hand, a seeded generator.

import RiskDomain
import TickFeed

/// Instruments whose index, identifier and symbol differ; the one named CL may be negative.
let directory = InstrumentDirectory([
    Instrument(id: 7, symbol: "AAPL", name: "", sector: "", currency: "USD"),
    Instrument(id: 4_000_000_000, symbol: "CL", name: "", sector: "", currency: "USD", allowsNegativePrices: true),
    Instrument(id: 0, symbol: "Q\"\\é\u{1}", name: "", sector: "", currency: "USD"),
])

func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// Bytes of a header after the table in docs/tick-wire.md.
func header(
    magic: String = "TKR1", kind: UInt8 = 0, flags: UInt8 = 0, count: Int, epoch: UInt64 = 1, sequence: UInt64 = 2,
    sent: UInt64 = 3
) -> [UInt8] {
    Array(magic.utf8) + [kind, flags] + littleEndian(UInt16(count)) + littleEndian(epoch) + littleEndian(sequence)
        + littleEndian(sent)
}

/// Bytes of a record after the table in docs/tick-wire.md.
func record(
    id: UInt32 = 7, fields: UInt8 = 0b111, status: UInt8 = 1, reserved: UInt16 = 0, bid: Double = 10, ask: Double = 11,
    last: Double = 10.5
) -> [UInt8] {
    littleEndian(id) + [fields, status] + littleEndian(reserved) + littleEndian(bid.bitPattern)
        + littleEndian(ask.bitPattern) + littleEndian(last.bitPattern)
}

func head(of payload: [UInt8]) -> Result<MessageHead, RejectReason> {
    payload.withUnsafeBytes { TickDecoder(directory: directory).decodeHead($0) }
}

/// Both steps of decoding, as for a message whose sequence was accepted.
func decoded(_ payload: [UInt8]) -> Result<TickBatch, RejectReason> {
    let decoder = TickDecoder(directory: directory)
    return payload.withUnsafeBytes { bytes in
        decoder.decodeHead(bytes).map { head in
            var batch = TickBatch()
            decoder.decodeTicks(bytes, head: head, into: &batch)
            return batch
        }
    }
}

func decoded(_ json: String) -> Result<TickBatch, RejectReason> { decoded(Array(json.utf8)) }

/// The reasons counted, each as often as it was.
func reasons(_ counts: RejectCounts) -> [RejectReason] {
    RejectReason.allCases.flatMap { Array(repeating: $0, count: counts[$0]) }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct SplitMixGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
