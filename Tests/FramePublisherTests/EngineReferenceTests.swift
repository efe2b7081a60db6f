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
    private static let staleAfter: UInt64 = 2_000_000_000
    private static let step: UInt64 = 150_000_000

    /// A seeded book with everything that makes trouble: no history, foreign currency, closed and empty.
    private static func inputs(seed: UInt64, quantile: QuantileDefinition) -> RiskInputs {
        var random = SplitMix64(seed: seed)
        let scenarios = [1, 7, 60, 250][random.nextIndex(below: 4)]
        var inputs = SyntheticBook(
            instruments: 24, accounts: 5, positionsPerAccount: 9, scenarios: scenarios, seed: seed,
            instrumentsWithoutHistory: random.nextIndex(below: 6), accountsWithoutLimit: random.nextIndex(below: 2)
        ).makeInputs()
        var convention = inputs.convention
        convention.quantile = quantile
        convention.horizonDays = 1 + random.nextIndex(below: 3)
        convention.staleAfterNanoseconds = Self.staleAfter
        var instruments = inputs.instruments
        var accounts = inputs.accounts
        var positions = inputs.positions
        instruments[random.nextIndex(below: 24)].currency = "EUR"
        if random.nextIndex(below: 3) == 0 { accounts[random.nextIndex(below: accounts.count)].currency = "CHF" }
        accounts.append(Account(id: "EMPTY", name: "Empty", currency: "USD", cash: 12.5, marginLimit: 0))
        for index in positions.indices where random.nextIndex(below: 8) == 0 { positions[index].quantity = 0 }
        inputs = RiskInputs(
            instruments: instruments, accounts: accounts, positions: positions, history: inputs.history,
            stressScenarios: inputs.stressScenarios, convention: convention)
        return inputs
    }

    /// What the reference is told: the same ticks, kept by the rules of DESIGN.md §5.
    private struct Quotes {
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

    @Test(arguments: QuantileDefinition.allCases, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as [UInt64])
    func everyChannelEqualsTheReferenceAfterEveryCut(quantile: QuantileDefinition, seed: UInt64) throws {
        let inputs = Self.inputs(seed: seed, quantile: quantile)
        let rig = try EngineRig(inputs)
        var random = SplitMix64(seed: seed &* 7919)
        var quotes = Quotes(count: inputs.instruments.count)
        var levels = [MarginLevel](repeating: .unknown, count: inputs.accounts.count)
        var firmLevel = MarginLevel.unknown
        for round in 0..<25 {
            let ticks = (0..<random.nextIndex(below: 12)).map { _ in
                Self.randomTick(&random, instruments: inputs.instruments.count - 2)
            }
            rig.now += Self.step
            if !ticks.isEmpty { #expect(rig.push(ticks)) }
            for tick in ticks { quotes.apply(tick, now: rig.now) }
            rig.turn()
            let marks = quotes.marks(now: rig.now)
            let valuations = zip(inputs.accounts, levels).map { account, level in
                AccountReference.value(of: account, in: inputs, marks: marks, previousMarginLevel: level)
            }
            let firm = FirmReference.value(of: valuations, in: inputs, previousMarginLevel: firmLevel)
            levels = valuations.map(\.margin.level)
            firmLevel = firm.margin.level
            let scale = firm.totals.grossExposure ?? 1
            for (number, valuation) in valuations.enumerated() {
                guard let state = rig.accountState(number) else { continue }  // unchanged: not cut
                var found = try FlatState(state)
                found.texts = found.texts.filter { !$0.key.hasSuffix("/reason") }
                let wanted = FlatState(valuation, convention: inputs.convention)
                let differences = found.differences(from: wanted, relative: 1e-9, scale: scale)
                #expect(differences.isEmpty, "seed \(seed), round \(round), \(valuation.account): \(differences)")
            }
            if let state = rig.firmState() {
                let wanted = FlatState(firm, convention: inputs.convention)
                let differences = try FlatState(state).differences(from: wanted, relative: 1e-9, scale: scale)
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
