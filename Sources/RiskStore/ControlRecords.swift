// SPDX-License-Identifier: Apache-2.0
// Limits, alerts and the audit as they are stored; what they mean is the desk's business.

/// A limit. Scope, metric and action are the desk's words.
public struct LimitRecord: Sendable, Equatable {
    public var id: String
    /// Such as `firm`, `account:ALPHA`.
    public var scope: String
    public var metric: String
    /// Warns when passed.
    public var soft: Double?
    /// Acts when passed.
    public var hard: Double?
    public var action: String
    public var user: String
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(
        id: String, scope: String, metric: String, soft: Double?, hard: Double?, action: String, user: String,
        timeNanoseconds: UInt64
    ) {
        self.id = id
        self.scope = scope
        self.metric = metric
        self.soft = soft
        self.hard = hard
        self.action = action
        self.user = user
        self.timeNanoseconds = timeNanoseconds
    }
}

/// An alert in its life.
public struct AlertRecord: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable { case raised, acknowledged, resolved }

    public var id: UInt64
    /// `nil` where it is about the house.
    public var account: String?
    public var rule: String
    /// Such as `warn`, `critical`.
    public var level: String
    public var text: String
    public var state: State
    /// Who acknowledged it.
    public var acknowledgedBy: String?
    /// Nanoseconds since 1970.
    public var raisedNanoseconds: UInt64
    public var updatedNanoseconds: UInt64

    public init(
        id: UInt64, account: String?, rule: String, level: String, text: String, state: State,
        acknowledgedBy: String? = nil, raisedNanoseconds: UInt64, updatedNanoseconds: UInt64
    ) {
        self.id = id
        self.account = account
        self.rule = rule
        self.level = level
        self.text = text
        self.state = state
        self.acknowledgedBy = acknowledgedBy
        self.raisedNanoseconds = raisedNanoseconds
        self.updatedNanoseconds = updatedNanoseconds
    }
}

/// Who did what to what, and why.
public struct AuditEntry: Sendable, Equatable {
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64
    /// A user's name, or a part of the system.
    public var who: String
    /// Such as `limit.set`, `order.cancel`.
    public var what: String
    /// What it was done to; the account decides who may read it.
    public var account: String?
    public var subject: String
    public var before: String?
    public var after: String?
    public var why: String?

    public init(
        timeNanoseconds: UInt64, who: String, what: String, account: String?, subject: String, before: String?,
        after: String?, why: String?
    ) {
        self.timeNanoseconds = timeNanoseconds
        self.who = who
        self.what = what
        self.account = account
        self.subject = subject
        self.before = before
        self.after = after
        self.why = why
    }
}
