// SPDX-License-Identifier: Apache-2.0
// Reads an account's cut back into what its figures were computed from.

import FrameCodec
import RiskDomain
import RiskReport

extension BookSnapshot {
    /// - Parameters:
    ///   - cut: of the account's channel.
    ///   - plan: of the account.
    public init(_ cut: ChannelCut, plan: BookPlan.AccountPlan) {
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
        let price = column("price")
        let rate = column("fx_rate")
        let spot = column("underlying_price")
        let volatility = column("implied_volatility")
        let positions = plan.positions.enumerated().filter { $1.quantity != 0 }.map { row, position in
            HeldPosition(
                instrument: plan.instruments[row], symbol: position.symbol, quantity: position.quantity,
                price: price(row), rate: plan.pairs[row] == 0 ? 1 : rate(row), spot: spot(row),
                volatility: volatility(row), strategy: position.strategy)
        }
        self.init(
            name: plan.account.id, currency: plan.account.currency, cutNanoseconds: cut.cutNanoseconds,
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
        let prices = inputs.instruments.indices.map { row -> Double? in
            let (bid, ask, last) = (
                state.numbers[columns[0] + row], state.numbers[columns[1] + row], state.numbers[columns[2] + row]
            )
            let price = last.isNaN ? (bid + ask) / 2 : last
            return price.isNaN ? nil : price
        }
        self.init(inputs: inputs, prices: prices, cutNanoseconds: cut.cutNanoseconds)
    }
}
