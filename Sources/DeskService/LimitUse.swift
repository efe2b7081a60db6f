// SPDX-License-Identifier: Apache-2.0
// How much of a limit is used.

import TradeDesk

/// A limit beside the figure it is compared with.
public struct LimitUse: Sendable, Equatable {
    public var limit: RiskLimit
    /// `nil` while the figure is not known.
    public var value: Double?

    public init(limit: RiskLimit, value: Double?) {
        self.limit = limit
        self.value = value
    }

    /// Of where it is critical; of where it warns, if it is never critical. Above 100 where it is over.
    public var utilisationPercent: Double? {
        guard let value, let threshold = self.limit.threshold else { return nil }
        return value / threshold * 100
    }

    /// "ok", "warn" or "critical"; "unknown" while the figure is not known. Alerts are over later than that, by their
    /// hysteresis.
    public var level: String {
        guard let value else { return "unknown" }
        if let hard = self.limit.hard, value >= hard { return AlertLevel.critical.rawValue }
        if let soft = self.limit.soft, value >= soft { return AlertLevel.warn.rawValue }
        return "ok"
    }
}
