// SPDX-License-Identifier: Apache-2.0
// The engine's states equal the textbook reference on random books and ticks, whatever is missing, stale or closed.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskKernel
import RiskMath
import RiskSimulation
import Testing

struct EngineReferenceTests {
    static let staleAfter: UInt64 = 2_000_000_000
    static let step: UInt64 = 150_000_000

    private static let plainCount = 24
    private static let optionCount = 10

    /// A seeded book with everything that makes trouble: no history, other currencies with and without a rate, options
    /// of every kind, closed and empty.
    static func inputs(seed: UInt64, quantile: QuantileDefinition) -> RiskInputs {
        var random = SplitMix64(seed: seed)
        let scenarios = [1, 7, 60, 250][random.nextIndex(below: 4)]
        let book = SyntheticBook(
            instruments: Self.plainCount, accounts: 5, positionsPerAccount: 9, scenarios: scenarios, seed: seed,
            instrumentsWithoutHistory: random.nextIndex(below: 6), accountsWithoutLimit: random.nextIndex(below: 2)
        ).makeInputs()
        var convention = book.convention
        convention.quantile = quantile
        convention.shortfall = ShortfallDefinition.allCases[random.nextIndex(below: 2)]
        convention.horizonDays = 1 + random.nextIndex(below: 3)
        convention.horizonMethod = HorizonMethod.allCases[random.nextIndex(below: 2)]
        convention.staleAfterNanoseconds = Self.staleAfter
        if random.nextIndex(below: 3) == 0 { convention.valuationDay = Self.day }
        var instruments = book.instruments
        for _ in 0..<4 {
            let code = ["EUR", "GBX", "JPY", "XAU"][random.nextIndex(below: 4)]
            instruments[random.nextIndex(below: Self.plainCount)].currency = code
        }
        instruments[random.nextIndex(below: Self.plainCount)].kind = .future
        let underlyings = instruments[..<6].map { (instrument: $0, price: 1 + random.nextUniform() * 120) }
        instruments += SyntheticCurrencies.instruments(firstID: 1_000)
        instruments += Self.options(on: underlyings, seed: seed)
        var accounts = book.accounts
        for _ in 0..<random.nextIndex(below: 3) {
            accounts[random.nextIndex(below: accounts.count)].currency =
                ["CHF", "EUR", "XAU"][random.nextIndex(below: 3)]
        }
        accounts.append(Account(id: "EMPTY", name: "Empty", currency: "USD", cash: 12.5, marginLimit: 0))
        var positions = book.positions
        for index in positions.indices where random.nextIndex(below: 8) == 0 { positions[index].quantity = 0 }
        for account in accounts {
            for option in instruments.suffix(Self.optionCount) where random.nextIndex(below: 4) == 0 {
                let quantity = Double(random.nextIndex(below: 41)) - 20
                positions.append(
                    Position(account: account.id, symbol: option.symbol, quantity: quantity, averageCost: 3))
            }
        }
        var history = book.history
        for (symbol, closes) in SyntheticCurrencies.closes(rows: history.dates.count, seed: seed)
        where random.nextIndex(below: 5) > 0 { history.closes[symbol] = closes }
        return RiskInputs(
            instruments: instruments, accounts: accounts, positions: positions, history: history,
            stressScenarios: Self.stressScenarios, convention: convention)
    }

    private static let day = CalendarDay(iso8601: "2023-11-14")!
    private static let stressScenarios =
        SyntheticBook.stressScenarios + [
            StressScenario(
                name: "spike", shocks: [StressShock(target: .all, price: -0.15, volatilityPoints: 10)],
                currencyShocks: ["EUR": 0.08, "JPY": -0.05]),
            StressScenario(
                name: "amounts",
                shocks: [
                    StressShock(target: .all, price: 0, priceChange: -2.5, volatilityPoints: -100),
                    StressShock(target: .tag("named"), price: 0.5, priceChange: 0.25),
                    StressShock(target: .instrument("SYN00003"), price: 0.02, priceChange: 1),
                ]),
        ]

    /// Some implied from their own price, one on its last day, one under Bachelier, one named by a tag.
    private static func options(
        on underlyings: [(instrument: Instrument, price: Double)], seed: UInt64
    ) -> [Instrument] {
        var options = SyntheticOptions.make(
            count: Self.optionCount, on: underlyings, firstID: 2_000, from: Self.day, seed: seed)
        func change(_ index: Int, _ change: (inout OptionTerms) -> Void) {
            var terms = options[index].option!
            change(&terms)
            options[index].kind = .option(terms)
        }
        change(0) { $0.volatility = nil }
        change(1) { $0.expiry = Self.day }
        change(2) { ($0.volatility, $0.style) = (12, .european) }
        options[2].allowsNegativePrices = true
        options[5].tags = ["named"]
        return options
    }

