// SPDX-License-Identifier: Apache-2.0
// Fills made elsewhere: booked as those of the venue are, together with where their stream stands behind them.

import Logging
import RiskDomain
import RiskStore
import Synchronization
import TradeDesk

extension OrderDesk {
    /// What came of one fill, before it is written down.
    private struct Decision {
        var outcome: StreamFillOutcome
        var entries: [JournalEntry] = []
        var order: Order?
        var commands: [VenueCommand] = []

        init(_ outcome: StreamFillOutcome) { self.outcome = outcome }
        init(_ refusal: StreamFillRefusal) { self.outcome = .refused(refusal) }
    }

    /// Books fills in their order. All that is accepted and the positions are written down together or not at all.
    ///
    /// - Parameter positions: how far the stream was taken in, by what came of each fill; called once, under a lock.
    /// - Returns: what came of each, once it is on disk.
    /// - Throws: ``DeskRefusal/storeFailed(_:)`` or ``DeskRefusal/stopping``: nothing of it counts, or nobody knows
    ///   until the next start.
    public func book(
        _ fills: [StreamFill], positions: @escaping @Sendable ([StreamFillOutcome]) -> [StreamPosition]
    ) async throws(DeskRefusal) -> [StreamFillOutcome] {
        let stored: [Fill]
        do throws(StoreError) {
            stored = try await self.store.fills(ids: fills.flatMap { [$0.id] + ($0.reverses.map { [$0] } ?? []) })
        } catch {
            throw .storeFailed(error)
        }
        for id in Set(fills.compactMap(\.orderID)) { _ = await self.recall(id) }
        let result: Result<[StreamFillOutcome], DeskRefusal> = await withCheckedContinuation { continuation in
            self.state.withLock { state in
                self.book(fills, stored: stored, positions, &state) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    /// Where streams stand, as it is written down.
    public func streamPositions() async throws(StoreError) -> [StreamPosition] {
        try await self.store.streamPositions()
    }

    private func book(
        _ fills: [StreamFill], stored: [Fill], _ positions: ([StreamFillOutcome]) -> [StreamPosition],
        _ state: inout DeskState, _ answer: @escaping @Sendable (Result<[StreamFillOutcome], DeskRefusal>) -> Void
    ) {
        if let failure = state.storeFailure { return answer(.failure(.storeFailed(failure))) }
        guard state.phase == .open else { return answer(.failure(.stopping)) }
        state.book.recall(stored)
        var (entries, outcomes, effects): ([JournalEntry], [StreamFillOutcome], DeskEffects) = ([], [], DeskEffects())
        var changed: [String: Set<String>] = [:]
        for fill in fills {
            let decision = self.decide(fill, &state)
            outcomes.append(decision.outcome)
            guard decision.outcome == .accepted else { continue }
            entries += decision.entries
            if let order = decision.order { effects.orders.append(order) }
            if let booked = state.book.fill(fill.id) { effects.fills.append(booked) }
            effects.commands += decision.commands
            changed[fill.account, default: []].insert(fill.symbol)
        }
        // Memory and journal would part if more followed.
        if let failure = state.storeFailure { return answer(.failure(.storeFailed(failure))) }
        effects.holdings = changed.sorted { $0.key < $1.key }.flatMap { account, symbols in
            state.holdings(account, symbols: symbols.sorted())
        }
        entries += positions(outcomes).map(JournalEntry.streamPosition)
        let decided = outcomes
        self.write(entries, hasHappened: true, effects: effects) { error in
            answer(error.map { .failure(.storeFailed($0)) } ?? .success(decided))
        }
    }

    /// Under the lock.
    private func decide(_ fill: StreamFill, _ state: inout DeskState) -> Decision {
        if let present = state.book.fill(fill.id) {
            return fill.repeats(present) ? Decision(.repeated) : Decision(.conflict)
        }
        guard let account = self.accounts[fill.account] else { return Decision(.unknownAccount) }
        guard let instrument = self.instrument(fill.symbol) else { return Decision(.unknownSymbol) }
        let original = fill.reverses.flatMap { state.book.fill($0) }
        let request = OrderRequest(account: fill.account, symbol: fill.symbol, side: .buy, quantity: 1)
        guard let rate = fill.rate ?? original?.rate ?? self.rate(of: request, &state) else { return Decision(.noRate) }
        if account.currency == instrument.currency, rate != 1 { return Decision(.unfitRate) }
        let booked = fill.booked(atRate: rate)
        if let id = fill.orderID, state.written[id] == nil { return Decision(.unknownOrder) }
        return fill.reverses == nil ? self.enter(booked, &state) : self.reverse(booked, &state)
    }

    /// A fill of an order goes through the order's life first, as one of the venue does.
    private func enter(_ fill: Fill, _ state: inout DeskState) -> Decision {
        if state.book.isTaken(fill.id) { return Decision(.conflict) }
        var decision = Decision(.accepted)
        if let id = fill.orderID {
            let event = state.event(.filled(fill), state.clock(self.now()))
            guard case .applied(let actions) = state.ledger.apply(event, to: id) else {
                return Decision(.orderContradicts)
            }
            decision.order = state.ledger.order(id)
            decision.entries = decision.order.map { [.order($0)] } ?? []
            decision.commands = actions.map { action in
                switch action {
                case .sendCancel: .cancel(orderID: id)
                case .sendReplace(let change): .replace(orderID: id, change)
                }
            }
        }
        let outcome = state.book.apply(.fill(fill))
        guard outcome == .applied else {
            state.storeFailure = .refused(reason: "fill \(fill.id) cannot be booked: \(outcome)")
            self.logger.critical("a fill cannot be booked", metadata: ["fill": "\(fill)"])
            return Decision(.conflict)
        }
        decision.entries.append(.fill(fill))
        return decision
    }

    /// The book decides; the order then learns that the fill is gone.
    private func reverse(_ fill: Fill, _ state: inout DeskState) -> Decision {
        switch state.book.apply(.fill(fill)) {
        case .applied: break
        case .repeated: return Decision(.conflict)
        case .refused(.nothingToReverse): return Decision(.nothingToReverse)
        case .refused(.alreadyReversed): return Decision(.alreadyReversed)
        case .refused: return Decision(.unequalReversal)
        }
        var decision = Decision(.accepted)
        decision.entries = [.fill(fill)]
        if let id = fill.orderID, let original = fill.reverses,
            case .applied = state.ledger.apply(
                state.event(.busted(fillID: original), state.clock(self.now())), to: id)
        {
            decision.order = state.ledger.order(id)
            decision.entries += decision.order.map { [.order($0)] } ?? []
        }
        return decision
    }
}
