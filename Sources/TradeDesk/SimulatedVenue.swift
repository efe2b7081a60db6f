// SPDX-License-Identifier: Apache-2.0
// An exchange that trades our orders against the live quotes, the same way every time.

import RiskDomain

/// How the simulated venue trades.
public struct VenueSettings: Sendable, Equatable {
    public var seed: UInt64
    /// Stands before every identifier, so that those of two runs differ.
    public var prefix: String
    /// What can be had at each quote where it names no size; `nil` for any quantity.
    public var sizePerQuote: Double?
    /// Market and triggered stop orders trade 0 to so many ticks beyond the touch.
    public var slippageTicksMax: Int
    /// Part of the notional.
    public var feeRate: Double
    /// Of each fill, in the instrument's currency.
    public var feeMinimum: Double

    public init(
        seed: UInt64 = 1, prefix: String = "SIM-", sizePerQuote: Double? = nil, slippageTicksMax: Int = 0,
        feeRate: Double = 0, feeMinimum: Double = 0
    ) {
        precondition(slippageTicksMax >= 0 && feeRate >= 0 && feeMinimum >= 0)
        self.seed = seed
        self.prefix = prefix
        self.sizePerQuote = sizePerQuote
        self.slippageTicksMax = slippageTicksMax
        self.feeRate = feeRate
        self.feeMinimum = feeMinimum
    }
}

/// Orders wait here and trade against the other side of each quote, never against each other. At a quote, first market
/// orders, then the better limit, then the earlier order; each takes of the quoted size what is left. Everything
/// follows from the commands and the seed.
///
/// A limit order trades at the touch, which is at least as good as its limit. A stop is triggered by the last trade, or
/// by the touch where there is none, and queues anew then. Nothing is triggered and nothing trades while a quote is not
/// ``VenueQuote/isTradable``.
public struct SimulatedVenue: Sendable {
    /// An order that can still trade.
    struct Resting: Sendable, Equatable, Codable {
        var id: UInt64
        var request: OrderRequest
        var filled = 0.0
        /// Ascending: who came first.
        var priority: UInt64
        /// Of a stop: whether it is still waiting for its price.
        var isWaiting: Bool
        var fills: UInt64 = 0

        var open: Double { self.request.quantity - self.filled }
        /// `nil` takes any price.
        var limit: Double? { self.request.type.needsLimitPrice ? self.request.limitPrice : nil }
    }

    /// What is left to be had of the latest quote.
    struct Liquidity: Sendable, Equatable, Codable {
        var quote: VenueQuote
        /// `nil` for any quantity.
        var bidLeft: Double?
        var askLeft: Double?
    }

    /// What survives a restart.
    public struct State: Sendable, Equatable, Codable {
        var resting: [UInt64: Resting] = [:]
        var bySymbol: [String: Set<UInt64>] = [:]
        var ended: [UInt64: VenueTruth] = [:]
        var liquidity: [String: Liquidity] = [:]
        var reports: UInt64 = 0
        var fills: UInt64 = 0
        var priorities: UInt64 = 0

        public init() {}
    }

    public let settings: VenueSettings
    private(set) var instruments: [String: Instrument]
    public internal(set) var state: State

    public init(instruments: [Instrument], settings: VenueSettings = VenueSettings(), restoring state: State = State())
    {
        self.instruments = [:]
        self.settings = settings
        self.state = state
        self.follow(instruments)
    }

    /// From now on it trades these. Orders in others rest as they are: nobody quotes them.
    public mutating func follow(_ instruments: [Instrument]) {
        self.instruments = Dictionary(instruments.map { ($0.symbol, $0) }) { first, _ in first }
    }

    /// Takes back open orders it had before its memory was lost, ascending: they wait with what is left of them. A stop
    /// that nothing was filled of waits for its price again.
    ///
    /// - Parameter orders: open ones, with what was executed of each, undone fills included.
    public mutating func restore(_ orders: [(order: Order, executedQuantity: Double)]) {
        for (order, executed) in orders where self.state.resting[order.id] == nil {
            self.state.resting[order.id] = Resting(
                id: order.id, request: order.request, filled: executed, priority: self.nextPriority(),
                isWaiting: order.request.type.needsStopPrice && executed == 0, fills: executed > 0 ? 1 : 0)
            self.state.bySymbol[order.request.symbol, default: []].insert(order.id)
        }
    }

    /// Whether any order waits in a symbol.
    public func hasOrders(in symbol: String) -> Bool { self.state.bySymbol[symbol] != nil }

    /// What the venue knows of an order: the answer to a status request after a reconnect. Orders that ended before the
    /// last day roll are no longer known.
    public func truth(of orderID: UInt64) -> VenueTruth {
        if let order = self.state.resting[orderID] { return VenueTruth(.working, executedQuantity: order.filled) }
        return self.state.ended[orderID] ?? VenueTruth(.unheardOf, executedQuantity: 0)
    }

