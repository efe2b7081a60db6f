// SPDX-License-Identifier: Apache-2.0
// A whole book as JSON describes it.

import RiskDomain

extension QuantileDefinition: Decodable {}
extension ShortfallDefinition: Decodable {}
extension HorizonMethod: Decodable {}
extension MissingHistoryPolicy: Decodable {}

/// What the inputs of an engine are made of.
struct ProbeInputs: Decodable {
    struct Option: Decodable {
        var right: String
        var style: String
        var strike: Double
        /// ISO date.
        var expiry: String
        var underlying: String
        var volatility: Double?
        var rate: Double
        var yield: Double
    }

    struct Proxy: Decodable {
        var symbol: String
        var beta: Double
    }

    struct Instrument: Decodable {
        var symbol: String
        var sector: String
        var currency: String
        var multiplier: Double
        var marginRate: Double
        var allowsNegativePrices: Bool
        var isFuture: Bool
        var proxy: Proxy?
        var tags: [String]
        /// Of a currency pair.
        var base: String?
        var option: Option?
    }

    struct Account: Decodable {
        var id: String
        var currency: String
        var cash: Double
        var marginLimit: Double?
        var group: String
    }

    struct Position: Decodable {
        var account: String
        var symbol: String
        var quantity: Double
        var averageCost: Double
        var strategy: String?
    }

    struct Shock: Decodable {
        /// "all", "currency", "sector", "tag", "underlying" or "instrument".
        var target: String
        var key: String
        var price: Double
        var priceChange: Double
        var volatilityPoints: Double
    }

    struct Stress: Decodable {
        var name: String
        var shocks: [Shock]
        var currencyShocks: [String: Double]
        /// First and last date of a window to repeat.
        var replay: [String]?
    }

    struct Convention: Decodable {
        var baseCurrency: String
        var window: Int
        var confidences: [Int]
        var quantile: QuantileDefinition
        var shortfall: ShortfallDefinition
        var horizonDays: Int
        var horizonMethod: HorizonMethod
        var missingHistory: MissingHistoryPolicy
        var minimumReturns: Int
    }

    struct Models: Decodable {
        var ageWeightedLambda: Double
        var volatilityLambda: Double
        var stressedDays: Int
        var intervalLevel: Int
        var worstScenarios: Int
        var histogramBins: Int
        var backtestDays: Int
    }

    var instruments: [Instrument]
    var accounts: [Account]
    var positions: [Position]
    var dates: [String]
    /// By symbol; null where blank.
    var closes: [String: [Double?]]
    var stress: [Stress]
    var convention: Convention
    var models: Models

    var riskInputs: RiskInputs {
        RiskInputs(
            instruments: self.instruments.enumerated().map { $1.instrument(id: UInt32($0)) },
            accounts: self.accounts.map {
                RiskDomain.Account(
                    id: $0.id, name: $0.id, currency: $0.currency, cash: $0.cash, marginLimit: $0.marginLimit,
                    group: $0.group)
            },
            positions: self.positions.map {
                RiskDomain.Position(
                    account: $0.account, symbol: $0.symbol, quantity: $0.quantity, averageCost: $0.averageCost,
                    strategy: $0.strategy)
            },
            history: ClosingHistory(dates: self.dates, closes: self.closes.mapValues { $0.map { $0 ?? .nan } }),
            stressScenarios: self.stress.map(\.scenario),
            convention: RiskConvention(
                baseCurrency: self.convention.baseCurrency, window: self.convention.window,
                confidences: self.convention.confidences, quantile: self.convention.quantile,
                shortfall: self.convention.shortfall, horizonDays: self.convention.horizonDays,
                horizonMethod: self.convention.horizonMethod, missingHistory: self.convention.missingHistory,
                minimumReturns: self.convention.minimumReturns),
            models: RiskModelSettings(
                ageWeightedLambda: self.models.ageWeightedLambda, volatilityLambda: self.models.volatilityLambda,
                stressedDays: self.models.stressedDays, intervalLevel: self.models.intervalLevel,
                worstScenarios: self.models.worstScenarios, histogramBins: self.models.histogramBins,
                backtestDays: self.models.backtestDays))
    }
}

extension ProbeInputs.Instrument {
    fileprivate func instrument(id: UInt32) -> Instrument {
        Instrument(
            id: id, symbol: self.symbol, name: self.symbol, sector: self.sector, currency: self.currency,
            multiplier: self.multiplier, marginRate: self.marginRate,
            allowsNegativePrices: self.allowsNegativePrices,
            proxy: self.proxy.map { HistoryProxy(symbol: $0.symbol, beta: $0.beta) }, kind: self.kind,
            tags: self.tags)
    }

    private var kind: InstrumentKind {
        if let base = self.base { return .currencyPair(base: base) }
        if self.isFuture { return .future }
        guard let option = self.option else { return .spot }
        return .option(
            OptionTerms(
                right: OptionTerms.Right(rawValue: option.right)!, style: OptionTerms.Style(rawValue: option.style)!,
                strike: option.strike, expiry: CalendarDay(iso8601: option.expiry)!, underlying: option.underlying,
                volatility: option.volatility, rate: option.rate, yield: option.yield))
    }
}

extension ProbeInputs.Stress {
    fileprivate var scenario: StressScenario {
        StressScenario(
            name: self.name,
            shocks: self.shocks.map { shock in
                StressShock(
                    target: shock.parsedTarget, price: shock.price, priceChange: shock.priceChange,
                    volatilityPoints: shock.volatilityPoints)
            },
            currencyShocks: self.currencyShocks,
            replay: self.replay.map { StressScenario.Replay(from: $0[0], to: $0[1]) })
    }
}

extension ProbeInputs.Shock {
    fileprivate var parsedTarget: StressShock.Target {
        switch self.target {
        case "all": .all
        case "currency": .currency(self.key)
        case "sector": .sector(self.key)
        case "tag": .tag(self.key)
        case "underlying": .underlying(self.key)
        case "instrument": .instrument(self.key)
        default: preconditionFailure("a shock of \(self.target)")
        }
    }
}
