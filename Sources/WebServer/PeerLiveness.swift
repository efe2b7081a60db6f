// SPDX-License-Identifier: Apache-2.0
// When to ping a silent client, and when to give it up. Pure: time comes in.

package struct PeerLiveness {
    package enum Action: Equatable { case nothing, ping, dead }

    private static let intervalNanoseconds: UInt64 = 20_000_000_000

    private var nextPingNanoseconds: UInt64?
    private var isAwaitingAnswer = false

    package init() {}

    /// Anything from the client shows that it lives; a frame that does not end has a deadline of its own.
    package mutating func heard() { self.isAwaitingAnswer = false }

    package mutating func tick(nowNanoseconds: UInt64) -> Action {
        guard let next = self.nextPingNanoseconds else {
            self.nextPingNanoseconds = nowNanoseconds + Self.intervalNanoseconds
            return .nothing
        }
        guard nowNanoseconds >= next else { return .nothing }
        self.nextPingNanoseconds = nowNanoseconds + Self.intervalNanoseconds
        if self.isAwaitingAnswer { return .dead }
        self.isAwaitingAnswer = true
        return .ping
    }
}
