// SPDX-License-Identifier: Apache-2.0
// Historical simulation in which recent scenarios weigh more.

/// Weights that fall with the age of a scenario: Boudoukh, Richardson & Whitelaw, "The Best of Both Worlds", Risk 11
/// (1998).
public struct AgeWeighting: Sendable, Equatable {
    /// How a quantile is read off weighted scenarios.
    public enum Method: String, Sendable, CaseIterable {
        /// The first scenario, from the worst, at which the weights reach the tail probability: Hull, "Risk
        /// Management and Financial Institutions". It is observed, and with equal weights the discrete VaR.
        case firstCrossing = "first_crossing"
        /// Half of a scenario's weight lies on either side of it, and between two scenarios, where their weights meet,
        /// stands their middle; linear in between: Allen, Boudoukh & Saunders, "Understanding Market, Credit, and
        /// Operational Risk" (2004), chapter 2. With equal weights it is hazen, and as there, levels beyond the outer
        /// scenarios have no value.
        case interpolated
    }

    /// λ, above 0 and up to 1: the weight of a scenario over that of the next newer one. 1 weighs all the same.
    public let decay: Double

    public init(decay: Double) {
        precondition(decay > 0 && decay <= 1, "decay \(decay) outside 0...1")
        self.decay = decay
    }

    /// `w_i = λ^(i−1)·(1 − λ)/(1 − λ^n)`, i = 1 the newest; they sum to 1.
    ///
    /// - Returns: oldest first, as scenarios are.
    public func weights(count: Int) -> [Double] {
        var powers: [Double] = []
        var power = 1.0
        for _ in 0..<count {
            powers.append(power)
            power *= self.decay
        }
        let total = self.decay == 1 ? Double(count) : (1 - power) / (1 - self.decay)
        return powers.reversed().map { $0 / total }
    }

    /// Value-at-Risk of the weighted scenarios; positive is a loss, or a gain in the gain tail.
    ///
    /// - Parameters:
    ///   - pnl: one finite value a scenario, oldest first.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` without scenarios, and where `interpolated` does not reach; never −0.0.
    public func valueAtRisk(
        pnl: [Double], confidenceBasisPoints: Int, method: Method, tail: Tail = .loss
    ) -> Double? {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        let ordered = self.ordered(tail.losing(pnl))
        let probability = Double(10_000 - confidenceBasisPoints) / 10_000
        let quantile =
            method == .firstCrossing
            ? Self.firstCrossing(ordered, probability) : Self.interpolated(ordered, probability)
        return quantile.map { 0 - $0 }
    }

    /// Mean loss of the worst scenarios that weigh 1 − confidence together, the last one in part (Acerbi & Tasche 2002,
    /// weighted); positive is a loss, or a gain in the gain tail.
    ///
    /// - Parameters:
    ///   - pnl: one finite value a scenario, oldest first.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` without scenarios; never −0.0.
    public func expectedShortfall(pnl: [Double], confidenceBasisPoints: Int, tail: Tail = .loss) -> Double? {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        guard !pnl.isEmpty else { return nil }
        var left = Double(10_000 - confidenceBasisPoints) / 10_000
        let probability = left
        var sum = 0.0
        for scenario in self.ordered(tail.losing(pnl)) {
            let taken = min(scenario.weight, left)
            sum += taken * scenario.pnl
            left -= taken
            if left <= 0 { break }
        }
        return 0 - sum / probability
    }

    /// Scenarios with their weights, the worst first.
    private func ordered(_ pnl: [Double]) -> [(pnl: Double, weight: Double)] {
        let weights = self.weights(count: pnl.count)
        return RankedScenarios(pnl).order.map { (pnl[$0], weights[$0]) }
    }

    /// Rounding of the weights' sum must not push a level that falls on a scenario to the next one.
    private static func firstCrossing(_ ordered: [(pnl: Double, weight: Double)], _ probability: Double) -> Double? {
        var sum = 0.0
        for scenario in ordered {
            sum += scenario.weight
            if sum >= probability - 1e-12 { return scenario.pnl }
        }
        return ordered.last?.pnl
    }

    private static func interpolated(_ ordered: [(pnl: Double, weight: Double)], _ probability: Double) -> Double? {
        var sum = 0.0
        // The last point passed: half-way through a scenario's weight, or where the weights of two scenarios meet.
        var last: (level: Double, pnl: Double)?
        for (index, scenario) in ordered.enumerated() {
            var points = [(level: sum + scenario.weight / 2, pnl: scenario.pnl)]
            sum += scenario.weight
            if index + 1 < ordered.count { points.append((sum, (scenario.pnl + ordered[index + 1].pnl) / 2)) }
            for point in points {
                if point.level >= probability - 1e-12 {
                    guard let last else { return point.level <= probability + 1e-12 ? point.pnl : nil }
                    let part = min(1, (probability - last.level) / (point.level - last.level))
                    return last.pnl + (point.pnl - last.pnl) * part
                }
                last = point
            }
        }
        return nil
    }
}
