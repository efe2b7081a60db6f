// SPDX-License-Identifier: Apache-2.0
// The market as the newest cut shows it, for the gate and for fills.

import FrameCodec
import FramePublisher
import RiskDomain
import TradeDesk

/// Reads quotes by instrument from a cut of the market channel; what is absent is `nil`.
struct DeskMarket {
    private enum Column: Int, CaseIterable {
        case bid, ask, last, trading, status
        var name: String { ["bid", "ask", "last", "trading", "status"][self.rawValue] }
    }

    let inputs: RiskInputs
    private let rows: MarketRows
    private let numbers: [Double]
    private let offsets: [Int]

    /// - Returns: `nil` where the cut is of another channel.
    init?(_ cut: ChannelCut?, inputs: RiskInputs) {
        guard let cut, cut.channel == ChannelCatalog.market else { return nil }
        let layout = cut.state.layout
        var offsets: [Int] = []
        for column in Column.allCases {
            guard let index = layout.column(named: column.name, inTable: 0) else { return nil }
            offsets.append(layout.numberOffset(table: 0, column: index))
        }
        self.inputs = inputs
        self.rows = MarketRows(layout, directory: inputs.directory)
        self.numbers = cut.state.numbers
        self.offsets = offsets
    }

    private func value(_ column: Column, _ instrument: Int) -> Double? {
        guard let row = self.rows.row(of: instrument) else { return nil }
        let value = self.numbers[self.offsets[column.rawValue] + row]
        return value.isNaN ? nil : value
    }

    /// The last trade, else the middle, as positions are valued.
    func price(_ instrument: Int) -> Double? {
        if let last = self.value(.last, instrument) { return last }
        guard let bid = self.value(.bid, instrument), let ask = self.value(.ask, instrument) else { return nil }
        return (bid + ask) / 2
    }

    /// `nil` where no quoted pairs lead there or one has no price.
    func rate(from: String, to: String) -> Double? {
        if from == to { return 1 }
        return self.inputs.currencies.path(from: from, to: to)?.rate { leg in
            self.price(leg.instrument).map(leg.factor)
        }
    }

    private func trading(_ instrument: Int) -> TradingStatus {
        // Fail-closed: a state nobody knows is no trading.
        self.value(.trading, instrument).flatMap { TradingStatus(rawValue: UInt8(clamping: Int($0))) } ?? .closed
    }

    /// How old a price may be is the engine's to say: it marks what has grown stale.
    private func isStale(_ instrument: Int) -> Bool {
        self.value(.status, instrument).flatMap { ValueStatus(rawValue: UInt8(clamping: Int($0))) } != .ok
    }

    func gateMarket(_ index: Int, currency: String) -> GateMarket {
        let instrument = self.inputs.instruments[index]
        return GateMarket(
            instrument: instrument, rate: self.rate(from: instrument.currency, to: currency),
            bid: self.value(.bid, index), ask: self.value(.ask, index), last: self.value(.last, index),
            trading: self.trading(index), isStale: self.isStale(index))
    }

    func venueQuote(_ index: Int) -> VenueQuote {
        let trading: VenueQuote.Trading =
            switch self.trading(index) {
            case .trading: .trading
            case .halted: .halted
            case .closed: .closed
            }
        return VenueQuote(
            symbol: self.inputs.instruments[index].symbol, bid: self.value(.bid, index),
            ask: self.value(.ask, index), last: self.value(.last, index), trading: trading,
            isStale: self.isStale(index))
    }
}
