// SPDX-License-Identifier: Apache-2.0
// Gate, ledger, venue and positions together: whatever the session, they agree.

import Foundation
import RiskDomain
import RiskMath
import RiskSimulation
import Testing
import TradeDesk

/// A desk in one struct, as a daemon would wire it, without a store.
struct SessionDesk {
    static let apple = Instrument(id: 1, symbol: "AAPL", name: "Apple", sector: "Technology", currency: "USD")

    var ledger = OrderLedger()
    var venue: SimulatedVenue
    var positions: PositionBook
    var quote = VenueQuote(symbol: "AAPL", bid: 99, ask: 101, last: 100)
    var fills: [Fill] = []
    var allowed = 0
    var denied = 0
    let limits: GateLimits

    init(seed: UInt64) {
        var limits = GateLimits()
        limits.positionQuantity = 120
        limits.orderNotional = 6_000
        limits.duplicateSeconds = nil
        limits.openOrders = 12
        limits.buyingPower = 9_000
        self.limits = limits
        self.venue = SimulatedVenue(
            instruments: [Self.apple],
            settings: VenueSettings(seed: seed, sizePerQuote: 20, slippageTicksMax: 2, feeRate: 0.001))
        self.positions = PositionBook(
            instruments: [Self.apple],
            accounts: [Account(id: "ALPHA", name: "Alpha", currency: "USD", cash: 0, marginLimit: nil)])
    }

    mutating func send(_ request: OrderRequest, now: UInt64) throws {
        let verdict = PreTradeGate.verdict(
            on: request,
            account: GateAccount(position: self.positions.position("ALPHA", "AAPL")?.cost.quantity ?? 0, marginUsed: 0),
            market: GateMarket(
                instrument: Self.apple, bid: self.quote.bid, ask: self.quote.ask, last: self.quote.last,
                trading: self.quote.trading == .trading ? .trading : .halted, isStale: self.quote.isStale,
                tickNanoseconds: now),
            limits: self.limits, orders: self.ledger.gateOrders(of: "ALPHA", sentSince: now),
            rate: .allowed(remaining: 1, resetSeconds: 1), nowNanoseconds: now
        ) { _ in GateRisk(valueAtRisk: nil, expectedShortfall: nil) }
        guard case .allowed(let reservation) = verdict else {
            self.denied += 1
            return
        }
        self.allowed += 1
        let order = try self.ledger.accept(request, user: "ann", reservation: reservation, timeNanoseconds: now)
        self.tell(.new(orderID: order.id, request), now: now)
    }

    /// Writes down everything that can be and reads it again; positions are played anew from their fills.
    mutating func restart() throws {
        let (ledger, venue) = (self.ledger, self.venue.state)
        self.ledger = try JSONDecoder().decode(OrderLedger.self, from: JSONEncoder().encode(ledger))
        let state = try JSONDecoder().decode(SimulatedVenue.State.self, from: JSONEncoder().encode(venue))
        #expect(self.ledger == ledger && state == venue)
        self.venue = SimulatedVenue(instruments: [Self.apple], settings: self.venue.settings, restoring: state)
        var positions = PositionBook(
            instruments: [Self.apple],
            accounts: [Account(id: "ALPHA", name: "Alpha", currency: "USD", cash: 0, marginLimit: nil)])
        for fill in self.fills { _ = positions.apply(.fill(fill)) }
        #expect(positions == self.positions)
        self.positions = positions
    }

    mutating func cancel(_ id: UInt64, now: UInt64) {
        let event = OrderEvent(id: "ask \(now)", timeNanoseconds: now, kind: .cancelRequested)
        if self.ledger.apply(event, to: id) == .applied([.sendCancel]) { self.tell(.cancel(orderID: id), now: now) }
    }

    /// Every report comes twice, as after a reconnect.
    mutating func tell(_ command: VenueCommand, now: UInt64) {
        if case .quote(let quote) = command { self.quote = quote }
        for report in self.venue.apply(command, timeNanoseconds: now) {
            for repetition in 0..<2 {
                guard let request = self.ledger.order(report.orderID)?.request,
                    let event = report.event(of: request, rate: 1)
                else { continue }
                let outcome = self.ledger.apply(event, to: report.orderID)
                let isRight = repetition == 0 ? outcome == .applied([]) : outcome == .repeated || outcome == .late
                // A cancel that met a fill on its way is refused by the venue too late to mean anything.
                #expect(isRight || outcome == .late, "\(report): \(String(describing: outcome))")
                if case .filled(let fill) = event.kind {
                    let booked = self.positions.apply(.fill(fill))
                    #expect(booked == (repetition == 0 ? .applied : .repeated))
                    if repetition == 0 { self.fills.append(fill) }
                }
            }
        }
    }
}

@Suite struct DeskSessionTests {
    @Test(arguments: UInt64(1)...40)
    func positionsAreTheSumOfFillsAndOrdersAgreeWithTheVenue(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var desk = SessionDesk(seed: seed)
        for step in UInt64(1)...300 {
            let now = step * 1_000_000_000
            if step.isMultiple(of: 100) { try desk.restart() }
            switch random.nextIndex(below: 8) {
            case 0, 1, 2:
                let isLimit = random.nextIndex(below: 2) == 0
                try desk.send(
                    OrderRequest(
                        account: "ALPHA", symbol: "AAPL", side: random.nextIndex(below: 3) == 0 ? .sell : .buy,
                        quantity: 1 + Double(random.nextIndex(below: 50)), type: isLimit ? .limit : .market,
                        limitPrice: isLimit ? 95 + Double(random.nextIndex(below: 11)) : nil,
                        timeInForce: TimeInForce.allCases[random.nextIndex(below: 4)]), now: now)
            case 3:
                for id in desk.ledger.cancellable().prefix(1) { desk.cancel(id, now: now) }
            case 4 where random.nextIndex(below: 4) == 0:
                desk.tell(.dayRoll, now: now)
            default:
                let bid = 95 + Double(random.nextIndex(below: 10))
                desk.tell(
                    .quote(
                        VenueQuote(
                            symbol: "AAPL", bid: bid, ask: bid + Double(random.nextIndex(below: 3)), last: bid,
                            isStale: random.nextIndex(below: 6) == 0)), now: now)
            }
            let held = desk.positions.position("ALPHA", "AAPL")?.cost.quantity ?? 0
            #expect(held == desk.fills.reduce(0) { $0 + $1.quantity }, "seed \(seed) step \(step)")
            #expect(held.magnitude <= 120, "seed \(seed) step \(step): the position limit holds whatever is filled")
        }
        for order in desk.ledger.orders(of: "ALPHA") {
            let filled = desk.fills.filter { $0.orderID == order.id }.reduce(0) { $0 + $1.quantity.magnitude }
            #expect(order.filledQuantity == filled, "seed \(seed) order \(order.id)")
            let isOpen = desk.venue.truth(of: order.id).standing == .working
            #expect(isOpen == !order.status.isFinal, "seed \(seed) order \(order.id) \(order.status)")
        }
        #expect(desk.allowed > 10 && desk.denied > 10 && desk.fills.count > 10, "seed \(seed): little happened")
    }
}
