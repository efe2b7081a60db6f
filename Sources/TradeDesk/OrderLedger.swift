// SPDX-License-Identifier: Apache-2.0
// Every order of the desk, found by its number, its account and its client's name for it.

import RiskDomain

/// Quantities still open, each ≥ 0.
public struct OpenQuantity: Sendable, Equatable {
    public var buy = 0.0
    public var sell = 0.0

    public init(buy: Double = 0, sell: Double = 0) {
        self.buy = buy
        self.sell = sell
    }
}

/// What a new request is to the desk.
public enum Admission: Sendable, Equatable {
    /// Not seen before, or without a client's name.
    case new
    /// The same request again: this order was the answer.
    case known(Order)
    /// Another request under a name already taken by this order.
    case conflict(Order)
}

/// A request that cannot be entered in the ledger.
public enum LedgerRefusal: Error, Sendable, Equatable {
    /// Numbers ascend; this one is not above the last.
    case orderIDNotAscending(UInt64, last: UInt64)
    case clientOrderIDTaken(by: UInt64)
}

/// Orders by number. A client's name for an order counts within its account, for as long as the order is kept.
public struct OrderLedger: Sendable, Equatable, Codable {
    private struct ClientKey: Hashable, Codable {
        var account: String
        var clientOrderID: String
    }

    private var lives: [UInt64: OrderLife] = [:]
    private var clientOrders: [ClientKey: UInt64] = [:]
    /// Not final, by account.
    private var open: [String: Set<UInt64>] = [:]
    /// All, by account, ascending.
    private var own: [String: [UInt64]] = [:]
    /// What the gate set aside for open orders.
    private var reservations: [UInt64: GateReservation] = [:]
    public private(set) var lastOrderID: UInt64 = 0

    public init() {}

    public var count: Int { self.lives.count }

    /// Idempotency: the body compared is the one first accepted, whatever replacements did since.
    public func admission(of request: OrderRequest) -> Admission {
        guard let life = self.life(namedBy: request) else { return .new }
        return life.original == request ? .known(life.order) : .conflict(life.order)
    }

    private func life(namedBy request: OrderRequest) -> OrderLife? {
        guard let name = request.clientOrderID else { return nil }
        return self.clientOrders[ClientKey(account: request.account, clientOrderID: name)].flatMap { self.lives[$0] }
    }

    /// Enters an order that the gate let through.
    ///
    /// - Parameters:
    ///   - id: above every number so far; the next one by default.
    ///   - reservation: the gate's; without one the order's cost is unknown to the gate, which then denies where such
    ///     costs are limited.
    public mutating func accept(
        _ request: OrderRequest, user: String, id: UInt64? = nil, reservation: GateReservation? = nil,
        timeNanoseconds: UInt64
    ) throws(LedgerRefusal) -> Order {
        let id = id ?? self.lastOrderID + 1
        guard id > self.lastOrderID else { throw .orderIDNotAscending(id, last: self.lastOrderID) }
        if let taken = self.life(namedBy: request) { throw .clientOrderIDTaken(by: taken.order.id) }
        let life = OrderLife(id: id, request: request, user: user, timeNanoseconds: timeNanoseconds)
        self.lives[id] = life
        self.lastOrderID = id
        self.open[request.account, default: []].insert(id)
        self.own[request.account, default: []].append(id)
        self.reservations[id] = reservation
        if let name = request.clientOrderID {
            self.clientOrders[ClientKey(account: request.account, clientOrderID: name)] = id
        }
        return life.order
    }

    /// Takes back an order that was accepted and could not be written down: nobody has seen it. Its number is not
    /// given again.
    public mutating func withdraw(_ id: UInt64) {
        guard let life = self.lives.removeValue(forKey: id) else { return }
        let account = life.original.account
        self.reservations[id] = nil
        self.open[account]?.remove(id)
        if self.open[account]?.isEmpty == true { self.open[account] = nil }
        if let index = self.own[account]?.lastIndex(of: id) { self.own[account]?.remove(at: index) }
        if self.own[account]?.isEmpty == true { self.own[account] = nil }
        if let name = life.original.clientOrderID {
            self.clientOrders[ClientKey(account: account, clientOrderID: name)] = nil
        }
    }

    /// Enters orders of an earlier process, or that were forgotten; those it has stay as they are.
    ///
    /// - Parameter lastOrderID: the highest number ever given.
    public mutating func restore(_ lives: [OrderLife], lastOrderID: UInt64) {
        for life in lives {
            let (id, account) = (life.order.id, life.original.account)
            guard self.lives.updateValue(life, forKey: id) == nil else { continue }
            let older = self.own[account]?.lastIndex { $0 < id }.map { $0 + 1 } ?? 0
            self.own[account, default: []].insert(id, at: older)
            if !life.order.status.isFinal { self.open[account, default: []].insert(id) }
            if let name = life.original.clientOrderID {
                self.clientOrders[ClientKey(account: account, clientOrderID: name)] = id
            }
        }
        self.lastOrderID = max(self.lastOrderID, lastOrderID)
    }

