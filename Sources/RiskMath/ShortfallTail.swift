// SPDX-License-Identifier: Apache-2.0
// Which ordered scenarios an expected shortfall averages, and how much of the last one.

import RiskDomain

/// The worst `whole` scenarios, `broken` of the next, over `divisor`.
struct ShortfallTail: Sendable, Equatable {
    var whole: Int
    /// 0 ..< 1.
    var broken: Double
    var divisor: Double

    /// - Parameters:
    ///   - confidenceBasisPoints: 1 to 9,999.
    ///   - count: scenarios there are, at least 1.
    init(confidenceBasisPoints: Int, count: Int, definition: ShortfallDefinition) {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        switch definition {
        case .acerbiTasche:
            let tailCount = count * (10_000 - confidenceBasisPoints)
            let (whole, rest) = tailCount.quotientAndRemainder(dividingBy: 10_000)
            (self.whole, self.broken, self.divisor) = (whole, Double(rest) / 10_000, Double(tailCount) / 10_000)
        case .tailMean:
            self.whole = Quantiles.rank(of: confidenceBasisPoints, count: count)
            (self.broken, self.divisor) = (0, Double(self.whole))
        }
    }

    /// The mean, from the value of each rank.
    ///
    /// - Parameter value: the value of a rank, from 1.
    func mean(_ value: (_ rank: Int) -> Double) -> Double {
        var sum = 0.0
        for rank in 0..<self.whole { sum += value(rank + 1) }
        if self.broken > 0 { sum += self.broken * value(self.whole + 1) }
        return sum / self.divisor
    }
}
