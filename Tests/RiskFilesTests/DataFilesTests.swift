// SPDX-License-Identifier: Apache-2.0
// The five data files: what they mean and what is refused.

import RiskDomain
import RiskFiles
import Testing

/// A small sound set of data files, of which tests change one.
struct DataSet {
    var instruments = """
        id,symbol,name,sector,currency,multiplier,tick_size,margin_rate
        7,AAA,Alpha,Technology,USD,1,0.01,0.25
        9,BBB,"Beta, Inc.",Energy,EUR,10,0.5,1
        """
    var accounts = "account,name,currency,cash,margin_limit\nX,First,USD,-5.5,100\nA,Second,EUR,0,\n"
    var positions = "account,symbol,quantity,avg_cost\nX,AAA,10,5\nX,BBB,-2.5,0\nA,AAA,0,1e2\n"
    var history = "date,BBB,AAA\n2020-02-28,1,2\n2020-02-29,,-1.5e-3\n"
    var scenarios = "s: {shocks: [{all: true, price: -0.1}]}\n"

    var events: String?
    /// Further history files.
    var moreHistory: [String] = []

    func load(_ convention: RiskConvention = RiskConvention()) throws -> RiskInputs {
        try self.loadWithReport(Configuration(risk: convention)).inputs
    }

    /// - Parameter configuration: its paths are replaced.
    func loadWithReport(_ configuration: Configuration = Configuration()) throws -> LoadedData {
        let folder = try ScratchFolder()
        var configuration = configuration
        configuration.data = Configuration.Data(
            instruments: try folder.write("instruments.csv", self.instruments),
            accounts: try folder.write("accounts.csv", self.accounts),
            positions: try folder.write("positions.csv", self.positions),
            history: [try folder.write("history.csv", self.history)]
                + (try self.moreHistory.enumerated().map { try folder.write("more\($0).csv", $1) }),
            scenarios: try folder.write("scenarios.yaml", self.scenarios),
            events: try self.events.map { try folder.write("events.csv", $0) } ?? "")
        return try DataFiles.load(configuration)
    }

    /// Problems of loading as `file:line column kind`.
    func problems(_ configuration: Configuration = Configuration()) throws -> [String] {
        do {
            _ = try self.loadWithReport(configuration)
            return []
        } catch let error as DataFileError {
            return error.problems.map { problem in
                let file = problem.source.split(separator: "/").last ?? ""
                let line = problem.line.map { ":\($0)" } ?? ""
                return "\(file)\(line) \(problem.name ?? "-") \(problem.kind.rawValue)"
            }
        }
    }
}

