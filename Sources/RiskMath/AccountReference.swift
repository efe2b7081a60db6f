// SPDX-License-Identifier: Apache-2.0
// The reference valuation of an account: what the engine must give, written to be read.

import RiskDomain

/// Composes the formulas of this module into an account's figures.
public enum AccountReference {
    /// - Parameters:
    ///   - account: one of `inputs.accounts`.
    ///   - marks: by instrument index; `nil` before an instrument's first tick.
    ///   - previousMarginLevel: the level at the previous cut, `unknown` at the first.
    /// - Precondition: one mark per instrument.
    public static func value(
        of account: Account, in inputs: RiskInputs, marks: [PriceMark?], previousMarginLevel: MarginLevel = .unknown
    ) -> AccountValuation {
        precondition(marks.count == inputs.instruments.count)
        let positions = Self.marked(account, in: inputs, marks: marks)
        let valuations = positions.map(\.valuation)
        let pnl = Self.scenarioPnL(positions, count: inputs.scenarios.count)
        return AccountValuation(
            account: account.id,
            currency: account.currency,
            status: MarkToMarket.status(of: valuations),
            totals: MarkToMarket.totals(cash: account.cash, fees: 0, positions: valuations),
            risk: RiskFigures(
                pnl: pnl, window: inputs.scenarios.count, coverage: .of(positions), convention: inputs.convention),
            scenarioPnL: pnl,
            stress: Self.stress(positions, scenarios: inputs.stressScenarios),
            margin: MarginFigures(
                used: Self.marginUsed(positions), limit: account.marginLimit, previousLevel: previousMarginLevel),
            sectors: SectorExposure.bySector(positions),
            positions: valuations)
    }

    private static func marked(_ account: Account, in inputs: RiskInputs, marks: [PriceMark?]) -> [MarkedPosition] {
        inputs.positions.filter { $0.account == account.id }.compactMap { position in
            guard let index = inputs.directory.index(ofSymbol: position.symbol) else { return nil }
            let instrument = inputs.instruments[index]
            let priorClose = inputs.history.lastClose(
                of: instrument.symbol, allowsNegative: instrument.allowsNegativePrices)
            return MarkedPosition(
                instrument: instrument,
                valuation: MarkToMarket.value(
                    of: position, instrument: instrument, mark: marks[index], priorClose: priorClose,
                    rate: instrument.currency == account.currency ? 1 : nil),
                returns: inputs.scenarios.rows[index])
        }
    }

    /// Absent where something is held and the scenarios reach nothing of it.
    private static func scenarioPnL(_ positions: [MarkedPosition], count: Int) -> [Double]? {
        let held = positions.filter(\.valuation.isHeld)
        let exposures = held.compactMap(\.exposure)
        return exposures.isEmpty && !held.isEmpty ? nil : ScenarioPnL.vector(exposures: exposures, count: count)
    }

    private static func stress(_ positions: [MarkedPosition], scenarios: [StressScenario]) -> [String: Double] {
        let held = positions.filter(\.valuation.isHeld)
        let exposures = held.compactMap { position in
            position.valuation.marketValue.map { (instrument: position.instrument, marketValue: $0) }
        }
        if exposures.isEmpty, !held.isEmpty { return [:] }
        return scenarios.reduce(into: [:]) { stress, scenario in
            stress[scenario.name] = StressLoss.profitAndLoss(under: scenario, exposures: exposures)
        }
    }

    /// `Σ |MV_i|·margin_rate_i`, absent where nothing held has a value.
    private static func marginUsed(_ positions: [MarkedPosition]) -> Double? {
        let held = positions.filter(\.valuation.isHeld)
        let margins = held.compactMap { position in
            position.valuation.marketValue.map { $0.magnitude * position.instrument.marginRate }
        }
        return margins.isEmpty && !held.isEmpty ? nil : margins.reduce(0, +)
    }
}
