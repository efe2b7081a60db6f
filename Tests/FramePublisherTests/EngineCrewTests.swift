// SPDX-License-Identifier: Apache-2.0
// A crew's cuts have the bits of one thread's, whoever cuts which account.

import FrameCodec
import RiskDomain
import RiskKernel
import RiskSimulation
import Testing

@Suite struct EngineCrewTests {
    private static let seed: UInt64 = 2_025
    private static let instruments = 40
    private static let accounts = 90

    /// More positions than a crew is called for, some of them of options that several accounts hold.
    private static func inputs() -> RiskInputs {
        let base = SyntheticBook(
            instruments: Self.instruments, accounts: Self.accounts, positionsPerAccount: 24, scenarios: 101,
            seed: Self.seed, instrumentsWithoutHistory: 2, accountsWithoutLimit: 3
        ).makeInputs()
        let openings = SyntheticInstruments.openingPrices(count: Self.instruments, seed: Self.seed)
        let day = CalendarDay(daysSince1970: Int(EngineRig.wallOffset / 86_400_000_000_000))
        let options = SyntheticOptions.make(
            count: 31, on: zip(base.instruments, openings).prefix(6).map { (instrument: $0, price: $1) }, firstID: 500,
            from: day, seed: Self.seed)
        var random = SplitMix64(seed: Self.seed)
        let held = base.accounts.enumerated().filter { $0.offset % 5 != 0 }.flatMap { number, account in
            options.enumerated().filter { ($0.offset + number) % 4 == 0 }.map { _, option in
                Position(
                    account: account.id, symbol: option.symbol, quantity: Double(random.nextIndex(below: 21)) - 10,
                    averageCost: 2)
            }
        }
        return RiskInputs(
            instruments: base.instruments + options, accounts: base.accounts, positions: base.positions + held,
            history: base.history, stressScenarios: base.stressScenarios, convention: base.convention)
    }

    private static func bits(of rig: EngineRig) -> [[UInt64]?] {
        let accounts = (0..<Self.accounts).map { rig.accountState($0)?.numbers.map(\.bitPattern) }
        return accounts + [rig.firmState()?.numbers.map(\.bitPattern)]
    }

    @Test(arguments: [2, 3, 8])
    func aCrewHasTheBitsOfOneThread(size: Int) throws {
        let inputs = Self.inputs()
        let one = try EngineRig(inputs)
        let crew = try EngineRig(inputs, shards: size)
        var random = SplitMix64(seed: Self.seed)
        var cutAccounts = 0
        for round in 0..<5 {
            // Everything at first; then so little that some accounts are due and some are not; then everything again.
            let count = round % 4 == 0 ? Self.instruments : 1 + round
            let ticks = (0..<count).map { number in
                Tick.last(
                    count == Self.instruments ? number : random.nextIndex(below: Self.instruments),
                    50 + 100 * random.nextUniform())
            }
            for rig in [one, crew] {
                rig.push(ticks)
                rig.turn(after: 1_000_000_000)
            }
            let (expected, found) = (Self.bits(of: one), Self.bits(of: crew))
            #expect(found == expected, "seed \(Self.seed), round \(round)")
            cutAccounts += expected.count { $0 != nil }
        }
        #expect(cutAccounts > 2 * Self.accounts)
    }

    @Test func anotherEngineGoesOnWithTheSameCrew() throws {
        let inputs = Self.inputs()
        let rig = try EngineRig(inputs, shards: 4)
        let ticks = (0..<Self.instruments).map { Tick.last($0, 100 + Double($0)) }
        rig.push(ticks)
        rig.turn()
        let before = Self.bits(of: rig)
        try rig.rebuild(with: inputs)
        rig.push(ticks)
        rig.turn(after: 1_000_000_000)
        let after = Self.bits(of: rig)
        #expect(before.count == after.count)
        #expect(after.allSatisfy { $0 != nil })
    }
}
