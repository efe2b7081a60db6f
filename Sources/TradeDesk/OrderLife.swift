// SPDX-License-Identifier: Apache-2.0
// The life of one order as a pure state machine: events in, outcomes out.

import RiskDomain

/// An order from acceptance to its end.
///
/// ```
///                 ack            fill               last fill
///   submitted ─────────► working ─────► partially_filled ─────► filled ──┐
///      │  │                │ ▲                │ ▲                        │ bust
///      │  └──── cancel or replace asked ──────┘ │ refused, replaced      ▼
///      │                   ▼                    │                      busted
///      │            pending_cancel, pending_replace   (fills go on)      ▲
///      │ reject            │ gone                                        │ bust
///      ▼                   ▼                                             │
///   rejected        cancelled, expired ──────────────────────────────────┘
///
///   any open state ── venue lost ──► unknown ── reconciled ──► where the venue says it is
/// ```
///
/// The status is derived from facts (acknowledged, cancel asked, change asked, venue lost, end), so it cannot disagree
/// with them. Reports of a venue come in the venue's order, or late as repeats. What is executed never exceeds the
/// quantity. An end stays the end but for a bust; a fill that reaches an ended order late still counts, because the
/// money moved.
///
/// A bust takes a fill back without making its quantity open again: the venue does not work it any more.
public struct OrderLife: Sendable, Equatable, Codable {
    private enum End: String, Codable { case filled, cancelled, rejected, expired, busted }

    struct Execution: Sendable, Equatable, Codable {
        var fillID: String
        /// Above 0.
        var quantity: Double
        var price: Double
        var isBusted = false
    }

    /// As it was accepted, before any replacement: what idempotency compares.
    public let original: OrderRequest
    /// As it stands.
    public private(set) var order: Order
    public private(set) var pendingChange: OrderChange?
    /// Undone by the venue; neither filled nor open.
    public private(set) var bustedQuantity = 0.0
    private(set) var executions: [Execution] = []
    private var isAcknowledged = false
    /// Whether somebody asked for its end and the venue has not answered.
    public private(set) var isCancelAsked = false
    private var isVenueLost = false
    private var end: End?
    private var seen: Set<String> = []

    public init(id: UInt64, request: OrderRequest, user: String, timeNanoseconds: UInt64) {
        self.original = request
        self.order = Order(
            id: id, request: request, user: user, status: .submitted, createdNanoseconds: timeNanoseconds,
            updatedNanoseconds: timeNanoseconds)
    }

    /// Goes on from what was written down.
    mutating func resume(_ order: Order, _ executions: [Execution]) {
        self.order = order
        self.executions = executions
        self.bustedQuantity = executions.filter(\.isBusted).reduce(0) { $0 + $1.quantity }
        self.isAcknowledged = order.status != .submitted
        self.isCancelAsked = order.status == .pendingCancel
        self.isVenueLost = order.status == .unknown
        switch order.status {
        case .filled: self.end = .filled
        case .cancelled: self.end = .cancelled
        case .rejected: self.end = .rejected
        case .expired: self.end = .expired
        case .busted: self.end = .busted
        default: self.order.status = self.status
        }
    }

    /// Executed by the venue, what was undone included.
    public var executedQuantity: Double { self.order.filledQuantity + self.bustedQuantity }

    /// What can still be filled; 0 at the end.
    public var openQuantity: Double {
        self.end == nil ? max(0, self.order.request.quantity - self.executedQuantity) : 0
    }

    /// What can still be filled if a pending replacement goes through or does not, whichever is more.
    public var openQuantityMax: Double {
        guard self.end == nil, let quantity = self.pendingChange?.quantity else { return self.openQuantity }
        return max(self.openQuantity, quantity - self.executedQuantity)
    }

    public mutating func apply(_ event: OrderEvent) -> OrderOutcome {
        if self.seen.contains(event.id) { return .repeated }
        let outcome = self.outcome(of: event.kind)
        if case .applied = outcome {
            self.seen.insert(event.id)
            self.order.status = self.status
            self.order.updatedNanoseconds = max(self.order.updatedNanoseconds, event.timeNanoseconds)
        }
        return outcome
    }

    private mutating func outcome(of kind: OrderEvent.Kind) -> OrderOutcome {
        switch kind {
        case .filled(let fill): return self.fill(fill)
        case .busted(let fillID): return self.bust(fillID)
        case .rejected where self.executedQuantity > 0 && self.end == nil: return .refused(.rejectedAfterFill)
        default: break
        }
        // A final status is left by a bust only.
        if self.end != nil { return .late }
        switch kind {
        case .acknowledged:
            if self.isAcknowledged { return .late }
            self.isAcknowledged = true
        case .rejected(let reason): self.finish(.rejected, reason)
        case .cancelRequested: return self.askCancel()
        case .cancelled(let reason): self.finish(.cancelled, reason)
        case .cancelRejected:
            guard self.isCancelAsked else { return .late }
            self.isCancelAsked = false
        case .replaceRequested(let change): return self.askReplace(change)
        case .replaced: return self.replace()
        case .replaceRejected:
            guard self.pendingChange != nil else { return .late }
            self.pendingChange = nil
        case .expired: self.finish(.expired, nil)
        case .disconnected:
            if self.isVenueLost { return .late }
            self.isVenueLost = true
        case .reconciled(let truth): return self.reconcile(truth)
        case .filled, .busted: break
        }
        return .applied([])
    }

