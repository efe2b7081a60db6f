// SPDX-License-Identifier: Apache-2.0
// The ledger: idempotency, and its indices against a search through all orders.

import RiskDomain
import RiskSimulation
import Testing
import TradeDesk

@Suite struct OrderLedgerTests {
    static func request(_ name: String?, _ quantity: Double = 10, account: String = "ALPHA") -> OrderRequest {
        OrderRequest(account: account, clientOrderID: name, symbol: "AAPL", side: .buy, quantity: quantity)
    }

    @Test func sameNameAndBodyIsTheFirstAnswerAndAnotherBodyAConflict() throws {
        var ledger = OrderLedger()
        let first = try ledger.accept(Self.request("x"), user: "ann", timeNanoseconds: 1)
        #expect(ledger.admission(of: Self.request("x")) == .known(first))
        #expect(ledger.admission(of: Self.request("x", 11)) == .conflict(first))
        #expect(ledger.admission(of: Self.request("x", account: "BETA")) == .new)
        #expect(ledger.admission(of: Self.request(nil)) == .new)
        #expect(throws: LedgerRefusal.clientOrderIDTaken(by: 1)) {
            try ledger.accept(Self.request("x", 11), user: "ann", timeNanoseconds: 2)
        }
        #expect(throws: LedgerRefusal.orderIDNotAscending(1, last: 1)) {
            try ledger.accept(Self.request(nil), user: "ann", id: 1, timeNanoseconds: 2)
        }
        #expect(ledger.count == 1)
    }

    @Test func replacedOrderIsStillKnownByItsFirstBody() throws {
        var ledger = OrderLedger()
        let id = try ledger.accept(Self.request("x"), user: "ann", timeNanoseconds: 1).id
        let kinds: [OrderEvent.Kind] = [.acknowledged, .replaceRequested(OrderChange(quantity: 14))]
        for (index, kind) in kinds.enumerated() {
            let outcome = ledger.apply(OrderEvent(id: "e\(index)", timeNanoseconds: 2, kind: kind), to: id)
            #expect(outcome != nil)
        }
        // Either quantity may be at work while the replacement is pending.
        #expect(ledger.openQuantity(of: "ALPHA", symbol: "AAPL") == OpenQuantity(buy: 14))
        _ = ledger.apply(OrderEvent(id: "r", timeNanoseconds: 2, kind: .replaced), to: id)
        #expect(ledger.order(id)?.request.quantity == 14)
        #expect(ledger.admission(of: Self.request("x")) == ledger.order(id).map { .known($0) })
    }

    @Test func gateSeesWhatIsStillSetAsideAndWhatWasSentOfLate() throws {
        var ledger = OrderLedger()
        let reservation = GateReservation(notional: 1_000, margin: 250)
        _ = try ledger.accept(Self.request(nil), user: "ann", reservation: reservation, timeNanoseconds: 1)
        _ = try ledger.accept(Self.request(nil), user: "ann", timeNanoseconds: 5)
        _ = try ledger.accept(Self.request(nil, account: "BETA"), user: "ann", timeNanoseconds: 6)
        let fill = Fill(
            id: "f", orderID: 1, account: "ALPHA", symbol: "AAPL", quantity: 4, price: 10, rate: 1, fees: 0,
            timeNanoseconds: 7)
        _ = ledger.apply(OrderEvent(id: "a", timeNanoseconds: 7, kind: .filled(fill)), to: 1)
        _ = ledger.apply(OrderEvent(id: "b", timeNanoseconds: 7, kind: .expired), to: 2)
        let seen = ledger.gateOrders(of: "ALPHA", sentSince: 5)
        #expect(seen.map(\.order.id) == [1, 2] && seen.map(\.openQuantity) == [6, 0])
        #expect(seen.map(\.notional) == [600, nil] && seen.map(\.margin) == [150, nil])
        #expect(ledger.gateOrders(of: "ALPHA", sentSince: 6).map(\.order.id) == [1])
        ledger.reserve(GateReservation(notional: 2_000, margin: 100), for: 1)
        #expect(ledger.gateOrders(of: "ALPHA", sentSince: 6).map(\.notional) == [1_200])
        #expect(ledger.gateOrders(of: "ALPHA", sentSince: 6).map(\.margin) == [150])
    }

    @Test func endedOrdersAreForgottenWithTheirNames() throws {
        var ledger = OrderLedger()
        for name in ["x", "y"] { _ = try ledger.accept(Self.request(name), user: "ann", timeNanoseconds: 1) }
        _ = ledger.apply(OrderEvent(id: "e", timeNanoseconds: 5, kind: .expired), to: 1)
        ledger.forget(endedBefore: 5)
        #expect(ledger.count == 2)
        ledger.forget(endedBefore: 6)
        #expect(ledger.count == 1 && ledger.order(1) == nil && ledger.admission(of: Self.request("x")) == .new)
        let missing = ledger.apply(OrderEvent(id: "e", timeNanoseconds: 5, kind: .expired), to: 1)
        #expect(missing == nil)
        let next = try ledger.accept(Self.request("x"), user: "ann", timeNanoseconds: 7)
        #expect(next.id == 3)
        #expect(ledger.orders(of: "ALPHA", limit: 2).map(\.id) == [3, 2])
        _ = ledger.apply(OrderEvent(id: "e", timeNanoseconds: 8, kind: .expired), to: 3)
        ledger.forget(endedBefore: 9)
        #expect(ledger.orders(of: "ALPHA", limit: 1).map(\.id) == [2])
    }

    @Test(arguments: UInt64(1)...30)
    func indicesAgreeWithASearchThroughAllOrders(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var ledger = OrderLedger()
        let (accounts, symbols) = (["ALPHA", "BETA"], ["AAPL", "MSFT"])
        for step in 0..<300 {
            let id = 1 + UInt64(random.nextIndex(below: max(1, Int(ledger.lastOrderID))))
            let event: OrderEvent.Kind
            switch random.nextIndex(below: 6) {
            case 0, 1:
                _ = try ledger.accept(
                    OrderRequest(
                        account: accounts[random.nextIndex(below: 2)], symbol: symbols[random.nextIndex(below: 2)],
                        side: random.nextIndex(below: 2) == 0 ? .buy : .sell,
                        quantity: 1 + Double(random.nextIndex(below: 20))),
                    user: "ann", timeNanoseconds: UInt64(step))
                continue
            case 2: event = .cancelRequested
            case 3: event = .cancelled(reason: nil)
            default:
                guard let order = ledger.order(id) else { continue }
                event = .filled(
                    Fill(
                        id: "f\(step)", orderID: id, account: order.request.account, symbol: order.request.symbol,
                        quantity: order.request.side.sign * (1 + Double(random.nextIndex(below: 5))), price: 10,
                        rate: 1,
                        fees: 0, timeNanoseconds: 0))
            }
            _ = ledger.apply(OrderEvent(id: "e\(step)", timeNanoseconds: UInt64(step), kind: event), to: id)
            let all = (1...max(1, ledger.lastOrderID)).compactMap { ledger.order($0) }
            let open = all.filter { !$0.status.isFinal }
            for account in accounts {
                #expect(ledger.openOrders(of: account) == open.filter { $0.request.account == account }, "seed \(seed)")
                for symbol in symbols {
                    var sum = OpenQuantity()
                    for order in open where order.request.account == account && order.request.symbol == symbol {
                        if order.request.side == .buy {
                            sum.buy += order.remainingQuantity
                        } else {
                            sum.sell += order.remainingQuantity
                        }
                    }
                    #expect(ledger.openQuantity(of: account, symbol: symbol) == sum, "seed \(seed) step \(step)")
                }
            }
            #expect(ledger.openIDs == open.map(\.id), "seed \(seed)")
            #expect(
                ledger.cancellable(symbol: "AAPL")
                    == open.filter { $0.request.symbol == "AAPL" && $0.status != .pendingCancel }.map(\.id),
                "seed \(seed)")
        }
        let newest = ledger.orders(of: "ALPHA", limit: 3)
        #expect(newest == Array(ledger.orders(of: "ALPHA").prefix(3)))
        #expect(
            ledger.orders(of: "ALPHA", before: newest.last?.id ?? 0, limit: 1).first?.id ?? 0 < newest.last?.id ?? 1)
    }
}