    /// Margin set aside for an account's open orders, as far as it is known.
    public func openMargin(of account: String) -> Double {
        (self.open[account] ?? []).sorted().reduce(0) { sum, id in
            guard let life = self.lives[id], let reservation = self.reservations[id] else { return sum }
            let open = life.openQuantityMax
            return sum + reservation.margin * open / max(life.order.request.quantity, open)
        }
    }

    /// Open orders of all accounts.
    public var openCount: Int { self.open.values.reduce(0) { $0 + $1.count } }

    /// - Returns: `nil` for an order that is not in the ledger.
    public mutating func apply(_ event: OrderEvent, to id: UInt64) -> OrderOutcome? {
        guard let outcome = self.lives[id]?.apply(event), let order = self.lives[id]?.order else { return nil }
        if order.status.isFinal {
            self.reservations[id] = nil
            self.open[order.request.account]?.remove(id)
            if self.open[order.request.account]?.isEmpty == true { self.open[order.request.account] = nil }
        }
        return outcome
    }

    public func life(_ id: UInt64) -> OrderLife? { self.lives[id] }

    public func order(_ id: UInt64) -> Order? { self.lives[id]?.order }

    /// Newest first.
    ///
    /// - Parameters:
    ///   - before: only older ones, for the next page.
    ///   - limit: at most so many.
    public func orders(of account: String, before: UInt64 = .max, limit: Int = .max) -> [Order] {
        var ids = (self.own[account] ?? [])[...]
        while let last = ids.last, last >= before { ids.removeLast() }
        return ids.suffix(limit).reversed().compactMap { self.lives[$0]?.order }
    }

    /// Oldest first.
    public func openOrders(of account: String) -> [Order] {
        (self.open[account] ?? []).sorted().compactMap { self.lives[$0]?.order }
    }

    /// What the gate has to know of an account: its open orders with what is still set aside for them, and those sent
    /// since a moment, which may have a twin. Oldest first.
    public func gateOrders(of account: String, sentSince nanoseconds: UInt64) -> [OpenOrder] {
        var ids = self.open[account] ?? []
        for id in (self.own[account] ?? []).reversed() {
            guard let order = self.lives[id]?.order, order.createdNanoseconds >= nanoseconds else { break }
            ids.insert(id)
        }
        return ids.sorted().compactMap { id in
            guard let life = self.lives[id] else { return nil }
            let (quantity, open) = (life.order.request.quantity, life.openQuantityMax)
            let reservation = self.reservations[id]
            let part = open / max(quantity, open)
            return OpenOrder(
                life.order, openQuantity: open, notional: reservation.map { $0.notional * part },
                margin: reservation.map { $0.margin * part })
        }
    }

    /// Raises what is set aside for an open order, as the gate says of its replacement; never lowers it, because the
    /// replacement may be refused.
    public mutating func reserve(_ reservation: GateReservation, for id: UInt64) {
        guard let life = self.lives[id], !life.order.status.isFinal else { return }
        let old = self.reservations[id] ?? reservation
        self.reservations[id] = GateReservation(
            notional: max(old.notional, reservation.notional), margin: max(old.margin, reservation.margin))
    }

    /// Of a pending replacement the greater quantity counts, because either may be what the venue works.
    public func openQuantity(of account: String, symbol: String) -> OpenQuantity {
        var sum = OpenQuantity()
        for id in (self.open[account] ?? []).sorted() {
            guard let life = self.lives[id], life.order.request.symbol == symbol else { continue }
            if life.order.request.side == .buy {
                sum.buy += life.openQuantityMax
            } else {
                sum.sell += life.openQuantityMax
            }
        }
        return sum
    }

    /// Orders to be cancelled, oldest first: all open ones that nobody has asked to cancel yet.
    ///
    /// - Parameters:
    ///   - account: all accounts where absent.
    ///   - symbol: all symbols where absent.
    public func cancellable(account: String? = nil, symbol: String? = nil) -> [UInt64] {
        let ids = account.map { Array(self.open[$0] ?? []) } ?? self.open.values.flatMap { $0 }
        return ids.sorted().filter { id in
            guard let life = self.lives[id], !life.isCancelAsked else { return false }
            return symbol == nil || life.order.request.symbol == symbol
        }
    }

    /// Every open order, oldest first: those whose fate nobody knows once the venue is lost.
    public var openIDs: [UInt64] { self.open.values.flatMap { $0 }.sorted() }

    /// Forgets orders that ended before a moment, and their clients' names with them.
    public mutating func forget(endedBefore nanoseconds: UInt64) {
        let gone = self.lives.filter {
            $0.value.order.status.isFinal && $0.value.order.updatedNanoseconds < nanoseconds
        }
        for account in Set(gone.values.map(\.original.account)) {
            self.own[account]?.removeAll { gone[$0] != nil }
            if self.own[account]?.isEmpty == true { self.own[account] = nil }
        }
        for (id, life) in gone {
            self.lives[id] = nil
            if let name = life.original.clientOrderID {
                self.clientOrders[ClientKey(account: life.original.account, clientOrderID: name)] = nil
            }
        }
    }
}
