// SPDX-License-Identifier: Apache-2.0
// An option of a textbook, priced by the reference and by the kernels.

import RiskDomain
import RiskKernel
import RiskMath

/// Terms, model and market of a published example.
struct PublishedOption: Sendable {
    let terms: OptionTerms
    let model: OptionModel
    let spot: Double
    let volatility: Double
    let years: Double
    let name: String

    init(
        _ right: OptionTerms.Right, _ model: OptionModel = .blackScholesMerton,
        style: OptionTerms.Style = .european, spot: Double, strike: Double, rate: Double = 0, yield: Double = 0,
        volatility: Double, years: Double
    ) {
        self.terms = OptionTerms(
            right: right, style: style, strike: strike, expiry: CalendarDay(daysSince1970: 0), underlying: "",
            volatility: volatility, rate: rate, yield: yield)
        self.model = model
        self.spot = spot
        self.volatility = volatility
        self.years = years
        let isForward = model != .blackScholesMerton
        let market = ["\(isForward ? "F" : "S")=\(Self.shown(spot))", "K=\(Self.shown(strike))"]
        let rates = ["r=\(Self.shown(rate))"] + (yield == 0 ? [] : ["y=\(Self.shown(yield))"])
        let time = ["vol=\(Self.shown(volatility))", "T=\(Self.shown(years))"]
        self.name =
            "\(Self.names[Int(model.rawValue)]) \(style == .american ? "American " : "")\(right.rawValue) "
            + (market + rates + time).joined(separator: " ")
    }

    private static let names = ["BSM", "Black-76", "Bachelier"]

    /// Four digits after the point at most.
    private static func shown(_ number: Double) -> String {
        let rounded = (number * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    /// The value, twice.
    func valueResults(
        _ expected: Double, decimals: Int, tolerance: Double? = nil, _ source: PublishedSource, tier: KernelTier
    ) -> [PublishedResult] {
        let reference = OptionPricing.value(
            terms: self.terms, model: self.model, spot: self.spot, volatility: self.volatility, years: self.years)
        let prepared = OptionKernel.Prepared(
            self.terms, model: self.model, volatility: self.volatility, years: self.years)
        let kernel = OptionKernel(tier: tier).values(prepared, spots: [self.spot])[0]
        return [("RiskMath", reference), ("kernel \(tier.name)", kernel)].map { route, found in
            PublishedResult(
                self.name, source, expected: expected, decimals: decimals, tolerance: tolerance, route: route,
                found: found)
        }
    }

    enum Greek: String, Sendable {
        case delta, gamma, vega, theta, rho

        fileprivate var ofReference: KeyPath<OptionGreeks, Double> {
            switch self {
            case .delta: \.delta
            case .gamma: \.gamma
            case .vega: \.vega
            case .theta: \.theta
            case .rho: \.rho
            }
        }

        fileprivate var ofKernel: KeyPath<OptionMeasures, Double> {
            switch self {
            case .delta: \.delta
            case .gamma: \.gamma
            case .vega: \.vega
            case .theta: \.theta
            case .rho: \.rho
            }
        }
    }

    /// A derivative, twice.
    func greekResults(
        _ greek: Greek, _ expected: Double, decimals: Int, _ source: PublishedSource
    ) -> [PublishedResult] {
        let greeks = OptionPricing.greeks(
            terms: self.terms, model: self.model, spot: self.spot, volatility: self.volatility, years: self.years)
        let measures = OptionKernel.measures(
            of: self.terms, model: self.model, spot: self.spot, volatility: self.volatility, years: self.years)
        let routes = [("RiskMath", greeks[keyPath: greek.ofReference]), ("kernel", measures[keyPath: greek.ofKernel])]
        return routes.map { route, found in
            PublishedResult(
                "\(greek.rawValue) of \(self.name)", source, expected: expected, decimals: decimals, route: route,
                found: found)
        }
    }

    /// The volatility its price implies, twice.
    ///
    /// - Parameters:
    ///   - price: as published.
    ///   - expected: volatility as published.
    func impliedResults(
        price: Double, _ expected: Double, decimals: Int, _ source: PublishedSource
    ) -> [PublishedResult] {
        let reference = try? ImpliedVolatility.solve(
            price: price, terms: self.terms, model: self.model, spot: self.spot, years: self.years)
        let kernel = OptionKernel.impliedVolatility(
            of: self.terms, model: self.model, price: price, spot: self.spot, years: self.years)
        let name = self.name.split(separator: " ").filter { !$0.hasPrefix("vol=") }.joined(separator: " ")
        return [("RiskMath", reference), ("kernel", kernel)].map { route, found in
            PublishedResult(
                "volatility at \(price) of \(name)", source, expected: expected, decimals: decimals, route: route,
                found: found)
        }
    }
}
