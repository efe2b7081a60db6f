// SPDX-License-Identifier: Apache-2.0
// The state of an `account:ID` channel.

import FrameCodec
import RiskDomain
import RiskKernel

package struct AccountStateBuilder: StateBuilder {
    /// Columns of `positions`, in order; those from `rate` on only where some position has them.
    private enum Column: Int, CaseIterable {
        case quantity, averageCost, price, marketValue, unrealised, realised, day, status, reason, rate
        case spot, volatility, delta, gamma, vega, theta, rho
    }

    private static let columns: [(String, ColumnKind)] = [
        ("quantity", .quantity), ("avg_cost", .price), ("price", .price), ("market_value", .money),
        ("unrealised_pnl", .money), ("realised_pnl", .money), ("day_pnl", .money), ("status", .status),
        ("reason", .choice(MissingReason.allCases.map(\.rawValue))), ("fx_rate", .factor),
        ("underlying_price", .factor), ("implied_volatility", .factor), ("delta", .factor), ("gamma", .factor),
        ("vega", .factor), ("theta", .factor), ("rho", .factor),
    ]

    /// Why a position is `missing`.
    private enum MissingReason: String, CaseIterable {
        case noPrice = "no price yet"
        case noRate = "no exchange rate into the account's currency"
        case noModel = "no price yet, and its underlying or its volatility is unknown"
    }

    private let tables: RiskTables
    private let symbols: [String]
    /// Rows of positions in options, ascending.
    private let optionRows: [Int]
    /// Rows of positions in another currency than the account's.
    private let foreignRows: [Int]

    package init(plan: BookPlan.AccountPlan, inputs: RiskInputs) {
        let held = plan.instruments.map { inputs.instruments[$0] }
        self.symbols = plan.positions.map(\.symbol)
        self.optionRows = held.indices.filter { held[$0].option != nil }
        self.foreignRows = plan.pairs.indices.filter { plan.pairs[$0] != 0 }
        let withoutOptions = self.foreignRows.isEmpty ? Column.rate.rawValue : Column.spot.rawValue
        let columns = Self.columns.prefix(self.optionRows.isEmpty ? withoutOptions : Column.allCases.count)
        let positions = Table(
            path: "positions", shape: .rows, columns: columns.map { .init(name: $0.0, kind: $0.1) },
            keys: self.symbols, priceDecimals: held.map { UInt8($0.priceDecimals) })
        self.tables = RiskTables(
            name: plan.account.id, currency: plan.account.currency, sectors: plan.sectors,
            underlyings: plan.underlyings, rows: positions, inputs: inputs)
    }

    package func state(from view: EngineView) -> ChannelState {
        let flags = view.excluded(count: self.symbols.count)
        let excluded = self.symbols.indices.filter { flags[$0] != 0 }.map { self.symbols[$0] }
        var state = self.tables.state(from: view, excluded: excluded)
        state.set(view.rows(PositionColumn.quantity), at: self.offset(.quantity))
        state.set(view.rows(PositionColumn.averageCost), at: self.offset(.averageCost))
        state.set(view.rows(PositionColumn.realised), at: self.offset(.realised))
        state.set(view.rows(PositionColumn.price), at: self.offset(.price))
        state.set(view.rows(PositionColumn.marketValue), at: self.offset(.marketValue))
        state.set(view.rows(PositionColumn.unrealised), at: self.offset(.unrealised))
        state.set(view.rows(PositionColumn.day), at: self.offset(.day))
        state.set(view.rows(PositionColumn.status), at: self.offset(.status))
        self.setOptions(of: view, in: &state)
        self.setRates(of: view, in: &state)
        self.setReasons(of: view, in: &state)
        return state
    }

    private func setOptions(of view: EngineView, in state: inout ChannelState) {
        for column in OptionColumn.allCases where !self.optionRows.isEmpty {
            let offset = self.offset(Column(rawValue: Column.spot.rawValue + column.rawValue)!)
            for (row, value) in zip(self.optionRows, view.options(column)) { state.numbers[offset + row] = value }
        }
    }

    private func setRates(of view: EngineView, in state: inout ChannelState) {
        for row in self.foreignRows { state.numbers[self.offset(.rate) + row] = view.rates[row] }
    }

    private func setReasons(of view: EngineView, in state: inout ChannelState) {
        let missing = Double(ValueStatus.missing.rawValue)
        let prices = view.rows(PositionColumn.price)
        for (row, status) in view.rows(PositionColumn.status).enumerated() where status == missing {
            let reason: MissingReason =
                !prices[row].isNaN ? .noRate : self.optionRows.contains(row) ? .noModel : .noPrice
            state.numbers[self.offset(.reason) + row] = Double(MissingReason.allCases.firstIndex(of: reason)!)
        }
    }

    package func scenarioPnL(of view: EngineView) -> [Double] {
        Array(view.scenarioPnL(count: self.tables.scenarioCount))
    }

    private func offset(_ column: Column) -> Int { self.tables.rowOffset(column: column.rawValue) }
}
