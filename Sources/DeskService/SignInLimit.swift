// SPDX-License-Identifier: Apache-2.0
// How often a sign-in may fail, for each user and each address. Pure: time comes in.

/// A sliding window: ten attempts in five minutes that did not succeed, for a name or an address, and the next waits
/// until the oldest of them has left the window.
///
/// An attempt counts from its beginning, so that many at once are no way around; one that succeeds is taken back.
package struct SignInLimit: Sendable {
    package static let attemptsMax = 10
    package static let windowNanoseconds: UInt64 = 300_000_000_000
    /// Names and addresses remembered; beyond, the one longest without an attempt is forgotten.
    package static let keysMax = 20_000

    package enum Key: Hashable, Sendable {
        case user(String)
        case address(String)
    }

    /// Ascending; never empty.
    private var attempts: [Key: [UInt64]] = [:]

    package init() {}

    /// Names and addresses it remembers.
    package var keyCount: Int { self.attempts.count }

    /// - Returns: whole seconds to wait, or `nil` when the attempt may be made; it is counted then.
    package mutating func begin(_ keys: [Key], nowNanoseconds now: UInt64) -> UInt64? {
        var wait: UInt64 = 0
        for key in keys {
            self.forgetOld(key, nowNanoseconds: now)
            guard let times = self.attempts[key], times.count >= Self.attemptsMax else { continue }
            // All of them are within the window.
            wait = max(wait, times[times.count - Self.attemptsMax] + Self.windowNanoseconds - now)
        }
        if wait > 0 { return (wait + 999_999_999) / 1_000_000_000 }
        for key in keys {
            if self.attempts[key] == nil { self.makeRoom(nowNanoseconds: now) }
            self.attempts[key, default: []].append(now)
        }
        return nil
    }

    /// The attempt that began then was no failure.
    package mutating func succeeded(_ keys: [Key], begunNanoseconds begun: UInt64) {
        for key in keys {
            guard let place = self.attempts[key]?.lastIndex(of: begun) else { continue }
            self.attempts[key]?.remove(at: place)
            if self.attempts[key]?.isEmpty == true { self.attempts[key] = nil }
        }
    }

    private mutating func forgetOld(_ key: Key, nowNanoseconds now: UInt64) {
        guard let times = self.attempts[key] else { return }
        let left = times.filter { $0 + Self.windowNanoseconds > now }
        self.attempts[key] = left.isEmpty ? nil : left
    }

    private mutating func makeRoom(nowNanoseconds now: UInt64) {
        guard self.attempts.count >= Self.keysMax else { return }
        for key in Array(self.attempts.keys) { self.forgetOld(key, nowNanoseconds: now) }
        guard self.attempts.count >= Self.keysMax else { return }
        let oldest = self.attempts.min { $0.value[$0.value.count - 1] < $1.value[$1.value.count - 1] }
        if let oldest { self.attempts[oldest.key] = nil }
    }
}
