// SPDX-License-Identifier: Apache-2.0
// Reads an account's cut back into what its figures were computed from.

import FrameCodec
import RiskDomain
import RiskReport

extension BookSnapshot {
    /// - Parameters:
    ///   - cut: of the account's channel.
    ///   - account: whose cut it is.
    ///   - strategies: by symbol, of positions that have one.
    public init(
        _ cut: ChannelCut, account: Account, directory: InstrumentDirectory, strategies: [String: String] = [:]
    ) {
        let state = cut.state
        let table = state.layout.table(atPath: "positions")!
        func column(_ name: String) -> ((Int) -> Double?) {
            guard let index = state.layout.column(named: name, inTable: table) else { return { _ in nil } }
            let offset = state.layout.numberOffset(table: table, column: index)
            return { row in
                let value = state.numbers[offset + row]
                return value.isNaN ? nil : value
            }
        }
        let quantity = column("quantity")
        let price = column("price")
        let rate = column("fx_rate")
        let spot = column("underlying_price")
        let volatility = column("implied_volatility")
        let positions = state.layout.tables[table].keys.enumerated().compactMap { row, symbol -> HeldPosition? in
            guard let instrument = directory.index(ofSymbol: symbol), let held = quantity(row), held != 0 else {
                return nil
            }
            let isDomestic = directory.instruments[instrument].currency == account.currency
            return HeldPosition(
                instrument: instrument, symbol: symbol, quantity: held, price: price(row),
                rate: isDomestic ? 1 : rate(row), spot: spot(row), volatility: volatility(row),
                strategy: strategies[symbol])
        }
        self.init(
            name: account.id, currency: account.currency, cutNanoseconds: cut.cutNanoseconds,
            positions: positions, scenarioPnL: cut.scenarioPnL)
    }
}

extension MarketSnapshot {
    /// - Parameter cut: of the market channel.
    public init(_ cut: ChannelCut, inputs: RiskInputs) {
        let state = cut.state
        let columns = ["bid", "ask", "last"].map { name in
            state.layout.numberOffset(table: 0, column: state.layout.column(named: name, inTable: 0)!)
        }
        let rows = MarketRows(state.layout, directory: inputs.directory)
        let prices = inputs.instruments.indices.map { instrument -> Double? in
            guard let row = rows.row(of: instrument) else { return nil }
            let (bid, ask, last) = (
                state.numbers[columns[0] + row], state.numbers[columns[1] + row], state.numbers[columns[2] + row]
            )
            let price = last.isNaN ? (bid + ask) / 2 : last
            return price.isNaN ? nil : price
        }
        self.init(inputs: inputs, prices: prices, cutNanoseconds: cut.cutNanoseconds)
    }
}
