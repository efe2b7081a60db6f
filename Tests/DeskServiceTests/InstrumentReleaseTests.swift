// SPDX-License-Identifier: Apache-2.0
// Instruments that a reload takes away: refused by name while something depends on them, closed to orders from then on.

import DeskService
import RiskDomain
import Testing
import TradeDesk

@Suite struct InstrumentReleaseTests {
    private static func without(_ symbols: String..., changed: (inout Instrument) -> Void = { _ in }) -> RiskInputs {
        let inputs = DeskRig.inputs()
        return RiskInputs(
            instruments: inputs.instruments.filter { !symbols.contains($0.symbol) }.map {
                var instrument = $0
                changed(&instrument)
                return instrument
            }, accounts: inputs.accounts, positions: [], history: inputs.history, stressScenarios: [],
            convention: inputs.convention)
    }

    @Test func whatIsInUseIsNamedAndNothingIsReleased() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let order = try await rig.submit(DeskRig.form(.buy, "100", symbol: "VOD")).order.id
        #expect(
            rig.desk.release(["MSFT", "GBPUSD", "VOD", "AAPL"]) == [
                "GBPUSD values what is held (an underlying, or a currency pair)", "VOD has open orders of ALPHA",
                "AAPL is held by ALPHA",
            ])
        #expect(await rig.refusal(DeskRig.form(symbol: "MSFT")) == nil)
        rig.hand.report(order, .rejected(reason: "no"))
        await rig.settle()
        #expect(rig.desk.release(["GBPUSD", "VOD"]).isEmpty)
    }

    @Test func whatWasTradedTodayGoesWithTheDay() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        for side in [OrderSide.buy, .sell] {
            let id = try await rig.submit(DeskRig.form(side, "5", symbol: "MSFT")).order.id
            rig.hand.fill(id, side.sign * 5, at: 400)
        }
        await rig.settle()
        #expect(rig.desk.release(["MSFT"]) == ["MSFT is held by ALPHA (closed today: free after the day roll)"])
    }

    @Test func whatIsReleasedIsClosedAtOnceAndOpenAgainWithTheInputsThatHaveIt() async throws {
        let rig = try await DeskRig(try DeskWorld())
        #expect(rig.desk.release(["MSFT"]).isEmpty)
        #expect(await rig.refusal(DeskRig.form(symbol: "MSFT")) != nil)
        await #expect(throws: DeskRefusal.self) {
            _ = try await rig.desk.adjust(
                account: "ALPHA", symbol: "MSFT", quantity: 1, price: 400, why: "test", user: "ann")
        }
        #expect(await rig.refusal(DeskRig.form(symbol: "AAPL")) == nil)
        rig.desk.follow(Self.without("MSFT"))
        #expect(await rig.refusal(DeskRig.form(symbol: "MSFT")) != nil)
        // It comes back with other terms, which count for what is booked.
        rig.desk.follow(Self.without { if $0.symbol == "MSFT" { $0.multiplier = 10 } })
        let id = try await rig.submit(DeskRig.form(.buy, "1", symbol: "MSFT")).order.id
        rig.hand.fill(id, 1, at: 400)
        await rig.settle()
        let held = try #require(rig.listener.last("ALPHA"))
        #expect(held.cash == 100_000 - 10 * 400)
    }

    /// Between a reload and the first cut of the other instruments.
    @Test func quotesAreFoundBySymbolWhereTheMarketIsOfOtherRows() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let inputs = Self.without("AAPL", "GBPUSD")
        let other = RiskInputs(
            instruments: inputs.instruments.reversed(), accounts: inputs.accounts, positions: [],
            history: inputs.history, stressScenarios: [], convention: inputs.convention)
        rig.desk.follow(other)
        // MSFT at 400 passes its collar; at AAPL's price or without one it would not.
        #expect(await rig.refusal(DeskRig.form(.buy, "1", symbol: "MSFT", limit: "400")) == nil)
        #expect(await rig.refusal(DeskRig.form(.buy, "1", symbol: "MSFT", limit: "800")) != nil)
    }
}
