// SPDX-License-Identifier: Apache-2.0
// Kinds, option terms and tags in the instrument file, and the optional columns of positions and accounts.

import RiskDomain
import RiskFiles
import Testing

@Suite struct InstrumentKindTests {
    /// A share, a spread that may be negative, a pair, and an option of which tests replace one field.
    private static let columns = [
        "id", "symbol", "name", "sector", "currency", "multiplier", "tick_size", "margin_rate", "negative_prices",
        "proxy", "kind", "base_currency", "option_right", "strike", "expiry", "style", "underlying",
        "implied_volatility", "rate", "dividend_yield", "tags",
    ]
    private static let share = "1,AAA,Alpha,Tech,USD,1,0.01,0.25,,,,,,,,,,,,,us;big"
    private static let spread = "2,SPR,Spread,Energy,EUR,1,0.01,0.25,true,,future,,,,,,,,,,"
    private static let pair = "3,EURUSD,Euro,FX,USD,1,0.0001,0.05,,,fx,EUR,,,,,,,,,"
    private static let option = [
        "symbol": "OPT", "currency": "USD", "kind": "option", "option_right": "put", "strike": "95.5",
        "expiry": "2021-06-18", "underlying": "AAA",
    ]

    private func set(_ changes: [String: String] = [:], share: String = Self.share) -> DataSet {
        let standard = [
            "id": "4", "name": "Option", "sector": "Tech", "multiplier": "100", "tick_size": "0.01",
            "margin_rate": "0.1",
        ]
        let fields = standard.merging(Self.option) { $1 }.merging(changes) { $1 }
        let row = Self.columns.map { fields[$0] ?? "" }.joined(separator: ",")
        var set = DataSet()
        set.instruments = [Self.columns.joined(separator: ","), share, Self.spread, Self.pair, row]
            .joined(separator: "\n")
        set.positions = "account,symbol,quantity,avg_cost\nX,AAA,1,1\n"
        set.history = "date,AAA\n2020-02-28,1\n2020-02-29,2\n"
        return set
    }

