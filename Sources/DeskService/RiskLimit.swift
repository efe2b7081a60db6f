// SPDX-License-Identifier: Apache-2.0
// A limit people set on an account: a figure, where it warns, where it is critical.

import RiskStore
import TradeDesk

/// One limit of an account; money in the account's currency, losses positive.
public struct RiskLimit: Sendable, Equatable {
    /// Figures that are compared at every cut of an account. Margin has limits of its own.
    public static let metrics: [LimitMetric] = [
        .grossExposure, .netExposure, .position, .notional, .concentration, .sector, .valueAtRisk, .expectedShortfall,
        .stressLoss, .dayLoss, .drawdown, .orderRate,
    ]
    /// A breach is over below this part of the limit, so that it does not flicker at an edge.
    public static let clearFraction = 0.95

    public var metric: LimitMetric
    /// Symbol of a position or name of a sector, where ``needsPart(_:)``.
    public var part: String?
    /// Warns from here on.
    public var soft: Double?
    /// Critical from here on.
    public var hard: Double?
    /// What the hard limit does while its alert stands.
    public var action: LimitAction

    public init(
        metric: LimitMetric, part: String? = nil, soft: Double?, hard: Double?, action: LimitAction = .none
    ) {
        self.metric = metric
        self.part = part
        self.soft = soft
        self.hard = hard
        self.action = action
    }

    /// Where it is critical; where it warns, if it is never critical.
    public var threshold: Double? { self.hard ?? self.soft }

    /// The levels of ``LimitRule/margin(of:)``, which every account has.
    public static let margin: RiskLimit = {
        let rules = LimitRule.margin(of: .firm)
        func threshold(_ level: AlertLevel) -> Double? { rules.first { $0.level == level }?.threshold }
        return RiskLimit(metric: .marginUtilisation, soft: threshold(.warn), hard: threshold(.critical))
    }()

    public static func needsPart(_ metric: LimitMetric) -> Bool {
        [.position, .notional, .sector].contains(metric)
    }

    /// What it means to the alert book. A loss of the day that stops trading stands until somebody resets it.
    package func rules(account: String) -> [LimitRule] {
        let scope = self.part.map { LimitScope.part(account: account, name: $0) } ?? .account(account)
        let levels: [(Double?, String, LimitSeverity, AlertLevel)] = [
            (self.soft, "soft", .soft, .warn), (self.hard, "hard", .hard, .critical),
        ]
        return levels.compactMap { threshold, name, severity, level in
            threshold.flatMap {
                LimitRule(
                    id: "\(self.metric.rawValue)_\(name)", metric: self.metric, scope: scope, severity: severity,
                    level: level, threshold: $0, clearBelow: $0 * Self.clearFraction,
                    action: severity == .hard ? self.action : .none,
                    isLatched: severity == .hard && self.metric == .dayLoss && self.action != .none)
            }
        }
    }

    // MARK: In the store

    private static let scopePrefix = "account:"

    /// Unique in the store.
    func id(account: String) -> String {
        "\(account)/\(self.metric.rawValue)" + (self.part.map { "/\($0)" } ?? "")
    }

    func record(account: String, user: String, timeNanoseconds: UInt64) -> LimitRecord {
        LimitRecord(
            id: self.id(account: account), scope: Self.scopePrefix + account + (self.part.map { "/\($0)" } ?? ""),
            metric: self.metric.rawValue, soft: self.soft, hard: self.hard, action: self.action.rawValue,
            user: user, timeNanoseconds: timeNanoseconds)
    }

    /// - Returns: `nil` for a record of something else.
    static func read(_ record: LimitRecord) -> (account: String, limit: RiskLimit)? {
        guard record.scope.hasPrefix(Self.scopePrefix), let metric = LimitMetric(rawValue: record.metric) else {
            return nil
        }
        // An account's identifier has no slash; a symbol may.
        let parts = record.scope.dropFirst(Self.scopePrefix.count).split(separator: "/", maxSplits: 1)
        guard let account = parts.first else { return nil }
        let part = parts.count > 1 ? String(parts[1]) : nil
        // Fail-closed: an action nobody knows stops trading.
        let action = LimitAction(rawValue: record.action) ?? .halt
        return (
            String(account),
            RiskLimit(metric: metric, part: part, soft: record.soft, hard: record.hard, action: action)
        )
    }
}
