// SPDX-License-Identifier: Apache-2.0
// What the venue says: journal, then positions, holdings and events.

import Logging
import RiskDomain
import RiskMath
import RiskStore
import Synchronization
import TradeDesk

extension OrderDesk {
    func receive(_ reports: [VenueReport]) {
        let late = self.state.withLock { state in reports.filter { !self.take($0, &state) } }
        if !late.isEmpty { Task { await self.takeLate(late) } }
    }

    /// Orders that have left the memory come back for what the venue still has to say about them.
    private func takeLate(_ reports: [VenueReport]) async {
        for report in reports {
            guard await self.recall(report.orderID) else {
                self.logger.error("the venue reports an unknown order", metadata: ["report": "\(report)"])
                continue
            }
            self.state.withLock { _ = self.take(report, &$0) }
        }
    }

    /// - Returns: whether the order is in memory now.
    func recall(_ id: UInt64) async -> Bool {
        if self.state.withLock({ $0.ledger.life(id) != nil }) { return true }
        do throws(StoreError) {
            guard let order = try await self.store.order(id: id),
                let original = try await self.store.original(orderID: id)
            else { return false }
            let fills = try await self.store.fills(ofOrder: id)
            let life = OrderLife(restoring: order, original: original.request, fills: fills)
            self.state.withLock { state in
                guard state.ledger.life(id) == nil else { return }
                state.ledger.restore([life], lastOrderID: id)
                state.written[id] = order
            }
            return true
        } catch {
            self.logger.error("an order cannot be read", metadata: ["order": "\(id)", "reason": "\(error)"])
            return false
        }
    }

    /// Under the lock.
    ///
    /// - Returns: whether the order is in memory.
    private func take(_ report: VenueReport, _ state: inout DeskState) -> Bool {
        guard let request = state.ledger.order(report.orderID)?.request else { return false }
        guard report.isStorable else {
            self.logger.error("a report of the venue cannot be stored", metadata: ["order": "\(report.orderID)"])
            return true
        }
        var rate = 1.0
        if case .filled = report.kind {
            guard let known = self.rate(of: request, &state) else {
                // Without a rate nobody knows what it cost. The next start asks the venue again.
                state.storeFailure = .refused(reason: "no exchange rate for a fill of order \(report.orderID)")
                self.logger.critical(
                    "a fill has no exchange rate, no orders are taken", metadata: ["report": "\(report)"])
                return true
            }
            rate = known
        }
        guard let event = report.event(of: request, rate: rate) else { return true }
        self.take(event, of: report.orderID, &state)
        return true
    }

    /// Under the lock: applies an event and writes down what came of it.
    func take(_ event: OrderEvent, of id: UInt64, _ state: inout DeskState) {
        guard let before = state.ledger.order(id), let outcome = state.ledger.apply(event, to: id),
            let order = state.ledger.order(id)
        else { return }
        switch outcome {
        case .repeated, .late: return
        // The venue is asked again, and its fills come first.
        case .refused(.executedQuantityDiffers): return
        case .refused(let refusal):
            self.logger.error(
                "the venue contradicts what is known", metadata: ["order": "\(id)", "refusal": "\(refusal)"])
            return
        case .applied(let actions):
            var isUnchanged = false
            if case .reconciled = event.kind { isUnchanged = order == state.written[id] }
            var effects = DeskEffects(orders: isUnchanged ? [] : [order])
            var entries: [JournalEntry] = effects.orders.map { .order($0) }
            effects.commands = actions.map { action in
                switch action {
                case .sendCancel: .cancel(orderID: id)
                case .sendReplace(let change): .replace(orderID: id, change)
                }
            }
            let account = order.request.account
            if case .filled(let fill) = event.kind {
                let booked = state.book.apply(.fill(fill))
                guard booked == .applied else {
                    state.storeFailure = .refused(reason: "fill \(fill.id) cannot be booked: \(booked)")
                    self.logger.critical("a fill cannot be booked", metadata: ["fill": "\(fill)"])
                    return
                }
                entries.append(.fill(fill))
                effects.fills = [fill]
                effects.holdings = state.holdings(account, symbols: [fill.symbol])
            } else if order.status.isFinal || order.request != before.request {
                effects.holdings = state.holdings(account)
            }
            self.write(entries, about: id, hasHappened: true, effects: effects)
        }
    }

