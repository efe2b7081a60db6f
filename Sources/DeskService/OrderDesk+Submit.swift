// SPDX-License-Identifier: Apache-2.0
// A new order: form, idempotency, rate limit, gate, journal, answer, venue.

import RiskDomain
import RiskMath
import RiskStore
import Synchronization
import TradeDesk

extension OrderDesk {
    private enum Step: Sendable {
        case answered(Result<OrderAnswer, DeskRefusal>)
        /// The order of that name was written down, or refused, meanwhile.
        case again
    }

    /// - Returns: the order as it is written down; of a repeat, as it is now.
    public func submit(
        _ form: OrderForm, account: String, user: String
    ) async throws(DeskRefusal) -> OrderAnswer {
        guard self.accounts[account] != nil else { throw .unknownAccount }
        let request: OrderRequest
        do throws(FormRefusal) {
            request = try form.request(
                account: account, quantityMax: self.settings.quantityMax, instrument: self.instrument)
        } catch {
            self.outcomes.count("invalid")
            throw .invalid(error.errors)
        }
        return try await self.submit(request, user: user, isClosing: false)
    }

    /// Sends a market order of the size of a position, the open orders of its side taken off.
    public func close(
        account: String, symbol: String, user: String
    ) async throws(DeskRefusal) -> OrderAnswer {
        guard self.accounts[account] != nil else { throw .unknownAccount }
        guard self.instrument(symbol) != nil else { throw .unknownSymbol }
        let (held, open) = self.state.withLock { state in
            (
                state.book.position(account, symbol)?.cost.quantity ?? 0,
                state.ledger.openQuantity(of: account, symbol: symbol)
            )
        }
        let quantity = held.magnitude - (held > 0 ? open.sell : open.buy)
        guard quantity > 0 else { throw .noPosition }
        let request = OrderRequest(
            account: account, symbol: symbol, side: held > 0 ? .sell : .buy, quantity: quantity, timeInForce: .day)
        return try await self.submit(request, user: user, isClosing: true)
    }

    func instrument(_ symbol: String) -> Instrument? {
        self.inputs.directory.index(ofSymbol: symbol).map { self.inputs.instruments[$0] }
    }

    private func submit(
        _ request: OrderRequest, user: String, isClosing: Bool
    ) async throws(DeskRefusal) -> OrderAnswer {
        while true {
            let step: Step = await withCheckedContinuation { continuation in
                self.state.withLock { state in
                    self.admit(request, user: user, isClosing: isClosing, &state) { continuation.resume(returning: $0) }
                }
            }
            guard case .answered(let result) = step else { continue }
            if case .failure(let refusal) = result { self.outcomes.count(refusal) }
            if case .failure(let refusal) = result, let old = try await self.repeated(request, refusal) { return old }
            return try result.get()
        }
    }

    /// A name that has left the memory is found in the store: asked only before a request is refused, because the store
    /// takes no name twice.
    private func repeated(
        _ request: OrderRequest, _ refusal: DeskRefusal
    ) async throws(DeskRefusal) -> OrderAnswer? {
        guard let name = request.clientOrderID else { return nil }
        switch refusal {
        case .denied, .rateLimited, .storeFailed(.conflict): break
        default: return nil
        }
        do throws(StoreError) {
            guard let order = try await self.store.order(account: request.account, clientOrderID: name),
                let original = try await self.store.original(orderID: order.id)
            else { return nil }
            guard original.request == request else { throw StoreError.conflict(table: "orders", id: name) }
            let rate = self.state.withLock { state in
                self.rateNumbers(of: request.account, user: original.user, &state)
            }
            return OrderAnswer(order: order, isRepeat: true, rate: rate)
        } catch {
            if case .conflict = error, let order = try await self.find(request.account, name) {
                throw .conflict(order)
            }
            throw .storeFailed(error)
        }
    }

    private func find(_ account: String, _ name: String) async throws(DeskRefusal) -> Order? {
        do throws(StoreError) {
            return try await self.store.order(account: account, clientOrderID: name)
        } catch {
            throw .storeFailed(error)
        }
    }

