// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body that sets a watchlist: a refusal, or symbols there are, each once.

import DeskService
import RiskDomain
import WebServer

private let directory = InstrumentDirectory([
    Instrument(id: 1, symbol: "A", name: "Alpha", sector: "S", currency: "USD"),
    Instrument(id: 2, symbol: "B/C", name: "Beta Gamma", sector: "S", currency: "USD"),
])
private let search = InstrumentSearch(directory.instruments)

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWatchlist(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let bytes = input.rest()
    let found = search.find(String(decoding: bytes, as: UTF8.self), limit: 3)
    require(Set(found).count == found.count && found.allSatisfy(directory.instruments.indices.contains), "\(found)")
    guard let symbols = try? WatchlistRequest.symbols(bytes, directory: directory, search: search) else { return 0 }
    require(symbols.count <= WatchlistDesk.symbolsMax && Set(symbols).count == symbols.count, "\(symbols)")
    require(symbols.allSatisfy { directory.index(ofSymbol: $0) != nil }, "\(symbols)")
    return 0
}
