// SPDX-License-Identifier: Apache-2.0
// A limit: which figure of whom may not reach what, and what happens then.

import RiskDomain

/// What is measured. Money in the currency of the scope, losses positive.
public enum LimitMetric: String, Sendable, CaseIterable, Codable {
    case grossExposure = "gross_exposure"
    /// Absolute.
    case netExposure = "net_exposure"
    /// Absolute quantity of one position.
    case position
    /// Absolute value of one position.
    case notional
    /// Greatest position in percent of equity.
    case concentration
    /// Gross exposure of one sector.
    case sector
    case valueAtRisk = "value_at_risk"
    case expectedShortfall = "expected_shortfall"
    /// Of the worst stress scenario.
    case stressLoss = "stress_loss"
    /// 0 on a day of gains.
    case dayLoss = "day_loss"
    /// From the highest equity of the period, in percent.
    case drawdown
    /// Orders in the window of the rate limit.
    case orderRate = "order_rate"
    /// Margin used in percent of the margin limit.
    case marginUtilisation = "margin_utilisation"
}

/// Of whom.
public enum LimitScope: Sendable, Hashable, Codable {
    case firm
    case account(String)
    /// One instrument or one sector, as the metric says, of an account.
    case part(account: String, name: String)

    /// `nil` for the firm.
    public var account: String? {
        switch self {
        case .firm: nil
        case .account(let account), .part(let account, _): account
        }
    }
}

/// How serious a limit is; a soft one only tells.
public enum LimitSeverity: String, Sendable, CaseIterable, Codable { case soft, hard }

public enum AlertLevel: String, Sendable, CaseIterable, Codable { case warn, critical }

/// What a hard limit does to the accounts of its scope while its alert stands.
public enum LimitAction: String, Sendable, CaseIterable, Codable {
    case none
    /// New orders may only reduce.
    case reduce
    /// No new orders.
    case halt
    /// No new orders, and the open ones are cancelled.
    case haltAndCancel = "halt_and_cancel"

    public var standing: AccountStanding {
        switch self {
        case .none: .active
        case .reduce: .reducing
        case .halt, .haltAndCancel: .halted
        }
    }
}

public struct LimitRule: Sendable, Equatable, Codable {
    /// Unique, stable.
    public var id: String
    public var metric: LimitMetric
    public var scope: LimitScope
    public var severity: LimitSeverity
    public var level: AlertLevel
    /// Reached or exceeded, it is breached.
    public var threshold: Double
    /// Below this, and not before, the breach is over; at most the threshold.
    public var clearBelow: Double
    /// Ignored of a soft limit.
    public var action: LimitAction
    /// Whether a breach lasts until somebody resets it, whatever the figure does.
    public var isLatched: Bool

    /// - Returns: `nil` unless the numbers are finite and `clearBelow` is at most `threshold`.
    public init?(
        id: String, metric: LimitMetric, scope: LimitScope, severity: LimitSeverity = .soft, level: AlertLevel = .warn,
        threshold: Double, clearBelow: Double? = nil, action: LimitAction = .none, isLatched: Bool = false
    ) {
        let clearBelow = clearBelow ?? threshold
        guard threshold.isFinite, clearBelow.isFinite, clearBelow <= threshold else { return nil }
        self.id = id
        self.metric = metric
        self.scope = scope
        self.severity = severity
        self.level = level
        self.threshold = threshold
        self.clearBelow = clearBelow
        self.action = action
        self.isLatched = isLatched
    }

    /// What the limit does while its alert stands.
    public var effect: LimitAction { self.severity == .hard ? self.action : .none }

    /// The margin levels of DESIGN.md §5 as rules: warn from 80 % until below 75 %, critical from 95 % until below
    /// 90 %.
    public static func margin(of scope: LimitScope) -> [LimitRule] {
        let levels: [(String, AlertLevel, Double, Double)] = [
            ("margin_warn", .warn, 80, 75), ("margin_critical", .critical, 95, 90),
        ]
        return levels.compactMap { id, level, threshold, clearBelow in
            LimitRule(
                id: id, metric: .marginUtilisation, scope: scope, level: level, threshold: threshold,
                clearBelow: clearBelow)
        }
    }
}