@Suite struct DataFilesTests {
    @Test func soundFilesBecomeInputs() throws {
        let inputs = try DataSet().load(RiskConvention(window: 3))
        #expect(
            inputs.instruments == [
                Instrument(id: 7, symbol: "AAA", name: "Alpha", sector: "Technology", currency: "USD"),
                Instrument(
                    id: 9, symbol: "BBB", name: "Beta, Inc.", sector: "Energy", currency: "EUR", multiplier: 10,
                    tickSize: 0.5, marginRate: 1),
            ])
        #expect(
            inputs.accounts == [
                Account(id: "A", name: "Second", currency: "EUR", cash: 0, marginLimit: nil),
                Account(id: "X", name: "First", currency: "USD", cash: -5.5, marginLimit: 100),
            ])
        #expect(
            inputs.positions == [
                Position(account: "X", symbol: "AAA", quantity: 10, averageCost: 5),
                Position(account: "X", symbol: "BBB", quantity: -2.5, averageCost: 0),
                Position(account: "A", symbol: "AAA", quantity: 0, averageCost: 100),
            ])
        #expect(inputs.history.dates == ["2020-02-28", "2020-02-29"])
        #expect(inputs.history.closes["AAA"] == [2, -0.0015])
        #expect(inputs.history.closes["BBB"]?.map(\.isNaN) == [false, true])
        #expect(inputs.stressScenarios == [StressScenario(name: "s", shocks: [StressShock(target: .all, price: -0.1)])])
        #expect(inputs.convention.window == 3)
    }

    @Test func columnsComeInAnyOrderWithOptionalAndForeignOnes() throws {
        var set = DataSet()
        set.instruments = """
            proxy_beta,isin,symbol,id,sector,name,margin_rate,tick_size,multiplier,currency,negative_prices,\
            lot_size,price_decimals,proxy
            -0.5,X1,AAA,4294967295,Technology,Alpha,0,1,1,USD,true,100,9,BBB
            ,,BBB,0,Energy,Beta,1,1e-3,1,EUR,,,,
            """
        let instruments = try set.load().instruments
        #expect(
            instruments[0]
                == Instrument(
                    id: .max, symbol: "AAA", name: "Alpha", sector: "Technology", currency: "USD", tickSize: 1,
                    marginRate: 0, lotSize: 100, priceDecimals: 9, allowsNegativePrices: true,
                    proxy: HistoryProxy(symbol: "BBB", beta: -0.5)))
        #expect(instruments[1].lotSize == 1 && instruments[1].priceDecimals == 4 && instruments[1].proxy == nil)
    }

    @Test(arguments: [
        ("7,AAA,Alpha", "seven,AAA,Alpha", "instruments.csv:2 id outOfRange"),
        ("7,AAA,Alpha", "4294967296,AAA,Alpha", "instruments.csv:2 id outOfRange"),
        ("7,AAA,Alpha", "9,AAA,Alpha", "instruments.csv:3 id duplicate"),
        ("9,BBB,\"Beta, Inc.\"", "9,AAA,Beta", "instruments.csv:3 symbol duplicate"),
        ("9,BBB,\"Beta, Inc.\"", "9,,Beta", "instruments.csv:3 symbol missing"),
        ("9,BBB,\"Beta, Inc.\"", "9,B B,Beta", "instruments.csv:3 symbol outOfRange"),
        ("Alpha,Tech", ",Tech", "instruments.csv:2 name missing"),
        ("USD,1,", "usd,1,", "instruments.csv:2 currency outOfRange"),
        ("USD,1,", "USD,0,", "instruments.csv:2 multiplier outOfRange"),
        ("USD,1,", "USD,-1,", "instruments.csv:2 multiplier outOfRange"),
        ("USD,1,", "USD,,", "instruments.csv:2 multiplier missing"),
        ("0.01,0.25", "0,0.25", "instruments.csv:2 tick_size outOfRange"),
        ("0.01,0.25", "0.01,1.01", "instruments.csv:2 margin_rate outOfRange"),
        ("0.01,0.25", "0.01,25%", "instruments.csv:2 margin_rate wrongType"),
        ("0.01,0.25", "0.01", "instruments.csv:2 - syntax"),
        (",margin_rate", ",margin-rate", "instruments.csv:1 margin_rate missing"),
        ("id,symbol,name", "id,symbol,symbol", "instruments.csv:1 symbol duplicate"),
    ])
    func aMistakeInInstrumentsIsNamed(old: String, new: String, expected: String) throws {
        var set = DataSet()
        set.instruments = set.instruments.replacing(old, with: new, maxReplacements: 1)
        let problems = try set.problems()
        #expect(problems.contains(expected), "\(problems)")
    }

    @Test(arguments: [
        ("BBB,", "AAA", "proxy refused"), ("BBB,", "CCC", "proxy unknownName"), ("x", "BBB", "proxy_beta wrongType"),
        ("1e9", "BBB", "proxy_beta outOfRange"), ("1", "", "proxy_beta refused"),
    ])
    func aMistakenProxyIsNamed(beta: String, proxy: String, expected: String) throws {
        var set = DataSet()
        let beta = beta == "BBB," ? "" : beta
        set.instruments = """
            id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,proxy,proxy_beta
            7,AAA,Alpha,Technology,USD,1,0.01,0.25,\(proxy),\(beta)
            9,BBB,Beta,Energy,EUR,10,0.5,1,,
            """
        #expect(try set.problems() == ["instruments.csv:2 \(expected)"])
    }

    @Test(arguments: [
        (
            "X,First", "A,First",
            [
                "accounts.csv:3 account duplicate", "positions.csv:2 account unknownName",
                "positions.csv:3 account unknownName",
            ]
        ),
        ("A,Second", "a/b,Second", ["accounts.csv:3 account outOfRange", "positions.csv:4 account unknownName"]),
        ("A,Second", "firm,Second", ["accounts.csv:3 account outOfRange", "positions.csv:4 account unknownName"]),
        ("-5.5,100", "x,100", ["accounts.csv:2 cash wrongType"]),
        ("-5.5,100", "1e16,100", ["accounts.csv:2 cash outOfRange"]),
        ("-5.5,100", "1,-1", ["accounts.csv:2 margin_limit outOfRange"]),
        ("First,USD", "First,DOLLAR", ["accounts.csv:2 currency outOfRange"]),
        ("First,USD", "\"First\nLine\",USD", ["accounts.csv:2 name outOfRange"]),
    ])
    func aMistakeInAccountsIsNamed(old: String, new: String, expected: [String]) throws {
        var set = DataSet()
        set.accounts = set.accounts.replacing(old, with: new, maxReplacements: 1)
        #expect(try set.problems() == expected)
    }

    @Test(arguments: [
        ("X,AAA,10,5", "Y,AAA,10,5", "positions.csv:2 account unknownName"),
        ("X,AAA,10,5", "X,AAB,10,5", "positions.csv:2 symbol unknownName"),
        ("X,BBB,-2.5", "X,AAA,-2.5", "positions.csv:3 symbol duplicate"),
        ("X,AAA,10,5", "X,AAA,ten,5", "positions.csv:2 quantity wrongType"),
        ("X,AAA,10,5", "X,AAA,2e12,5", "positions.csv:2 quantity outOfRange"),
        ("X,AAA,10,5", "X,AAA,10,-5", "positions.csv:2 avg_cost outOfRange"),
        ("X,AAA,10,5", "X,AAA,10,5,6", "positions.csv:2 - syntax"),
        ("X,AAA,10,5", "X,\"AAA,10,5", "positions.csv:2 - syntax"),
    ])
    func aMistakeInPositionsIsNamed(old: String, new: String, expected: String) throws {
        var set = DataSet()
        set.positions = set.positions.replacing(old, with: new, maxReplacements: 1)
        #expect(try set.problems() == [expected])
    }

    @Test(arguments: [
        "+5", "5.", ".5", "nan", "NaN", "inf", "-inf", "0x10", " 5", "5 ", "1e", "1e+", "--5", "1e999", "5,", "٣", "-",
    ])
    func onlyDecimalNumbersAreNumbers(text: String) throws {
        var set = DataSet()
        set.positions = "account,symbol,quantity,avg_cost\nX,AAA,\"\(text)\",5\n"
        #expect(try set.problems() == ["positions.csv:2 quantity wrongType"])
    }

    @Test(arguments: [
        "0", "-0", "007", "0.1", "1.005", "189.34", "123456789012345", "1234567890123456789", "0.1234567890123456789",
        "1e22", "1E-22", "1e-23", "123456789012345e-22", "9007199254740993", "4.9e-324", "1e-400", "0.000001e6", "1e+2",
        "0.30000000000000004",
    ])
    func numbersAreTheNearestDoubles(text: String) throws {
        var set = DataSet()
        set.history = "date,AAA\n2020-01-02,\(text)\n"
        let expected = try #require(Double(text))
        guard abs(expected) <= Tick.priceLimit else {
            #expect(try set.problems() == ["history.csv:2 AAA wrongType"])
            return
        }
        #expect(try set.load().history.closes["AAA"]?[0].bitPattern == expected.bitPattern)
    }

    @Test func unknownNamesComeWithTheNearest() throws {
        var set = DataSet()
        set.positions = "account,symbol,quantity,avg_cost\nX,AAb,10,5\n"
        let error = #expect(throws: DataFileError.self) { try set.load() }
        let expected = "positions.csv:2: column symbol: unknown symbol AAb; did you mean AAA?"
        #expect(error?.description.hasSuffix(expected) == true)
    }

    @Test func problemsOfAllFilesAreToldTogetherUpToTheLimit() throws {
        var set = DataSet()
        set.accounts += (0..<30).map { "A\($0),n,usd,1,1\n" }.joined()
        set.scenarios = "s: 1"
        let error = try #require(throws: DataFileError.self) { try set.load() }
        #expect(error.problems.count == DataFileError.problemsMax)
        #expect(error.omittedCount == 11)
        var small = DataSet()
        small.accounts += "B,n,usd,1,1\n"
        small.history += "2020-01-01,1,1\n"
        small.scenarios = "s: 1"
        #expect(
            try small.problems() == [
                "accounts.csv:4 currency outOfRange", "history.csv:4 date outOfRange", "scenarios.yaml:1 s wrongType",
            ])
    }

    @Test func anUnreadableFileDoesNotHideTheOthers() throws {
        var set = DataSet()
        set.instruments = ""
        set.scenarios = "s: {shocks: [{instrument: ZZZ, price: x}]}"
        #expect(try set.problems() == ["instruments.csv:1 - missing", "scenarios.yaml:1 s.shocks.0.price wrongType"])
        #expect(throws: DataFileError.self) { try InstrumentFile.load("/nowhere/instruments.csv") }
    }
}
