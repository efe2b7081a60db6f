// SPDX-License-Identifier: Apache-2.0
// Fills made elsewhere: booked once, together with the position of their stream, whatever happens in between.

import DeskService
import RiskDomain
import RiskSimulation
import RiskStore
import Testing
import TradeDesk

@Suite struct StreamFillTests {
    static func fill(
        _ id: String, _ quantity: Double = 2, account: String = "ALPHA", symbol: String = "AAPL", price: Double = 190,
        fees: Double = -1, rate: Double? = nil, order: UInt64? = nil, reverses: String? = nil
    ) -> StreamFill {
        StreamFill(
            id: id, orderID: order, account: account, symbol: symbol, quantity: quantity, price: price, rate: rate,
            fees: fees, timeNanoseconds: 7, reverses: reverses)
    }

    static func position(_ offset: Int64, partition: Int32 = 0) -> StreamPosition {
        StreamPosition(topic: "fills", partition: partition, offset: offset)
    }

    private static func book(
        _ rig: DeskRig, _ fills: [StreamFill], at offset: Int64 = 1
    ) async throws -> [StreamFillOutcome] {
        try await rig.desk.book(fills) { _ in [Self.position(offset)] }
    }

    @Test func fillsAndTheirPositionAreWrittenTogetherThenToldAndValued() async throws {
        let rig = try await DeskRig(try DeskWorld())
        rig.store.hold()
        async let outcomes = Self.book(rig, [Self.fill("a"), Self.fill("b", -3, account: "BETA")], at: 12)
        while rig.store.waitingCount == 0 { await Task.yield() }
        #expect(rig.listener.kinds().isEmpty && rig.listener.last("BETA")?.positions.isEmpty == true)
        rig.store.release()
        #expect(try await outcomes == [.accepted, .accepted])
        await rig.settle()
        let append = try #require(rig.store.appends.last)
        #expect(append.count == 3 && append.last == .streamPosition(Self.position(12)))
        #expect(rig.listener.kinds() == ["fill", "fill"])
        let held = try #require(rig.listener.last("ALPHA"))
        #expect(held.cash == 100_000 - 2 * 190 - 1 && held.fees == -1 && held.positions.first?.quantity == 12)
        #expect(rig.listener.last("BETA")?.positions.first?.quantity == -3)
        #expect(try await rig.desk.streamPositions() == [Self.position(12)])
    }

    @Test func theSameAgainIsARepeatAlsoDaysAndRestartsLater() async throws {
        let world = try DeskWorld()
        for life in 0..<3 {
            let rig = try await DeskRig(world)
            let expected: StreamFillOutcome = life == 0 ? .accepted : .repeated
            #expect(try await Self.book(rig, [Self.fill("a"), Self.fill("a")]) == [expected, .repeated])
            #expect(try await Self.book(rig, [Self.fill("a", 3)]) == [.refused(.conflict)])
            #expect(try await Self.book(rig, [Self.fill("a", rate: 1)]) == [.repeated])
            #expect(try await rig.desk.fills(accounts: nil, page: PageRequest()).items.count == 1)
            await rig.crash()
            world.pass(seconds: 200_000)
        }
    }

    @Test func whatCannotBeBookedIsRefusedAndChangesNothing() async throws {
        let rig = try await DeskRig(try DeskWorld())
        _ = try await Self.book(
            rig, [Self.fill("a"), Self.fill("undone"), Self.fill("u", -2, fees: 1, reverses: "undone")])
        let money = try await rig.desk.transfer(account: "ALPHA", amount: 1, kind: "deposit", why: "", user: "ops")
        let before = rig.listener.last("ALPHA")
        let cases: [(StreamFill, StreamFillRefusal)] = [
            (Self.fill("x", account: "NOBODY"), .unknownAccount), (Self.fill("x", symbol: "NONE"), .unknownSymbol),
            (Self.fill(money.id), .conflict), (Self.fill("x", rate: 1.5), .unfitRate),
            (Self.fill("x", order: 99), .unknownOrder),
            (Self.fill("x", -2, fees: 1, reverses: "none"), .nothingToReverse),
            (Self.fill("x", -2, fees: 1, reverses: "undone"), .alreadyReversed),
            (Self.fill("x", -2, fees: 0, reverses: "a"), .unequalReversal),
            (Self.fill("x", -2, symbol: "MSFT", fees: 1, reverses: "a"), .unequalReversal),
            (Self.fill("x", -2, account: "BETA", fees: 1, reverses: "a"), .unequalReversal),
        ]
        let outcomes = try await Self.book(rig, cases.map(\.0))
        #expect(outcomes == cases.map { .refused($0.1) })
        #expect(rig.listener.last("ALPHA") == before)
        #expect(try await rig.desk.fills(accounts: nil, page: PageRequest()).items.count == 3)
    }

