// SPDX-License-Identifier: Apache-2.0
// Whatever happened before the process ended: what was acknowledged is there, once, and adds up.

import DeskService
import FramePublisher
import RiskDomain
import RiskMath
import RiskSimulation
import RiskStore
import Synchronization
import Testing
import TradeDesk

@Suite struct DeskRestartTests {
    /// What a client was told, over all lives of the desk.
    private struct Told {
        var orders: [UInt64: OrderRequest] = [:]
        var names: [String: UInt64] = [:]
        /// By identifier, from events.
        var fills: [String: String] = [:]
    }

    private static func fillID(_ text: String) -> String {
        String(text.dropFirst(#"{"fill_id":""#.count).prefix { $0 != "\"" })
    }

    @Test(arguments: UInt64(1)...24)
    func acknowledgedOrdersAndFillsSurviveAnyEndAndAddUp(seed: UInt64) async throws {
        let world = try DeskWorld()
        var random = SplitMix64(seed: seed)
        var told = Told()
        for life in 0..<5 {
            let venue = VenueSettings(seed: seed, sizePerQuote: 16, feeRate: 0x1p-10)
            let rig = try await DeskRig.simulated(world, venue: venue, isMoving: false)
            try await Self.check(rig, told, seed, life)
            rig.exchange.marketMoved(rig.market.move(DeskRig.quotes))
            for step in 0..<30 { await Self.act(rig, &random, &told, step) }
            // Some of it is still on its way.
            if random.nextIndex(below: 2) == 0 {
                rig.store.hold()
                let desk = rig.desk
                let pending = Task { try? await desk.submit(DeskRig.form(.buy, "3"), account: "ALPHA", user: "ann") }
                for _ in 0..<random.nextIndex(below: 20) { await Task.yield() }
                await rig.crash()
                // It was cut off, so nobody was told; or it had passed before.
                if let answer = await pending.value { told.orders[answer.order.id] = answer.order.request }
            } else {
                if random.nextIndex(below: 2) == 0 { await rig.settle() }
                await rig.crash()
            }
            Self.listen(rig, &told)
            world.pass(seconds: random.nextIndex(below: 4) == 0 ? 100_000 : 10)
        }
        let rig = try await DeskRig.simulated(world, isMoving: false)
        try await Self.check(rig, told, seed, 5)
        #expect(told.orders.count > 20 && told.fills.count > 10, "seed \(seed): little happened")
        try await rig.store.inner.verify()
        try await rig.store.inner.close()
    }

    private static func listen(_ rig: DeskRig, _ told: inout Told) {
        for event in rig.listener.events.withLock({ $0 }) where event.kind == "fill" {
            told.fills[Self.fillID(event.text)] = event.text
        }
    }

    private static func act(_ rig: DeskRig, _ random: inout SplitMix64, _ told: inout Told, _ step: Int) async {
        rig.world.pass(seconds: 2)
        switch random.nextIndex(below: 10) {
        case 0...4:
            let isLimit = random.nextIndex(below: 2) == 0
            let price = 180 + random.nextIndex(below: 30)
            let name = "n\(random.nextIndex(below: 200))"
            let side: OrderSide = random.nextIndex(below: 3) == 0 ? .sell : .buy
            let form = DeskRig.form(
                side, "\(1 + random.nextIndex(below: 40))", limit: isLimit ? "\(price)" : nil, name: name,
                timeInForce: TimeInForce.allCases[random.nextIndex(below: 4)])
            guard let answer = try? await rig.submit(form) else { return }
            if let id = told.names[name] {
                #expect(answer.isRepeat && answer.order.id == id, "a name was given twice")
            }
            told.names[name] = answer.order.id
            told.orders[answer.order.id] = answer.order.request
        case 5:
            _ = try? await rig.desk.cancelAll(account: "ALPHA", user: "ann")
        case 6:
            let halted = random.nextIndex(below: 2) == 0
            _ = try? await rig.desk.setKillSwitch(
                account: "ALPHA", state: halted ? .halted : .active, reason: "drill", user: "rita")
        case 7:
            _ = try? await rig.desk.setKillSwitch(account: "ALPHA", state: .active, reason: "over", user: "rita")
        default:
            let bid = 180 + Double(random.nextIndex(below: 30))
            var quotes = DeskRig.quotes
            quotes["AAPL"] = (bid, bid + 0.5)
            rig.exchange.marketMoved(rig.market.move(quotes))
        }
    }

    /// The book is what all fills in the store make of the first one.
    private static func check(_ rig: DeskRig, _ told: Told, _ seed: UInt64, _ life: Int) async throws {
        await rig.settle()
        var fills: [Fill] = []
        var before: UInt64?
        repeat {
            let page = try await rig.desk.fills(accounts: ["ALPHA"], page: PageRequest(before: before, limit: 1_000))
            fills += page.items
            before = page.next
        } while before != nil
        let here = "seed \(seed) life \(life)"
        #expect(Set(fills.map(\.id)).count == fills.count, "\(here)")
        #expect(Set(told.fills.keys).isSubset(of: Set(fills.map(\.id))), "\(here): a fill that was told is lost")
        for (id, request) in told.orders {
            let order = try await rig.desk.order(id)
            #expect(order.request == request, "\(here): order \(id)")
            let filled = fills.filter { $0.orderID == id }.reduce(0) { $0 + $1.quantity.magnitude }
            #expect(order.filledQuantity == filled, "\(here): order \(id)")
        }
        let held = try #require(rig.listener.holdings.withLock { $0.last { $0.account == "ALPHA" && $0.isComplete } })
        let quantity = held.positions.first { $0.symbol == "AAPL" }?.quantity ?? 0
        #expect(quantity == 10 + fills.reduce(0) { $0 + $1.quantity }, "\(here)")
        // The journal's order is the order of booking.
        var cost = AverageCost(quantity: 10, averageCost: 180)
        var fees = 0.0
        var cash = 100_000.0
        for fill in fills.reversed() {
            cash += cost.fill(fill.quantity, at: fill.price, rate: fill.rate, fees: fill.fees)
            fees += fill.fees
        }
        #expect(held.cash == cash && held.fees == fees, "\(here)")
        #expect((held.realised - cost.realisedPnL).magnitude <= 1e-9 * max(1, cost.realisedPnL.magnitude), "\(here)")
        let open = try await rig.desk.orders(accounts: ["ALPHA"], isOpenOnly: true, page: PageRequest()).items
        #expect(rig.desk.status.openOrders == open.count, "\(here)")
        #expect(open.allSatisfy { $0.status != .unknown }, "\(here)")
    }

    @Test func openOrdersGoOnAfterARestartAndNothingIsFilledTwice() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig.simulated(world, venue: VenueSettings(sizePerQuote: 4))
        let id = try await rig.submit(DeskRig.form(.buy, "10", limit: "196", timeInForce: .gtc)).order.id
        await rig.settle()
        #expect(try await rig.desk.order(id).filledQuantity == 4)
        await rig.crash()
        world.pass(seconds: 1)
        let next = try await DeskRig.simulated(world, venue: VenueSettings(sizePerQuote: 4))
        await next.settle()
        let order = try await next.desk.order(id)
        #expect(order.status == .partiallyFilled && order.filledQuantity >= 4)
        next.exchange.marketMoved(next.market.move(DeskRig.quotes))
        await next.settle()
        next.exchange.marketMoved(next.market.move(DeskRig.quotes))
        await next.settle()
        #expect(try await next.desk.order(id).status == .filled)
        let fills = try await next.desk.fills(accounts: nil, page: PageRequest()).items
        #expect(fills.reduce(0) { $0 + $1.quantity } == 10)
    }

    @Test func anOutsideVenueIsAskedWhatBecameOfOpenOrders() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        let id = try await rig.submit(DeskRig.form(.buy, "10", limit: "100")).order.id
        await rig.crash()
        let silent = HandVenue()
        silent.set(truths: nil)
        let next = try await DeskRig(world, venue: silent)
        #expect(try await next.desk.order(id).status == .unknown)
        #expect(silent.restored.map(\.id) == [id])
        await next.crash()
        let talking = HandVenue()
        talking.set(truths: [id: VenueTruth(.unheardOf, executedQuantity: 0)])
        let last = try await DeskRig(world, venue: talking)
        let order = try await last.desk.order(id)
        #expect(order.status == .rejected && order.reason == "unheard_of")
    }

