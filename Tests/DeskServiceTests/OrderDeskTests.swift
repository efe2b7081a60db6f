// SPDX-License-Identifier: Apache-2.0
// Orders through the desk: what is decided, what is written down, and what is told, in that order.

import DeskService
import RiskDomain
import RiskStore
import Synchronization
import Testing
import TradeDesk

@Suite struct OrderDeskTests {
    @Test func anOrderIsWrittenDownBeforeItIsAnsweredToldOrSent() async throws {
        let rig = try await DeskRig(try DeskWorld())
        rig.store.hold()
        async let answer = rig.submit(DeskRig.form(name: "a"))
        while rig.store.waitingCount == 0 { await Task.yield() }
        #expect(rig.hand.commands.isEmpty && rig.listener.kinds().isEmpty)
        rig.store.release()
        let order = try await answer.order
        await rig.settle()
        #expect(order.status == .submitted && order.id == 1 && order.user == "ann")
        #expect(rig.hand.commands == [.new(orderID: 1, order.request)])
        #expect(rig.listener.kinds() == ["order"])
        #expect(try await rig.desk.order(1) == order)
        let audit = try await rig.store.audit(RecordFilter(accounts: ["ALPHA"]), page: PageRequest()).items
        #expect(audit.map(\.what) == ["order.submit"] && audit[0].who == "ann" && audit[0].subject == "order:1")
    }

