// SPDX-License-Identifier: Apache-2.0
// The margin block of an account or of the firm.

import RiskDomain

/// Margin in the currency of its account; absent values are `nil`.
public struct MarginFigures: Sendable, Equatable {
    public var used: Double?
    public var limit: Double?
    public var utilisationPercent: Double?
    public var level: MarginLevel

    /// Utilisation and level follow from used and limit.
    public init(used: Double?, limit: Double?, previousLevel: MarginLevel) {
        self.used = used
        self.limit = limit
        self.utilisationPercent = MarginLevelRule.utilisationPercent(used: used, limit: limit)
        self.level = MarginLevelRule.next(level: previousLevel, used: used, limit: limit)
    }
}
