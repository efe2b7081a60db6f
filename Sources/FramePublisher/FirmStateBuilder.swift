// SPDX-License-Identifier: Apache-2.0
// The state of the `firm` channel: an account's shape with accounts in place of positions.

import FrameCodec
import RiskDomain
import RiskKernel

package struct FirmStateBuilder: StateBuilder {
    /// Columns of `accounts`, in order.
    enum Column: Int {
        case currency, status, positions, marketValue, day, valueAtRisk, marginLevel
    }

    private let tables: RiskTables
    private let symbols: [String]
    private let scenarioDigest: UInt64

    package init(plan: BookPlan, inputs: RiskInputs) {
        self.symbols = inputs.instruments.map(\.symbol)
        self.scenarioDigest = ScenarioReturns.digest(of: inputs.scenarios.dates)
        let highest = inputs.convention.confidences.last.map { "var_\($0)" } ?? "var"
        let accounts = Table(
            "accounts", .rows,
            [
                "currency": .choice(Self.currencies(of: plan)), "status": .status, "positions": .wholeNumber,
                "market_value": .money, "day_pnl": .money, highest: .money, "margin_level": .marginLevel,
            ],
            keys: plan.accounts.map(\.account.id))
        let empty = RiskTables(
            name: "firm", currency: inputs.convention.baseCurrency, sectors: plan.firmSectors,
            underlyings: plan.firmUnderlyings, rows: accounts, inputs: inputs)
        let currencies = Self.currencies(of: plan)
        self.tables = empty.settingRows { state, offset in
            for (row, account) in plan.accounts.enumerated() {
                let currency = currencies.firstIndex(of: account.account.currency)!
                state.numbers[offset(Column.currency.rawValue) + row] = Double(currency)
                state.numbers[offset(Column.positions.rawValue) + row] = Double(account.positions.count)
            }
        }
    }

    private static func currencies(of plan: BookPlan) -> [String] {
        Set(plan.accounts.map(\.account.currency)).sorted()
    }

    package func state(from view: EngineView) -> ChannelState {
        let flags = view.excluded(count: self.symbols.count)
        let excluded = self.symbols.indices.filter { flags[$0] != 0 }.map { self.symbols[$0] }.sorted()
        var state = self.tables.state(from: view, excluded: excluded)
        state.set(view.rows(AccountColumn.status), at: self.offset(.status))
        state.set(view.rows(AccountColumn.marketValue), at: self.offset(.marketValue))
        state.set(view.rows(AccountColumn.day), at: self.offset(.day))
        state.set(view.rows(AccountColumn.valueAtRisk), at: self.offset(.valueAtRisk))
        state.set(view.rows(AccountColumn.marginLevel), at: self.offset(.marginLevel))
        return state
    }

    package func scenarioPnL(of view: EngineView) -> [Double] {
        Array(view.scenarioPnL(count: self.tables.scenarioCount))
    }

    package func basis(of view: EngineView) -> FirmBasis? {
        FirmBasis(weights: view.firmWeights, scenarioDigest: self.scenarioDigest)
    }

    private func offset(_ column: Column) -> Int { self.tables.rowOffset(column: column.rawValue) }
}
