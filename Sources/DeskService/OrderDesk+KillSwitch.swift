// SPDX-License-Identifier: Apache-2.0
// The kill switches: they work without prices, without the venue, and as far as possible without the store.

import RiskDomain
import RiskStore
import Synchronization

extension OrderDesk {
    /// - Parameter account: `nil` for the house's own; an account is stopped by either.
    /// - Returns: one that was never set is active, with no user.
    public func killSwitch(account: String?) -> KillSwitch { self.state.withLock { $0.kill(account) } }

    /// A stricter state holds at once, a milder one when it is written down. Halting cancels the open orders of the
    /// scope.
    ///
    /// - Throws: ``DeskRefusal/storeFailed(_:)`` where it could not be written down: a stricter state holds all the
    ///   same, until the process ends.
    public func setKillSwitch(
        account: String?, state wanted: KillSwitch.State, reason: String, user: String
    ) async throws(DeskRefusal) -> KillSwitch {
        if let account, self.accounts[account] == nil { throw .unknownAccount }
        try Self.check([reason, user])
        let result: Result<KillSwitch, DeskRefusal> = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                let now = state.clock(self.now())
                let old = state.kill(account)
                let new = KillSwitch(
                    account: account, state: wanted, reason: reason, user: user, timeNanoseconds: now)
                if wanted >= old.state { state.kills[account ?? ""] = new }
                let audit = AuditEntry(
                    timeNanoseconds: now, who: user, what: "kill_switch.set", account: account,
                    subject: account ?? "all", before: old.state.rawValue, after: wanted.rawValue, why: reason)
                self.write([.killSwitch(new), .audit(audit)], effects: DeskEffects(kill: new)) { error in
                    if error == nil { self.state.withLock { self.relax(to: new, from: old, &$0) } }
                    continuation.resume(returning: error.map { .failure(.storeFailed($0)) } ?? .success(new))
                }
                if wanted == .halted {
                    _ = self.askCancels(account: account, symbol: nil, user: user, why: "kill_switch", &state)
                }
            }
        }
        return try result.get()
    }

    /// Unless somebody has set it meanwhile.
    private func relax(to new: KillSwitch, from old: KillSwitch, _ state: inout DeskState) {
        if state.kill(new.account) == old { state.kills[new.account ?? ""] = new }
    }

    /// Texts that cannot be stored are refused before anything happens.
    static func check(_ texts: [String]) throws(DeskRefusal) {
        if texts.contains(where: { $0.utf8.contains(0) }) { throw .refused("a text has a zero byte") }
    }
}
