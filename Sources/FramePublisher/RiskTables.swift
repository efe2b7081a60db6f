// SPDX-License-Identifier: Apache-2.0
// The tables that accounts and the firm have in common (DESIGN.md §6, `data` of `account:ID`).

import FrameCodec
import RiskDomain
import RiskKernel
import RiskReport

struct RiskTables: Sendable {
    enum Index {
        static let identity = 0, totals = 1, risk = 2, valueAtRisk = 3, expectedShortfall = 4, stress = 5
        static let greeks = 6, margin = 7, sectors = 8, conventions = 9, rows = 10
    }

    /// Of the table of identity.
    static let statusColumn = 2

    /// Columns of `totals`, in order.
    enum TotalColumn: Int {
        case cash, marketValue, equity, gross, net, unrealised, realised, fees, day, totalPnL
    }

    /// Columns of `risk`, in order.
    enum RiskColumn: Int {
        case window, quantile, horizonDays, coverage, excluded, shortfall, horizonMethod, model
    }

    /// The symbols that the scenarios do not reach.
    static func excluded(in state: ChannelState) -> [String] {
        let offset = state.layout.textOffset(table: Index.risk, column: RiskColumn.excluded.rawValue)
        if case .list(let symbols) = state.texts[offset] { return symbols }
        return []
    }

    let scenarioCount: Int
    private let confidenceCount: Int
    private let stressCount: Int
    /// Everything that does not change from cut to cut.
    private var constant: ChannelState

    /// - Parameter rows: the last table: an account's positions or the firm's accounts.
    init(
        name: String, currency: String, sectors: [String], underlyings: [String], rows: Table, inputs: RiskInputs
    ) {
        let convention = inputs.convention
        self.scenarioCount = inputs.scenarios.count
        self.confidenceCount = convention.confidences.count
        self.stressCount = inputs.stressScenarios.count
        let levels = convention.confidences.map(String.init)
        let layout = ChannelLayout(tables: [
            Table("", .record, ["account": .text, "currency": .text, "status": .status]),
            Table(
                "totals", .record,
                [
                    "cash": .money, "market_value": .money, "equity": .money, "gross_exposure": .money,
                    "net_exposure": .money, "unrealised_pnl": .money, "realised_pnl": .money, "fees": .money,
                    "day_pnl": .money, "total_pnl": .money,
                ]),
            Table(
                "risk", .record,
                [
                    "window": .wholeNumber, "quantile": .text, "horizon_days": .wholeNumber,
                    "coverage_pct": .percentage, "excluded": .texts, "expected_shortfall": .text,
                    "horizon_method": .text, "model": .text,
                ]),
            Table("risk.var", .map, ["value": .money], keys: levels),
            Table("risk.es", .map, ["value": .money], keys: levels),
            Table("stress", .map, ["value": .money], keys: inputs.stressScenarios.map(\.name)),
            Table(
                "greeks", .rows,
                ["delta": .money, "gamma": .money, "vega": .money, "theta": .money, "rho": .money], keys: underlyings),
            Table(
                "margin", .record,
                ["used": .money, "limit": .money, "utilisation_pct": .percentage, "level": .marginLevel]),
            Table("sectors", .rows, ["net": .money, "gross": .money], keys: sectors),
            Table("conventions", .record, ["stress": .text, "greeks": .text, "options": .text]),
            rows,
        ])
        var state = ChannelState(layout: layout)
        state.texts[layout.textOffset(table: Index.identity, column: 0)] = .text(name)
        state.texts[layout.textOffset(table: Index.identity, column: 1)] = .text(currency)
        state.texts[layout.textOffset(table: Index.risk, column: RiskColumn.quantile.rawValue)] =
            .text(convention.quantile.rawValue)
        state.texts[layout.textOffset(table: Index.risk, column: RiskColumn.excluded.rawValue)] = .list([])
        state.texts[layout.textOffset(table: Index.risk, column: RiskColumn.shortfall.rawValue)] =
            .text(convention.shortfall.rawValue)
        state.texts[layout.textOffset(table: Index.risk, column: RiskColumn.horizonMethod.rawValue)] =
            .text(convention.horizonMethod.rawValue)
        state.numbers[layout.numberOffset(table: Index.risk, column: RiskColumn.window.rawValue)] =
            Double(inputs.scenarios.count)
        state.numbers[layout.numberOffset(table: Index.risk, column: RiskColumn.horizonDays.rawValue)] =
            Double(convention.horizonDays)
        state.texts[layout.textOffset(table: Index.risk, column: RiskColumn.model.rawValue)] =
            .text(RiskModel.historical.rawValue)
        let conventions = ReportConventions(inputs)
        state.set("stress", in: "conventions", to: .text(conventions.stress))
        state.set("greeks", in: "conventions", to: .text(ReportConventions.greeks))
        state.set("options", in: "conventions", to: .text(ReportConventions.options))
        self.constant = state
    }

    /// The same with constant cells of the rows filled in; the closure gets the first cell of a column of the rows.
    func settingRows(_ fill: (inout ChannelState, (_ column: Int) -> Int) -> Void) -> RiskTables {
        var tables = self
        fill(&tables.constant, self.rowOffset)
        return tables
    }

    /// First cell of a column of the last table.
    func rowOffset(column: Int) -> Int { self.constant.layout.numberOffset(table: Index.rows, column: column) }

    /// The common cells of a view; the rows keep their constants.
    func state(from view: EngineView, excluded: [String]) -> ChannelState {
        var state = self.constant
        let layout = state.layout
        state.numbers[layout.numberOffset(table: Index.identity, column: Self.statusColumn)] = view.status
        for (column, value) in view.totals.enumerated() {
            state.numbers[layout.numberOffset(table: Index.totals, column: column)] = value
        }
        state.numbers[layout.numberOffset(table: Index.risk, column: RiskColumn.coverage.rawValue)] =
            view.coveragePercent
        if !excluded.isEmpty {
            state.texts[layout.textOffset(table: Index.risk, column: RiskColumn.excluded.rawValue)] = .list(excluded)
        }
        let levels = self.confidenceCount
        state.set(view.valueAtRisk(levels: levels), at: layout.numberOffset(table: Index.valueAtRisk, column: 0))
        state.set(
            view.expectedShortfall(levels: levels),
            at: layout.numberOffset(table: Index.expectedShortfall, column: 0))
        state.set(
            view.stress(scenarios: self.stressCount), at: layout.numberOffset(table: Index.stress, column: 0))
        for (column, value) in view.margin.enumerated() {
            state.numbers[layout.numberOffset(table: Index.margin, column: column)] = value
        }
        for column in GreekColumn.allCases {
            state.set(
                view.greeks(column), at: layout.numberOffset(table: Index.greeks, column: column.rawValue))
        }
        state.set(view.sectorNet, at: layout.numberOffset(table: Index.sectors, column: 0))
        state.set(view.sectorGross, at: layout.numberOffset(table: Index.sectors, column: 1))
        return state
    }
}
