// SPDX-License-Identifier: Apache-2.0
// Named stress scenarios and which shock an instrument gets.

/// A named set of instantaneous shocks.
public struct StressScenario: Sendable, Equatable {
    public var name: String
    public var shocks: [StressShock]

    public init(name: String, shocks: [StressShock]) {
        self.name = name
        self.shocks = shocks
    }

    /// The shock that applies: the most specific target wins (instrument, sector, currency, all); `nil` without any.
    public func shock(for instrument: Instrument) -> StressShock? {
        self.shocks.filter { $0.target.matches(instrument) }.max { $0.target.specificity < $1.target.specificity }
    }
}

/// One shock of a scenario.
public struct StressShock: Sendable, Equatable {
    public enum Target: Sendable, Hashable {
        case all
        case currency(String)
        case sector(String)
        case instrument(String)

        var specificity: Int {
            switch self {
            case .all: 0
            case .currency: 1
            case .sector: 2
            case .instrument: 3
            }
        }

        func matches(_ instrument: Instrument) -> Bool {
            switch self {
            case .all: true
            case .currency(let code): code == instrument.currency
            case .sector(let name): name == instrument.sector
            case .instrument(let symbol): symbol == instrument.symbol
            }
        }
    }

    public var target: Target
    /// Relative price change: −0.10 is ten percent down; finite and ≥ −1.
    public var price: Double
    /// Absolute change of implied volatility in points; applies to options.
    public var volatilityPoints: Double

    public init(target: Target, price: Double, volatilityPoints: Double = 0) {
        self.target = target
        self.price = price
        self.volatilityPoints = volatilityPoints
    }
}
