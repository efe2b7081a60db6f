// SPDX-License-Identifier: Apache-2.0
// The order's life: by hand, over all interleavings to a depth, and over long random ones.

import RiskDomain
import RiskSimulation
import Testing
import TradeDesk

/// Builds events of one order of 10 AAPL.
enum LifeCase {
    static let request = OrderRequest(
        account: "ALPHA", symbol: "AAPL", side: .sell, quantity: 10, type: .limit, limitPrice: 100)

    static func life() -> OrderLife { OrderLife(id: 7, request: Self.request, user: "ann", timeNanoseconds: 100) }

    static func fill(_ id: String, _ quantity: Double, at price: Double) -> OrderEvent.Kind {
        .filled(
            Fill(
                id: id, orderID: 7, account: "ALPHA", symbol: "AAPL", quantity: -quantity, price: price, rate: 1,
                fees: -1, timeNanoseconds: 200))
    }

    /// What is said to the order, whatever the moment.
    static let alphabet: [(name: String, kind: OrderEvent.Kind)] = [
        ("ack", .acknowledged), ("reject", .rejected(reason: "no")), ("fill 3", Self.fill("a", 3, at: 100)),
        ("fill 4", Self.fill("b", 4, at: 110)), ("fill 7", Self.fill("c", 7, at: 90)),
        ("ask cancel", .cancelRequested), ("cancelled", .cancelled(reason: nil)), ("cancel no", .cancelRejected),
        ("ask 5", .replaceRequested(OrderChange(quantity: 5))),
        ("ask 14", .replaceRequested(OrderChange(quantity: 14))),
        ("replaced", .replaced), ("replace no", .replaceRejected), ("expired", .expired), ("lost", .disconnected),
        ("is 3", .reconciled(VenueTruth(.working, executedQuantity: 3))),
        ("is gone", .reconciled(VenueTruth(.unheardOf, executedQuantity: 0))), ("bust a", .busted(fillID: "a")),
    ]

    /// - Returns: what is wrong with the step, or nothing.
    static func fault(from before: OrderLife, to after: OrderLife, _ kind: OrderEvent.Kind, _ outcome: OrderOutcome)
        -> String?
    {
        let (old, new) = (before.order, after.order)
        let quantity = new.request.quantity
        if new.filledQuantity < 0 || after.executedQuantity > quantity + 1e-9 { return "executed beyond quantity" }
        if (new.averageFillPrice == nil) != (new.filledQuantity == 0) { return "average without fills" }
        if let price = new.averageFillPrice, !(90...110).contains(price) { return "average \(price)" }
        if after.openQuantity < 0 || new.status.isFinal != (after.openQuantity == 0) { return "open at the end" }
        switch new.status {
        case .filled where new.filledQuantity != quantity: return "filled without its quantity"
        case .partiallyFilled where new.filledQuantity == 0: return "partially filled without a fill"
        case .working where new.filledQuantity > 0, .submitted where new.filledQuantity > 0:
            return "filled but \(new.status)"
        case .rejected where after.executedQuantity > 0: return "rejected with fills"
        case .busted where after.bustedQuantity == 0: return "busted without a bust"
        case .pendingReplace where after.pendingChange == nil: return "replace without a change"
        default: break
        }
        if old.status.isFinal && new.status != old.status && new.status != .busted { return "left \(old.status)" }
        if case .applied = outcome {} else if before != after { return "changed without being applied" }
        if old.status == .unknown, new.status != .unknown {
            switch kind {
            case .reconciled, .filled, .replaced, .cancelled, .expired, .rejected: break
            default: return "no longer unknown by \(kind)"
            }
        }
        return nil
    }
}

@Suite struct OrderLifeTests {
    /// Plays events with identifiers of their own.
    static func play(_ kinds: [OrderEvent.Kind]) -> (life: OrderLife, outcomes: [OrderOutcome]) {
        var life = LifeCase.life()
        let outcomes = kinds.enumerated().map { index, kind in
            life.apply(OrderEvent(id: "e\(index)", timeNanoseconds: 200 + UInt64(index), kind: kind))
        }
        return (life, outcomes)
    }

    @Test func orderIsFilledInParts() {
        let (life, outcomes) = Self.play([
            .acknowledged, LifeCase.fill("a", 4, at: 100), LifeCase.fill("b", 6, at: 110),
        ])
        #expect(outcomes == [.applied([]), .applied([]), .applied([])])
        #expect(life.order.status == .filled && life.order.averageFillPrice == 106)
        #expect(life.order.updatedNanoseconds == 202)
    }

