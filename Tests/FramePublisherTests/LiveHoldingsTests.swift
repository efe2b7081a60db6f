// SPDX-License-Identifier: Apache-2.0
// Positions that change while the engine runs: every figure is the reference's on the book as it is held.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskEngine
import RiskKernel
import RiskMath
import RiskSimulation
import Testing

struct LiveHoldingsTests {
    private static let rounds = 40

    /// An engine, the holdings it is told, and the book they come from.
    private struct Desk {
        var book: HeldBook
        var live: LiveHoldings
        let rig: EngineRig
        var rebuilds = 0
        var commands = 0
        private var told: [String: AccountHoldings]

        init(_ inputs: RiskInputs, tier: String? = nil) throws {
            self.book = HeldBook(inputs)
            self.told = self.book.accounts
            self.rig = try EngineRig(inputs, tier: tier)
            self.live = LiveHoldings(inputs: inputs, plan: self.rig.plan)
        }

        /// Tells the engine what was said to have changed; returns the accounts that did.
        mutating func settle() throws -> Set<String> {
            let changes = self.book.takeChanges()
            for account in changes { self.live.take(account) }
            switch self.live.nextStep() {
            case .nothing: break
            case .commands(let commands):
                self.commands += commands.count
                #expect(self.rig.engine.push(commands))
                self.live.told()
            case .rebuild(let inputs):
                self.rebuilds += 1
                try self.rig.rebuild(with: inputs)
                self.live.rebuilt(self.rig.plan)
            }
            defer { self.told = self.book.accounts }
            return Set(changes.map(\.account).filter { self.book.accounts[$0] != self.told[$0] })
        }

        /// Trades in what is held and what is not, of every kind, and closes.
        mutating func trade(_ random: inout SplitMix64) {
            let instruments = self.rig.inputs.instruments
            let account = self.rig.inputs.accounts[random.nextIndex(below: self.rig.inputs.accounts.count)].id
            let held = self.book.accounts[account]!.positions
            let isHeld = random.nextIndex(below: 4) > 0 && !held.isEmpty
            let symbol =
                isHeld
                ? held[random.nextIndex(below: held.count)].symbol
                : instruments[random.nextIndex(below: instruments.count)].symbol
            let price = (1 + random.nextUniform() * 400).rounded() / 4
            switch random.nextIndex(below: 5) {
            case 0: self.book.setOrderMargin(account, (random.nextUniform() * 10_000).rounded())
            case 1: self.book.close(account, symbol, at: price)
            default:
                let quantity = Double(random.nextIndex(below: 401)) - 200
                self.book.trade(account, symbol, quantity == 0 ? 7 : quantity, at: price, fees: -0.25)
            }
        }
    }

