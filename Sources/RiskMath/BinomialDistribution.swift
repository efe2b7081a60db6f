// SPDX-License-Identifier: Apache-2.0
// The binomial distribution: how often an event of known probability happens in so many trials.

import Glibc

/// Independent trials with the same probability of success.
public struct BinomialDistribution: Sendable, Equatable {
    /// At least 0.
    public let trials: Int
    /// Above 0 and below 1.
    public let probability: Double

    public init(trials: Int, probability: Double) {
        precondition(trials >= 0 && probability > 0 && probability < 1, "\(trials) trials, probability \(probability)")
        self.trials = trials
        self.probability = probability
    }

    /// `C(n, k)·p^k·(1 − p)^(n − k)`, through logarithms: within 10⁻¹² of itself for 1,000 trials, 10⁻¹⁰ for 100,000.
    public func mass(_ successes: Int) -> Double {
        guard (0...self.trials).contains(successes) else { return 0 }
        let failures = self.trials - successes
        let ways = Self.logFactorial(self.trials) - Self.logFactorial(successes) - Self.logFactorial(failures)
        return exp(ways + Double(successes) * log(self.probability) + Double(failures) * log1p(-self.probability))
    }

    /// The probability of at most so many successes.
    ///
    /// Summed away from the mean, where the terms fall, so the smaller tail keeps its accuracy.
    public func cumulative(_ successes: Int) -> Double {
        if successes < 0 { return 0 }
        if successes >= self.trials { return 1 }
        return self.isBelowMean(successes)
            ? min(1, self.sum(downFrom: successes)) : max(0, 1 - self.sum(upFrom: successes + 1))
    }

    /// The probability of more than so many successes.
    public func survival(_ successes: Int) -> Double {
        if successes < 0 { return 1 }
        if successes >= self.trials { return 0 }
        return self.isBelowMean(successes)
            ? max(0, 1 - self.sum(downFrom: successes)) : min(1, self.sum(upFrom: successes + 1))
    }

    private func isBelowMean(_ successes: Int) -> Bool {
        Double(successes) < Double(self.trials) * self.probability
    }

    private func sum(downFrom first: Int) -> Double {
        let odds = (1 - self.probability) / self.probability
        var (term, sum) = (self.mass(first), 0.0)
        for successes in stride(from: first, through: 0, by: -1) where term > sum * 1e-18 {
            sum += term
            term *= Double(successes) / Double(self.trials - successes + 1) * odds
        }
        return sum
    }

    private func sum(upFrom first: Int) -> Double {
        let odds = self.probability / (1 - self.probability)
        var (term, sum) = (self.mass(first), 0.0)
        for successes in first...self.trials where term > sum * 1e-18 {
            sum += term
            term *= Double(self.trials - successes) / Double(successes + 1) * odds
        }
        return sum
    }

    private static func logFactorial(_ value: Int) -> Double { lgamma(Double(value) + 1).0 }
}
