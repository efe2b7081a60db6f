// SPDX-License-Identifier: Apache-2.0
// The end of a trading day.

import RiskDomain
import RiskStore
import Synchronization
import TradeDesk

extension OrderDesk {
    /// What is held becomes what is held over night, in the journal first; then day orders expire.
    package func rollDay(atNanoseconds time: UInt64) {
        self.state.withLock { state in
            guard time > state.rolledNanoseconds, state.storeFailure == nil else {
                // After a failed store days go on without a book; the next start makes up for it.
                state.rolledNanoseconds = max(state.rolledNanoseconds, time)
                return
            }
            state.day = DeskOpening.day(after: state.day, atNanoseconds: time)
            state.rolledNanoseconds = time
            _ = state.book.apply(.dayRoll(day: state.day.daysSince1970, closes: [:]))
            let entries = DeskOpening.rollEntries(
                state.book, accounts: self.inputs.accounts, day: state.day, timeNanoseconds: time)
            let effects = DeskEffects(
                holdings: self.accounts.keys.sorted().flatMap { state.holdings($0, symbols: nil) },
                commands: [.dayRoll])
            self.write(entries, hasHappened: true, effects: effects)
        }
        self.alerts.beginDay()
    }
}