    @Test func theDayRollCarriesEverythingAndDayOrdersExpire() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig.simulated(world, venue: VenueSettings(feeRate: 0.001))
        _ = try await rig.submit(DeskRig.form(.sell, "10"))
        _ = try await rig.submit(DeskRig.form(.buy, "3", symbol: "MSFT"))
        await rig.settle()
        _ = try await rig.submit(DeskRig.form(.sell, "1", symbol: "MSFT"))
        let day = try await rig.submit(DeskRig.form(.buy, "5", limit: "185")).order.id
        let kept = try await rig.submit(DeskRig.form(.buy, "5", limit: "184", timeInForce: .gtc)).order.id
        await rig.settle()
        let before = try #require(rig.listener.last("ALPHA"))
        #expect(before.realised == (194.5 - 180) * 10 - 0.5 && before.fees < 0)
        rig.desk.rollDay(atNanoseconds: DeskRig.nextRoll(after: DeskRig.start))
        await rig.settle()
        let after = try #require(rig.listener.holdings.withLock { $0.last { $0.account == "ALPHA" && $0.isComplete } })
        #expect(after.cash == before.cash && after.realised == before.realised && after.fees == before.fees)
        #expect(after.dayFees == 0 && after.positions.map(\.symbol) == ["MSFT"])
        #expect(after.positions.map(\.overnightQuantity) == [2] && after.positions.map(\.tradedQuantity) == [0])
        #expect(try await rig.desk.order(day).status == .expired)
        #expect(try await rig.desk.order(kept).status == .working)
        await rig.crash()
        let next = try await DeskRig.simulated(world)
        #expect(next.listener.last("ALPHA")?.realised == after.realised)
        #expect(next.listener.last("ALPHA")?.fees == after.fees && next.listener.last("ALPHA")?.cash == after.cash)
        await next.crash()
        // Nobody was there when the next day ended.
        world.pass(seconds: 3 * 86_400)
        let last = try await DeskRig.simulated(world)
        let held = try #require(last.listener.last("ALPHA"))
        #expect(held.realised == after.realised && held.fees == after.fees && held.cash == after.cash)
        let audit = try await last.store.audit(RecordFilter(), page: PageRequest()).items
        #expect(audit.count { $0.what == "book.roll" } == 2)
    }

    @Test func theStoresBookCountsAndNewAccountsOfTheFilesAreAdded() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig.simulated(world)
        _ = try await rig.submit(DeskRig.form(.buy, "3", symbol: "MSFT"))
        await rig.settle()
        let cash = try #require(rig.listener.last("ALPHA")).cash
        await rig.crash()
        var accounts = DeskRig.inputs().accounts
        accounts[0].cash = 1
        accounts.append(Account(id: "GAMMA", name: "Gamma", currency: "USD", cash: 7, marginLimit: nil))
        let files = DeskRig.inputs(
            accounts: accounts,
            positions: [Position(account: "GAMMA", symbol: "VOD", quantity: -2, averageCost: 1)])
        let next = try await DeskRig(world, files: files)
        #expect(next.listener.last("ALPHA")?.cash == cash)
        #expect(next.listener.last("ALPHA")?.positions.map(\.symbol) == ["AAPL", "MSFT"])
        #expect(next.listener.last("ALPHA")?.positions.last?.tradedQuantity == 3)
        #expect(next.listener.last("GAMMA")?.cash == 7)
        #expect(next.listener.last("GAMMA")?.positions.map(\.quantity) == [-2])
        #expect(next.catalog.names.contains("account:GAMMA"))
        await next.crash()
    }

    @Test func positionsInInstrumentsNobodyKnowsAreAnErrorAtStart() async throws {
        let world = try DeskWorld()
        try await DeskRig(world).crash()
        let files = RiskInputs(
            instruments: [DeskRig.instruments[1]], accounts: DeskRig.inputs().accounts, positions: [],
            history: ClosingHistory(dates: [], closes: [:]), stressScenarios: [], convention: RiskConvention())
        await #expect(throws: DeskOpeningError.self) { try await DeskRig(world, files: files) }
    }
}