    @Test func fillsMovePositionsCashAndHoldingsAndCountOnce() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.sell, "4")).order.id
        rig.hand.report(id, .acknowledged)
        let report = rig.hand.fill(id, -4, at: 195, fees: -1)
        rig.hand.repeated(report)
        await rig.settle()
        let order = try await rig.desk.order(id)
        #expect(order.status == .filled && order.averageFillPrice == 195)
        let held = try #require(rig.listener.last("ALPHA"))
        #expect(held.cash == 100_000 + 4 * 195 - 1 && held.fees == -1 && held.dayFees == -1 && held.realised == 60)
        let position = try #require(held.positions.first)
        #expect(position.quantity == 6 && position.averageCost == 180 && position.overnightQuantity == 10)
        #expect(position.tradedQuantity == -4 && position.tradedCost == -780 && position.strategy == "core")
        #expect(try await rig.desk.fills(accounts: ["ALPHA"], page: PageRequest()).items.count == 1)
        #expect(rig.listener.kinds() == ["order", "order", "order", "fill"])
        let fill = rig.listener.events.withLock { $0.last { $0.kind == "fill" }!.text }
        #expect(fill.contains(#""side":"sell","quantity":4,"price":195,"rate":1,"fees":-1,"#))
    }

    @Test func aFillInAnotherCurrencyIsBookedAtTheRateOfItsMoment() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "100", symbol: "VOD")).order.id
        rig.hand.fill(id, 100, at: 0.75, fees: -2)
        await rig.settle()
        let fill = try #require(try await rig.desk.fills(accounts: nil, page: PageRequest()).items.first)
        #expect(fill.rate == 1.25 && fill.fees == -2.5)
        #expect(rig.listener.last("ALPHA")?.cash == 100_000 - 100 * 0.75 * 1.25 - 2.5)
    }

    @Test func everyWrongFieldIsNamedAndNothingIsCounted() async throws {
        let rig = try await DeskRig(try DeskWorld())
        guard case .invalid(let errors) = await rig.refusal(DeskRig.form(.buy, "0")) else {
            Issue.record("a quantity of 0 passed")
            return
        }
        #expect(errors.map(\.field) == ["quantity"])
        #expect(await rig.refusal(DeskRig.form(), account: "NOBODY") == .unknownAccount)
        #expect(rig.desk.orderRate(of: "ALPHA") == 0)
    }

    @Test func theSixtyFirstOrderWaitsAndCancelsAndRepeatsDoNot() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        for number in 1...60 {
            let answer = try await rig.submit(DeskRig.form(.buy, "1", limit: "100", name: "n\(number)"))
            #expect(answer.rate.remaining == 60 - number)
        }
        let refusal = await rig.refusal(DeskRig.form(.buy, "1", limit: "100", name: "n61"))
        let numbers = RateNumbers(limit: 60, windowSeconds: 60, remaining: 0, resetSeconds: 60)
        #expect(refusal == .rateLimited(numbers, retryAfterSeconds: 60))
        let again = try await rig.submit(DeskRig.form(.buy, "1", limit: "100", name: "n7"))
        #expect(again.isRepeat && again.order.id == 7)
        _ = try await rig.desk.cancel(7, user: "ann")
        // Another user has a minute of his own; an hour later so has this one.
        _ = try await rig.submit(DeskRig.form(.buy, "1", limit: "100"), user: "bob")
        world.pass(seconds: 59)
        await rig.crash()
        let next = try await DeskRig(world)
        #expect(await next.refusal(DeskRig.form(.buy, "1", limit: "100"))?.isRateLimit == true)
        world.pass(seconds: 1)
        _ = try await next.submit(DeskRig.form(.buy, "1", limit: "100"))
    }

    @Test func aRepeatIsTheSameOrderAlsoFromTheStoreAndAnotherBodyIsAConflict() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        let first = try await rig.submit(DeskRig.form(name: "a")).order
        let again = try await rig.submit(DeskRig.form(name: "a"))
        #expect(again.isRepeat && again.order == first)
        #expect(await rig.refusal(DeskRig.form(.buy, "11", name: "a")) == .conflict(first))
        #expect(try await rig.submit(DeskRig.form(name: "a"), account: "BETA").isRepeat == false)
        rig.hand.fill(first.id, 10, at: 195)
        await rig.settle()
        // Long enough that the order has left the memory.
        world.pass(seconds: 3_600)
        _ = try await rig.submit(DeskRig.form(.buy, "1"))
        let old = try await rig.submit(DeskRig.form(name: "a"))
        #expect(old.isRepeat && old.order.id == first.id && old.order.status == .filled)
        #expect(await rig.refusal(DeskRig.form(.buy, "11", name: "a"))?.isConflict == true)
        await rig.crash()
        let next = try await DeskRig(world)
        let restored = try await next.submit(DeskRig.form(name: "a"))
        #expect(restored.isRepeat && restored.order == old.order)
    }

    @Test func aRepeatThatComesWhileTheFirstWaitsIsAnsweredAsTheFirst() async throws {
        let rig = try await DeskRig(try DeskWorld())
        rig.store.hold()
        async let first = rig.submit(DeskRig.form(name: "a"))
        while rig.store.waitingCount == 0 { await Task.yield() }
        async let second = rig.submit(DeskRig.form(name: "a"))
        async let other = rig.refusal(DeskRig.form(.buy, "11", name: "a"))
        rig.store.release()
        let (one, two) = try await (first, second)
        #expect(!one.isRepeat && two.isRepeat && one.order == two.order)
        #expect(await other == .conflict(one.order))
        #expect(rig.hand.commands.count == 1)
    }

    @Test func whatTheJournalRefusesHasNotHappened() async throws {
        let rig = try await DeskRig(try DeskWorld())
        rig.store.refuse(.refused(reason: "test"))
        #expect(await rig.refusal(DeskRig.form(name: "a")) == .storeFailed(.refused(reason: "test")))
        #expect(rig.desk.status.openOrders == 0 && rig.desk.orderRate(of: "ALPHA") == 0)
        #expect(rig.hand.commands.isEmpty && rig.listener.kinds().isEmpty)
        #expect(try await !rig.submit(DeskRig.form(name: "a")).isRepeat)
    }

    @Test func aRefusalHitsNoneOfThoseWrittenWithIt() async throws {
        let rig = try await DeskRig(try DeskWorld())
        rig.store.hold()
        async let first = rig.submit(DeskRig.form(.buy, "1", name: "a"))
        while rig.store.waitingCount == 0 { await Task.yield() }
        async let second = rig.refusal(DeskRig.form(.buy, "2", name: "b"))
        async let third = rig.submit(DeskRig.form(.buy, "3", name: "c"))
        while rig.desk.status.openOrders < 3 { await Task.yield() }
        // Of the two together, then of the first of them alone.
        rig.store.refuse(.refused(reason: "never seen"))
        rig.store.release()
        _ = try? await first
        let outcomes = (await second, try? await third)
        await rig.settle()
        let stored = try await rig.desk.orders(accounts: nil, page: PageRequest()).items
        #expect(rig.desk.status.openOrders == stored.count && rig.hand.commands.count == stored.count)
        #expect(stored.count == 2 || outcomes.0 == nil, "one append was refused, so one order at most is missing")
    }

    @Test func afterTheStoreFailedNoOrderIsTakenAndCancelsStillReachTheVenue() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "1", limit: "100")).order.id
        rig.store.cut(.failed(reason: "disk"))
        #expect(await rig.refusal(DeskRig.form()) == .storeFailed(.failed(reason: "disk")))
        #expect(rig.desk.status.storeFailure == .failed(reason: "disk"))
        await #expect(throws: DeskRefusal.storeFailed(.failed(reason: "disk"))) {
            try await rig.desk.cancel(id, user: "ann")
        }
        #expect(rig.hand.commands.last == .cancel(orderID: id))
        await #expect(throws: DeskRefusal.storeFailed(.failed(reason: "disk"))) {
            try await rig.desk.setKillSwitch(account: nil, state: .halted, reason: "disk", user: "rita")
        }
        #expect(rig.desk.killSwitch(account: nil).state == .halted)
    }

    @Test func theGateSeesWhatIsOpenAndWhatIsKnown() async throws {
        let rig = try await DeskRig(try DeskWorld())
        // 200 · 195.5 · 0.25 is 9,775 of 10,000.
        _ = try await rig.submit(DeskRig.form(.buy, "200"), account: "BETA")
        let denied = await rig.refusal(DeskRig.form(.buy, "5"), account: "BETA")
        #expect(denied?.codes == [.margin])
        rig.market.move(DeskRig.quotes, status: .stale)
        #expect(await rig.refusal(DeskRig.form())?.codes == [.priceStale])
        rig.market.move([:])
        #expect(await rig.refusal(DeskRig.form())?.codes.contains(.priceMissing) == true)
        rig.market.move(DeskRig.quotes, trading: .halted)
        #expect(await rig.refusal(DeskRig.form())?.codes == [.instrumentHalted])
        rig.market.move(DeskRig.quotes)
        #expect(await rig.refusal(DeskRig.form(.buy, "1", limit: "220"))?.codes == [.collar])
        #expect(rig.desk.orderRate(of: "ALPHA") == 0, "what is denied is not counted")
    }

    @Test func cancellationsAreAskedOnceAndEndWithTheVenue() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "5", limit: "100")).order.id
        rig.hand.report(id, .acknowledged)
        #expect(try await rig.desk.cancel(id, user: "ann").status == .pendingCancel)
        #expect(try await rig.desk.cancel(id, user: "ann").status == .pendingCancel)
        #expect(rig.hand.commands.count { $0 == .cancel(orderID: id) } == 1)
        rig.hand.report(id, .cancelled(reason: nil))
        await rig.settle()
        let order = try await rig.desk.order(id)
        #expect(order.status == .cancelled)
        await #expect(throws: DeskRefusal.notOpen(order)) { try await rig.desk.cancel(id, user: "ann") }
        await #expect(throws: DeskRefusal.unknownOrder) { try await rig.desk.cancel(99, user: "ann") }
    }

    @Test func aReplacementPassesTheGateAndIsPendingUntilTheVenueAgrees() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "5", limit: "100")).order.id
        var form = ReplaceForm()
        form.quantity = .number("8")
        await #expect(throws: DeskRefusal.self) { try await rig.desk.replace(id, form, user: "ann") }
        rig.hand.report(id, .acknowledged)
        #expect(try await rig.desk.replace(id, form, user: "ann").status == .pendingReplace)
        await rig.settle()
        #expect(rig.hand.commands.last == .replace(orderID: id, OrderChange(quantity: 8)))
        rig.hand.report(id, .replaced)
        await rig.settle()
        let order = try await rig.desk.order(id)
        #expect(order.status == .working && order.request.quantity == 8)
        form.quantity = .absent
        form.limitPrice = .number("300")
        do {
            _ = try await rig.desk.replace(id, form, user: "ann")
            Issue.record("a price beyond the collar passed")
        } catch {
            #expect(error.codes == [.collar])
        }
    }

    @Test func closingSendsWhatIsHeldLessWhatIsOnItsWay() async throws {
        let rig = try await DeskRig(try DeskWorld())
        _ = try await rig.submit(DeskRig.form(.sell, "4", limit: "250"))
        let answer = try await rig.desk.close(account: "ALPHA", symbol: "AAPL", user: "ann")
        #expect(answer.order.request.side == .sell && answer.order.request.quantity == 6)
        await #expect(throws: DeskRefusal.noPosition) {
            try await rig.desk.close(account: "ALPHA", symbol: "AAPL", user: "ann")
        }
        await #expect(throws: DeskRefusal.noPosition) {
            try await rig.desk.close(account: "ALPHA", symbol: "MSFT", user: "ann")
        }
    }

    @Test func killSwitchesStopOrdersCancelOpenOnesAndOutliveTheProcess() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        let id = try await rig.submit(DeskRig.form(.buy, "5", limit: "100")).order.id
        let other = try await rig.submit(DeskRig.form(.buy, "5", limit: "100"), account: "BETA").order.id
        rig.market.move([:])
        _ = try await rig.desk.setKillSwitch(account: "ALPHA", state: .halted, reason: "drill", user: "rita")
        await rig.settle()
        #expect(rig.hand.commands.suffix(1) == [.cancel(orderID: id)])
        #expect(rig.listener.kinds().contains("kill_switch"))
        rig.market.move(DeskRig.quotes)
        #expect(await rig.refusal(DeskRig.form())?.codes == [.killSwitchAccount])
        _ = try await rig.desk.setKillSwitch(account: nil, state: .halted, reason: "drill", user: "rita")
        await rig.settle()
        #expect(rig.hand.commands.last == .cancel(orderID: other))
        await rig.crash()
        let next = try await DeskRig(world)
        #expect(await next.refusal(DeskRig.form())?.codes == [.killSwitchGlobal, .killSwitchAccount])
        #expect(next.desk.killSwitch(account: "ALPHA").user == "rita")
        _ = try await next.desk.setKillSwitch(account: nil, state: .active, reason: "over", user: "rita")
        #expect(await next.refusal(DeskRig.form(), account: "BETA") == nil)
        _ = try await next.desk.setKillSwitch(account: "ALPHA", state: .reducing, reason: "slowly", user: "rita")
        #expect(await next.refusal(DeskRig.form())?.codes == [.accountReducing])
        #expect(await next.refusal(DeskRig.form(.sell, "1", limit: "250")) == nil)
    }

    @Test func adjustmentsMoveNoCashAndBustsTakeFillsBack() async throws {
        let rig = try await DeskRig(try DeskWorld())
        _ = try await rig.desk.adjust(
            account: "ALPHA", symbol: "MSFT", quantity: 3, price: 400, why: "transfer", user: "ops")
        await rig.settle()
        #expect(rig.listener.last("ALPHA")?.cash == 100_000)
        #expect(rig.listener.last("ALPHA")?.positions.map(\.quantity) == [3])
        let id = try await rig.submit(DeskRig.form(.buy, "10")).order.id
        rig.hand.fill(id, 10, at: 195, fees: -1)
        await rig.settle()
        let fill = try #require(try await rig.desk.fills(accounts: nil, page: PageRequest()).items.first)
        let reversal = try await rig.desk.bust(fillID: fill.id, why: "wrong price", user: "ops")
        #expect(reversal.quantity == -10 && reversal.fees == 1 && reversal.reverses == fill.id)
        let held = try #require(rig.listener.last("ALPHA"))
        #expect(held.cash == 100_000 && held.fees == 0)
        #expect(held.positions.map(\.quantity) == [10] && held.positions.map(\.averageCost) == [180])
        #expect(try await rig.desk.order(id).status == .busted)
        await #expect(throws: DeskRefusal.self) {
            try await rig.desk.bust(fillID: fill.id, why: "again", user: "ops")
        }
        await #expect(throws: DeskRefusal.unknownFill) {
            try await rig.desk.bust(fillID: "nothing", why: "", user: "ops")
        }
        let cash = try await rig.desk.transfer(
            account: "ALPHA", amount: -500, kind: "withdrawal", why: "asked", user: "ops")
        #expect(cash.amount == -500 && rig.listener.last("ALPHA")?.cash == 99_500)
    }

    @Test func manyCallersShareTheDisk() async throws {
        var settings = DeskSettings()
        settings.ordersPerMinute = 1_000_000
        let rig = try await DeskRig.simulated(try DeskWorld(), settings: settings)
        let (callers, each) = (256, 8)
        let clock = ContinuousClock()
        let time = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<callers {
                    group.addTask {
                        for number in 0..<each {
                            let form = DeskRig.form(.buy, "1", name: "\(caller)-\(number)")
                            _ = try await rig.submit(form, account: "ALPHA")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        await rig.settle()
        let count = callers * each
        print("\(count) orders acknowledged in \(time), \(rig.store.appends.count) appends")
        #expect(rig.store.appends.count < count / 4)
        #expect(rig.listener.last("ALPHA")?.positions.first?.quantity == 10 + Double(count))
        #expect(rig.desk.status.openOrders == 0)
    }

    @Test func endedOrdersLeaveTheMemoryAndLateReportsFindThem() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        let id = try await rig.submit(DeskRig.form(.buy, "10")).order.id
        rig.hand.fill(id, 4, at: 195)
        rig.hand.report(id, .cancelled(reason: nil))
        await rig.settle()
        world.pass(seconds: 600)
        _ = try await rig.submit(DeskRig.form(.buy, "1"))
        rig.hand.fill(id, 2, at: 196)
        while rig.listener.last("ALPHA")?.positions.first?.quantity != 16 { await Task.yield() }
        let order = try await rig.desk.order(id)
        #expect(order.status == .cancelled && order.filledQuantity == 6)
    }

    @Test func aReportThatCannotBeStoredChangesNothing() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "10")).order.id
        rig.hand.fill(id, 4, at: .infinity)
        rig.hand.fill(id, 4, at: 195, fees: .nan)
        rig.hand.report(id, .rejected(reason: "a\0b"))
        rig.hand.fill(id, 11, at: 195)
        rig.hand.fill(id, -4, at: 195)
        await rig.settle()
        #expect(try await rig.desk.order(id).status == .submitted && rig.desk.status.storeFailure == nil)
        #expect(await rig.refusal(DeskRig.form(.buy, "1")) == nil)
    }

    @Test func theVenueIsNotAskedAboutWhatItWasNotToldYet() async throws {
        let rig = try await DeskRig(try DeskWorld())
        rig.store.hold()
        async let answer = rig.submit(DeskRig.form())
        while rig.store.waitingCount == 0 { await Task.yield() }
        rig.hand.set(truths: [1: VenueTruth(.unheardOf, executedQuantity: 0)])
        rig.hand.link(isUp: false)
        #expect(await rig.desk.reconcile())
        rig.store.release()
        let id = try await answer.order.id
        rig.hand.report(id, .acknowledged)
        rig.hand.set(truths: [1: VenueTruth(.working, executedQuantity: 0)])
        #expect(await rig.desk.reconcile())
        await rig.settle()
        #expect(try await rig.desk.order(id).status == .working)
    }

    @Test func ordersOfALostVenueAreUnknownUntilItIsAsked() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let id = try await rig.submit(DeskRig.form(.buy, "5", limit: "100")).order.id
        rig.hand.report(id, .acknowledged)
        rig.hand.set(truths: nil)
        rig.hand.link(isUp: false)
        await rig.settle()
        #expect(try await rig.desk.order(id).status == .unknown)
        #expect(try await rig.desk.cancel(id, user: "ann").status == .unknown)
        #expect(!rig.hand.commands.contains(.cancel(orderID: id)))
        rig.hand.set(truths: [id: VenueTruth(.working, executedQuantity: 0)])
        rig.hand.link(isUp: true)
        while !rig.hand.commands.contains(.cancel(orderID: id)) { await Task.yield() }
        #expect(try await rig.desk.order(id).status == .pendingCancel)
    }
}

extension DeskRefusal {
    var isRateLimit: Bool {
        if case .rateLimited = self { return true }
        return false
    }

    var isConflict: Bool {
        if case .conflict = self { return true }
        return false
    }

    var codes: [GateCode] {
        if case .denied(let denials) = self { return denials.map(\.code) }
        return []
    }
}
