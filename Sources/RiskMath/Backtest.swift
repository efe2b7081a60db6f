// SPDX-License-Identifier: Apache-2.0
// Days on which a book lost more than its VaR.

/// VaR forecasts beside the P&L that came: how many days, and on which of them the loss was greater.
public struct Backtest: Sendable, Equatable {
    /// Of the VaR, 1 to 9,999.
    public let confidenceBasisPoints: Int
    /// Days observed.
    public let observations: Int
    /// Days of exception, ascending, counted from the first observed one.
    public let exceptions: [Int]

    /// A loss strictly greater than the VaR forecast for its day is an exception; one that equals it is none.
    ///
    /// - Parameters:
    ///   - pnl: of each day, oldest first.
    ///   - valueAtRisk: forecast for the same days, positive = loss.
    public init(pnl: [Double], valueAtRisk: [Double], confidenceBasisPoints: Int) {
        precondition(pnl.count == valueAtRisk.count, "\(pnl.count) days beside \(valueAtRisk.count) forecasts")
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        self.confidenceBasisPoints = confidenceBasisPoints
        self.observations = pnl.count
        self.exceptions = pnl.indices.filter { -pnl[$0] > valueAtRisk[$0] }
    }

    /// Probability of an exception where the VaR is right.
    public var expectedRate: Double { Double(10_000 - self.confidenceBasisPoints) / 10_000 }

    /// Traffic light over all days.
    public var trafficLight: TrafficLight {
        TrafficLight(
            exceptions: self.exceptions.count, observations: self.observations,
            confidenceBasisPoints: self.confidenceBasisPoints)
    }

    /// Traffic light over the newest days, as supervisors count: 250 are a year; `nil` where there are fewer.
    public func trafficLight(newest days: Int) -> TrafficLight? {
        guard self.observations >= days else { return nil }
        let first = self.observations - days
        return TrafficLight(
            exceptions: self.exceptions.count { $0 >= first }, observations: days,
            confidenceBasisPoints: self.confidenceBasisPoints)
    }

    /// `nil` without a day.
    public var kupiec: KupiecTest? {
        KupiecTest(exceptions: self.exceptions.count, observations: self.observations, probability: self.expectedRate)
    }

    /// `nil` with less than two days, between which there is no transition.
    public var christoffersen: ChristoffersenTest? {
        var counts = TransitionCounts()
        var hits = [Bool](repeating: false, count: self.observations)
        for day in self.exceptions { hits[day] = true }
        for (before, after) in zip(hits, hits.dropFirst()) { counts.add(from: before, to: after) }
        return ChristoffersenTest(transitions: counts, unconditional: self.kupiec)
    }
}
