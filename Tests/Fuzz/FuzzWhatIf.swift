// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body of a what-if question: a refusal, or trades that can be valued.

import RiskDomain
import RiskReport
import WebServer

private let directory = InstrumentDirectory([
    Instrument(id: 1, symbol: "A", name: "A", sector: "S", currency: "USD"),
    Instrument(id: 2, symbol: "B", name: "B", sector: "S", currency: "USD", allowsNegativePrices: true),
])

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWhatIf(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    guard let trades = try? WhatIfRequest.trades(input.rest(), directory: directory) else { return 0 }
    require((1...WhatIfRequest.tradesMax).contains(trades.count), "\(trades.count) trades")
    for trade in trades {
        require(directory.instruments.indices.contains(trade.instrument), "instrument \(trade.instrument)")
        require(trade.quantity.isFinite && trade.quantity != 0, "quantity \(trade.quantity)")
        require(trade.price?.isFinite ?? true, "price \(trade.price ?? 0)")
    }
    return 0
}
