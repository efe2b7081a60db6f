// SPDX-License-Identifier: Apache-2.0
// How many orders a user may send for an account within a sliding minute.

/// What a message is to the rate limit.
public enum RateKind: Sendable, Equatable {
    case order
    /// Never limited, never counted.
    case cancel
    /// An order seen before under the same client order id: never limited, never counted.
    case repeated
}

/// Seconds are whole and rounded up, as the fields `RateLimit` and `Retry-After` carry them.
public enum RateDecision: Sendable, Equatable {
    /// `resetSeconds`: until the oldest message counted leaves the window; 0 without one.
    case allowed(remaining: Int, resetSeconds: Int)
    /// `limit`: orders in the window; `retryAfterSeconds`: at least 1.
    case denied(limit: Int, retryAfterSeconds: Int)
}

/// An exact sliding window for each account and user: at any moment at most `limit` orders were admitted within the
/// window that ends there. A message leaves the window exactly its length after it came. Denied messages do not count.
///
/// A clock that steps back stands still until it has caught up.
public struct RateLimit: Sendable, Equatable {
    /// What survives a restart: one account and user, times ascending.
    public struct Entry: Sendable, Equatable, Codable {
        public var account: String
        public var user: String
        public var timesNanoseconds: [UInt64]

        public init(account: String, user: String, timesNanoseconds: [UInt64]) {
            self.account = account
            self.user = user
            self.timesNanoseconds = timesNanoseconds
        }
    }

    private struct Key: Hashable {
        var account: String
        var user: String
    }

    /// Of another limit the orders already in the window count too.
    public var limit: Int
    public let windowNanoseconds: UInt64
    /// Ascending. Slices drop their first elements without moving the others.
    private var times: [Key: ArraySlice<UInt64>] = [:]
    private var latestNanoseconds: UInt64 = 0

    /// - Parameters:
    ///   - limit: ≥ 0.
    ///   - entries: as exported before a restart; of more than the limit the newest count.
    public init(limit: Int = 60, windowNanoseconds: UInt64 = 60_000_000_000, restoring entries: [Entry] = []) {
        precondition(limit >= 0 && windowNanoseconds > 0)
        self.limit = limit
        self.windowNanoseconds = windowNanoseconds
        for entry in entries {
            let key = Key(account: entry.account, user: entry.user)
            self.times[key] = ((self.times[key] ?? []) + entry.timesNanoseconds).sorted().suffix(limit)
            self.latestNanoseconds = max(self.latestNanoseconds, self.times[key]?.last ?? 0)
        }
    }

    /// Decides on a message and counts it if it is an order that may pass.
    public mutating func admit(
        _ kind: RateKind = .order, account: String, user: String, nowNanoseconds: UInt64
    ) -> RateDecision {
        let now = max(nowNanoseconds, self.latestNanoseconds)
        self.latestNanoseconds = now
        let key = Key(account: account, user: user)
        // Taken out while it changes, so that it is not copied.
        var counted = self.times.removeValue(forKey: key) ?? []
        counted.removeFirst((counted.firstIndex { !self.hasLeft($0, now) } ?? counted.endIndex) - counted.startIndex)
        defer { self.times[key] = counted.isEmpty ? nil : counted }
        if kind == .order {
            guard counted.count < self.limit else {
                let seconds = max(1, self.secondsLeft(counted.first ?? now, now))
                return .denied(limit: self.limit, retryAfterSeconds: seconds)
            }
            counted.append(now)
        }
        return .allowed(
            remaining: max(0, self.limit - counted.count),
            resetSeconds: counted.first.map { self.secondsLeft($0, now) } ?? 0)
    }

    /// Takes back an order that was counted and then went no further.
    ///
    /// - Parameter timeNanoseconds: when it was counted.
    public mutating func withdraw(account: String, user: String, timeNanoseconds: UInt64) {
        let key = Key(account: account, user: user)
        guard let index = self.times[key]?.lastIndex(of: timeNanoseconds) else { return }
        self.times[key]?.remove(at: index)
        if self.times[key]?.isEmpty == true { self.times[key] = nil }
    }

    /// Orders of an account in the window, whoever sent them.
    public func count(of account: String, nowNanoseconds: UInt64) -> Int {
        let now = max(nowNanoseconds, self.latestNanoseconds)
        return self.times.reduce(0) { count, entry in
            guard entry.key.account == account else { return count }
            return count + entry.value.count { !self.hasLeft($0, now) }
        }
    }

    /// Ascending by account and user, without what has left the window.
    public func entries(nowNanoseconds: UInt64) -> [Entry] {
        let now = max(nowNanoseconds, self.latestNanoseconds)
        let left = self.times.mapValues { $0.filter { !self.hasLeft($0, now) } }.filter { !$0.value.isEmpty }
        return left.map { Entry(account: $0.key.account, user: $0.key.user, timesNanoseconds: Array($0.value)) }
            .sorted { ($0.account, $0.user) < ($1.account, $1.user) }
    }

    /// Forgets accounts and users of whom nothing is in the window.
    public mutating func sweep(nowNanoseconds: UInt64) {
        let now = max(nowNanoseconds, self.latestNanoseconds)
        self.times = self.times.filter { !$0.value.allSatisfy { self.hasLeft($0, now) } }
    }

    private func hasLeft(_ time: UInt64, _ now: UInt64) -> Bool {
        now >= time && now - time >= self.windowNanoseconds
    }

    private func secondsLeft(_ oldest: UInt64, _ now: UInt64) -> Int {
        let left = self.windowNanoseconds - min(self.windowNanoseconds, now - oldest)
        return Int((left + 999_999_999) / 1_000_000_000)
    }
}
