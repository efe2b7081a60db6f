// SPDX-License-Identifier: Apache-2.0
// Prices, rates and option values of one instant, as the valuation of a book wants them.

import RiskDomain

/// One instant of the market.
public struct PricedMarket: Sendable {
    public let inputs: RiskInputs
    /// By index of an instrument that is an option.
    public let options: [Int: ValuedOption]
    private let ticked: [PriceMark?]
    /// By instrument index; `nil` where day P&L has nothing to begin with.
    public let priorCloses: [Double?]

    /// - Parameters:
    ///   - marks: by instrument index, from ticks; `nil` before an instrument's first.
    ///   - cutNanoseconds: since 1970; options are valued at it unless the convention fixes a day.
    ///   - priorCloses: by instrument index, of the last day roll; `nil` before the first: the history's.
    /// - Precondition: one mark per instrument.
    public init(
        _ inputs: RiskInputs, marks: [PriceMark?], cutNanoseconds: UInt64, priorCloses: [Double?]? = nil
    ) {
        precondition(marks.count == inputs.instruments.count)
        self.inputs = inputs
        self.ticked = marks
        self.priorCloses =
            priorCloses
            ?? inputs.instruments.map { instrument in
                inputs.history.lastClose(of: instrument.symbol, allowsNegative: instrument.allowsNegativePrices)
            }
        let now = inputs.convention.valuationNanoseconds(atCut: cutNanoseconds)
        var options: [Int: ValuedOption] = [:]
        for (index, instrument) in inputs.instruments.enumerated() {
            guard let terms = instrument.option, let underlying = inputs.underlying(of: index) else { continue }
            options[index] = ValuedOption(
                terms: terms, model: OptionModel(option: instrument, underlying: inputs.instruments[underlying]),
                own: marks[index], underlying: marks[underlying], years: terms.yearsToExpiry(atNanoseconds: now))
        }
        self.options = options
    }

    /// The price ticks give an instrument; an option may have one by its model beside.
    public func tickedMark(of instrument: Int) -> PriceMark? { self.ticked[instrument] }

    /// The price an instrument is valued at.
    public func mark(of instrument: Int) -> PriceMark? {
        self.options[instrument].map(\.mark) ?? self.ticked[instrument]
    }

    /// Units of `to` for one of `from`, stale as soon as one pair on the way is.
    ///
    /// - Returns: `nil` where no quoted pairs lead there or one has no price above 0; never 1 for want of a rate.
    public func rate(from: String, to: String) -> PriceMark? {
        guard let path = self.inputs.currencies.path(from: from, to: to) else { return nil }
        let legs = path.legs.compactMap { self.ticked[$0.instrument] }
        guard legs.count == path.legs.count, let rate = path.rate({ $0.factor(self.ticked[$0.instrument]!.price) }),
            rate > 0, rate.isFinite
        else { return nil }
        return PriceMark(rate, isStale: legs.contains(where: \.isStale))
    }

    /// P&L of a position in each scenario, in the currency it is valued in.
    ///
    /// - Parameters:
    ///   - units: quantity · multiplier · rate.
    ///   - currency: of the P&L.
    /// - Returns: `nil` where the scenarios do not reach it.
    func scenarioPnL(of instrument: Int, units: Double, marketValue: Double, currency: String) -> [Double]? {
        let scenarios = self.inputs.scenarios
        guard let path = self.inputs.currencies.path(from: self.inputs.instruments[instrument].currency, to: currency),
            let rates = scenarios.rateReturns(of: path),
            let returns = scenarios.rows[self.inputs.underlying(of: instrument) ?? instrument]
        else { return nil }
        guard let option = self.options[instrument] else {
            return zip(returns, rates).map { marketValue * ($1 == 0 ? $0 : (1 + $0) * (1 + $1) - 1) }
        }
        guard let price = option.mark?.price, option.modelValue != nil else { return nil }
        return zip(returns, rates).map { change, rate in
            let moved = option.price { $0 * (1 + change) } ?? .nan
            return units * (rate == 0 ? moved - price : moved * (1 + rate) - price)
        }
    }

    /// P&L of a position under a stress scenario; `nil` for an option without a model value whose underlying moves.
    func stressPnL(
        of instrument: Int, units: Double, under scenario: StressScenario, moves: [StressMove], currency: String
    ) -> Double? {
        let held = self.inputs.instruments[instrument]
        guard let price = self.mark(of: instrument)?.price,
            let rate = self.inputs.currencies.path(from: held.currency, to: currency)?.shock(moves)
        else { return nil }
        let moved: Double?
        if let option = self.options[instrument], let underlying = self.inputs.underlying(of: instrument),
            !scenario.isAimed(at: held)
        {
            let shift = scenario.volatilityMove(of: held, on: self.inputs.instruments[underlying])
            moved = option.price(movingSpot: moves[underlying].price(from:), volatilityShift: shift)
        } else {
            moved = moves[instrument].price(from: price)
        }
        return moved.map { units * ($0 * (1 + rate) - price) }
    }
}
