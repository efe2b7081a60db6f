// SPDX-License-Identifier: Apache-2.0
// The scenario sets a report measures by: the published window, the same at today's volatility, and all of the history.

import RiskDomain
import RiskMath

/// Made once from the history; immutable.
public struct ScenarioSets: Sendable {
    /// The window VaR and ES are published from.
    public let window: ScenarioReturns
    /// Its returns scaled, factor by factor, to the volatility forecast for tomorrow (Hull & White 1998).
    public let volatilityScaled: ScenarioReturns
    /// One-day returns over the whole history; NaN where an instrument has no close on either day.
    public let whole: ScenarioReturns

    public init(_ inputs: RiskInputs) {
        self.window = inputs.scenarios
        let scaling = VolatilityScaling(variance: ExponentialVariance(decay: inputs.models.volatilityLambda))
        self.volatilityScaled = ScenarioReturns(
            dates: inputs.scenarios.dates, rows: inputs.scenarios.rows.map { $0.map(scaling.scaled) })
        self.whole = Self.whole(inputs)
    }

    private static func whole(_ inputs: RiskInputs) -> ScenarioReturns {
        func returns(_ symbol: String) -> [Double]? {
            inputs.history.closes[symbol].map { closes in
                zip(closes.dropFirst(), closes).map { later, earlier in
                    later.isFinite && later > 0 && earlier.isFinite && earlier > 0 ? later / earlier - 1 : .nan
                }
            }
        }
        let rows = inputs.instruments.enumerated().map { index, instrument -> [Double]? in
            // What the window leaves without history has none here either: one book, one coverage.
            guard inputs.scenarios.rows[index] != nil else { return nil }
            let own = returns(instrument.symbol)
            guard let proxy = instrument.proxy, own == nil || inputs.convention.missingHistory == .proxy,
                let substitute = returns(proxy.symbol)
            else { return own }
            guard let own else { return substitute.map { proxy.beta * $0 } }
            return zip(own, substitute).map { $0.isNaN ? proxy.beta * $1 : $0 }
        }
        return ScenarioReturns(dates: Array(inputs.history.dates.dropFirst()), rows: rows)
    }
}
