// SPDX-License-Identifier: Apache-2.0
// What a firm's figures rest on, so that those of several engines add up.

/// Sums over the accounts of one engine that convert into the firm's currency.
public struct FirmWeights: Sendable, Equatable {
    /// Accounts with a rate.
    public var includedCount: Int
    /// Those of them that hold something.
    public var holderCount: Int
    /// Those of these that have a P&L vector.
    public var measuredHolderCount: Int
    /// Σ |market value| of what has a price, in the firm's currency.
    public var pricedGross: Double
    /// The part of it that the scenarios reach.
    public var coveredGross: Double

    public static let zero = FirmWeights(
        includedCount: 0, holderCount: 0, measuredHolderCount: 0, pricedGross: 0, coveredGross: 0)

    public init(
        includedCount: Int, holderCount: Int, measuredHolderCount: Int, pricedGross: Double, coveredGross: Double
    ) {
        self.includedCount = includedCount
        self.holderCount = holderCount
        self.measuredHolderCount = measuredHolderCount
        self.pricedGross = pricedGross
        self.coveredGross = coveredGross
    }

    public static func += (sum: inout FirmWeights, other: FirmWeights) {
        sum.includedCount += other.includedCount
        sum.holderCount += other.holderCount
        sum.measuredHolderCount += other.measuredHolderCount
        sum.pricedGross += other.pricedGross
        sum.coveredGross += other.coveredGross
    }
}
