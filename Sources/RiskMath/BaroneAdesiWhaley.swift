// SPDX-License-Identifier: Apache-2.0
// American options: the European value and an approximate premium for early exercise.

import Glibc

/// The quadratic approximation of Barone-Adesi & Whaley, "Efficient Analytic Approximation of American Option Values",
/// Journal of Finance 42 (1987), equations 17 to 25.
///
/// Before the critical price S* the value is `European + A·(S/S*)^q`, from there on that of exercise:
///
/// ```
///   q = ½·(1 − N ± √((N − 1)² + 4M/K)),  M = 2r/σ²,  N = 2(r − y)/σ²,  K = 1 − e^(−rT)     + for a call, − for a put
///   η·(S* − X) = European(S*) + A,       A = η·(S*/q)·(1 − e^(−yT)·N(η·d₁(S*)))
/// ```
struct BaroneAdesiWhaley {
    let european: BlackScholesMerton
    /// Where exercise begins, and what it is worth beyond the European value there; `nil` where it never does, or not
    /// at one price.
    let exercise: (criticalPrice: Double, premium: Double, exponent: Double)?

    init(_ european: BlackScholesMerton) {
        self.european = european
        self.exercise = Self.exercise(of: european)
    }

    func value(spot: Double) -> Double {
        let exercised = self.european.sign * (spot - self.european.strike)
        guard let (criticalPrice, premium, exponent) = self.exercise else {
            return max(self.european.value(spot: spot), exercised)
        }
        if self.european.sign * (spot - criticalPrice) >= 0 { return exercised }
        return max(self.european.value(spot: spot) + premium * pow(spot / criticalPrice, exponent), exercised)
    }

    /// A call is exercised for the yield, a put for the interest on its strike.
    private static func exercise(of european: BlackScholesMerton) -> (Double, Double, Double)? {
        let gained = european.sign > 0 ? european.yield : european.rate
        guard gained > 0, european.deviation > 0, european.strike > 0 else { return nil }
        let exponent = Self.exponent(of: european)
        func premium(_ price: Double) -> Double {
            let (d1, _) = european.deviations(spot: price)
            let left = 1 - european.spotDiscount * NormalDistribution.cumulative(european.sign * d1)
            return european.sign * price / exponent * left
        }
        func excess(_ price: Double) -> Double {
            european.sign * (price - european.strike) - european.value(spot: price) - premium(price)
        }
        // The excess is negative at the strike and grows with the distance from it: bisection between the strike and
        // a price where exercise is better, which for a put is 0.
        var holding = european.strike
        var exercising = 0.0
        if european.sign > 0 {
            exercising = 2 * european.strike
            while excess(exercising) <= 0 {
                guard exercising < 1e60 * european.strike else { return nil }
                (holding, exercising) = (exercising, 2 * exercising)
            }
        }
        guard exponent.isFinite, excess(european.strike) < 0 else { return nil }
        while true {
            let middle = (holding + exercising) / 2
            guard middle != holding, middle != exercising else { break }
            if excess(middle) > 0 { exercising = middle } else { holding = middle }
        }
        let earned = premium(exercising)
        return earned >= 0 ? (exercising, earned, exponent) : nil
    }

    private static func exponent(of european: BlackScholesMerton) -> Double {
        let variance = european.deviation * european.deviation
        let interest = european.rate * european.years
        // M/K, with its limit for a rate of 0.
        let ratio = 2 / variance * (interest == 0 ? 1 : interest / -expm1(-interest))
        let n = 2 * (european.rate - european.yield) * european.years / variance
        return (1 - n + european.sign * ((n - 1) * (n - 1) + 4 * ratio).squareRoot()) / 2
    }
}
