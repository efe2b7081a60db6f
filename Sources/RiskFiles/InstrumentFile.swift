// SPDX-License-Identifier: Apache-2.0
// Reads `instruments.csv`.

import RiskDomain

/// Columns `id,symbol,name,sector,currency,multiplier,tick_size,margin_rate` and optionally `lot_size`,
/// `price_decimals`, `negative_prices`, `proxy`, `proxy_beta`, `kind`, `base_currency`, `tags` and those of options:
/// `option_right`, `strike`, `expiry`, `style`, `underlying`, `implied_volatility`, `rate`, `dividend_yield`. Others
/// are ignored. A blank `implied_volatility` is implied from the option's own price.
public enum InstrumentFile {
    public static let columns = [
        "id", "symbol", "name", "sector", "currency", "multiplier", "tick_size", "margin_rate",
    ]
    static let tagsMax = 32

    /// The instruments in file order, at least one.
    public static func load(_ path: String) throws(DataFileError) -> [Instrument] {
        try DataFileError.collecting { self.read(path, log: $0)?.instruments }
    }

    struct Content {
        var instruments: [Instrument] = []
        /// Symbols of all rows, so that other files can be checked though a row was refused.
        var symbols: Set<String> = []
        /// Of all rows; `nil` where a row was refused, so that what is known is unsure.
        var sectors: Set<String>? = []
        var currencies: Set<String>? = []
        var tags: Set<String>? = []
    }

    /// `nil` when the file could not be read as a table.
    static func read(_ path: String, log: ProblemLog) -> Content? {
        guard var table = CSVTable(path: path, required: self.columns, log: log) else { return nil }
        var content = Content()
        var lineByID: [Int: Int] = [:]
        var lineBySymbol: [String: Int] = [:]
        var rows: [InstrumentReferences.Row] = []
        while table.nextRow() {
            let id = table.whole("id", in: 0...Int(UInt32.max))
            let symbol = table.identifier("symbol")
            if let id, let first = lineByID.updateValue(table.line, forKey: id) {
                table.report(.duplicate, "id", value: "\(id)", "\(id) is taken; first on line \(first)")
            }
            if let symbol, let first = lineBySymbol.updateValue(table.line, forKey: symbol) {
                table.report(.duplicate, "symbol", value: symbol, "\(symbol) is there twice; first on line \(first)")
            }
            if let symbol { content.symbols.insert(symbol) }
            guard let instrument = self.instrument(table, id: id, symbol: symbol) else {
                content.sectors = nil
                content.currencies = nil
                content.tags = nil
                continue
            }
            content.sectors?.insert(instrument.sector)
            content.currencies?.insert(instrument.currency)
            content.tags?.formUnion(instrument.tags)
            rows.append(InstrumentReferences.Row(line: table.line, instrument: instrument))
        }
        content.instruments = rows.map(\.instrument)
        InstrumentReferences(path: path, symbols: content.symbols, log: log).check(rows)
        if content.symbols.isEmpty, log.isEmpty {
            log.add(.missing, at: ProblemOrigin(source: path), "the file holds no instrument")
        }
        return content
    }

    /// Reads every field, so that all problems of a row are told, and gives an instrument when all are sound.
    private static func instrument(_ table: CSVTable, id: Int?, symbol: String?) -> Instrument? {
        let positive = "above 0, at most 1e12"
        func isPositive(_ number: Double) -> Bool { number > 0 && number <= 1e12 }
        let name = table.text("name")
        let sector = table.text("sector", bytesMax: 64)
        let currency = table.currency("currency")
        let multiplier = table.number("multiplier", allowed: positive, isPositive)
        let tickSize = table.number("tick_size", allowed: positive, isPositive)
        let marginRate = table.number("margin_rate", allowed: "0 to 1") { (0...1).contains($0) }
        let lotSize = table.number("lot_size", default: 1, allowed: positive, isPositive)
        let priceDecimals = table.whole("price_decimals", default: 4, in: 0...9)
        let negativePrices = table.flag("negative_prices")
        let kind = InstrumentKindReader(
            table: table, currency: currency, allowsNegativePrices: negativePrices ?? true
        ).read()
        let tags = table.identifiers("tags", countMax: self.tagsMax)
        let beta = table.number("proxy_beta", default: 1, allowed: "-1000 to 1000") { abs($0) <= 1_000 }
        var proxy: HistoryProxy?
        if !table.isBlank("proxy") {
            guard let proxySymbol = table.identifier("proxy"), let beta else { return nil }
            proxy = HistoryProxy(symbol: proxySymbol, beta: beta)
        } else if !table.isBlank("proxy_beta") {
            table.report(.refused, "proxy_beta", value: "", "a beta without a symbol in column proxy")
            return nil
        }
        guard let id, let symbol, let name, let sector, let currency, let multiplier, let tickSize, let marginRate,
            let lotSize, let priceDecimals, let negativePrices, let kind, let tags
        else { return nil }
        return Instrument(
            id: UInt32(id), symbol: symbol, name: name, sector: sector, currency: currency, multiplier: multiplier,
            tickSize: tickSize, marginRate: marginRate, lotSize: lotSize, priceDecimals: priceDecimals,
            allowsNegativePrices: negativePrices, proxy: proxy, kind: kind, tags: tags)
    }
}
