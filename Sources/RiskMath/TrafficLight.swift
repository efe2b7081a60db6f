// SPDX-License-Identifier: Apache-2.0
// The supervisors' traffic light over a count of exceptions.

/// Basel Committee, "Supervisory framework for the use of 'backtesting' in conjunction with the internal models
/// approach to market risk capital requirements", January 1996, tables 1 and 2.
public struct TrafficLight: Sendable, Equatable {
    public enum Zone: String, Sendable, CaseIterable {
        case green
        case yellow
        case red
    }

    /// At most so many exceptions come with this probability where the VaR is right.
    public let cumulativeProbability: Double
    /// Green below a cumulative probability of 95 %, red from 99.99 %, yellow between: of 250 days at 99 % up to 4,
    /// from 10.
    public let zone: Zone
    /// What is added to the multiplier of 3: 0 in green, 1 in red. In yellow 0.40 to 0.85 for 5 to 9 exceptions, and
    /// absent for other samples than 250 days at 99 %, for which it was not laid down.
    public let multiplierAddOn: Double?

    /// - Parameters:
    ///   - exceptions: 0 to `observations`.
    ///   - confidenceBasisPoints: 1 to 9,999.
    public init(exceptions: Int, observations: Int, confidenceBasisPoints: Int) {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        precondition((0...observations).contains(exceptions), "\(exceptions) exceptions of \(observations) days")
        self.cumulativeProbability = BinomialDistribution(
            trials: observations, probability: Double(10_000 - confidenceBasisPoints) / 10_000
        ).cumulative(exceptions)
        if exceptions == 0 || self.cumulativeProbability < 0.95 {
            (self.zone, self.multiplierAddOn) = (.green, 0)
        } else if self.cumulativeProbability >= 0.9999 {
            (self.zone, self.multiplierAddOn) = (.red, 1)
        } else {
            self.zone = .yellow
            let isLaidDown = observations == 250 && confidenceBasisPoints == 9_900
            self.multiplierAddOn = isLaidDown ? [0.40, 0.50, 0.65, 0.75, 0.85][exceptions - 5] : nil
        }
    }
}
