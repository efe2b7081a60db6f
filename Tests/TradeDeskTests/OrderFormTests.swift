// SPDX-License-Identifier: Apache-2.0
// Forms: the number grammar against a second reading of it, and every field's errors.

import RiskDomain
import RiskSimulation
import Testing
import TradeDesk

@Suite struct OrderFormTests {
    static let apple = Instrument(id: 1, symbol: "AAPL", name: "Apple", sector: "Technology", currency: "USD")

    static func form(_ fields: [String: RawField]) -> OrderForm {
        var form = OrderForm()
        for (name, value) in fields {
            let isKnown = form.set(name, to: value)
            #expect(isKnown, "\(name)")
        }
        return form
    }

    /// `field code` of what is wrong, or nothing.
    static func errors(_ fields: [String: RawField], without: [String] = []) -> [String] {
        var all: [String: RawField] = ["symbol": .text("AAPL"), "side": .text("buy"), "quantity": .number("10")]
        for name in without { all[name] = nil }
        let form = Self.form(all.merging(fields) { $1 })
        do {
            _ = try form.request(account: "ALPHA") { $0 == "AAPL" ? Self.apple : nil }
            return []
        } catch {
            return error.errors.map { "\($0.field) \($0.code.rawValue)" }
        }
    }

    @Test func plainMarketOrderIsReadWithItsDefaults() throws {
        let form = Self.form(["symbol": .text("AAPL"), "side": .text("sell"), "quantity": .number("1e2")])
        let request = try form.request(account: "ALPHA") { _ in Self.apple }
        #expect(request == OrderRequest(account: "ALPHA", symbol: "AAPL", side: .sell, quantity: 100))
    }

