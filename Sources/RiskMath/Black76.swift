// SPDX-License-Identifier: Apache-2.0
// European options on a lognormal forward price.

import RiskDomain

/// Black, "The Pricing of Commodity Contracts", Journal of Financial Economics 3 (1976): a forward costs nothing to
/// carry, so it is ``BlackScholesMerton`` with a yield equal to the rate. The rate only discounts.
struct Black76 {
    let asSpot: BlackScholesMerton

    init(_ right: OptionTerms.Right, strike: Double, rate: Double, volatility: Double, years: Double) {
        self.asSpot = BlackScholesMerton(
            right, strike: strike, rate: rate, yield: rate, volatility: volatility, years: years)
    }

    func value(forward: Double) -> Double {
        self.asSpot.value(spot: forward)
    }

    func greeks(forward: Double) -> OptionGreeks {
        var greeks = self.asSpot.greeks(spot: forward)
        greeks.rho = -self.asSpot.years * greeks.value
        return greeks
    }
}
