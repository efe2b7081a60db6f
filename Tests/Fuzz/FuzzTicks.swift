// SPDX-License-Identifier: Apache-2.0
// Any bytes as a tick message, binary or JSON: no trap, every tick accepted or rejected, nothing absurd accepted.

import Foundation
import RiskDomain
import TickFeed

private let directory = InstrumentDirectory([
    Instrument(id: 1, symbol: "AAPL", name: "", sector: "", currency: "USD"),
    Instrument(id: 4_000_000_000, symbol: "CL", name: "", sector: "", currency: "USD", allowsNegativePrices: true),
    Instrument(id: 0, symbol: "Q\"\\é\u{1}", name: "", sector: "", currency: "USD"),
])
private let decoder = TickDecoder(directory: directory)
nonisolated(unsafe) private var batch = TickBatch()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTicks(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let payload = UnsafeRawBufferPointer(start: start, count: count)
    guard case .success(let head) = decoder.decodeHead(payload) else { return 0 }
    decoder.decodeTicks(payload, head: head, into: &batch)
    require(batch.ticks.count + batch.rejected.total == head.count, "\(batch.ticks.count) + \(batch.rejected.total)")
    require((head.epoch == nil) == (head.sequence == nil), "epoch and sequence come together")
    for tick in batch.ticks { check(tick) }
    if payload.first == UInt8(ascii: "T") { checkReasons(payload, head) } else { checkText(payload) }
    return 0
}

/// Judges the records once more, in the order of docs/tick-wire.md, and compares what was counted.
private func checkReasons(_ payload: UnsafeRawBufferPointer, _ head: MessageHead) {
    var expected: [RejectReason: Int] = [:]
    for record in 0..<head.count {
        let start = TickWire.headerBytes + TickWire.recordBytes * record
        func word<Word: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Word.Type) -> Word {
            Word(littleEndian: payload.loadUnaligned(fromByteOffset: start + offset, as: type))
        }
        let bits = payload[start + 4]
        let prices = (0..<3).map { bits & 1 << $0 == 0 ? nil : Double(bitPattern: word(8 + 8 * $0, UInt64.self)) }
        let id = word(0, UInt32.self)
        let reason: RejectReason? =
            if let instrument = directory.instruments.first(where: { $0.id == id }) {
                reasonOf(prices, status: payload[start + 5], allowsNegative: instrument.allowsNegativePrices)
            } else {
                .unknownInstrument
            }
        if let reason { expected[reason, default: 0] += 1 }
    }
    for reason in RejectReason.allCases {
        require(batch.rejected[reason] == expected[reason, default: 0], "\(reason): \(batch.rejected[reason])")
    }
}

/// - Parameter prices: bid, ask, last.
private func reasonOf(_ prices: [Double?], status: UInt8, allowsNegative: Bool) -> RejectReason? {
    let present = prices.compactMap { $0 }
    if present.contains(where: { $0.isNaN || $0.isInfinite }) { return .nonFinite }
    if present.contains(where: { $0.magnitude > 1e12 || (!allowsNegative && $0 <= 0) }) { return .priceRange }
    if let bid = prices[0], let ask = prices[1], ask < bid { return .crossed }
    return status > 3 ? .status : nil
}

private func check(_ tick: Tick) {
    require(Int(tick.instrument) < directory.instruments.count, "instrument \(tick.instrument)")
    require(tick.status <= 3, "status \(tick.status)")
    let instrument = directory.instruments[Int(tick.instrument)]
    for (field, price) in [(Tick.Fields.bid, tick.bid), (.ask, tick.ask), (.last, tick.last)] {
        guard tick.fields.contains(field) else { continue }
        require(price.magnitude <= Tick.priceLimit, "price \(price)")
        require(price > 0 || instrument.allowsNegativePrices, "price \(price)")
    }
    if tick.fields.isSuperset(of: [.bid, .ask]) { require(tick.bid <= tick.ask, "\(tick.bid) above \(tick.ask)") }
}

/// What our scanner calls JSON, Foundation's parser must too, but for what it limits and we do not.
private func checkText(_ payload: UnsafeRawBufferPointer) {
    // It refuses numbers beyond a double and halves of surrogate pairs.
    guard !payload.contains(UInt8(ascii: "\\")), !payload.contains(UInt8(ascii: "e")), payload.count < 300 else {
        return
    }
    let isJSON = (try? JSONSerialization.jsonObject(with: Data(payload), options: .fragmentsAllowed)) != nil
    require(isJSON, "not JSON: \(String(decoding: payload, as: UTF8.self))")
}
