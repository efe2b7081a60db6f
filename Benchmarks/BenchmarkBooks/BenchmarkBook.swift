// SPDX-License-Identifier: Apache-2.0
// The books the benchmark cuts, with the prices and the ticks of every case.

import RiskDomain
import RiskSimulation

/// A book, four sets of prices, and which instruments tick to make a share of the accounts dirty.
package struct BenchmarkBook {
    package enum Kind: String, CaseIterable {
        /// 1,000 accounts with 200 positions each in 10,000 instruments.
        case spread
        /// 1,000 accounts that hold the same 200 instruments.
        case shared
        /// 10,000 European options on 500 instruments, in four accounts.
        case european
        /// The same, every fourth of them American.
        case american

        var hasOptions: Bool { self == .european || self == .american }
    }

    package static let scenarios = 500
    package static let priceSets = 4
    private static let seed: UInt64 = 20_240_102
    package static let accounts = 1_000
    package static let instruments = 10_000
    private static let positions = 200
    private static let options = 10_000
    private static let underlyings = 500
    private static let optionAccounts = 4
    private static let valuationDay = CalendarDay(year: 2024, month: 1, day: 2)!

    package let kind: Kind
    package let inputs: RiskInputs
    package let plan: BookPlan
    /// By set, by instrument that is no option.
    package let prices: [[Double]]
    /// Instruments that tick, by percent of the accounts that they make dirty.
    package let ticking: [Int: [UInt32]]

    package init(_ kind: Kind) {
        self.init(
            kind, kind.hasOptions ? Self.optionInputs(hasAmerican: kind == .american) : Self.spotInputs(kind))
    }

    /// A spread book of another size.
    package init(spreadOver instruments: Int, accounts: Int) {
        self.init(.spread, Self.spotInputs(instruments: instruments, accounts: accounts))
    }

    private init(_ kind: Kind, _ inputs: RiskInputs) {
        self.kind = kind
        self.inputs = inputs
        self.plan = BookPlan(self.inputs)
        let priced = self.inputs.instruments.count { $0.option == nil }
        self.prices = Self.makePrices(count: priced)
        var ticking = [100: (0..<priced).map(UInt32.init)]
        if kind == .spread, inputs.accounts.count == Self.accounts, priced == Self.instruments {
            for percent in [10, 1] {
                ticking[percent] = Self.instruments(
                    making: percent * inputs.accounts.count / 100, dirtyIn: self.plan)
            }
        }
        self.ticking = ticking
    }

    /// Nothing grows stale, so that only ticks make accounts dirty, and options are valued at one fixed time.
    private static var convention: RiskConvention {
        RiskConvention(
            window: Self.scenarios, staleAfterNanoseconds: 1 << 60, cutIntervalNanoseconds: 100_000_000,
            valuationDay: Self.valuationDay)
    }

    private static func spotInputs(_ kind: Kind) -> RiskInputs {
        Self.spotInputs(instruments: kind == .shared ? Self.positions : Self.instruments, accounts: Self.accounts)
    }

    private static func spotInputs(instruments: Int, accounts: Int) -> RiskInputs {
        SyntheticBook(
            instruments: instruments, accounts: accounts, positionsPerAccount: Self.positions,
            scenarios: Self.scenarios, seed: Self.seed
        ).makeInputs(convention: Self.convention)
    }

    private static func optionInputs(hasAmerican: Bool) -> RiskInputs {
        let base = SyntheticBook(
            instruments: Self.underlyings, accounts: 0, positionsPerAccount: 0, scenarios: Self.scenarios,
            seed: Self.seed
        ).makeInputs(convention: Self.convention)
        let openings = SyntheticInstruments.openingPrices(count: Self.underlyings, seed: Self.seed)
        var options = SyntheticOptions.make(
            count: Self.options, on: zip(base.instruments, openings).map { (instrument: $0, price: $1) },
            firstID: UInt32(Self.underlyings + 1), from: Self.valuationDay, seed: Self.seed)
        if !hasAmerican {
            for index in options.indices {
                guard var terms = options[index].option else { continue }
                terms.style = .european
                options[index].kind = .option(terms)
            }
        }
        var random = SplitMix64(seed: Self.seed)
        let positions = options.enumerated().map { number, option in
            let sign = random.nextIndex(below: 3) == 0 ? -1.0 : 1.0
            return Position(
                account: "OPTIONS\(number * Self.optionAccounts / Self.options)", symbol: option.symbol,
                quantity: sign * Double(1 + random.nextIndex(below: 20)), averageCost: 1)
        }
        let accounts = (0..<Self.optionAccounts).map {
            Account(id: "OPTIONS\($0)", name: "Options \($0)", currency: "USD", cash: 0, marginLimit: nil)
        }
        return RiskInputs(
            instruments: base.instruments + options, accounts: accounts, positions: positions, history: base.history,
            stressScenarios: base.stressScenarios, convention: base.convention)
    }

    /// About one percent around the opening prices.
    private static func makePrices(count: Int) -> [[Double]] {
        let openings = SyntheticInstruments.openingPrices(count: count, seed: Self.seed)
        var random = SplitMix64(seed: Self.seed ^ 0xb5)
        return (0..<Self.priceSets).map { _ in
            openings.map { $0 * (1 + 0.01 * random.nextApproximateNormal()) }
        }
    }

    /// Takes instruments in ascending index until so many accounts hold one of them, exactly. What is left to reach is
    /// never less than the holders of a rarely held instrument, which are half as many as on average.
    private static func instruments(making wanted: Int, dirtyIn plan: BookPlan) -> [UInt32] {
        var holders: [Int: [Int]] = [:]
        for (number, account) in plan.accounts.enumerated() {
            for instrument in account.dependencies { holders[instrument, default: []].append(number) }
        }
        let rarelyHeld = plan.accounts.reduce(0) { $0 + $1.dependencies.count } / holders.count / 2
        var dirty: Set<Int> = []
        var taken: [UInt32] = []
        for instrument in holders.keys.sorted() where dirty.count < wanted {
            let grown = dirty.union(holders[instrument]!)
            let left = wanted - grown.count
            guard left == 0 || left >= rarelyHeld, grown.count > dirty.count else { continue }
            dirty = grown
            taken.append(UInt32(instrument))
        }
        precondition(dirty.count == wanted, "no instruments are held by \(wanted) accounts together")
        return taken
    }
}
