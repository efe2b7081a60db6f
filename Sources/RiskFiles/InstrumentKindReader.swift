// SPDX-License-Identifier: Apache-2.0
// Reads what kind of instrument a row of `instruments.csv` is, and the terms of an option.

import RiskDomain

/// Columns `kind`, `base_currency` and those of options, of the current row.
struct InstrumentKindReader {
    private enum Word: String, CaseIterable { case spot, future, fx, option }

    static let columns = ["kind", "base_currency"] + optionColumns + ["tags"]
    private static let optionColumns = [
        "option_right", "strike", "expiry", "style", "underlying", "implied_volatility", "rate", "dividend_yield",
    ]

    let table: CSVTable
    /// Of the same row; `nil` when it was refused.
    let currency: String?
    let allowsNegativePrices: Bool

    /// `nil` after logging what is wrong.
    func read() -> InstrumentKind? {
        guard let word = self.table.choice("kind", default: Word.spot) else { return nil }
        var strangers = word == .fx ? [] : [("base_currency", Word.fx)]
        if word != .option { strangers += Self.optionColumns.map { ($0, Word.option) } }
        strangers.removeAll { self.table.isBlank($0.0) }
        for (column, owner) in strangers {
            let fact = "only kind \(owner.rawValue) has it, and this row is \(word.rawValue); leave it blank"
            self.table.report(.refused, column, value: "", fact)
        }
        let kind: InstrumentKind?
        switch word {
        case .spot: kind = .spot
        case .future: kind = .future
        case .fx: kind = self.pair()
        case .option: kind = self.terms().map(InstrumentKind.option)
        }
        return strangers.isEmpty ? kind : nil
    }

    private func pair() -> InstrumentKind? {
        guard !self.table.isBlank("base_currency") else {
            self.table.reportMissing("base_currency", "a pair needs the currency of which its price is for one unit")
            return nil
        }
        guard let base = self.table.currency("base_currency"), let currency = self.currency else { return nil }
        for (column, code) in [("base_currency", base), ("currency", currency)] where CurrencyCode.isMinorUnit(code) {
            let fact =
                "\(code) is a minor unit; a pair is quoted in whole currencies such as \(CurrencyCode.whole(code))"
            self.table.report(.refused, column, value: code, fact)
            return nil
        }
        guard base != currency else {
            self.table.report(.refused, "base_currency", value: base, "\(base) is the currency of the price too")
            return nil
        }
        return .currencyPair(base: base)
    }

    private func terms() -> OptionTerms? {
        let priceRange = self.allowsNegativePrices ? "-1e12 to 1e12" : "above 0, at most 1e12"
        let right: OptionTerms.Right? = self.table.choice("option_right")
        let style = self.table.choice("style", default: OptionTerms.Style.european)
        let strike = self.required("strike") { column in
            self.table.number(column, allowed: priceRange) {
                abs($0) <= 1e12 && ($0 > 0 || self.allowsNegativePrices)
            }
        }
        let expiry = self.table.day("expiry", in: CSVTable.clockDays)
        let underlying = self.required("underlying", self.table.identifier)
        let rate = self.table.number("rate", default: 0, allowed: "-1 to 1") { abs($0) <= 1 }
        let yield = self.table.number("dividend_yield", default: 0, allowed: "-1 to 1") { abs($0) <= 1 }
        var volatility: Double?
        if !self.table.isBlank("implied_volatility") {
            let limit: (value: Double, text: String) = self.allowsNegativePrices ? (1e12, "1e12") : (10, "10")
            volatility = self.table.number("implied_volatility", allowed: "0 to \(limit.text), or blank") {
                (0...limit.value).contains($0)
            }
            if volatility == nil { return nil }
        }
        if style == .american, self.allowsNegativePrices {
            self.table.report(
                .refused, "style", value: "american",
                "with negative_prices only european exercise is valued; allowed: european")
            return nil
        }
        guard let right, let style, let strike, let expiry, let underlying, let rate, let yield else { return nil }
        return OptionTerms(
            right: right, style: style, strike: strike, expiry: expiry, underlying: underlying,
            volatility: volatility, rate: rate, yield: yield)
    }

    private func required<Value>(_ column: String, _ read: (String) -> Value?) -> Value? {
        guard !self.table.isBlank(column) else {
            self.table.reportMissing(column, "an option needs it")
            return nil
        }
        return read(column)
    }
}
