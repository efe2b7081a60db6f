// SPDX-License-Identifier: Apache-2.0
// The state of a `risk:ID` channel: a report as tables.

import FrameCodec
import RiskDomain
import RiskMath
import RiskReport

/// Knows the layout of one risk channel; every row is there from the start, absent until it has a value.
public struct ReportStateBuilder: Sendable {
    /// What the risk is attributed to.
    public struct Parts: Sendable {
        /// `positions` or `accounts`.
        public var table: String
        public var names: [String]
        /// A further table a grouping, with its keys.
        public var groupings: [(table: String, keys: [String])]

        public init(table: String, names: [String], groupings: [(table: String, keys: [String])]) {
            self.table = table
            self.names = names
            self.groupings = groupings
        }
    }

    private static let attributionColumns: KeyValuePairs<String, ColumnKind> = [
        "component_var": .money, "component_es": .money, "marginal_var": .factor, "incremental_var": .money,
        "stand_alone_var": .money,
    ]

    private let parts: Parts
    /// Of each part.
    private let rows: [String: Int]
    private let convention: RiskConvention
    private let stressNames: [String]
    private let empty: ChannelState

    public init(name: String, currency: String, parts: Parts, inputs: RiskInputs) {
        self.parts = parts
        self.rows = Dictionary(parts.names.enumerated().map { ($1, $0) }) { first, _ in first }
        self.convention = inputs.convention
        self.stressNames = inputs.stressScenarios.map(\.name)
        let levels = inputs.convention.confidences.map(String.init)
        var tables = [
            Table(
                "", .record,
                [
                    "account": .text, "currency": .text, "window": .wholeNumber, "quantile": .text,
                    "expected_shortfall": .text, "horizon_days": .wholeNumber, "horizon_method": .text,
                ]),
            Self.modelsTable(levels: levels),
        ]
        tables += [
            Table(
                "interval", .rows, ["least": .money, "greatest": .money, "coverage_pct": .percentage], keys: levels),
            Table(
                "attribution", .record,
                [
                    "confidence_bp": .wholeNumber, "var": .money, "es": .money, "diversification_benefit": .money,
                    "scenarios": .texts,
                ]),
            Table(parts.table, .rows, Self.attributionColumns, keys: parts.names),
        ]
        for grouping in parts.groupings {
            tables.append(Table(grouping.table, .rows, Self.attributionColumns, keys: grouping.keys))
        }
        let bins = (0..<inputs.models.histogramBins).map(String.init)
        tables.append(Table("histogram", .rows, ["from": .money, "to": .money, "count": .wholeNumber], keys: bins))
        let ranks = (1...max(1, inputs.models.worstScenarios)).map(String.init)
        tables.append(Table("worst", .rows, ["date": .text, "pnl": .money], keys: ranks))
        for rank in ranks { tables.append(Table("worst_parts.\(rank)", .map, ["value": .money], keys: parts.names)) }
        for name in self.stressNames {
            tables.append(Table("stress.\(name)", .map, ["value": .money], keys: parts.names))
        }
        tables.append(Self.backtestTable)
        let conventions = ReportConventions(inputs)
        tables.append(
            Table(
                path: "conventions", shape: .record,
                columns: conventions.all.map { Column(name: $0.key, kind: .text) }))
        var state = ChannelState(layout: ChannelLayout(tables: tables))
        for (name, text) in conventions.all { state.set(name, in: "conventions", to: .text(text)) }
        state.set("account", in: "", to: .text(name))
        state.set("currency", in: "", to: .text(currency))
        state.set("window", in: "", to: Double(inputs.scenarios.count))
        state.set("quantile", in: "", to: .text(convention.quantile.rawValue))
        state.set("expected_shortfall", in: "", to: .text(convention.shortfall.rawValue))
        state.set("horizon_days", in: "", to: Double(convention.horizonDays))
        state.set("horizon_method", in: "", to: .text(convention.horizonMethod.rawValue))
        for (row, model) in RiskModel.allCases.enumerated() {
            state.set("convention", in: "models", row: row, to: .text(conventions.text(of: model)))
        }
        self.empty = state
    }

    /// Columns `var_9900`, `es_9900` for each confidence.
    private static func modelsTable(levels: [String]) -> Table {
        let figures = levels.flatMap { ["var_\($0)", "es_\($0)"] }
        return Table(
            path: "models", shape: .rows,
            columns: ["convention", "from", "to"].map { Column(name: $0, kind: .text) }
                + figures.map { Column(name: $0, kind: .money) },
            keys: RiskModel.allCases.map(\.rawValue))
    }

    private static let backtestTable = Table(
        "backtest", .record,
        [
            "confidence_bp": .wholeNumber, "window": .wholeNumber, "days": .wholeNumber, "from": .text, "to": .text,
            "exceptions": .wholeNumber, "expected_exceptions": .factor, "exception_dates": .texts,
            "zone": .choice(TrafficLight.Zone.allCases.map(\.rawValue)), "multiplier_add_on": .factor,
            "kupiec_lr": .factor, "kupiec_p": .factor, "christoffersen_lr": .factor, "christoffersen_p": .factor,
            "conditional_coverage_lr": .factor, "conditional_coverage_p": .factor, "acerbi_szekely_z2": .factor,
        ])

