// SPDX-License-Identifier: Apache-2.0
// The event file: what it does to the inputs and what is refused.

import RiskDomain
import RiskFiles
import Testing

@Suite struct EventFileTests {
    /// A share with an option on it, split 2:1 between the second and third close.
    private func set(_ events: String) -> DataSet {
        var set = DataSet()
        set.instruments = """
            id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,kind,option_right,strike,expiry,underlying
            7,AAA,Alpha,Technology,USD,1,0.01,0.25,,,,,
            9,BBB,Beta,Energy,EUR,10,0.5,1,,,,,
            8,CALL,Call on Alpha,Technology,USD,100,0.01,0.25,option,call,110,2021-01-15,AAA
            5,FUT,Future,Technology,USD,1,0.01,0.25,future,,,,
            """
        set.accounts = "account,name,currency,cash,margin_limit\nX,First,USD,1000,\nA,Second,EUR,0,\n"
        set.positions = """
            account,symbol,quantity,avg_cost,as_of
            X,AAA,10,80,2020-01-02
            A,AAA,4,50,
            X,CALL,-3,5,2020-01-02
            """
        set.history = "date,AAA,CALL\n2020-01-01,90,10\n2020-01-02,100,12\n2020-01-03,52,\n"
        set.events = "date,symbol,kind,value\n" + events
        return set
    }

    @Test func aSplitAdjustsClosesPositionsAndOptionsTogether() throws {
        let inputs = try self.set("2020-01-03,AAA,split,2\n").load()
        #expect(inputs.history.closes["AAA"] == [45, 50, 52])
        #expect(inputs.history.closes["CALL"]?[..<2] == [5, 6])
        #expect(inputs.positions.map(\.quantity) == [20, 4, -6])
        #expect(inputs.positions.map(\.averageCost) == [40, 50, 2.5])
        #expect(inputs.instruments[2].option?.strike == 55)
        #expect(inputs.accounts.map(\.cash) == [0, 1000])
    }

    @Test func aDividendIsPaidOnPositionsOfBeforeAndLeavesTotalReturns() throws {
        let inputs = try self.set("2020-01-03,AAA,dividend,2\n").load()
        #expect(inputs.accounts.map(\.cash) == [0, 1020])
        #expect(inputs.positions.map(\.quantity) == [10, 4, -3])
        let closes = try #require(inputs.history.closes["AAA"])
        #expect(closes[1] == 98 && closes[2] == 52)
        #expect(abs(closes[0] - 90 * 0.98) < 1e-12)
        #expect(inputs.history.closes["CALL"]?[..<2] == [10, 12])
    }

    @Test func eventsOfOneDayApplyInTheirOrder() throws {
        // A dividend of 1 a new share after the split is one of 2 an old share before it.
        let after = try self.set("2020-01-03,AAA,split,2\n2020-01-03,AAA,dividend,1\n").load()
        let before = try self.set("2020-01-03,AAA,dividend,2\n2020-01-03,AAA,split,2\n").load()
        #expect(after.history.closes["AAA"] == before.history.closes["AAA"])
        #expect(after.accounts.map(\.cash) == [0, 1020] && before.accounts == after.accounts)
        // Rows come in any order of dates.
        let shuffled = try self.set("2020-01-03,AAA,dividend,1\n2020-01-02,AAA,split,2\n").load()
        #expect(shuffled.history.closes["AAA"]?[0] == 45 * 0.99)
        #expect(shuffled.positions[0].quantity == 10, "as_of is the end of the day of the split")
    }

    @Test func anEventAfterTheLastCloseAdjustsAll() throws {
        let inputs = try self.set("2020-01-06,AAA,split,0.5\n").load()
        #expect(inputs.history.closes["AAA"] == [180, 200, 104])
        #expect(inputs.positions[0].quantity == 5)
    }