    /// What the engine's roll makes of the prices at the last cut; an option nobody has a position in has no model's.
    private static func priorCloses(after market: PricedMarket, before: [Double?], plan: BookPlan) -> [Double?] {
        let planned = Set(plan.accounts.flatMap(\.instruments))
        return before.indices.map { index in
            let isUnvalued = market.options[index] != nil && !planned.contains(index)
            let mark = isUnvalued ? market.tickedMark(of: index) : market.mark(of: index)
            return mark?.price ?? before[index]
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] as [UInt64])
    func everyChannelEqualsTheReferenceWhateverIsTraded(seed: UInt64) throws {
        let inputs = EngineReferenceTests.inputs(seed: seed, quantile: .discrete)
        var desk = try Desk(inputs)
        let rig = desk.rig
        var random = SplitMix64(seed: seed &* 104_729)
        var quotes = EngineReferenceTests.Quotes(count: inputs.instruments.count)
        var market = PricedMarket(inputs, marks: quotes.marks(now: rig.now), cutNanoseconds: rig.wall)
        var priorCloses = market.priorCloses
        var levels = [MarginLevel](repeating: .unknown, count: inputs.accounts.count)
        var firmLevel = MarginLevel.unknown
        for round in 0..<Self.rounds {
            if random.nextIndex(below: 9) == 0 {
                rig.engine.rollDay()
                priorCloses = Self.priorCloses(after: market, before: priorCloses, plan: rig.plan)
                desk.book.rollDay()
            }
            for _ in 0..<random.nextIndex(below: 4) { desk.trade(&random) }
            let ticks = EngineReferenceTests.randomTicks(&random)
            rig.now += EngineReferenceTests.step
            if !ticks.isEmpty { #expect(rig.push(ticks)) }
            for tick in ticks { quotes.apply(tick, now: rig.now) }
            let changed = try desk.settle()
            rig.turn()
            market = PricedMarket(
                desk.book.current, marks: quotes.marks(now: rig.now), cutNanoseconds: rig.wall,
                priorCloses: priorCloses)
            let valuations = zip(market.inputs.accounts, levels).map { account, level in
                AccountReference.value(of: account, at: market, previousMarginLevel: level)
            }
            let firm = FirmReference.value(of: valuations, at: market, previousMarginLevel: firmLevel)
            levels = valuations.map(\.margin.level)
            firmLevel = firm.margin.level
            let scale = max(firm.totals.grossExposure ?? 1, 1e6)
            for (number, valuation) in valuations.enumerated() {
                guard let state = rig.accountState(number) else {
                    #expect(!changed.contains(valuation.account), "seed \(seed), round \(round): not cut")
                    continue
                }
                let differences = try FlatState.differences(
                    of: state, from: FlatState(valuation, convention: inputs.convention), scale: scale)
                #expect(differences.isEmpty, "seed \(seed), round \(round), \(valuation.account): \(differences)")
            }
            if let state = rig.firmState() {
                let differences = try FlatState.differences(
                    of: state, from: FlatState(firm, convention: inputs.convention), scale: scale)
                #expect(differences.isEmpty, "seed \(seed), round \(round), firm: \(differences)")
            }
        }
        #expect(desk.rebuilds > 0 && desk.commands > 0)
    }

    @Test(arguments: ["scalar", "avx2", "avx512"])
    func aRebuiltEngineGivesTheBitsOfOneThatWasBuiltSo(tier: String) throws {
        guard (try? KernelTier(named: tier)) != nil else { return }  // this CPU has no such instructions
        let inputs = EngineReferenceTests.inputs(seed: 77, quantile: .linear)
        var desk = try Desk(inputs, tier: tier)
        var random = SplitMix64(seed: 4)
        for _ in 0..<30 {
            desk.rig.push(EngineReferenceTests.randomTicks(&random))
            desk.trade(&random)
            _ = try desk.settle()
            desk.rig.turn(after: EngineReferenceTests.step)
        }
        #expect(desk.rebuilds > 0)
        // The same ticks once more, in the same order, into an engine that knew the outcome from the start.
        let fresh = try EngineRig(desk.book.current, tier: tier)
        var again = SplitMix64(seed: 4)
        var shadow = try Desk(inputs, tier: tier)
        for _ in 0..<30 {
            fresh.push(EngineReferenceTests.randomTicks(&again))
            shadow.trade(&again)
            _ = try shadow.settle()
            fresh.turn(after: EngineReferenceTests.step)
        }
        for number in inputs.accounts.indices {
            // Every account is cut anew, so that both show it.
            desk.book.setOrderMargin(inputs.accounts[number].id, 5)
        }
        _ = try desk.settle()
        desk.rig.turn(after: EngineReferenceTests.step)
        try fresh.rebuild(with: desk.book.current)
        fresh.turn(after: EngineReferenceTests.step)
        for number in inputs.accounts.indices {
            let told = try #require(desk.rig.accountState(number))
            let built = try #require(fresh.accountState(number))
            #expect(told.layout == built.layout)
            #expect(Self.bits(told) == Self.bits(built))
        }
    }

    /// All but the margin's level, which remembers what was before.
    private static func bits(_ state: ChannelState) -> [UInt64] {
        var numbers = state.numbers
        let table = state.layout.table(atPath: "margin")!
        let column = state.layout.column(named: "level", inTable: table)!
        numbers[state.layout.numberOffset(table: table, column: column)] = 0
        return numbers.map(\.bitPattern)
    }

    @Test func accountsWithTheSameRowsKeepTheirCutAndOthersAreCutNoEarlierThanTheirTime() throws {
        let inputs = SyntheticBook(instruments: 6, accounts: 3, positionsPerAccount: 3, scenarios: 20, seed: 3)
            .makeInputs()
        let rig = try EngineRig(inputs)
        var live = LiveHoldings(inputs: inputs, plan: rig.plan)
        rig.push(inputs.instruments.indices.map { .last($0, 100) })
        rig.turn()
        for number in 0..<3 { _ = rig.takeAccount(number) }
        let before = try #require(rig.takeFirm()).cutNanoseconds
        let other = try #require(
            inputs.instruments.first { instrument in
                !rig.plan.accounts[1].positions.contains { $0.symbol == instrument.symbol }
            })
        live.take(
            AccountHoldings(
                account: inputs.accounts[1].id, cash: 7,
                positions: [Holding(symbol: other.symbol, quantity: 5, averageCost: 90, overnightQuantity: 0)]))
        guard case .rebuild(let next) = live.nextStep() else { throw Unexpected() }
        try rig.rebuild(with: next)
        live.rebuilt(rig.plan)
        #expect(rig.turn(after: 40_000_000) == 0)
        #expect(rig.turn(after: 60_000_000) == 2)
        #expect(rig.takeAccount(0) == nil && rig.takeAccount(2) == nil && rig.takeMarket() == nil)
        let view = try #require(rig.takeAccount(1))
        #expect(view.rowCount == 4 && view.totals[0] == 7)
        #expect(view.cutNanoseconds == before + 100_000_000)
        #expect(try #require(rig.takeFirm()).cutNanoseconds == before + 100_000_000)
        guard case .nothing = live.nextStep() else { throw Unexpected() }
    }