    public func state(_ report: BookReport) -> ChannelState {
        var state = self.empty
        for (row, model) in RiskModel.allCases.enumerated() {
            guard let figures = report.models[model] else { continue }
            for confidence in self.convention.confidences {
                state.set("var_\(confidence)", in: "models", row: row, to: figures.valueAtRisk[confidence])
                state.set("es_\(confidence)", in: "models", row: row, to: figures.expectedShortfall[confidence])
            }
            guard model == .stressed, let dates = report.stressedDates else { continue }
            state.set("from", in: "models", row: row, to: .text(dates.from))
            state.set("to", in: "models", row: row, to: .text(dates.to))
        }
        for (row, confidence) in self.convention.confidences.enumerated() {
            guard let interval = report.intervals[confidence] else { continue }
            state.set("least", in: "interval", row: row, to: interval.least)
            state.set("greatest", in: "interval", row: row, to: interval.greatest)
            state.set("coverage_pct", in: "interval", row: row, to: interval.coverage * 100)
        }
        self.setAttribution(of: report, in: &state)
        self.setDistribution(of: report, in: &state)
        for (name, values) in zip(self.stressNames, report.stress) {
            self.setParts(values, of: report.stressParts, in: "stress.\(name)", of: &state)
        }
        if let backtest = report.backtest { Self.set(backtest, in: &state) }
        return state
    }

    private func setAttribution(of report: BookReport, in state: inout ChannelState) {
        guard let attribution = report.attribution else { return }
        let scale = self.convention.horizonScale
        state.set("confidence_bp", in: "attribution", to: Double(attribution.confidenceBasisPoints))
        state.set("var", in: "attribution", to: attribution.valueAtRisk.map { $0 * scale })
        state.set("es", in: "attribution", to: attribution.expectedShortfall.map { $0 * scale })
        state.set(
            "diversification_benefit", in: "attribution", to: attribution.diversificationBenefit.map { $0 * scale })
        state.set("scenarios", in: "attribution", to: .list(report.scenarioDates))
        self.set(attribution.parts, keys: self.parts.names, in: self.parts.table, of: &state)
        for (grouping, attribution) in zip(self.parts.groupings, report.groupings) {
            self.set(attribution?.parts ?? [], keys: grouping.keys, in: grouping.table, of: &state)
        }
    }

    private func set(
        _ parts: [Attribution.Part], keys: [String], in table: String, of state: inout ChannelState
    ) {
        let rows = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        let scale = self.convention.horizonScale
        for part in parts {
            guard let row = rows[part.name] else { continue }
            state.set("component_var", in: table, row: row, to: part.componentValueAtRisk.map { $0 * scale })
            state.set("component_es", in: table, row: row, to: part.componentExpectedShortfall.map { $0 * scale })
            state.set("marginal_var", in: table, row: row, to: part.marginalValueAtRisk.map { $0 * scale })
            state.set("incremental_var", in: table, row: row, to: part.incrementalValueAtRisk.map { $0 * scale })
            state.set("stand_alone_var", in: table, row: row, to: part.standAloneValueAtRisk.map { $0 * scale })
        }
    }

    private func setDistribution(of report: BookReport, in state: inout ChannelState) {
        if let histogram = report.histogram {
            for (row, count) in histogram.counts.enumerated() {
                state.set("from", in: "histogram", row: row, to: histogram.edges[row])
                state.set("to", in: "histogram", row: row, to: histogram.edges[row + 1])
                state.set("count", in: "histogram", row: row, to: Double(count))
            }
        }
        let names = report.attribution?.parts.map(\.name) ?? []
        for (row, scenario) in report.worst.enumerated() {
            state.set("date", in: "worst", row: row, to: .text(scenario.date))
            state.set("pnl", in: "worst", row: row, to: scenario.pnl)
            self.setParts(scenario.parts, of: names, in: "worst_parts.\(row + 1)", of: &state)
        }
    }

    /// - Parameter names: of the values; a table also has rows of parts that have none.
    private func setParts(
        _ values: [Double?], of names: [String], in table: String, of state: inout ChannelState
    ) {
        for (name, value) in zip(names, values) {
            guard let row = self.rows[name] else { continue }
            state.set("value", in: table, row: row, to: value)
        }
    }

    private static func set(_ backtest: BookReport.BacktestSummary, in state: inout ChannelState) {
        let report = backtest.report
        let table = "backtest"
        state.set("confidence_bp", in: table, to: Double(report.confidenceBasisPoints))
        state.set("window", in: table, to: Double(report.window))
        state.set("days", in: table, to: Double(report.days.count))
        state.set("from", in: table, to: .text(backtest.from))
        state.set("to", in: table, to: .text(backtest.to))
        state.set("exceptions", in: table, to: Double(report.exceptions.count))
        state.set("expected_exceptions", in: table, to: backtest.expectedExceptions)
        state.set("exception_dates", in: table, to: .list(backtest.exceptionDates))
        state.set("zone", in: table, to: Double(TrafficLight.Zone.allCases.firstIndex(of: backtest.light.zone)!))
        state.set("multiplier_add_on", in: table, to: backtest.light.multiplierAddOn)
        state.set("kupiec_lr", in: table, to: report.kupiec.ratio.statistic)
        state.set("kupiec_p", in: table, to: report.kupiec.ratio.pValue)
        state.set("christoffersen_lr", in: table, to: report.christoffersen?.independence.statistic)
        state.set("christoffersen_p", in: table, to: report.christoffersen?.independence.pValue)
        state.set("conditional_coverage_lr", in: table, to: report.christoffersen?.conditionalCoverage.statistic)
        state.set("conditional_coverage_p", in: table, to: report.christoffersen?.conditionalCoverage.pValue)
        state.set("acerbi_szekely_z2", in: table, to: report.acerbiSzekely?.statistic)
    }
}
