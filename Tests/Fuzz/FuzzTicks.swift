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
    if payload.first != UInt8(ascii: "T") { checkText(payload) }
    return 0
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