    /// What the reference is told: the same ticks, kept by the rules of DESIGN.md §5.
    struct Quotes {
        var bid: [Double?]
        var ask: [Double?]
        var last: [Double?]
        var tickedAt: [UInt64]

        init(count: Int) {
            self.bid = Array(repeating: nil, count: count)
            self.ask = self.bid
            self.last = self.bid
            self.tickedAt = Array(repeating: 0, count: count)
        }

        mutating func apply(_ tick: Tick, now: UInt64) {
            let index = Int(tick.instrument)
            if tick.fields.contains(.bid) { self.bid[index] = tick.bid }
            if tick.fields.contains(.ask) { self.ask[index] = tick.ask }
            if tick.fields.contains(.last) { self.last[index] = tick.last }
            self.tickedAt[index] = now
        }

        func marks(now: UInt64) -> [PriceMark?] {
            self.bid.indices.map { index in
                PriceMark.price(bid: self.bid[index], ask: self.ask[index], last: self.last[index]).map {
                    PriceMark($0, isStale: now - self.tickedAt[index] > EngineReferenceTests.staleAfter)
                }
            }
        }
    }

    private static func randomTick(_ random: inout SplitMix64, instruments: Int) -> Tick {
        let price = (1 + random.nextUniform() * 500).rounded() / 4 + 0.25
        let fields = Tick.Fields(rawValue: UInt8(random.nextIndex(below: 8)))
        return Tick(
            instrument: UInt32(random.nextIndex(below: instruments)), fields: fields, bid: price - 0.125,
            ask: price + 0.125, last: price)
    }

    /// Currency pairs keep near their rates, so that sums keep their scale; the last two plain instruments never tick.
    static func randomTicks(_ random: inout SplitMix64) -> [Tick] {
        (0..<random.nextIndex(below: 14)).map { _ in
            let total = Self.plainCount + SyntheticCurrencies.pairs.count + Self.optionCount
            let index = random.nextIndex(below: total)
            let pair = index - Self.plainCount
            guard SyntheticCurrencies.pairs.indices.contains(pair) else {
                var tick = Self.randomTick(&random, instruments: Self.plainCount - 2)
                if pair >= SyntheticCurrencies.pairs.count { tick.instrument = UInt32(index) }
                return tick
            }
            return .last(index, SyntheticCurrencies.pairs[pair].price * (0.95 + 0.1 * random.nextUniform()))
        }
    }

    @Test(arguments: QuantileDefinition.allCases, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as [UInt64])
    func everyChannelEqualsTheReferenceAfterEveryCut(quantile: QuantileDefinition, seed: UInt64) throws {
        let inputs = Self.inputs(seed: seed, quantile: quantile)
        let rig = try EngineRig(inputs)
        var random = SplitMix64(seed: seed &* 7919)
        var quotes = Quotes(count: inputs.instruments.count)
        var levels = [MarginLevel](repeating: .unknown, count: inputs.accounts.count)
        var firmLevel = MarginLevel.unknown
        for round in 0..<25 {
            let ticks = Self.randomTicks(&random)
            rig.now += Self.step
            if !ticks.isEmpty { #expect(rig.push(ticks)) }
            for tick in ticks { quotes.apply(tick, now: rig.now) }
            rig.turn()
            let market = PricedMarket(inputs, marks: quotes.marks(now: rig.now), cutNanoseconds: rig.wall)
            let valuations = zip(inputs.accounts, levels).map { account, level in
                AccountReference.value(of: account, at: market, previousMarginLevel: level)
            }
            let firm = FirmReference.value(of: valuations, at: market, previousMarginLevel: firmLevel)
            levels = valuations.map(\.margin.level)
            firmLevel = firm.margin.level
            let scale = firm.totals.grossExposure ?? 1
            for (number, valuation) in valuations.enumerated() {
                guard let state = rig.accountState(number) else { continue }  // unchanged: not cut
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
    }

    @Test(arguments: ["scalar", "avx2", "avx512"])
    func tiersGiveTheSameBits(tier: String) throws {
        guard (try? KernelTier(named: tier)) != nil else { return }  // this CPU has no such instructions
        let inputs = Self.inputs(seed: 99, quantile: .discrete)
        let rigs = try [EngineRig(inputs, tier: "scalar"), EngineRig(inputs, tier: tier)]
        var random = SplitMix64(seed: 5)
        for _ in 0..<10 {
            let ticks = (0..<20).map { _ in Self.randomTick(&random, instruments: inputs.instruments.count) }
            for rig in rigs {
                rig.now += Self.step
                rig.push(ticks)
                rig.turn()
            }
            for number in inputs.accounts.indices {
                let states = rigs.map { $0.accountState(number)?.numbers.map(\.bitPattern) }
                #expect(states[0] == states[1])
            }
            #expect(rigs[0].firmState()?.numbers.map(\.bitPattern) == rigs[1].firmState()?.numbers.map(\.bitPattern))
        }
    }
}