    /// Why no order is taken now, or `nil`.
    func refusal(_ state: DeskState) -> DeskRefusal? {
        if let failure = state.storeFailure { return .storeFailed(failure) }
        guard state.phase == .open else { return .stopping }
        guard self.journal.waitingCount < self.settings.journalMax else {
            return .storeFailed(.queueFull(limit: self.settings.journalMax))
        }
        return nil
    }

    /// Under the lock. Answers at once, or when the order is written down.
    private func admit(
        _ request: OrderRequest, user: String, isClosing: Bool, _ state: inout DeskState,
        _ answer: @escaping @Sendable (Step) -> Void
    ) {
        let now = state.clock(self.now())
        state.forget(now, keepSeconds: self.settings.keepSeconds)
        switch state.ledger.admission(of: request) {
        case .new: break
        case .known(let order), .conflict(let order):
            guard let written = state.written[order.id] else {
                state.waiting[order.id, default: []].append { answer(.again) }
                return
            }
            guard state.ledger.life(order.id)?.original == request else {
                return answer(.answered(.failure(.conflict(written))))
            }
            let rate = self.rateNumbers(of: request.account, user: user, &state)
            return answer(.answered(.success(OrderAnswer(order: written, isRepeat: true, rate: rate))))
        }
        if let refusal = self.refusal(state) { return answer(.answered(.failure(refusal))) }
        let decision = state.rate.admit(account: request.account, user: user, nowNanoseconds: now)
        let numbers = self.numbers(decision)
        if case .denied(_, let seconds) = decision {
            return answer(.answered(.failure(.rateLimited(numbers, retryAfterSeconds: seconds))))
        }
        let verdict = self.verdict(on: request, isClosing: isClosing, rate: decision, nowNanoseconds: now, state)
        guard case .allowed(let reservation) = verdict,
            let order = try? state.ledger.accept(
                request, user: user, reservation: reservation, timeNanoseconds: now)
        else {
            state.rate.withdraw(account: request.account, user: user, timeNanoseconds: now)
            return answer(.answered(.failure(.denied(verdict.denials))))
        }
        state.unsent.insert(order.id)
        let audit = AuditEntry(
            timeNanoseconds: now, who: user, what: isClosing ? "position.close" : "order.submit",
            account: request.account, subject: "order:\(order.id)", before: nil, after: request.text, why: nil)
        let effects = DeskEffects(
            orders: [order], holdings: state.holdings(request.account),
            commands: [.new(orderID: order.id, request)])
        self.write([.order(order), .audit(audit)], about: order.id, accepts: true, effects: effects) { error in
            let result: Result<OrderAnswer, DeskRefusal> =
                error.map { .failure(.storeFailed($0)) }
                ?? .success(OrderAnswer(order: order, isRepeat: false, rate: numbers))
            answer(.answered(result))
        }
    }

    private func numbers(_ decision: RateDecision) -> RateNumbers {
        switch decision {
        case .allowed(let remaining, let seconds):
            RateNumbers(
                limit: self.settings.ordersPerMinute, windowSeconds: 60, remaining: remaining, resetSeconds: seconds)
        case .denied(let limit, let seconds):
            RateNumbers(limit: limit, windowSeconds: 60, remaining: 0, resetSeconds: seconds)
        }
    }

    /// Without counting anything.
    func rateNumbers(of account: String, user: String, _ state: inout DeskState) -> RateNumbers {
        let now = state.clock(self.now())
        return self.numbers(state.rate.admit(.repeated, account: account, user: user, nowNanoseconds: now))
    }

    public func orderRate(of account: String) -> Int {
        self.state.withLock { $0.rate.count(of: account, nowNanoseconds: self.now()) }
    }
}

extension OrderRequest {
    /// For the audit.
    var text: String {
        let prices = [("limit", self.limitPrice), ("stop", self.stopPrice)].compactMap { name, price in
            price.map { " \(name) \($0)" }
        }
        return "\(self.side.rawValue) \(self.quantity) \(self.symbol) \(self.type.rawValue)\(prices.joined()) "
            + self.timeInForce.rawValue
    }
}