    /// Account currency per instrument currency: as quoted, else as last seen, else by the last closes.
    func rate(of request: OrderRequest, _ state: inout DeskState) -> Double? {
        guard let from = self.instrument(request.symbol)?.currency, let to = self.accounts[request.account]?.currency
        else { return nil }
        if from == to { return 1 }
        let pair = DeskState.RatePair(from: from, to: to)
        if let rate = self.market?.rate(from: from, to: to), rate.isFinite, rate > 0 {
            state.rates[pair] = rate
            return rate
        }
        if let rate = state.rates[pair] { return rate }
        let rate = self.inputs.currencies.path(from: from, to: to)?.rate { leg in
            self.inputs.history.lastClose(of: self.inputs.instruments[leg.instrument].symbol).map(leg.factor)
        }
        return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    // MARK: The link

    func linkChanged(isUp: Bool) {
        self.state.withLock { state in
            state.isVenueUp = isUp
            if isUp { return }
            let now = state.clock(self.now())
            for id in state.ledger.openIDs { self.take(state.event(.disconnected, now), of: id, &state) }
        }
        if isUp { Task { _ = await self.reconcile() } }
    }

    /// Asks the venue about orders whose fate is unknown.
    ///
    /// - Returns: whether it answered.
    package func reconcile() async -> Bool {
        let ids = self.state.withLock { state in
            state.ledger.openIDs.filter {
                state.ledger.order($0)?.status == .unknown && !state.unsent.contains($0)
            }
        }
        if ids.isEmpty { return true }
        guard let truths = await self.venue.reconcile(ids) else { return false }
        self.state.withLock { state in
            for id in ids {
                guard let truth = truths[id], let order = state.ledger.order(id), order.status == .unknown else {
                    continue
                }
                // What is still as it was written down is not written down again.
                let isEnd = truth.standing != .working
                let time = isEnd ? state.clock(self.now()) : order.updatedNanoseconds
                self.take(state.event(.reconciled(truth), time), of: id, &state)
            }
        }
        return true
    }

    /// Under the lock: orders whose fate is unknown are shown so.
    func writeUnknown(_ state: inout DeskState) {
        for id in state.ledger.openIDs {
            guard let order = state.ledger.order(id), order.status == .unknown, order != state.written[id] else {
                continue
            }
            self.write([.order(order)], about: id, hasHappened: true, effects: DeskEffects(orders: [order]))
        }
    }
}

extension VenueReport {
    /// Whether the journal can take its texts and numbers: what comes from outside is believed in nothing.
    fileprivate var isStorable: Bool {
        var texts = [self.id]
        var times = [self.timeNanoseconds]
        var numbers: [Double] = []
        switch self.kind {
        case .rejected(let reason), .cancelRejected(let reason), .replaceRejected(let reason): texts.append(reason)
        case .cancelled(let reason): texts += reason.map { [$0] } ?? []
        case .filled(let fill):
            texts.append(fill.id)
            times.append(fill.timeNanoseconds)
            numbers = [fill.quantity, fill.price, fill.fees]
        case .acknowledged, .triggered, .replaced, .expired: break
        }
        return texts.allSatisfy { $0.utf8.count <= 1_024 && !$0.utf8.contains(0) }
            && times.allSatisfy { $0 <= UInt64(Int64.max) } && numbers.allSatisfy { $0.isFinite && $0.magnitude < 1e18 }
    }
}

extension DeskState {
    var hasUnknownOrders: Bool {
        self.ledger.openIDs.contains { self.ledger.order($0)?.status == .unknown }
    }
}
