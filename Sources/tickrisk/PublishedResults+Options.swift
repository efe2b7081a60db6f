// SPDX-License-Identifier: Apache-2.0
// Published option values, greeks and implied volatilities.

import RiskDomain
import RiskKernel

extension PublishedResults {
    private typealias Option = PublishedOption

    static func europeanOptions(tier: KernelTier) -> [PublishedResult] {
        let textbook = Option(.call, spot: 42, strike: 40, rate: 0.10, volatility: 0.20, years: 0.5)
        let textbookPut = Option(.put, spot: 42, strike: 40, rate: 0.10, volatility: 0.20, years: 0.5)
        let index = Option(.call, spot: 930, strike: 900, rate: 0.08, yield: 0.03, volatility: 0.20, years: 2.0 / 12)
        let future = Option(.put, .black76, spot: 20, strike: 20, rate: 0.09, volatility: 0.25, years: 4.0 / 12)
        let stock = Option(.call, spot: 60, strike: 65, rate: 0.08, volatility: 0.30, years: 0.25)
        let dividend = Option(.put, spot: 100, strike: 95, rate: 0.10, yield: 0.05, volatility: 0.20, years: 0.5)
        let put = Option(.put, spot: 75, strike: 70, rate: 0.10, yield: 0.05, volatility: 0.35, years: 0.5)
        let currency = Option(.call, spot: 1.56, strike: 1.6, rate: 0.06, yield: 0.08, volatility: 0.12, years: 0.5)
        let oil = Option(.call, .black76, spot: 19, strike: 19, rate: 0.10, volatility: 0.28, years: 0.75)
        let oilPut = Option(.put, .black76, spot: 19, strike: 19, rate: 0.10, volatility: 0.28, years: 0.75)
        // Units of price throughout: at the money phi(0), one deviation in phi(1) + N(1), one out phi(1) − N(−1).
        let atTheMoney = Option(.call, .bachelier, spot: -5, strike: -5, volatility: 1, years: 1)
        let inTheMoney = Option(.call, .bachelier, spot: 1, strike: 0, volatility: 1, years: 1)
        let outOfTheMoney = Option(.put, .bachelier, spot: 1, strike: 0, volatility: 1, years: 1)
        return textbook.valueResults(4.759422, decimals: 6, .hullBlackScholes, tier: tier)
            + textbookPut.valueResults(0.808599, decimals: 6, .hullBlackScholes, tier: tier)
            + index.valueResults(51.83, decimals: 2, .hullIndex, tier: tier)
            + future.valueResults(1.116641, decimals: 6, .hullFutures, tier: tier)
            + stock.valueResults(2.1334, decimals: 4, .haug, tier: tier)
            + dividend.valueResults(2.4648, decimals: 4, .haug, tier: tier)
            + put.valueResults(4.0870, decimals: 4, .haug, tier: tier)
            + currency.valueResults(0.0291, decimals: 4, .haug, tier: tier)
            + oil.valueResults(1.7011, decimals: 4, .haug, tier: tier)
            + oilPut.valueResults(1.7011, decimals: 4, .haug, tier: tier)
            + atTheMoney.valueResults(0.3989422804, decimals: 10, .tables, tier: tier)
            + inTheMoney.valueResults(1.0833154706, decimals: 10, .tables, tier: tier)
            + outOfTheMoney.valueResults(0.0833154706, decimals: 10, .tables, tier: tier)
    }

    /// On futures, strike 100 and rate 10 %.
    static func americanOptions(tier: KernelTier) -> [PublishedResult] {
        let printed: [(OptionTerms.Right, years: Double, volatility: Double, at: [(forward: Double, Double)])] = [
            (.call, 0.1, 0.15, [(90, 0.0206), (100, 1.8771), (110, 10.0089)]),
            (.call, 0.1, 0.35, [(90, 0.9495), (100, 4.3777), (110, 11.1679)]),
            (.call, 0.5, 0.15, [(90, 0.8208), (100, 4.0842), (110, 10.8087)]),
            (.call, 0.5, 0.35, [(90, 5.0063), (100, 9.5106), (110, 15.5689)]),
            (.put, 0.1, 0.15, [(90, 10.0000), (100, 1.8770), (110, 0.0410)]),
            (.put, 0.1, 0.35, [(90, 10.8787), (100, 4.3777), (110, 1.2402)]),
            (.put, 0.5, 0.15, [(90, 10.5595), (100, 4.0842), (110, 1.0822)]),
            (.put, 0.5, 0.35, [(90, 14.6945), (100, 9.5104), (110, 5.8823)]),
        ]
        return printed.flatMap { right, years, volatility, values in
            values.flatMap { forward, expected in
                Option(
                    right, .black76, style: .american, spot: forward, strike: 100, rate: 0.10,
                    volatility: volatility, years: years
                ).valueResults(expected, decimals: 4, tolerance: 0.003, .haugAmerican, tier: tier)
            }
        }
    }

    static func optionGreeks(tier: KernelTier) -> [PublishedResult] {
        let hull = Option(.call, spot: 49, strike: 50, rate: 0.05, volatility: 0.20, years: 0.3846)
        let futureCall = Option(.call, .black76, spot: 105, strike: 100, rate: 0.10, volatility: 0.36, years: 0.5)
        let futurePut = Option(.put, .black76, spot: 105, strike: 100, rate: 0.10, volatility: 0.36, years: 0.5)
        let stock = Option(.call, spot: 55, strike: 60, rate: 0.10, volatility: 0.30, years: 0.75)
        let dividend = Option(.put, spot: 430, strike: 405, rate: 0.07, yield: 0.05, volatility: 0.20, years: 1.0 / 12)
        let call = Option(.call, spot: 72, strike: 75, rate: 0.09, volatility: 0.19, years: 1)
        return hull.greekResults(.delta, 0.521602, decimals: 6, .hullGreeks)
            + hull.greekResults(.gamma, 0.065545, decimals: 6, .hullGreeks)
            + hull.greekResults(.vega, 12.105243, decimals: 6, .hullGreeks)
            + hull.greekResults(.theta, -4.31, decimals: 2, .hullGreeks)
            + hull.greekResults(.rho, 8.91, decimals: 2, .hullGreeks)
            + futureCall.greekResults(.delta, 0.5946, decimals: 4, .haug)
            + futurePut.greekResults(.delta, -0.3566, decimals: 4, .haug)
            + stock.greekResults(.gamma, 0.0278, decimals: 4, .haug)
            + stock.greekResults(.vega, 18.9358, decimals: 4, .haug)
            + dividend.greekResults(.theta, -31.1924, decimals: 4, .haug)
            + call.greekResults(.rho, 38.7325, decimals: 4, .haug)
    }

    static func impliedVolatilities(tier: KernelTier) -> [PublishedResult] {
        let stock = Option(.call, spot: 21, strike: 20, rate: 0.10, volatility: 0.235, years: 0.25)
        let currency = Option(
            .call, spot: 1.6, strike: 1.6, rate: 0.08, yield: 0.11, volatility: 0.141, years: 4.0 / 12)
        let textbook = Option(.call, spot: 42, strike: 40, rate: 0.10, volatility: 0.20, years: 0.5)
        return stock.impliedResults(price: 1.875, 0.235, decimals: 3, .hullBlackScholes)
            + currency.impliedResults(price: 0.043, 0.141, decimals: 3, .hullIndex)
            + textbook.impliedResults(price: 4.759422, 0.20, decimals: 6, .hullBlackScholes)
    }
}
