// SPDX-License-Identifier: Apache-2.0
// The state of an `account:ID` channel.

import FrameCodec
import RiskDomain
import RiskKernel

package struct AccountStateBuilder: StateBuilder {
    /// Columns of `positions`, in order.
    private enum Column: Int, CaseIterable {
        case quantity, averageCost, price, marketValue, unrealised, realised, day, status, reason
    }

    private static let columns: [(String, ColumnKind)] = [
        ("quantity", .quantity), ("avg_cost", .price), ("price", .price), ("market_value", .money),
        ("unrealised_pnl", .money), ("realised_pnl", .money), ("day_pnl", .money), ("status", .status),
        ("reason", .choice(MissingReason.allCases.map(\.rawValue))),
    ]

    /// Why a position is `missing`.
    private enum MissingReason: String, CaseIterable {
        case noPrice = "no price yet"
        case noRate = "no exchange rate into the account's currency"
    }

    private let tables: RiskTables
    private let symbols: [String]
    /// By position: the reason's index when it is missing.
    private let reasons: [Double]

    package init(plan: BookPlan.AccountPlan, inputs: RiskInputs) {
        let held = plan.instruments.map { inputs.instruments[$0] }
        self.symbols = plan.positions.map(\.symbol)
        self.reasons = plan.rates.map { $0 == nil ? 1 : 0 }
        let positions = Table(
            path: "positions", shape: .rows, columns: Self.columns.map { .init(name: $0.0, kind: $0.1) },
            keys: self.symbols, priceDecimals: held.map { UInt8($0.priceDecimals) })
        let empty = RiskTables(
            name: plan.account.id, currency: plan.account.currency, sectors: plan.sectors, rows: positions,
            inputs: inputs)
        self.tables = empty.settingRows { state, offset in
            for (row, position) in plan.positions.enumerated() {
                state.numbers[offset(Column.quantity.rawValue) + row] = position.quantity
                state.numbers[offset(Column.averageCost.rawValue) + row] = position.averageCost
                state.numbers[offset(Column.realised.rawValue) + row] = 0
            }
        }
    }

    package func state(from view: EngineView) -> ChannelState {
        let flags = view.excluded(count: self.symbols.count)
        let excluded = self.symbols.indices.filter { flags[$0] != 0 }.map { self.symbols[$0] }
        var state = self.tables.state(from: view, excluded: excluded)
        state.set(view.rows(PositionColumn.price), at: self.offset(.price))
        state.set(view.rows(PositionColumn.marketValue), at: self.offset(.marketValue))
        state.set(view.rows(PositionColumn.unrealised), at: self.offset(.unrealised))
        state.set(view.rows(PositionColumn.day), at: self.offset(.day))
        state.set(view.rows(PositionColumn.status), at: self.offset(.status))
        let missing = Double(ValueStatus.missing.rawValue)
        for (row, status) in view.rows(PositionColumn.status).enumerated() where status == missing {
            state.numbers[self.offset(.reason) + row] = self.reasons[row]
        }
        return state
    }

    package func scenarioPnL(of view: EngineView) -> [Double] {
        Array(view.scenarioPnL(count: self.tables.scenarioCount))
    }

    private func offset(_ column: Column) -> Int { self.tables.rowOffset(column: column.rawValue) }
}
