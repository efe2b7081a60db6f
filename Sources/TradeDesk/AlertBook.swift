// SPDX-License-Identifier: Apache-2.0
// Which limits are breached: one alert for each rule and scope, however many ticks say so.

import RiskDomain

/// What has to be done because of an observation.
public enum AlertAction: Sendable, Equatable {
    case raised(Alert)
    case resolved(Alert)
    /// Cancel the open orders of the account; of every account where `nil`.
    case cancelOrders(account: String?)
}

public enum AlertRefusal: Error, Sendable, Equatable {
    case unknownAlert(UInt64)
    /// Acknowledged or resolved before.
    case notRaised(UInt64)
    /// Only a latched alert that stands is reset.
    case notLatched(UInt64)
}

/// Alerts by rule and scope. A figure that is not known neither raises nor resolves. A latched alert survives restarts
/// with the book and ends by a reset only; if the figure is still beyond the threshold, the next observation raises a
/// new one.
public struct AlertBook: Sendable, Equatable, Codable {
    private struct Key: Hashable, Codable {
        var rule: String
        var scope: LimitScope
    }

    private var standing: [Key: Alert] = [:]
    private var lastID: UInt64 = 0

    public init() {}

    /// - Parameters:
    ///   - standing: of each rule and scope at most one, none resolved.
    ///   - lastID: the highest ever given.
    public init(standing: [Alert], lastID: UInt64) {
        self.standing = Dictionary(
            standing.map { (Key(rule: $0.rule.id, scope: $0.rule.scope), $0) }, uniquingKeysWith: { $1 })
        self.lastID = max(lastID, standing.map(\.id).max() ?? 0)
    }

    /// Raised or acknowledged, oldest first.
    public var alerts: [Alert] { self.standing.values.sorted { $0.id < $1.id } }

    public func alert(_ id: UInt64) -> Alert? { self.standing.values.first { $0.id == id } }

    /// Compares a figure with a rule.
    ///
    /// - Parameter value: `nil` or not finite where it is not known.
    public mutating func observe(_ value: Double?, of rule: LimitRule, timeNanoseconds: UInt64) -> [AlertAction] {
        guard let value, value.isFinite else { return [] }
        let key = Key(rule: rule.id, scope: rule.scope)
        if var alert = self.standing[key] {
            alert.latestValue = value
            alert.peakValue = max(alert.peakValue, value)
            self.standing[key] = alert
            // What holds is the rule that raised it or the present one, whichever is stricter about its end.
            guard value < rule.clearBelow, !rule.isLatched, !alert.rule.isLatched else { return [] }
            return [self.resolve(key, alert, timeNanoseconds)]
        }
        guard value >= rule.threshold else { return [] }
        self.lastID += 1
        let alert = Alert(id: self.lastID, rule: rule, value: value, timeNanoseconds: timeNanoseconds)
        self.standing[key] = alert
        let cancels = rule.effect == .haltAndCancel ? [AlertAction.cancelOrders(account: rule.scope.account)] : []
        return [.raised(alert)] + cancels
    }

    /// Ends the alerts of rules that are no more, latched ones excepted.
    ///
    /// - Parameter rules: those that are left.
    public mutating func keep(_ rules: [LimitRule], timeNanoseconds: UInt64) -> [AlertAction] {
        let kept = Set(rules.map { Key(rule: $0.id, scope: $0.scope) })
        let gone = self.standing.filter { !kept.contains($0.key) && !$0.value.rule.isLatched }
        return gone.sorted { $0.value.id < $1.value.id }.map { self.resolve($0.key, $0.value, timeNanoseconds) }
    }

    public mutating func acknowledge(
        _ id: UInt64, user: String, timeNanoseconds: UInt64
    ) throws(AlertRefusal) -> Alert {
        var (key, alert) = try self.find(id)
        guard alert.stage == .raised else { throw .notRaised(id) }
        alert.stage = .acknowledged
        alert.acknowledged = Alert.Signature(user: user, timeNanoseconds: timeNanoseconds)
        self.standing[key] = alert
        return alert
    }

    /// Ends a latched alert; who may do that is the caller's to know.
    public mutating func reset(_ id: UInt64, user: String, timeNanoseconds: UInt64) throws(AlertRefusal) -> AlertAction
    {
        var (key, alert) = try self.find(id)
        guard alert.rule.isLatched else { throw .notLatched(id) }
        alert.reset = Alert.Signature(user: user, timeNanoseconds: timeNanoseconds)
        return self.resolve(key, alert, timeNanoseconds)
    }

    /// The strictest thing the standing alerts do to an account; alerts of the firm are everybody's.
    public func standing(of account: String) -> AccountStanding {
        let own = self.standing.values.filter { $0.rule.scope.account.map { $0 == account } ?? true }
        return own.map(\.rule.effect.standing).max() ?? .active
    }

    private func find(_ id: UInt64) throws(AlertRefusal) -> (Key, Alert) {
        guard let found = self.standing.first(where: { $0.value.id == id }) else { throw .unknownAlert(id) }
        return (found.key, found.value)
    }

    private mutating func resolve(_ key: Key, _ alert: Alert, _ timeNanoseconds: UInt64) -> AlertAction {
        var alert = alert
        alert.stage = .resolved
        alert.resolvedNanoseconds = timeNanoseconds
        self.standing[key] = nil
        return .resolved(alert)
    }
}
