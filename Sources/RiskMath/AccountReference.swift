// SPDX-License-Identifier: Apache-2.0
// The reference valuation of an account: what the engine must give, written to be read.

import RiskDomain

/// Composes the formulas of this module into an account's figures.
public enum AccountReference {
    /// - Parameters:
    ///   - account: one of `inputs.accounts`.
    ///   - marks: by instrument index; `nil` before an instrument's first tick.
    ///   - cutNanoseconds: since 1970: what options have left.
    ///   - previousMarginLevel: the level at the previous cut, `unknown` at the first.
    /// - Precondition: one mark per instrument.
    public static func value(
        of account: Account, in inputs: RiskInputs, marks: [PriceMark?], cutNanoseconds: UInt64 = 0,
        previousMarginLevel: MarginLevel = .unknown
    ) -> AccountValuation {
        let market = PricedMarket(inputs, marks: marks, cutNanoseconds: cutNanoseconds)
        return Self.value(of: account, at: market, previousMarginLevel: previousMarginLevel)
    }

    public static func value(
        of account: Account, at market: PricedMarket, previousMarginLevel: MarginLevel = .unknown
    ) -> AccountValuation {
        let inputs = market.inputs
        let positions = Self.marked(account, at: market)
        let valuations = positions.map(\.valuation)
        let pnl = Self.scenarioPnL(positions, count: inputs.scenarios.count)
        return AccountValuation(
            account: account.id,
            currency: account.currency,
            status: MarkToMarket.status(of: valuations),
            totals: MarkToMarket.totals(cash: account.cash, ledger: account.ledger, positions: valuations),
            risk: RiskFigures(
                pnl: pnl, window: inputs.scenarios.count, coverage: .of(positions), convention: inputs.convention),
            scenarioPnL: pnl,
            stress: Self.stress(positions, at: market, currency: account.currency),
            greeks: CashGreeks.byUnderlying(positions, in: market),
            margin: MarginFigures(
                used: Self.marginUsed(positions).map { $0 + account.ledger.orderMargin }, limit: account.marginLimit,
                previousLevel: previousMarginLevel),
            sectors: SectorExposure.bySector(positions),
            positions: valuations)
    }

    private static func marked(_ account: Account, at market: PricedMarket) -> [MarkedPosition] {
        let inputs = market.inputs
        return inputs.positions.filter { $0.account == account.id }.compactMap { position in
            guard let index = inputs.directory.index(ofSymbol: position.symbol) else { return nil }
            let instrument = inputs.instruments[index]
            let rate = market.rate(from: instrument.currency, to: account.currency)
            let valuation = MarkToMarket.value(
                of: position, instrument: instrument, mark: market.mark(of: index),
                priorClose: market.priorCloses[index], rate: rate)
            let units = rate.map { position.quantity * instrument.multiplier * $0.price }
            var marked = MarkedPosition(instrument: instrument, index: index, valuation: valuation, units: units)
            if let marketValue = valuation.marketValue, let units {
                marked.scenarioPnL = market.scenarioPnL(
                    of: index, units: units, marketValue: marketValue, currency: account.currency)
            }
            return marked
        }
    }

    /// Absent where something is held and the scenarios reach nothing of it.
    private static func scenarioPnL(_ positions: [MarkedPosition], count: Int) -> [Double]? {
        let held = positions.filter(\.valuation.isHeld)
        let vectors = held.compactMap(\.scenarioPnL)
        return vectors.isEmpty && !held.isEmpty ? nil : ScenarioPnL.sum(vectors, count: count)
    }

    /// Over every priced position, with history or not; a scenario one of them has no value in is absent.
    private static func stress(
        _ positions: [MarkedPosition], at market: PricedMarket, currency: String
    ) -> [String: Double] {
        let held = positions.filter(\.valuation.isHeld)
        let priced = held.filter { $0.valuation.marketValue != nil }
        if priced.isEmpty, !held.isEmpty { return [:] }
        return market.inputs.stressScenarios.reduce(into: [:]) { stress, scenario in
            let moves = scenario.moves(of: market.inputs.instruments, history: market.inputs.history)
            let parts = priced.compactMap { position in
                market.stressPnL(
                    of: position.index, units: position.units!, under: scenario, moves: moves, currency: currency)
            }
            if parts.count == priced.count { stress[scenario.name] = parts.reduce(0, +) }
        }
    }

    /// `Σ |MV_i|·margin_rate_i` of the positions, absent where nothing held has a value.
    private static func marginUsed(_ positions: [MarkedPosition]) -> Double? {
        let held = positions.filter(\.valuation.isHeld)
        let margins = held.compactMap { position in
            position.valuation.marketValue.map { $0.magnitude * position.instrument.marginRate }
        }
        return margins.isEmpty && !held.isEmpty ? nil : margins.reduce(0, +)
    }
}
