// SPDX-License-Identifier: Apache-2.0
// Time alone changes what options are worth, whatever the engine keeps of them from minute to minute.

import FrameCodec
import RiskDomain
import RiskSimulation
import Testing

struct OptionMinuteTests {
    private static let seed: UInt64 = 4_711
    private static let minuteNanoseconds: UInt64 = 60_000_000_000

    /// One account with eight options of given volatility on four instruments, two of them American.
    private static func inputs(day: CalendarDay) -> RiskInputs {
        var convention = RiskConvention()
        convention.staleAfterNanoseconds = 1 << 60
        let base = SyntheticBook(instruments: 4, accounts: 0, positionsPerAccount: 0, scenarios: 60, seed: Self.seed)
            .makeInputs(convention: convention)
        let openings = SyntheticInstruments.openingPrices(count: 4, seed: Self.seed)
        let options = SyntheticOptions.make(
            count: 8, on: zip(base.instruments, openings).map { (instrument: $0, price: $1) }, firstID: 100, from: day,
            seed: Self.seed)
        return RiskInputs(
            instruments: base.instruments + options,
            accounts: [Account(id: "OPTIONS", name: "Options", currency: "USD", cash: 0, marginLimit: nil)],
            positions: options.map {
                Position(account: "OPTIONS", symbol: $0.symbol, quantity: 10, averageCost: 1)
            },
            history: base.history, stressScenarios: base.stressScenarios, convention: base.convention)
    }

    private static func bits(of rig: EngineRig) throws -> [UInt64] {
        try #require(rig.accountState(0)).numbers.map(\.bitPattern)
    }

    @Test(arguments: [minuteNanoseconds, 3 * 1440 * minuteNanoseconds])
    func optionsOfAnOldEngineAreThoseOfANewOneWhenTimeHasPassed(nanoseconds: UInt64) throws {
        let day = CalendarDay(daysSince1970: Int(EngineRig.wallOffset / (1440 * Self.minuteNanoseconds)))
        let inputs = Self.inputs(day: day)
        let openings = SyntheticInstruments.openingPrices(count: 4, seed: Self.seed)
        let (old, new) = (try EngineRig(inputs), try EngineRig(inputs))
        for rig in [old, new] { rig.push(openings.enumerated().map { .last($0, $1) }) }
        old.turn()
        let before = try Self.bits(of: old)
        old.turn(after: nanoseconds)
        new.turn(after: nanoseconds)
        let after = try Self.bits(of: old)
        #expect(after != before, "seed \(Self.seed)")
        #expect(after == (try Self.bits(of: new)), "seed \(Self.seed)")
    }
}