    private var status: OrderStatus {
        switch self.end {
        case .filled: .filled
        case .cancelled: .cancelled
        case .rejected: .rejected
        case .expired: .expired
        case .busted: .busted
        case nil:
            if self.isVenueLost {
                .unknown
            } else if self.isCancelAsked {
                .pendingCancel
            } else if self.pendingChange != nil {
                .pendingReplace
            } else if self.order.filledQuantity > 0 {
                .partiallyFilled
            } else {
                self.isAcknowledged ? .working : .submitted
            }
        }
    }

    private mutating func finish(_ end: End, _ reason: String?) {
        self.end = end
        self.order.reason = reason ?? self.order.reason
        self.isCancelAsked = false
        self.pendingChange = nil
        self.isVenueLost = false
    }
}

extension OrderLife {
    /// Asking twice asks once. While the venue is lost the wish is kept and sent after reconciliation.
    private mutating func askCancel() -> OrderOutcome {
        if self.isCancelAsked { return .late }
        self.isCancelAsked = true
        return .applied(self.isVenueLost ? [] : [.sendCancel])
    }

    private mutating func askReplace(_ change: OrderChange) -> OrderOutcome {
        guard [.working, .partiallyFilled].contains(self.order.status) else {
            return .refused(.notReplaceable(self.order.status))
        }
        guard change.fits(self.order.request), change.quantity.map({ $0 > self.executedQuantity }) ?? true else {
            return .refused(.unfitChange)
        }
        self.pendingChange = change
        return .applied([.sendReplace(change)])
    }

    /// A quantity that fills have overtaken meanwhile becomes what is executed, and the order ends.
    private mutating func replace() -> OrderOutcome {
        guard let change = self.pendingChange else { return .refused(.nothingPending) }
        self.pendingChange = nil
        self.order.request = change.applied(to: self.order.request)
        self.order.request.quantity = max(self.order.request.quantity, self.executedQuantity)
        self.endIfExecuted()
        return .applied([])
    }

    private mutating func fill(_ fill: Fill) -> OrderOutcome {
        if self.executions.contains(where: { $0.fillID == fill.id }) { return .repeated }
        let request = self.order.request
        let quantity = fill.quantity * request.side.sign
        guard fill.orderID == self.order.id, fill.account == request.account, fill.symbol == request.symbol,
            fill.reverses == nil, quantity > 0, quantity.isFinite, fill.price.isFinite
        else { return .refused(.foreignFill(id: fill.id)) }
        if self.end == .rejected { return .refused(.filledAfterRejection(id: fill.id)) }
        // Sums of fractional lots are off by their rounding.
        let open = request.quantity - self.executedQuantity
        guard quantity <= open + request.quantity * 1e-12 else {
            return .refused(.overfilled(openQuantity: max(0, open), fillQuantity: quantity))
        }
        self.isAcknowledged = true
        self.executions.append(Execution(fillID: fill.id, quantity: quantity, price: fill.price))
        let filled = self.order.filledQuantity
        let paid = filled * (self.order.averageFillPrice ?? 0) + quantity * fill.price
        self.order.filledQuantity = min(filled + quantity, request.quantity - self.bustedQuantity)
        self.order.averageFillPrice = paid / (filled + quantity)
        self.endIfExecuted()
        return .applied([])
    }

    private mutating func endIfExecuted() {
        let quantity = self.order.request.quantity
        guard self.end == nil, quantity - self.executedQuantity <= quantity * 1e-12 else { return }
        if self.bustedQuantity == 0 { self.order.filledQuantity = quantity }
        self.finish(self.bustedQuantity > 0 ? .busted : .filled, nil)
    }

    private mutating func bust(_ fillID: String) -> OrderOutcome {
        guard let index = self.executions.firstIndex(where: { $0.fillID == fillID }) else {
            return .refused(.unknownFill(id: fillID))
        }
        if self.executions[index].isBusted { return .late }
        self.executions[index].isBusted = true
        let standing = self.executions.filter { !$0.isBusted }
        let filled = standing.reduce(0) { $0 + $1.quantity }
        self.bustedQuantity = self.executedQuantity - filled
        self.order.filledQuantity = filled
        self.order.averageFillPrice =
            standing.isEmpty ? nil : standing.reduce(0) { $0 + $1.quantity * $1.price } / filled
        if self.end != nil { self.finish(.busted, "busted") }
        return .applied([])
    }

    /// Believes the venue about the order's standing once both agree on what is executed; missing fills come first.
    private mutating func reconcile(_ truth: VenueTruth) -> OrderOutcome {
        guard self.isVenueLost else { return .refused(.notUnknown(self.order.status)) }
        let known = self.executedQuantity
        let isAgreed = (known - truth.executedQuantity).magnitude <= self.order.request.quantity * 1e-12
        let isFilled = self.order.request.quantity - known <= self.order.request.quantity * 1e-12
        guard isAgreed, truth.standing != .filled || isFilled else {
            return .refused(.executedQuantityDiffers(known: known, venue: truth.executedQuantity))
        }
        switch truth.standing {
        case .working, .filled: break
        case .cancelled: self.finish(.cancelled, "cancelled_while_unknown")
        case .expired: self.finish(.expired, nil)
        case .rejected, .unheardOf:
            if known > 0 { return .refused(.rejectedAfterFill) }
            self.finish(.rejected, truth.standing == .rejected ? "rejected_while_unknown" : "unheard_of")
        }
        guard truth.standing == .working else { return .applied([]) }
        self.isVenueLost = false
        self.isAcknowledged = true
        // What was asked may have been lost with the venue; asking again is harmless.
        if self.isCancelAsked { return .applied([.sendCancel]) }
        return .applied(self.pendingChange.map { [.sendReplace($0)] } ?? [])
    }
}