    /// - Returns: reports in the order in which they happened.
    public mutating func apply(_ command: VenueCommand, timeNanoseconds: UInt64) -> [VenueReport] {
        var reports = ReportList(time: timeNanoseconds)
        switch command {
        case .new(let id, let request): self.enter(id, request, &reports)
        case .cancel(let id):
            if self.state.resting[id] == nil {
                self.report(id, .cancelRejected(reason: "not_open"), &reports)
            } else {
                self.end(id, .cancelled, .cancelled(reason: nil), &reports)
            }
        case .replace(let id, let change): self.replace(id, change, &reports)
        case .quote(let quote):
            guard self.instruments[quote.symbol] != nil else { break }
            let size = self.settings.sizePerQuote
            self.state.liquidity[quote.symbol] = Liquidity(
                quote: quote, bidLeft: quote.bidSize ?? size, askLeft: quote.askSize ?? size)
            self.trade(quote.symbol, &reports)
        case .dayRoll:
            self.state.ended = [:]
            for order in self.state.resting.values.sorted(by: { $0.id < $1.id })
            where order.request.timeInForce == .day {
                self.end(order.id, .expired, .expired, &reports)
            }
        }
        return reports.all
    }

    struct ReportList {
        let time: UInt64
        var all: [VenueReport] = []
    }

    mutating func report(_ id: UInt64, _ kind: VenueReport.Kind, _ reports: inout ReportList) {
        self.state.reports += 1
        let name = "\(self.settings.prefix)R\(self.state.reports)"
        reports.all.append(VenueReport(id: name, orderID: id, timeNanoseconds: reports.time, kind: kind))
    }

    /// An order leaves; a filled one has been reported by its fill.
    mutating func end(
        _ id: UInt64, _ standing: VenueTruth.Standing, _ kind: VenueReport.Kind?, _ reports: inout ReportList
    ) {
        let order = self.state.resting.removeValue(forKey: id)
        if let symbol = order?.request.symbol {
            self.state.bySymbol[symbol]?.remove(id)
            if self.state.bySymbol[symbol]?.isEmpty == true { self.state.bySymbol[symbol] = nil }
        }
        self.state.ended[id] = VenueTruth(standing, executedQuantity: order?.filled ?? 0)
        if let kind { self.report(id, kind, &reports) }
    }

    mutating func nextPriority() -> UInt64 {
        self.state.priorities += 1
        return self.state.priorities
    }

    private mutating func enter(_ id: UInt64, _ request: OrderRequest, _ reports: inout ReportList) {
        if self.state.resting[id] != nil || self.state.ended[id] != nil { return }
        if let reason = self.fault(of: request) {
            return self.end(id, .rejected, .rejected(reason: reason), &reports)
        }
        self.report(id, .acknowledged, &reports)
        self.state.resting[id] = Resting(
            id: id, request: request, priority: self.nextPriority(), isWaiting: request.type.needsStopPrice)
        self.state.bySymbol[request.symbol, default: []].insert(id)
        self.trade(request.symbol, &reports)
    }

    /// A stable code, or nothing.
    private func fault(of request: OrderRequest) -> String? {
        guard let instrument = self.instruments[request.symbol] else { return "unknown_symbol" }
        let hasPrices =
            (request.limitPrice != nil) == request.type.needsLimitPrice
            && (request.stopPrice != nil) == request.type.needsStopPrice
        guard hasPrices, request.quantity.isFinite, request.quantity > 0 else { return "invalid_order" }
        guard StepGrid.contains(request.quantity, step: instrument.lotSize) else { return "off_lot" }
        let areOnTick = [request.limitPrice, request.stopPrice].compactMap { $0 }.allSatisfy {
            StepGrid.contains($0, step: instrument.tickSize)
        }
        return areOnTick ? nil : "off_tick"
    }

    /// Less of the same keeps its place in the queue; more, or another price, goes to its end.
    private mutating func replace(_ id: UInt64, _ change: OrderChange, _ reports: inout ReportList) {
        guard var order = self.state.resting[id] else {
            return self.report(id, .replaceRejected(reason: "not_open"), &reports)
        }
        let old = order.request
        order.request = change.applied(to: old)
        guard change.fits(old), order.request.quantity > order.filled else {
            return self.report(id, .replaceRejected(reason: "invalid_change"), &reports)
        }
        if let reason = self.fault(of: order.request) {
            return self.report(id, .replaceRejected(reason: reason), &reports)
        }
        var shrunk = old
        shrunk.quantity = min(old.quantity, order.request.quantity)
        if order.request != shrunk { order.priority = self.nextPriority() }
        self.state.resting[id] = order
        self.report(id, .replaced, &reports)
        self.trade(old.symbol, &reports)
    }
}
