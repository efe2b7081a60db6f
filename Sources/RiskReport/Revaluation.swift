// SPDX-License-Identifier: Apache-2.0
// What a holding gains or loses when prices, rates and volatilities move.

import RiskDomain
import RiskKernel

/// Values holdings anew under given moves, as the engine does (docs/method.md, "Scenarios" and "Options").
public struct Revaluation: Sendable {
    public let inputs: RiskInputs
    private let kernel: OptionKernel

    public init(inputs: RiskInputs, tier: KernelTier) {
        self.inputs = inputs
        self.kernel = OptionKernel(tier: tier)
    }

    /// Market value of a holding in the account's currency.
    public func marketValue(of held: HeldPosition) -> Double? {
        guard let price = held.price, let units = self.units(of: held) else { return nil }
        return units * price
    }

    /// Quantity · multiplier · rate.
    func units(of held: HeldPosition) -> Double? {
        held.rate.map { held.quantity * self.inputs.instruments[held.instrument].multiplier * $0 }
    }

    func years(_ terms: OptionTerms, atCut cutNanoseconds: UInt64) -> Double {
        terms.yearsToExpiry(
            atNanoseconds: self.inputs.convention.valuationNanoseconds(atCut: cutNanoseconds))
    }

    /// The option's value at given prices of its underlying, moved so that it is its price where nothing moves.
    ///
    /// - Returns: `nil` for what is no option, or lacks a price, a spot or a volatility.
    func optionPrices(
        of held: HeldPosition, spots: [Double], volatilityShift: Double = 0, atCut cutNanoseconds: UInt64
    ) -> [Double]? {
        let instrument = self.inputs.instruments[held.instrument]
        guard let terms = instrument.option, let underlying = self.inputs.underlying(of: held.instrument),
            let price = held.price, let spot = held.spot, let volatility = held.volatility
        else { return nil }
        let model = OptionModel(option: instrument, underlying: self.inputs.instruments[underlying])
        let years = self.years(terms, atCut: cutNanoseconds)
        let prepared = OptionKernel.Prepared(terms, model: model, volatility: volatility, years: years)
        let base = self.kernel.values(prepared, spots: [spot])[0]
        let shifted =
            volatilityShift == 0
            ? prepared
            : OptionKernel.Prepared(terms, model: model, volatility: max(0, volatility + volatilityShift), years: years)
        return self.kernel.values(shifted, spots: spots).map { price + ($0 - base) }
    }

    /// P&L of a holding in each of the scenarios, in the account's currency.
    ///
    /// - Returns: `nil` where the scenarios do not reach it.
    public func scenarioPnL(
        of held: HeldPosition, currency: String, scenarios: ScenarioReturns, atCut cutNanoseconds: UInt64
    ) -> [Double]? {
        let instrument = self.inputs.instruments[held.instrument]
        guard let marketValue = self.marketValue(of: held), let price = held.price, let units = self.units(of: held),
            let path = self.inputs.currencies.path(from: instrument.currency, to: currency),
            let rates = scenarios.rateReturns(of: path)
        else { return nil }
        guard instrument.option != nil else {
            guard let returns = scenarios.rows[held.instrument] else { return nil }
            return zip(returns, rates).map { marketValue * ($1 == 0 ? $0 : (1 + $0) * (1 + $1) - 1) }
        }
        guard let spot = held.spot, let underlying = self.inputs.underlying(of: held.instrument),
            let returns = scenarios.rows[underlying],
            let prices = self.optionPrices(of: held, spots: returns.map { spot * (1 + $0) }, atCut: cutNanoseconds)
        else { return nil }
        return zip(prices, rates).map { units * ($1 == 0 ? $0 - price : $0 * (1 + $1) - price) }
    }

    /// P&L of a holding under a stress scenario.
    ///
    /// - Parameter moves: of the scenario, by instrument.
    /// - Returns: `nil` where the holding has no value, or is an option without a model value whose underlying moves.
    public func stressPnL(
        of held: HeldPosition, currency: String, scenario: StressScenario, moves: [StressMove],
        atCut cutNanoseconds: UInt64
    ) -> Double? {
        let instrument = self.inputs.instruments[held.instrument]
        guard let price = held.price, let units = self.units(of: held),
            let rate = self.inputs.currencies.path(from: instrument.currency, to: currency)?.shock(moves)
        else { return nil }
        var moved = moves[held.instrument].price(from: price)
        if instrument.option != nil, !scenario.isAimed(at: instrument) {
            guard let spot = held.spot, let underlying = self.inputs.underlying(of: held.instrument),
                let value = self.optionPrices(
                    of: held, spots: [moves[underlying].price(from: spot)],
                    volatilityShift: scenario.volatilityMove(
                        of: instrument, on: self.inputs.instruments[underlying]),
                    atCut: cutNanoseconds)
            else { return nil }
            moved = value[0]
        }
        return units * (moved * (1 + rate) - price)
    }
}
