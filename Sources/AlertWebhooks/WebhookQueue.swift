// SPDX-License-Identifier: Apache-2.0
// What waits to be posted to one receiver, and when it is tried again: pure.

import RiskStore

/// One alert as it was when it changed.
package struct WebhookMessage: Sendable, Equatable {
    /// The same for every attempt, so that a receiver can tell repeats.
    package var id: String
    package var body: [UInt8]
    var attempts = 0

    package init(id: String, body: [UInt8]) {
        self.id = id
        self.body = body
    }
}

/// Messages go out in the order in which they came, one at a time: an alert never resolves before it is raised.
package struct WebhookQueue: Sendable {
    /// First wait after a failure; each doubles.
    static let firstWaitNanoseconds: UInt64 = 500_000_000
    static let waitMaxNanoseconds: UInt64 = 60_000_000_000

    package enum Outcome: Sendable, Equatable {
        /// 2xx.
        case delivered
        /// Worth another attempt: no answer, 408, 429, 5xx.
        case failed
        /// The receiver will not have it, redirects included: another attempt would end the same.
        case refused
    }

    private let attemptsMax: Int
    private let queueMax: Int
    private var messages: [WebhookMessage] = []
    private var isInFlight = false
    private var dueNanoseconds: UInt64 = 0
    package private(set) var deliveredCount: UInt64 = 0
    package private(set) var attemptCount: UInt64 = 0
    /// Messages nobody will get: tried too often, refused, or pushed out by newer ones.
    package private(set) var deadCount: UInt64 = 0
    /// Whether messages were given up since one was delivered.
    package private(set) var isLosing = false
    /// Whether the receiver has not taken what was tried last.
    package private(set) var isFailing = false

    package init(attemptsMax: Int, queueMax: Int) {
        precondition(attemptsMax >= 1 && queueMax >= 1)
        self.attemptsMax = attemptsMax
        self.queueMax = queueMax
    }

    package var waitingCount: Int { self.messages.count }

    package mutating func add(_ message: WebhookMessage) {
        if self.messages.count == self.queueMax {
            // The one on its way is not taken back.
            self.messages.remove(at: self.isInFlight && self.messages.count > 1 ? 1 : 0)
            self.giveUp()
        }
        self.messages.append(message)
    }

    private mutating func giveUp() {
        self.deadCount += 1
        self.isLosing = true
    }

    /// What to send now; nothing while a message is on its way or waits for its next attempt.
    package mutating func next(nowNanoseconds now: UInt64) -> WebhookMessage? {
        guard !self.isInFlight, now >= self.dueNanoseconds, !self.messages.isEmpty else { return nil }
        self.isInFlight = true
        self.messages[0].attempts += 1
        self.attemptCount += 1
        return self.messages[0]
    }

    /// When ``next(nowNanoseconds:)`` has something; `nil` while it depends on others.
    package var dueTime: UInt64? { self.isInFlight || self.messages.isEmpty ? nil : self.dueNanoseconds }

    /// - Parameter jitter: 0 to 1; a wait is between half and the whole of what it could be, so that many senders do
    ///   not come back together.
    package mutating func finish(
        _ id: String, _ outcome: Outcome, nowNanoseconds now: UInt64, jitter: Double
    ) {
        self.isInFlight = false
        self.isFailing = outcome == .failed
        self.dueNanoseconds = now
        guard let message = self.messages.first, message.id == id else { return }
        if outcome == .failed, message.attempts < self.attemptsMax {
            let doubled = Self.firstWaitNanoseconds << UInt64(min(message.attempts - 1, 20))
            let wait = Double(min(doubled, Self.waitMaxNanoseconds))
            self.dueNanoseconds = now + UInt64(wait * (0.5 + 0.5 * min(max(jitter, 0), 1)))
            return
        }
        self.messages.removeFirst()
        if outcome == .delivered {
            self.deliveredCount += 1
            self.isLosing = false
        } else {
            self.giveUp()
        }
    }
}
