// SPDX-License-Identifier: Apache-2.0
// What of a changed configuration can be taken over, and what is refused by name.

import RiskDomain
import RiskFiles
import Testing

struct ReloadPlanTests {
    private static let instruments = [
        Instrument(id: 1, symbol: "A", name: "A", sector: "Energy", currency: "USD"),
        Instrument(id: 2, symbol: "B", name: "B", sector: "Energy", currency: "USD"),
    ]

    private static func inputs(
        _ instruments: [Instrument] = Self.instruments, account: String = "X", positions: [Position] = [],
        cash: Double = 0
    ) -> RiskInputs {
        RiskInputs(
            instruments: instruments,
            accounts: [Account(id: account, name: "X", currency: "USD", cash: cash, marginLimit: nil)],
            positions: positions,
            history: ClosingHistory(dates: ["2020-01-02"], closes: ["A": [.nan]]),
            stressScenarios: [], convention: RiskConvention())
    }

    private static func plan(
        _ change: (inout Configuration) -> Void = { _ in }, inputs: RiskInputs = Self.inputs()
    ) throws -> ReloadPlan {
        var wanted = Configuration()
        change(&wanted)
        return try ReloadPlan(from: (Configuration(), Self.inputs()), to: (wanted, inputs))
    }

    private static func refusal(
        _ change: (inout Configuration) -> Void = { _ in }, inputs: RiskInputs = Self.inputs()
    ) -> [String] {
        do { _ = try self.plan(change, inputs: inputs) } catch { return (error as? ReloadRefusal)?.names ?? [] }
        return []
    }

    @Test func whatIsTheSameChangesNothing() throws {
        let plan = try Self.plan()
        #expect(plan.changes.isEmpty && !plan.hasOtherInputs)
    }

    @Test func limitsAndTheLevelAreTakenOver() throws {
        let plan = try Self.plan {
            $0.orders.perMinute = 7
            $0.log.level = .debug
        }
        #expect(plan.changes == ["orders.per_minute", "log.level"])
        #expect(!plan.hasOtherInputs && plan.configuration.orders.perMinute == 7)
    }

    @Test func otherKeysAreRefusedByName() {
        let refused = Self.refusal {
            $0.orders.perMinute = 7
            $0.http.port = 1
            $0.feeds[0].topic = "x"
            $0.feeds.append($0.feeds[0])
            $0.feeds[1].name = "second"
        }
        #expect(refused.contains("http.listen") && refused.contains("feeds.0.topic"))
        #expect(refused.contains("feeds.1.name") && !refused.contains("orders.per_minute"))
    }

    @Test func whatOnlyRiskLooksAtChangesAndOtherTermsMakeAnotherInstrument() throws {
        var changed = Self.instruments
        changed[0].name = "Alpha"
        changed[0].sector = "Utilities"
        changed[0].marginRate = 0.5
        let plan = try Self.plan(inputs: Self.inputs(changed))
        #expect(plan.hasOtherInputs && plan.changes == ["instruments"] && plan.leaving.isEmpty)
        changed[1].multiplier = 10
        #expect(try Self.plan(inputs: Self.inputs(changed)).leaving == ["B"])
        changed[1].multiplier = 1
        changed[1].id = 9
        #expect(try Self.plan(inputs: Self.inputs(changed)).leaving == ["B"])
    }

    @Test func instrumentsComeGoAndMove() throws {
        let new = Instrument(id: 3, symbol: "C", name: "C", sector: "Energy", currency: "USD")
        #expect(try Self.plan(inputs: Self.inputs(Self.instruments + [new])).leaving.isEmpty)
        #expect(try Self.plan(inputs: Self.inputs([Self.instruments[0]])).leaving == ["B"])
        let moved = try Self.plan(inputs: Self.inputs(Self.instruments.reversed()))
        #expect(moved.hasOtherInputs && moved.leaving.isEmpty)
    }

    @Test func accountsAreRefusedByName() {
        #expect(Self.refusal(inputs: Self.inputs(cash: 5)) == ["data.accounts: X has changed"])
        let other = Self.refusal(inputs: Self.inputs(account: "Y"))
        #expect(other == ["data.accounts: X is gone", "data.accounts: Y is new"])
    }

    @Test func positionsGoWithTheirInstrumentsOnly() throws {
        let held = ["A", "B"].map { Position(account: "X", symbol: $0, quantity: 1, averageCost: 1) }
        let running = (configuration: Configuration(), inputs: Self.inputs(positions: held))
        func refusal(_ instruments: [Instrument], _ positions: [Position]) -> [String]? {
            do {
                _ = try ReloadPlan(
                    from: running, to: (Configuration(), Self.inputs(instruments, positions: positions)))
                return nil
            } catch {
                return error.names
            }
        }
        #expect(refusal([Self.instruments[0]], [held[0]]) == nil)
        #expect(refusal(Self.instruments, [held[0]]) == ["data.positions"])
        #expect(refusal([Self.instruments[0]], []) == ["data.positions"])
    }

    @Test func aRefusalNamesAFewOfMany() {
        let refusal = ReloadRefusal(names: (1...12).map { "n\($0)" })
        #expect(refusal.description.hasSuffix("n8 and 4 more"))
    }
}