    @Test func fillsCountWhileACancelIsPendingAndAfterIt() {
        let (life, outcomes) = Self.play([
            .acknowledged, .cancelRequested, LifeCase.fill("a", 4, at: 100), .cancelled(reason: nil),
            LifeCase.fill("b", 5, at: 100), .acknowledged, .cancelRequested, .expired,
        ])
        #expect(outcomes[1] == .applied([.sendCancel]))
        #expect(outcomes[4] == .applied([]))
        #expect(outcomes[5...] == [.late, .late, .late])
        #expect(life.order.status == .cancelled && life.order.filledQuantity == 9 && life.openQuantity == 0)
    }

    @Test func overfillIsRefusedWithItsNumbers() {
        let (life, outcomes) = Self.play([
            .acknowledged, LifeCase.fill("a", 4, at: 100), LifeCase.fill("b", 7, at: 100),
        ])
        #expect(outcomes[2] == .refused(.overfilled(openQuantity: 6, fillQuantity: 7)))
        #expect(life.order.status == .partiallyFilled && life.order.filledQuantity == 4)
    }

    @Test func sameEventAndSameFillCountOnce() {
        var life = LifeCase.life()
        let event = OrderEvent(id: "x", timeNanoseconds: 200, kind: LifeCase.fill("a", 4, at: 100))
        #expect(life.apply(event) == .applied([]))
        #expect(life.apply(event) == .repeated)
        #expect(life.apply(OrderEvent(id: "y", timeNanoseconds: 300, kind: event.kind)) == .repeated)
        #expect(life.order.filledQuantity == 4 && life.order.updatedNanoseconds == 200)
    }

    @Test func replacementBelowWhatIsExecutedEndsTheOrderThere() {
        let (life, _) = Self.play([
            .acknowledged, .replaceRequested(OrderChange(quantity: 5)), LifeCase.fill("a", 7, at: 100), .replaced,
        ])
        #expect(life.order.status == .filled && life.order.request.quantity == 7)
        #expect(life.original.quantity == 10)
    }

    @Test func onlyAnOrderAtRestIsReplacedAndOnlyFittingly() {
        let change = OrderChange(quantity: 14)
        #expect(Self.play([.replaceRequested(change)]).outcomes == [.refused(.notReplaceable(.submitted))])
        for unfit in [OrderChange(), OrderChange(stopPrice: 3), OrderChange(quantity: .nan), OrderChange(quantity: 0)] {
            #expect(Self.play([.acknowledged, .replaceRequested(unfit)]).outcomes[1] == .refused(.unfitChange))
        }
        let (life, outcomes) = Self.play([.acknowledged, .replaceRequested(change), .replaceRequested(change)])
        #expect(outcomes[1] == .applied([.sendReplace(change)]))
        #expect(outcomes[2] == .refused(.notReplaceable(.pendingReplace)) && life.order.request.quantity == 10)
    }

    @Test func lostOrderStaysUnknownUntilItsFillsAreThere() {
        let (life, outcomes) = Self.play([
            .acknowledged, .disconnected, .cancelRequested, .reconciled(VenueTruth(.working, executedQuantity: 3)),
            LifeCase.fill("a", 3, at: 100), .reconciled(VenueTruth(.working, executedQuantity: 3)),
        ])
        #expect(outcomes[2] == .applied([]))
        #expect(outcomes[3] == .refused(.executedQuantityDiffers(known: 0, venue: 3)))
        #expect(outcomes[5] == .applied([.sendCancel]))
        #expect(life.order.status == .pendingCancel)
        let gone = Self.play([.disconnected, .reconciled(VenueTruth(.unheardOf, executedQuantity: 0))]).life
        #expect(gone.order.status == .rejected && gone.order.reason == "unheard_of")
    }

    @Test func bustedQuantityIsNeitherFilledNorOpen() {
        let (life, outcomes) = Self.play([
            LifeCase.fill("a", 3, at: 100), LifeCase.fill("b", 4, at: 110), .busted(fillID: "a"), .busted(fillID: "a"),
            .busted(fillID: "z"),
        ])
        #expect(outcomes[2...] == [.applied([]), .late, .refused(.unknownFill(id: "z"))])
        #expect(life.order.status == .partiallyFilled && life.openQuantity == 3)
        #expect(life.order.filledQuantity == 4 && life.order.averageFillPrice == 110)
        let ended = Self.play([LifeCase.fill("a", 10, at: 100), .busted(fillID: "a")]).life
        #expect(ended.order.status == .busted && ended.order.filledQuantity == 0)
    }

