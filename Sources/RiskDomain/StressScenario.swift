// SPDX-License-Identifier: Apache-2.0
// Named stress scenarios and which shock an instrument gets.

/// A named set of instantaneous moves.
public struct StressScenario: Sendable, Equatable {
    /// A window of the history whose moves are repeated at once.
    public struct Replay: Sendable, Equatable {
        /// ISO dates, `from` before `to`; the closes on or last before them are compared.
        public var from: String
        public var to: String

        public init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    public var name: String
    /// Win over what the replay says.
    public var shocks: [StressShock]
    /// Relative change of a currency's value, by code; currencies not named stand still.
    public var currencyShocks: [String: Double]
    public var replay: Replay?

    public init(
        name: String, shocks: [StressShock], currencyShocks: [String: Double] = [:], replay: Replay? = nil
    ) {
        self.name = name
        self.shocks = shocks
        self.currencyShocks = currencyShocks
        self.replay = replay
    }

    /// The shock that applies: the most specific target wins (instrument, underlying, tag, sector, currency, all); of
    /// two tags the one that stands first; `nil` without any.
    public func shock(for instrument: Instrument) -> StressShock? {
        var best: StressShock?
        for shock in self.shocks where shock.target.matches(instrument) {
            if best.map({ shock.target.specificity > $0.target.specificity }) ?? true { best = shock }
        }
        return best
    }
}

/// One shock of a scenario.
public struct StressShock: Sendable, Equatable {
    public enum Target: Sendable, Hashable {
        case all
        case currency(String)
        case sector(String)
        case tag(String)
        /// An instrument and the options on it.
        case underlying(String)
        case instrument(String)

        /// Whether it names, by symbol or tag, what it aims at, rather than a class of instruments.
        public var isName: Bool { self.specificity >= Self.tag("").specificity }

        var specificity: Int {
            switch self {
            case .all: 0
            case .currency: 1
            case .sector: 2
            case .tag: 3
            case .underlying: 4
            case .instrument: 5
            }
        }

        public func matches(_ instrument: Instrument) -> Bool {
            switch self {
            case .all: true
            case .currency(let code): code == instrument.currency
            case .sector(let name): name == instrument.sector
            case .tag(let name): instrument.tags.contains(name)
            case .underlying(let symbol): symbol == (instrument.option?.underlying ?? instrument.symbol)
            case .instrument(let symbol): symbol == instrument.symbol
            }
        }
    }

    public var target: Target
    /// Relative price change: −0.10 is ten percent down; finite and ≥ −1.
    public var price: Double
    /// Absolute price change on top, in the instrument's currency.
    public var priceChange: Double
    /// Absolute change of implied volatility in points of a hundredth; applies to options.
    public var volatilityPoints: Double

    public init(target: Target, price: Double, priceChange: Double = 0, volatilityPoints: Double = 0) {
        self.target = target
        self.price = price
        self.priceChange = priceChange
        self.volatilityPoints = volatilityPoints
    }
}

/// What a scenario does to one instrument.
///
/// Its price P moves to `P·(1 + relative) + absolute`. An option is valued anew where its underlying moves to, at its
/// volatility plus ``StressScenario/volatilityMove(of:on:)``; only a shock aimed at the option itself moves its price.
public struct StressMove: Sendable, Equatable {
    public var relative: Double
    public var absolute: Double

    public init(relative: Double = 0, absolute: Double = 0) {
        self.relative = relative
        self.absolute = absolute
    }

    public func price(from price: Double) -> Double { price * (1 + self.relative) + self.absolute }
}

extension StressScenario {
    /// The move of every instrument, in index order.
    ///
    /// Currency pairs move by ``currencyShocks`` or the replay, and by a shock only if it names them: a fall of all
    /// prices is none of a currency.
    ///
    /// - Parameter history: where a replay finds its closes. An instrument without both closes, and whose proxy has
    ///   none, stands still unless a shock moves it.
    public func moves(of instruments: [Instrument], history: ClosingHistory) -> [StressMove] {
        instruments.map { instrument in
            var shock = self.shock(for: instrument)
            if case .currencyPair(let base) = instrument.kind, shock?.target.isName != true {
                shock = nil
                let change = self.value(of: base) / self.value(of: instrument.currency) - 1
                if change != 0 { return StressMove(relative: change) }
            }
            if let shock { return StressMove(relative: shock.price, absolute: shock.priceChange) }
            return StressMove(relative: self.replayed(instrument, history: history) ?? 0)
        }
    }

    private func value(of currency: String) -> Double {
        1 + (self.currencyShocks[CurrencyGraph.minorUnits[currency]?.currency ?? currency] ?? 0)
    }

    /// Symbols a replay has no closes for and no shock moves, ascending: the daemon names them at start.
    public func unreached(among instruments: [Instrument], history: ClosingHistory) -> [String] {
        guard self.replay != nil else { return [] }
        return instruments.filter {
            $0.option == nil && self.shock(for: $0) == nil && self.replayed($0, history: history) == nil
        }.map(\.symbol).sorted()
    }

    /// Whether a shock names the option itself, by symbol or tag: it then moves the option's price directly.
    public func isAimed(at option: Instrument) -> Bool {
        switch self.shock(for: option)?.target {
        case .instrument, .tag: true
        default: false
        }
    }

    /// Change of an option's volatility, 0.1 for ten points: by the shock that applies to the option, else by that of
    /// its underlying.
    public func volatilityMove(of option: Instrument, on underlying: Instrument) -> Double {
        ((self.shock(for: option) ?? self.shock(for: underlying))?.volatilityPoints ?? 0) / 100
    }

    private func replayed(_ instrument: Instrument, history: ClosingHistory) -> Double? {
        guard let replay = self.replay else { return nil }
        func change(_ symbol: String) -> Double? {
            guard let start = history.close(of: symbol, on: replay.from),
                let end = history.close(of: symbol, on: replay.to)
            else { return nil }
            return end / start - 1
        }
        if let own = change(instrument.symbol) { return own }
        return instrument.proxy.flatMap { proxy in change(proxy.symbol).map { proxy.beta * $0 } }
    }
}

extension RatePath {
    /// Change of the rate when the pairs on the way move: `Π (1 + m_leg)^±1 − 1`. A pair's absolute move is none of a
    /// rate; the scenario file refuses it.
    ///
    /// - Parameter moves: by instrument.
    public func shock(_ moves: [StressMove]) -> Double {
        self.legs.reduce(1) { $0 * $1.factor(1 + moves[$1.instrument].relative) } - 1
    }
}
