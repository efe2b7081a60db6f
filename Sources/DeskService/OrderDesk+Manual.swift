// SPDX-License-Identifier: Apache-2.0
// What people change by hand: adjustments, undone fills, money in and out. Nothing is taken away, everything is added.

import RiskDomain
import RiskMath
import RiskStore
import Synchronization
import TradeDesk

extension OrderDesk {
    /// Changes a position without cash: a fill without an order, and the cash entry that takes its money back.
    ///
    /// - Parameters:
    ///   - quantity: added to the position; signed, not 0.
    ///   - price: per unit, in the instrument's currency.
    public func adjust(
        account: String, symbol: String, quantity: Double, price: Double, why: String, user: String
    ) async throws(DeskRefusal) -> Fill {
        guard let currency = self.accounts[account]?.currency else { throw .unknownAccount }
        guard let instrument = self.instrument(symbol) else { throw .unknownSymbol }
        guard quantity.isFinite, quantity != 0, price.isFinite else { throw .refused("not a quantity and a price") }
        try Self.check([why, user])
        let result: Result<Fill, DeskRefusal> = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                if let failure = state.storeFailure {
                    return continuation.resume(returning: .failure(.storeFailed(failure)))
                }
                if state.leaving.contains(symbol) { return continuation.resume(returning: .failure(.unknownSymbol)) }
                let now = state.clock(self.now())
                let request = OrderRequest(account: account, symbol: symbol, side: .buy, quantity: 1)
                guard let rate = self.rate(of: request, &state) else {
                    let fact = "no exchange rate from \(instrument.currency) to \(currency)"
                    return continuation.resume(returning: .failure(.refused(fact)))
                }
                let id = state.nextID("\(self.prefix)A")
                let fill = Fill(
                    id: id, orderID: nil, account: account, symbol: symbol, quantity: quantity, price: price,
                    rate: rate, fees: 0, timeNanoseconds: now)
                let cash = CashEntry(
                    id: "\(id)C", account: account, amount: quantity * price * instrument.multiplier * rate,
                    kind: "adjustment", reason: why, user: user, timeNanoseconds: now)
                let audit = AuditEntry(
                    timeNanoseconds: now, who: user, what: "position.adjust", account: account, subject: symbol,
                    before: "\(state.book.position(account, symbol)?.cost.quantity ?? 0)",
                    after: "\(quantity) at \(price)", why: why)
                guard state.book.apply(.fill(fill)) == .applied, state.book.apply(.cash(cash)) == .applied else {
                    return continuation.resume(returning: .failure(.refused("the adjustment cannot be booked")))
                }
                let effects = DeskEffects(fills: [fill], holdings: state.holdings(account, symbols: [symbol]))
                self.write([.fill(fill), .cash(cash), .audit(audit)], hasHappened: true, effects: effects) { error in
                    continuation.resume(returning: error.map { .failure(.storeFailed($0)) } ?? .success(fill))
                }
            }
        }
        return try result.get()
    }

    /// Undoes a fill by its opposite; its order ends busted or stays open without that quantity.
    ///
    /// - Returns: the reversing fill.
    public func bust(fillID: String, why: String, user: String) async throws(DeskRefusal) -> Fill {
        try Self.check([fillID, why, user])
        let stored: [Fill]
        do throws(StoreError) { stored = try await self.store.fills(ids: [fillID]) } catch { throw .storeFailed(error) }
        guard let original = stored.first(where: { $0.id == fillID }) else { throw .unknownFill }
        // What was undone on a day before is undone.
        self.state.withLock { $0.book.recall(stored) }
        if let id = original.orderID { _ = await self.recall(id) }
        let result: Result<Fill, DeskRefusal> = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                self.bust(original, why: why, user: user, &state) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    private func bust(
        _ original: Fill, why: String, user: String, _ state: inout DeskState,
        _ answer: @escaping @Sendable (Result<Fill, DeskRefusal>) -> Void
    ) {
        if let failure = state.storeFailure { return answer(.failure(.storeFailed(failure))) }
        guard self.instrument(original.symbol) != nil, !state.leaving.contains(original.symbol) else {
            return answer(.failure(.unknownSymbol))
        }
        guard original.reverses == nil else { return answer(.failure(.refused("a reversal is not reversed"))) }
        guard !state.book.isReversed(original.id) else { return answer(.failure(.refused("it is undone already"))) }
        let now = state.clock(self.now())
        let reversal = original.reversal(id: state.nextID("\(self.prefix)B"), timeNanoseconds: now)
        guard state.book.apply(.fill(reversal)) == .applied else {
            return answer(.failure(.refused("the reversal cannot be booked")))
        }
        var entries: [JournalEntry] = [.fill(reversal)]
        var effects = DeskEffects(
            fills: [reversal], holdings: state.holdings(original.account, symbols: [original.symbol]))
        if let id = original.orderID,
            case .applied = state.ledger.apply(state.event(.busted(fillID: original.id), now), to: id),
            let order = state.ledger.order(id)
        {
            entries.append(.order(order))
            effects.orders = [order]
        }
        let audit = AuditEntry(
            timeNanoseconds: now, who: user, what: "fill.bust", account: original.account,
            subject: "fill:\(original.id)", before: "\(original.quantity) at \(original.price)", after: nil, why: why)
        self.write(
            entries + [.audit(audit)], about: original.orderID, hasHappened: true, effects: effects
        ) { error in
            answer(error.map { .failure(.storeFailed($0)) } ?? .success(reversal))
        }
    }

    /// Money into an account, or out of it where the amount is negative.
    public func transfer(
        account: String, amount: Double, kind: String, why: String, user: String
    ) async throws(DeskRefusal) -> CashEntry {
        guard self.accounts[account] != nil else { throw .unknownAccount }
        guard amount.isFinite, amount != 0 else { throw .refused("not an amount") }
        try Self.check([kind, why, user])
        let result: Result<CashEntry, DeskRefusal> = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                if let failure = state.storeFailure {
                    return continuation.resume(returning: .failure(.storeFailed(failure)))
                }
                let now = state.clock(self.now())
                let before = state.book.accounts[account]?.cash ?? 0
                let cash = CashEntry(
                    id: state.nextID("\(self.prefix)M"), account: account, amount: amount, kind: kind, reason: why,
                    user: user, timeNanoseconds: now)
                let audit = AuditEntry(
                    timeNanoseconds: now, who: user, what: "cash.\(kind)", account: account, subject: cash.id,
                    before: "\(before)", after: "\(before + amount)", why: why)
                guard state.book.apply(.cash(cash)) == .applied else {
                    return continuation.resume(returning: .failure(.refused("the entry cannot be booked")))
                }
                let effects = DeskEffects(holdings: state.holdings(account))
                self.write([.cash(cash), .audit(audit)], hasHappened: true, effects: effects) { error in
                    continuation.resume(returning: error.map { .failure(.storeFailed($0)) } ?? .success(cash))
                }
            }
        }
        return try result.get()
    }
}