    @Test func fillOfSomethingElseIsRefused() {
        let fill = Fill(
            id: "a", orderID: 7, account: "ALPHA", symbol: "AAPL", quantity: -3, price: 100, rate: 1, fees: 0,
            timeNanoseconds: 0)
        let others: [(inout Fill) -> Void] = [
            { $0.account = "BETA" }, { $0.symbol = "MSFT" }, { $0.quantity = 3 }, { $0.orderID = 8 },
            { $0.price = .nan }, { $0.quantity = -.infinity }, { $0.reverses = "b" }, { $0.quantity = 0 },
        ]
        for change in others {
            var other = fill
            change(&other)
            #expect(Self.play([.filled(other)]).outcomes == [.refused(.foreignFill(id: "a"))])
        }
    }

    @Test func tenthsOfALotFillTheOrderExactly() {
        var request = LifeCase.request
        request.quantity = 1
        var life = OrderLife(id: 7, request: request, user: "ann", timeNanoseconds: 0)
        for index in 0..<10 {
            let kind = LifeCase.fill("f\(index)", 0.1, at: 100)
            #expect(life.apply(OrderEvent(id: "e\(index)", timeNanoseconds: 1, kind: kind)) == .applied([]))
        }
        #expect(life.order.status == .filled && life.order.filledQuantity == 1)
    }

    /// Every sequence of six events of the alphabet that change the order, each followed by every other.
    @Test(arguments: LifeCase.alphabet.indices)
    func everyInterleavingKeepsTheInvariants(first: Int) {
        var visited = 0
        func descend(_ life: OrderLife, _ path: [Int]) {
            visited += 1
            if path.count == 6 { return }
            for next in path.isEmpty ? first..<first + 1 : LifeCase.alphabet.indices {
                var after = life
                let kind = LifeCase.alphabet[next].kind
                let event = OrderEvent(id: "\(path.count)", timeNanoseconds: UInt64(path.count), kind: kind)
                let outcome = after.apply(event)
                var words: String { (path + [next]).map { LifeCase.alphabet[$0].name }.joined(separator: ", ") }
                if let fault = LifeCase.fault(from: life, to: after, kind, outcome) {
                    Issue.record("\(fault): \(words)")
                }
                if case .applied = outcome {
                    let once = after
                    let again = after.apply(event)
                    if again != .repeated || after != once { Issue.record("counts twice: \(words)") }
                    descend(after, path + [next])
                }
            }
        }
        descend(LifeCase.life(), [])
        #expect(visited >= 1)
    }

    @Test(arguments: UInt64(1)...200)
    func longRandomLivesKeepTheInvariantsAndTheAverage(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var life = LifeCase.life()
        var standing: [String: (quantity: Double, price: Double)] = [:]
        for step in 0..<60 {
            let kind: OrderEvent.Kind
            if random.nextIndex(below: 3) == 0 {
                kind = LifeCase.fill(
                    "f\(random.nextIndex(below: 12))", 1 + Double(random.nextIndex(below: 3)),
                    at: 90 + Double(random.nextIndex(below: 21)))
            } else {
                // Ends are rare, or lives would be short.
                var index = random.nextIndex(below: LifeCase.alphabet.count)
                if [1, 6, 12, 15].contains(index), random.nextIndex(below: 8) > 0 { index = 13 }
                kind = LifeCase.alphabet[index].kind
            }
            let before = life
            let outcome = life.apply(OrderEvent(id: "e\(step)", timeNanoseconds: UInt64(step), kind: kind))
            let fault = LifeCase.fault(from: before, to: life, kind, outcome)
            #expect(fault == nil, "seed \(seed) step \(step) \(kind)")
            if case .applied = outcome {
                if case .filled(let fill) = kind { standing[fill.id] = (-fill.quantity, fill.price) }
                if case .busted(let id) = kind { standing[id] = nil }
            }
            let filled = standing.values.reduce(0) { $0 + $1.quantity }
            let paid = standing.values.reduce(0) { $0 + $1.quantity * $1.price }
            #expect(life.order.filledQuantity == filled, "seed \(seed) step \(step)")
            if filled > 0 {
                #expect(((life.order.averageFillPrice ?? 0) - paid / filled).magnitude < 1e-9, "seed \(seed)")
            }
        }
    }
}
