// SPDX-License-Identifier: Apache-2.0
// Checks the instruments that rows of `instruments.csv` name: proxies and underlyings.

import RiskDomain

struct InstrumentReferences {
    let path: String
    /// Symbols of all rows, refused ones included.
    let symbols: Set<String>
    let log: ProblemLog

    struct Row {
        var line: Int
        var instrument: Instrument
    }

    /// - Parameter rows: the sound ones.
    func check(_ rows: [Row]) {
        let bySymbol = Dictionary(rows.map { ($0.instrument.symbol, $0.instrument) }) { first, _ in first }
        for row in rows {
            if let proxy = row.instrument.proxy { self.check(proxy, of: row, target: bySymbol[proxy.symbol]) }
            if let terms = row.instrument.option { self.check(terms, of: row, target: bySymbol[terms.underlying]) }
        }
    }

    /// - Parameter target: `nil` where its row was refused, or where there is none.
    private func check(_ proxy: HistoryProxy, of row: Row, target: Instrument?) {
        if row.instrument.option != nil {
            self.refuse(row, "proxy", proxy.symbol, "an option moves with its underlying and has no proxy")
        } else if proxy.symbol == row.instrument.symbol {
            self.refuse(row, "proxy", proxy.symbol, "\(proxy.symbol) stands in for itself")
        } else if !self.symbols.contains(proxy.symbol) {
            self.unknown(row, "proxy", proxy.symbol)
        } else if target?.option != nil {
            self.refuse(row, "proxy", proxy.symbol, "\(proxy.symbol) is an option, which has no returns of its own")
        }
    }

    private func check(_ terms: OptionTerms, of row: Row, target: Instrument?) {
        let name = terms.underlying
        guard self.symbols.contains(name) else { return self.unknown(row, "underlying", name) }
        guard let target else { return }
        if target.option != nil {
            self.refuse(row, "underlying", name, "\(name) is an option itself; allowed: spot, future, fx")
        } else if target.currency != row.instrument.currency {
            let fact = "\(row.instrument.currency) is not the currency of its underlying \(name), \(target.currency)"
            self.refuse(row, "currency", row.instrument.currency, fact)
        } else if target.allowsNegativePrices, !row.instrument.allowsNegativePrices {
            let fact = "its underlying \(name) may be negative, for which a lognormal model has no value; allowed: true"
            self.refuse(row, "negative_prices", "false", fact)
        }
    }

    private func refuse(_ row: Row, _ column: String, _ value: String, _ fact: String) {
        let origin = ProblemOrigin(source: self.path, line: row.line)
        self.log.add(.refused, at: origin, name: column, value: value, "column \(column): \(fact)")
    }

    private func unknown(_ row: Row, _ column: String, _ symbol: String) {
        self.log.add(
            .unknownName, at: ProblemOrigin(source: self.path, line: row.line), name: column, value: symbol,
            "column \(column): unknown symbol \(symbol)",
            nearest: NearestName.find(symbol, among: self.symbols.sorted()))
    }
}
