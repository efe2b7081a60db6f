// SPDX-License-Identifier: Apache-2.0
// Cancellations and replacements of open orders.

import RiskDomain
import RiskStore
import Synchronization
import TradeDesk

extension OrderDesk {
    /// Asks for an order's end; asking twice asks once. A cancellation is never limited, and goes to the venue even if
    /// it cannot be written down.
    ///
    /// - Returns: the order as it is written down: pending, or unknown while the venue is lost.
    public func cancel(_ id: UInt64, user: String) async throws(DeskRefusal) -> Order {
        let result: Result<Order, DeskRefusal>? = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                let now = state.clock(self.now())
                guard let order = state.ledger.order(id), !order.status.isFinal else {
                    return continuation.resume(returning: nil)
                }
                self.askCancel(id, user: user, why: nil, now, &state) { continuation.resume(returning: $0) }
            }
        }
        if let result { return try result.get() }
        throw .notOpen(try await self.order(id))
    }

    /// Cancels what is open, oldest first.
    ///
    /// - Parameters:
    ///   - account: `nil` for all.
    ///   - symbol: `nil` for all.
    /// - Returns: the orders that were asked to end.
    public func cancelAll(
        account: String?, symbol: String? = nil, user: String
    ) async throws(DeskRefusal) -> [Order] {
        if let account, self.accounts[account] == nil { throw .unknownAccount }
        if let symbol, self.instrument(symbol) == nil { throw .unknownSymbol }
        let result: Result<[Order], DeskRefusal> = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                let orders = self.askCancels(account: account, symbol: symbol, user: user, why: nil, &state)
                let audit = AuditEntry(
                    timeNanoseconds: state.clock(self.now()), who: user, what: "orders.cancel_all", account: account,
                    subject: symbol ?? "all", before: nil, after: "\(orders.count) orders", why: nil)
                self.write([.audit(audit)], effects: DeskEffects()) { error in
                    continuation.resume(returning: error.map { .failure(.storeFailed($0)) } ?? .success(orders))
                }
            }
        }
        return try result.get()
    }

    public func cancelOpenOrders(of account: String?, because reason: String) {
        self.state.withLock { state in
            _ = self.askCancels(account: account, symbol: nil, user: "desk", why: reason, &state)
        }
    }

    /// Under the lock.
    func askCancels(
        account: String?, symbol: String?, user: String, why: String?, _ state: inout DeskState
    ) -> [Order] {
        let now = state.clock(self.now())
        return state.ledger.cancellable(account: account, symbol: symbol).compactMap { id in
            self.askCancel(id, user: user, why: why, now, &state) { _ in }
            return state.ledger.order(id)
        }
    }

    /// Under the lock, of an open order.
    private func askCancel(
        _ id: UInt64, user: String, why: String?, _ now: UInt64, _ state: inout DeskState,
        _ answer: @escaping @Sendable (Result<Order, DeskRefusal>) -> Void
    ) {
        let outcome = state.ledger.apply(state.event(.cancelRequested, now), to: id)
        guard let order = state.ledger.order(id) else { return answer(.failure(.unknownOrder)) }
        guard case .applied(let actions) = outcome else {
            // Asked for before: answered when that is written down.
            return self.write([], about: id, effects: DeskEffects()) { error in
                answer(error.map { .failure(.storeFailed($0)) } ?? .success(order))
            }
        }
        let audit = AuditEntry(
            timeNanoseconds: now, who: user, what: "order.cancel", account: order.request.account,
            subject: "order:\(id)", before: nil, after: order.status.rawValue, why: why)
        let effects = DeskEffects(
            orders: [order], commands: actions.contains(.sendCancel) ? [.cancel(orderID: id)] : [], isUrgent: true)
        self.write([.order(order), .audit(audit)], about: id, hasHappened: true, effects: effects) { error in
            answer(error.map { .failure(.storeFailed($0)) } ?? .success(order))
        }
    }

    /// Asks for other terms; the gate decides on what is still to be filled under them. Counts as an order.
    ///
    /// - Returns: the order as it is written down, pending.
    public func replace(_ id: UInt64, _ form: ReplaceForm, user: String) async throws(DeskRefusal) -> Order {
        let result: Result<Order, DeskRefusal>? = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                guard let life = state.ledger.life(id), !life.order.status.isFinal else {
                    return continuation.resume(returning: nil)
                }
                self.askReplace(life, form, user: user, &state) { continuation.resume(returning: $0) }
            }
        }
        if let result { return try result.get() }
        throw .notOpen(try await self.order(id))
    }

    private func askReplace(
        _ life: OrderLife, _ form: ReplaceForm, user: String, _ state: inout DeskState,
        _ answer: @escaping @Sendable (Result<Order, DeskRefusal>) -> Void
    ) {
        let (id, old, now) = (life.order.id, life.order.request, state.clock(self.now()))
        if let refusal = self.refusal(state) { return answer(.failure(refusal)) }
        guard [.working, .partiallyFilled].contains(life.order.status) else {
            return answer(.failure(.notReplaceable(state.written[id] ?? life.order)))
        }
        guard let instrument = self.instrument(old.symbol) else { return answer(.failure(.unknownSymbol)) }
        let change: OrderChange
        do throws(FormRefusal) {
            change = try form.change(of: old, instrument: instrument, quantityMax: self.settings.quantityMax)
        } catch {
            return answer(.failure(.invalid(error.errors)))
        }
        var after = change.applied(to: old)
        after.quantity -= life.executedQuantity
        guard after.quantity > 0 else {
            let error = FieldError(
                field: "quantity", code: .notPositive,
                detail: "must be above what is executed, \(life.executedQuantity)")
            return answer(.failure(.invalid([error])))
        }
        let decision = state.rate.admit(account: old.account, user: user, nowNanoseconds: now)
        if case .denied(_, let seconds) = decision {
            let numbers = self.rateNumbers(of: old.account, user: user, &state)
            return answer(.failure(.rateLimited(numbers, retryAfterSeconds: seconds)))
        }
        let verdict = self.verdict(on: after, replacing: id, rate: decision, nowNanoseconds: now, state)
        guard case .allowed(let reservation) = verdict else {
            state.rate.withdraw(account: old.account, user: user, timeNanoseconds: now)
            return answer(.failure(.denied(verdict.denials)))
        }
        guard case .applied = state.ledger.apply(state.event(.replaceRequested(change), now), to: id),
            let order = state.ledger.order(id)
        else { return answer(.failure(.notReplaceable(life.order))) }
        state.ledger.reserve(reservation, for: id)
        let audit = AuditEntry(
            timeNanoseconds: now, who: user, what: "order.replace", account: old.account, subject: "order:\(id)",
            before: old.text, after: change.applied(to: old).text, why: nil)
        let effects = DeskEffects(
            orders: [order], holdings: state.holdings(old.account), commands: [.replace(orderID: id, change)])
        self.write([.order(order), .audit(audit)], about: id, hasHappened: true, effects: effects) { error in
            answer(error.map { .failure(.storeFailed($0)) } ?? .success(order))
        }
    }
}