    @Test func aReversalOfADayBeforeIsTakenOnceWhoeverAsks() async throws {
        let world = try DeskWorld()
        var rig = try await DeskRig(world)
        _ = try await Self.book(rig, [Self.fill("a")])
        await rig.crash()
        world.pass(seconds: 200_000)
        rig = try await DeskRig(world)
        #expect(try await Self.book(rig, [Self.fill("back", -2, fees: 1, reverses: "a")]) == [.accepted])
        await rig.crash()
        world.pass(seconds: 200_000)
        rig = try await DeskRig(world)
        #expect(
            try await Self.book(rig, [Self.fill("more", -2, fees: 1, reverses: "a")]) == [.refused(.alreadyReversed)])
        await #expect(throws: DeskRefusal.refused("it is undone already")) {
            _ = try await rig.desk.bust(fillID: "a", why: "", user: "ops")
        }
        await rig.crash()
    }

    @Test func aFillOfAnOrderGoesThroughTheOrdersLife() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "5")).order.id
        let outcomes = try await Self.book(
            rig, [Self.fill("a", 2, order: id), Self.fill("b", -1, order: id), Self.fill("c", 4, order: id)])
        #expect(outcomes == [.accepted, .refused(.orderContradicts), .refused(.orderContradicts)])
        await rig.settle()
        let order = try await rig.desk.order(id)
        #expect(order.filledQuantity == 2 && order.averageFillPrice == 190)
        #expect(try await Self.book(rig, [Self.fill("u", -2, fees: 1, order: id, reverses: "a")]) == [.accepted])
        await rig.settle()
        #expect(try await rig.desk.order(id).filledQuantity == 0)
    }

    @Test func aFillInAnotherCurrencyBringsItsRateOrTakesTheDesks() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let fills = [Self.fill("a", symbol: "VOD", price: 0.75), Self.fill("b", symbol: "VOD", price: 0.75, rate: 1.5)]
        #expect(try await Self.book(rig, fills) == [.accepted, .accepted])
        #expect(try await rig.store.fills(ids: ["a", "b"]).map(\.rate) == [1.25, 1.5])
        let back = [Self.fill("c", -2, symbol: "VOD", price: 0.75, fees: 1, reverses: "b")]
        #expect(try await Self.book(rig, back) == [.accepted])
        #expect(try await rig.store.fill(id: "c")?.rate == 1.5)
    }

    @Test func whatTheStoreRefusesIsNotTakenInAndNothingIsAfterIt() async throws {
        let world = try DeskWorld()
        var rig = try await DeskRig(world)
        _ = try await Self.book(rig, [Self.fill("a")], at: 1)
        rig.store.refuse(.failed(reason: "disk"))
        await #expect(throws: DeskRefusal.storeFailed(.failed(reason: "disk"))) {
            _ = try await Self.book(rig, [Self.fill("b")], at: 2)
        }
        await #expect(throws: DeskRefusal.storeFailed(.failed(reason: "disk"))) {
            _ = try await Self.book(rig, [Self.fill("c")], at: 3)
        }
        #expect(rig.listener.kinds() == ["fill"])
        await rig.crash()
        rig = try await DeskRig(world)
        #expect(try await rig.desk.streamPositions() == [Self.position(1)])
        #expect(try await Self.book(rig, [Self.fill("b"), Self.fill("c")], at: 3) == [.accepted, .accepted])
        await rig.desk.stop()
        await #expect(throws: DeskRefusal.stopping) { _ = try await Self.book(rig, [Self.fill("d")]) }
        await rig.crash()
    }

    /// A stream that is read again from where the store says it stands, over lives that end at any moment: each fill is
    /// there once, in order.
    @Test(arguments: UInt64(1)...16)
    func aStreamReadOverManyLivesIsThereOnceAndInOrder(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let world = try DeskWorld()
        let stream = (0..<120).map {
            Self.fill("f\($0)", $0 % 2 == 0 ? 1 : -2, account: $0 % 3 == 0 ? "BETA" : "ALPHA")
        }
        var lives = 0
        while true {
            let rig = try await DeskRig(world)
            lives += 1
            var next = Int(try await rig.desk.streamPositions().first?.offset ?? 0)
            if next == stream.count {
                let booked = try await rig.store.fills(RecordFilter(), page: PageRequest(limit: 1_000)).items
                #expect(booked.reversed().map(\.id) == stream.map(\.id), "seed \(seed)")
                await rig.crash()
                break
            }
            let steps = 1 + random.nextIndex(below: 4)
            for step in 0..<steps where next < stream.count {
                // Some batches begin before what is booked, as after a rebalance.
                let first = max(0, next - random.nextIndex(below: 4))
                let end = min(stream.count, next + 1 + random.nextIndex(below: 12))
                let batch = Array(stream[first..<end])
                if step == steps - 1, random.nextIndex(below: 2) == 0 {
                    rig.store.hold()
                    let desk = rig.desk
                    let pending = Task { try? await desk.book(batch) { _ in [Self.position(Int64(end))] } }
                    for _ in 0..<random.nextIndex(below: 20) { await Task.yield() }
                    rig.store.cut()
                    // A store is not closed while somebody reads.
                    _ = await pending.value
                } else {
                    _ = try await rig.desk.book(batch) { _ in [Self.position(Int64(end))] }
                }
                next = end
            }
            await rig.crash()
            world.pass(seconds: random.nextIndex(below: 4) == 0 ? 100_000 : 1)
        }
        #expect(lives > 3, "seed \(seed): little happened")
    }
}