    @Test func everyFieldOfAStopLimitOrderIsRead() throws {
        let form = Self.form([
            "client_order_id": .text("a-1_b.c:9"), "symbol": .text("AAPL"), "side": .text("buy"),
            "quantity": .number("10000"), "order_type": .text("stop_limit"), "limit_price": .number("180.01"),
            "stop_price": .number("179.99"), "time_in_force": .text("gtc"),
        ])
        let request = try form.request(account: "ALPHA") { _ in Self.apple }
        #expect(
            request
                == OrderRequest(
                    account: "ALPHA", clientOrderID: "a-1_b.c:9", symbol: "AAPL", side: .buy, quantity: 10_000,
                    type: .stopLimit, limitPrice: 180.01, stopPrice: 179.99, timeInForce: .gtc))
    }

    @Test func quantityHasItsOwnErrors() {
        for literal in ["0", "-0", "0.0", "-3", "0e5", "-1e-7"] {
            #expect(Self.errors(["quantity": .number(literal)]) == ["quantity not_positive"], "\(literal)")
        }
        #expect(Self.errors(["quantity": .number("10001")]) == ["quantity above_maximum"])
        #expect(Self.errors(["quantity": .number("1e18")]) == ["quantity above_maximum"])
        #expect(Self.errors(["quantity": .number("1.5")]) == ["quantity off_lot"])
        #expect(Self.errors(["quantity": .number("1e19")]) == ["quantity beyond_range"])
        #expect(Self.errors(["quantity": .text("10")]) == ["quantity wrong_type"])
        #expect(Self.errors(["quantity": .other]) == ["quantity wrong_type"])
        #expect(Self.errors([:], without: ["quantity"]) == ["quantity required"])
    }

    @Test func pricesStandExactlyWhereTheTypeHasThem() {
        let price = RawField.number("180")
        let limit = RawField.text("limit")
        #expect(Self.errors(["order_type": .text("limit")]) == ["limit_price required"])
        #expect(Self.errors(["order_type": .text("stop")]) == ["stop_price required"])
        #expect(
            Self.errors(["order_type": .text("stop_limit")]) == ["limit_price required", "stop_price required"])
        #expect(Self.errors(["limit_price": price]) == ["limit_price not_allowed"])
        #expect(
            Self.errors(["order_type": .text("limit"), "limit_price": price, "stop_price": .other])
                == ["stop_price not_allowed"])
        #expect(
            Self.errors(["order_type": limit, "limit_price": .number("180.005")]) == ["limit_price off_tick"])
        #expect(
            Self.errors(["order_type": limit, "limit_price": .number("-1")]) == ["limit_price not_positive"])
        #expect(
            Self.errors(["order_type": limit, "limit_price": .number("2e12")]) == ["limit_price beyond_range"])
    }

    @Test func errorsOfAllFieldsComeTogetherAndInTheirOrder() {
        let errors = Self.errors([
            "client_order_id": .text("a b"), "symbol": .text("NOPE"), "side": .text("Buy"), "quantity": .number("0"),
            "order_type": .text("iceberg"), "time_in_force": .other,
        ])
        #expect(
            errors == [
                "client_order_id bad_character", "symbol unknown_symbol", "side unknown_value", "quantity not_positive",
                "order_type unknown_value", "time_in_force wrong_type",
            ])
        #expect(
            Self.errors([:], without: ["symbol", "side", "quantity"]) == [
                "symbol required", "side required", "quantity required",
            ])
        #expect(Self.errors(["symbol": .number("1")]) == ["symbol wrong_type"])
    }

    @Test func clientOrderIDsAreShortAndPlain() {
        #expect(Self.errors(["client_order_id": .text("")]) == ["client_order_id bad_length"])
        #expect(
            Self.errors(["client_order_id": .text(String(repeating: "x", count: 65))]) == ["client_order_id bad_length"]
        )
        #expect(Self.errors(["client_order_id": .text(String(repeating: "x", count: 64))]).isEmpty)
        #expect(Self.errors(["client_order_id": .text("é")]) == ["client_order_id bad_character"])
    }

    @Test func unknownNamesAreRefused() {
        var form = OrderForm()
        var replacement = ReplaceForm()
        for name in OrderForm.fieldNames + ["", "Symbol", "account", "price"] {
            let isKnown = form.set(name, to: .other)
            let isKnownToReplace = replacement.set(name, to: .other)
            #expect(isKnown == OrderForm.fieldNames.contains(name))
            #expect(isKnownToReplace == ReplaceForm.fieldNames.contains(name))
        }
    }

    @Test func onlyTheDecimalGrammarIsANumber() throws {
        for literal in [
            "", "-", "+5", "nan", "inf", "-inf", "0x1p3", "007", "01", "-01", ".5", "5.", "1e", "1e+", "1_0", " 1",
            "1 ", "1,0", "٣", "1e1.0", "--1", "1..2", "infinity", "1f",
        ] {
            #expect(throws: DecimalLiteral.Fault.malformed, "\(literal)") { try DecimalLiteral.value(of: literal) }
        }
        for (literal, value) in [("0", 0), ("-12.50", -12.5), ("1e18", 1e18), ("2.5E-3", 0.0025), ("1e+01", 10.0)] {
            #expect(try DecimalLiteral.value(of: literal) == value)
        }
        for literal in ["1e19", "1e-19", "1e99999999999999999999", String(repeating: "9", count: 41)] {
            #expect(throws: DecimalLiteral.Fault.beyondRange, "\(literal)") { try DecimalLiteral.value(of: literal) }
        }
    }

    /// Random strings over the letters of numbers: accepted exactly where the regular expression of RFC 8259 matches.
    @Test(arguments: UInt64(1)...20)
    func grammarAgreesWithItsRegularExpression(seed: UInt64) throws {
        let grammar = #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/#
        var random = SplitMix64(seed: seed)
        let letters = Array("0123456789019-+.eE")
        for _ in 0..<2_000 {
            let text = String(
                (0..<1 + random.nextIndex(below: 8)).map { _ in letters[random.nextIndex(below: letters.count)] })
            let isOne = try grammar.wholeMatch(in: text) != nil
            var isTaken = true
            do { _ = try DecimalLiteral.value(of: text) } catch { isTaken = error == .beyondRange }
            #expect(isTaken == isOne, "seed \(seed): \(text)")
        }
    }

    /// Every multiple of a decimal tick stands on it, written in decimals; half a tick beside it does not.
    @Test(arguments: [(1.0, 0), (0.5, 1), (0.25, 2), (0.05, 2), (0.01, 2), (0.0001, 4), (0.000_01, 5)])
    func pricesOnTheGridAreOnIt(step: Double, decimals: Int) throws {
        var random = SplitMix64(seed: 7)
        let scale = (0..<decimals).reduce(1) { value, _ in value * 10 }
        let units = Int((step * Double(scale)).rounded())
        for _ in 0..<5_000 {
            let count = 1 + random.nextIndex(below: 100_000_000)
            let (whole, part) = (count * units / scale, count * units % scale)
            let digits = String(part)
            let padding = String(repeating: "0", count: decimals - (decimals == 0 ? 0 : digits.count))
            let value = try #require(Double(decimals == 0 ? "\(whole)" : "\(whole).\(padding)\(digits)"))
            #expect(StepGrid.contains(value, step: step), "\(value) on \(step)")
            #expect(!StepGrid.contains(value + 16 * value.ulp, step: step), "a little beside \(value) on \(step)")
            #expect(!StepGrid.contains(value + step / 2, step: step), "\(value) beside \(step)")
        }
        #expect(!StepGrid.contains(.nan, step: step) && !StepGrid.contains(.infinity, step: step))
        #expect(!StepGrid.contains(1, step: 0) && !StepGrid.contains(1, step: .nan))
    }

    @Test func replacementsChangeWhatTheOrderHas() throws {
        let request = OrderRequest(
            account: "ALPHA", symbol: "AAPL", side: .buy, quantity: 10, type: .limit, limitPrice: 180)
        var form = ReplaceForm()
        #expect(throws: FormRefusal.self) { try form.change(of: request, instrument: Self.apple) }
        form.limitPrice = .number("181")
        #expect(try form.change(of: request, instrument: Self.apple) == OrderChange(limitPrice: 181))
        form.stopPrice = .number("181")
        form.quantity = .number("0")
        #expect {
            try form.change(of: request, instrument: Self.apple)
        } throws: { error in
            (error as? FormRefusal)?.errors.map { "\($0.field) \($0.code.rawValue)" }
                == ["quantity not_positive", "stop_price not_allowed"]
        }
    }
}