    @Test func kindsAndTagsAreRead() throws {
        let inputs = try self.set().load()
        #expect(inputs.instruments.map(\.kind)[..<3] == [.spot, .future, .currencyPair(base: "EUR")])
        #expect(inputs.instruments.map(\.tags) == [["us", "big"], [], [], []])
        let expiry = try #require(CalendarDay(iso8601: "2021-06-18"))
        #expect(
            inputs.instruments[3].option
                == OptionTerms(right: .put, strike: 95.5, expiry: expiry, underlying: "AAA", volatility: nil))
        #expect(inputs.underlying(of: 3) == 0)
        #expect(inputs.scenarios.rows[3] == nil)
    }

    @Test func everyTermOfAnOptionIsRead() throws {
        let inputs = try self.set([
            "option_right": "call", "style": "american", "implied_volatility": "0.25", "rate": "-0.005",
            "dividend_yield": "0.02",
        ]).load()
        let terms = try #require(inputs.instruments[3].option)
        #expect(terms.right == .call && terms.style == .american && terms.volatility == 0.25)
        #expect(terms.rate == -0.005 && terms.yield == 0.02)
    }

    @Test func anOptionOnASpreadHasNegativeStrikesAndVolatilityInPriceUnits() throws {
        let inputs = try self.set([
            "underlying": "SPR", "currency": "EUR", "negative_prices": "true", "strike": "-3",
            "implied_volatility": "40",
        ]).load()
        let terms = try #require(inputs.instruments[3].option)
        #expect(terms.strike == -3 && terms.volatility == 40)
    }

    @Test(arguments: [
        ("kind", "optoin", "kind outOfRange"),
        ("kind", "fx", "option_right refused"),
        ("base_currency", "EUR", "base_currency refused"),
        ("option_right", "", "option_right missing"),
        ("option_right", "Call", "option_right outOfRange"),
        ("strike", "", "strike missing"),
        ("strike", "0", "strike outOfRange"),
        ("strike", "-1", "strike outOfRange"),
        ("expiry", "", "expiry missing"),
        ("expiry", "2021-02-29", "expiry wrongType"),
        ("expiry", "2262-01-01", "expiry outOfRange"),
        ("expiry", "1969-12-31", "expiry outOfRange"),
        ("style", "asian", "style outOfRange"),
        ("underlying", "", "underlying missing"),
        ("underlying", "AAB", "underlying unknownName"),
        ("underlying", "OPT", "underlying refused"),
        ("underlying", "SPR", "currency refused"),
        ("currency", "EUR", "currency refused"),
        ("implied_volatility", "10.5", "implied_volatility outOfRange"),
        ("implied_volatility", "-0.1", "implied_volatility outOfRange"),
        ("implied_volatility", "nan", "implied_volatility wrongType"),
        ("rate", "1.01", "rate outOfRange"),
        ("dividend_yield", "-1.01", "dividend_yield outOfRange"),
        ("proxy", "AAA", "proxy refused"),
        ("tags", "a;;b", "tags outOfRange"),
        ("tags", "a;b;a", "tags outOfRange"),
        ("tags", "a b", "tags outOfRange"),
    ])
    func aMistakenOptionIsNamed(column: String, value: String, expected: String) throws {
        let problems = try self.set([column: value]).problems()
        #expect(problems.contains("instruments.csv:5 \(expected)"), "\(problems)")
    }

    @Test(arguments: [
        (["negative_prices": "true", "style": "american"], "style refused"),
        (["underlying": "SPR", "currency": "EUR"], "negative_prices refused"),
    ])
    func whatNoModelValuesIsRefused(changes: [String: String], expected: String) throws {
        #expect(try self.set(changes).problems() == ["instruments.csv:5 \(expected)"])
    }

    @Test(arguments: [
        ("", "base_currency missing"), ("USD", "base_currency refused"), ("euro", "base_currency outOfRange"),
        ("GBp", "base_currency refused"),
    ])
    func aMistakenPairIsNamed(base: String, expected: String) throws {
        var set = self.set()
        set.instruments.replace("fx,EUR,", with: "fx,\(base),")
        #expect(try set.problems() == ["instruments.csv:4 \(expected)"])
    }

    @Test func anOptionNobodyCanProxyAndOptionColumnsOfASpotAreRefused() throws {
        let proxied = Self.share.replacing("0.25,,,", with: "0.25,,OPT,")
        #expect(try self.set(share: proxied).problems() == ["instruments.csv:2 proxy refused"])
        let struck = Self.share.replacing(",,,,,,,us", with: "5,,,,,,,us")
        #expect(try self.set(share: struck).problems() == ["instruments.csv:2 strike refused"])
    }

    @Test func anUnknownUnderlyingComesWithTheNearest() throws {
        let error = #expect(throws: DataFileError.self) { try self.set(["underlying": "AAb"]).load() }
        let expected = "instruments.csv:5: column underlying: unknown symbol AAb; did you mean AAA?"
        #expect(error?.description.hasSuffix(expected) == true)
    }

    @Test func minorUnitsAreCurrenciesOfPrices() throws {
        var set = DataSet()
        set.instruments.replace("Technology,USD", with: "Technology,GBp")
        let instruments = try set.load().instruments
        #expect(instruments[0].currency == "GBp")
        set.instruments.replace("Technology,GBp", with: "Technology,USd")
        #expect(try set.problems() == ["instruments.csv:2 currency outOfRange"])
    }
}

@Suite struct BookColumnTests {
    @Test func strategyAndGroupAreRead() throws {
        var set = DataSet()
        set.accounts = """
            group,account,name,currency,cash,margin_limit
            Equities/Long Short,X,First,USD,0,
            ,A,Second,EUR,0,
            """
        set.positions = """
            as_of,account,symbol,quantity,avg_cost,strategy
            2020-02-29,X,AAA,1,1,momentum
            ,X,BBB,1,1,
            """
        let inputs = try set.load()
        #expect(inputs.accounts.map(\.group) == [nil, "Equities/Long Short"])
        #expect(inputs.positions.map(\.strategy) == ["momentum", nil])
    }

    @Test(arguments: [
        "/Equities", "Equities/", "a//b", "a/../b", ".", "a/ b", "a /b", "1/2/3/4/5/6/7/8/9", "\"a\u{7}\"",
        String(repeating: "x", count: 65),
    ])
    func aMistakenGroupIsNamed(group: String) throws {
        var set = DataSet()
        set.accounts =
            "account,name,currency,cash,margin_limit,group\nX,F,USD,0,,\(group)\nA,S,EUR,0,,1/2/3/4/5/6/7/8\n"
        #expect(try set.problems() == ["accounts.csv:2 group outOfRange"])
    }

    @Test(arguments: [
        ("as_of", "2020-02-30", "as_of wrongType"), ("as_of", "yesterday", "as_of wrongType"),
        ("strategy", String(repeating: "s", count: 65), "strategy outOfRange"),
    ])
    func aMistakenColumnOfAPositionIsNamed(column: String, value: String, expected: String) throws {
        var set = DataSet()
        set.positions = "account,symbol,quantity,avg_cost,\(column)\nX,AAA,1,1,\(value)\n"
        #expect(try set.problems() == ["positions.csv:2 \(expected)"])
    }
}