    @Test func whatIsNotKnownHereIsCountedAndNothingElse() throws {
        let inputs = SyntheticBook(instruments: 2, accounts: 1, positionsPerAccount: 1, scenarios: 5, seed: 1)
            .makeInputs()
        var live = LiveHoldings(inputs: inputs, plan: BookPlan(inputs))
        live.take(AccountHoldings(account: "NOBODY", cash: 1, positions: []))
        live.take(
            AccountHoldings(
                account: inputs.accounts[0].id, cash: inputs.accounts[0].cash,
                positions: [Holding(symbol: "NOTHING", quantity: 5, averageCost: 90, overnightQuantity: 0)]))
        #expect(live.ignoredCount == 2)
        guard case .nothing = live.nextStep() else { throw Unexpected() }
    }

    @Test func moreThanTheRingHoldsIsARebuild() throws {
        let count = EngineHandle.commandsMax
        let inputs = SyntheticBook(instruments: count, accounts: 1, positionsPerAccount: count, scenarios: 1, seed: 1)
            .makeInputs()
        var live = LiveHoldings(inputs: inputs, plan: BookPlan(inputs))
        let holdings = inputs.positions.map {
            Holding(symbol: $0.symbol, quantity: $0.quantity + 1, averageCost: 1, overnightQuantity: $0.quantity)
        }
        live.take(AccountHoldings(account: inputs.accounts[0].id, cash: 0, positions: holdings))
        guard case .rebuild(let next) = live.nextStep() else { throw Unexpected() }
        #expect(next.positions.count == count && next.positions.allSatisfy { $0.averageCost == 1 })
    }

    private struct Unexpected: Error {}
}