    @Test func blanksAreFilledWithAdjustedCloses() throws {
        var set = self.set("2020-01-03,AAA,split,2\n")
        set.history = "date,AAA\n2020-01-02,100\n2020-01-03,\n2020-01-06,51\n"
        let loaded = try set.loadWithReport(Configuration(history: .init(fillDays: 1)))
        #expect(loaded.inputs.history.closes["AAA"] == [50, 50, 51])
    }

    @Test(arguments: [
        ("2020-01-03,AAA,splt,2", ":2 kind outOfRange"),
        ("2020-01-03,AAA,,2", ":2 kind missing"),
        ("2020-01-32,AAA,split,2", ":2 date wrongType"),
        (",AAA,split,2", ":2 date missing"),
        ("2020-01-03,AAB,split,2", ":2 symbol unknownName"),
        ("2020-01-03,CALL,split,2", ":2 symbol refused"),
        ("2020-01-03,FUT,dividend,2", ":2 symbol refused"),
        ("2020-01-03,AAA,split,0", ":2 value outOfRange"),
        ("2020-01-03,AAA,split,-2", ":2 value outOfRange"),
        ("2020-01-03,AAA,split,", ":2 value missing"),
        ("2020-01-03,AAA,split,2:1", ":2 value wrongType"),
        ("2020-01-03,AAA,dividend,0", ":2 value outOfRange"),
        ("2020-01-03,AAA,dividend,100", ":2 value refused"),
        ("2020-01-03,AAA,split,2\n2020-01-03,AAA,dividend,50", ":3 value refused"),
        ("2020-01-03,AAA,split,2\n2020-01-03,AAA,split,2", ":3 symbol duplicate"),
        ("2020-01-03,AAA,split,2,3", ":2 - syntax"),
    ])
    func aMistakeIsNamed(events: String, expected: String) throws {
        #expect(try self.set(events).problems() == ["events.csv\(expected)"])
    }

    @Test func unknownSymbolsComeWithTheNearest() throws {
        let error = #expect(throws: DataFileError.self) { try self.set("2020-01-03,AAb,split,2\n").load() }
        let expected = "events.csv:2: column symbol: unknown symbol AAb; did you mean AAA?"
        #expect(error?.description.hasSuffix(expected) == true)
    }

    @Test func aDividendInAnotherCurrencyThanTheAccountsIsRefused() throws {
        var set = self.set("2020-01-03,AAA,dividend,1\n")
        set.positions = "account,symbol,quantity,avg_cost,as_of\nA,AAA,4,50,2020-01-02\n"
        #expect(try set.problems() == ["events.csv:2 symbol refused"])
        set.positions = "account,symbol,quantity,avg_cost,as_of\nA,AAA,0,50,2020-01-02\n"
        #expect(try set.load().accounts[0].cash == 0)
        // Minor units need no rate.
        set.instruments.replace("Technology,USD,1,0.01,0.25,,", with: "Technology,GBp,1,0.01,0.25,,")
        set.instruments.replace("Technology,USD,100", with: "Technology,GBp,100")
        set.accounts.replace("Second,EUR", with: "Second,GBP")
        set.positions = "account,symbol,quantity,avg_cost,as_of\nA,AAA,4,50,2020-01-02\n"
        #expect(try set.load().accounts[0].cash == 0.04)
    }

    @Test func positionsInAnOptionOfBeforeAndAfterTheSplitAreRefused() throws {
        var set = self.set("2020-01-03,AAA,split,2\n")
        set.positions += "\nA,CALL,1,5,\n"
        #expect(try set.problems() == ["events.csv:2 symbol refused"])
        set.positions = "account,symbol,quantity,avg_cost\nA,CALL,1,5\n"
        #expect(try set.load().instruments[2].option?.strike == 110)
    }

    @Test func splitsBeyondAllMeasureAreRefused() throws {
        let rows = (1...9).map { "2020-01-1\($0),AAA,split,1e-6\n" }
        let problems = try self.set(rows.joined()).problems()
        #expect(problems.contains { $0.hasSuffix("value refused") }, "\(problems)")
    }
}
