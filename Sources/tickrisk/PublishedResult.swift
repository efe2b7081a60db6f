// SPDX-License-Identifier: Apache-2.0
// A number that stands in print, beside what our code makes of the same inputs.

import RiskKernel

/// Where a number was published.
struct PublishedSource: Sendable, Equatable {
    /// As in a column: "Hull ch. 15".
    let short: String
    /// Authors, title, year.
    let title: String
}

/// One number, recomputed by one of the code paths that the daemon uses.
struct PublishedResult: Sendable {
    /// What it is, with its inputs.
    let quantity: String
    let source: PublishedSource
    let expected: Double
    /// Digits after the point as printed.
    let decimals: Int
    /// Greatest difference that is no miss.
    let tolerance: Double
    /// The module that computed: `RiskMath`, `RiskReport`, `RiskDomain`, or the kernels of a tier.
    let route: String
    /// NaN where there was no value.
    let found: Double

    /// - Parameter tolerance: `nil` for half a unit in the last printed digit.
    init(
        _ quantity: String, _ source: PublishedSource, expected: Double, decimals: Int, tolerance: Double? = nil,
        route: String = "RiskMath", found: Double?
    ) {
        self.quantity = quantity
        self.source = source
        self.expected = expected
        self.decimals = decimals
        self.tolerance = tolerance ?? (0..<decimals).reduce(0.5) { half, _ in half / 10 }
        self.route = route
        self.found = found ?? .nan
    }

    /// A difference of exactly the tolerance is none, whatever the binary rounding of a decimal makes of it.
    var isReproduced: Bool {
        (self.found - self.expected).magnitude <= self.tolerance + 4 * self.expected.ulp
    }
}

enum PublishedResults {
    /// All of them, in the order they are shown.
    ///
    /// - Parameter tier: whose kernels price the options.
    static func all(tier: KernelTier) -> [PublishedResult] {
        self.europeanOptions(tier: tier) + self.americanOptions(tier: tier) + self.optionGreeks(tier: tier)
            + self.impliedVolatilities(tier: tier) + self.quantiles + self.ageWeighted + self.parametric
            + self.backtests + self.trafficLights + self.valuation + self.currencies(tier: tier)
    }
}
