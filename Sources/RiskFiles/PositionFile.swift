// SPDX-License-Identifier: Apache-2.0
// Reads `positions.csv`.

import RiskDomain

/// Columns `account,symbol,quantity,avg_cost` and optionally `strategy` and `as_of`, the day at whose end quantity and
/// cost are true; others are ignored. All positions are held over night.
enum PositionFile {
    static let columns = ["account", "symbol", "quantity", "avg_cost"]

    private struct Holding: Hashable {
        var account: String
        var symbol: String
    }

    /// - Parameters:
    ///   - instruments: `nil` when that file was unreadable: symbols are then not checked.
    ///   - accounts: likewise.
    static func read(
        _ path: String, instruments: InstrumentFile.Content?, accounts: AccountFile.Content?, log: ProblemLog
    ) -> [DatedPosition] {
        guard var table = CSVTable(path: path, required: self.columns, log: log) else { return [] }
        var positions: [DatedPosition] = []
        var firstLines: [Holding: Int] = [:]
        let negativePriced = Set((instruments?.instruments ?? []).filter(\.allowsNegativePrices).map(\.symbol))
        while table.nextRow() {
            let account = table.identifier("account")
            let symbol = table.identifier("symbol")
            if let account, let known = accounts?.identifiers, !known.contains(account) {
                table.report(
                    .unknownName, "account", value: account, "unknown account \(account)",
                    nearest: NearestName.find(account, among: known.sorted()))
            }
            if let symbol, let known = instruments?.symbols, !known.contains(symbol) {
                table.report(
                    .unknownName, "symbol", value: symbol, "unknown symbol \(symbol)",
                    nearest: NearestName.find(symbol, among: known.sorted()))
            }
            let quantity = table.number("quantity", allowed: "-1e12 to 1e12") { abs($0) <= 1e12 }
            let isNegativeAllowed = symbol.map(negativePriced.contains) ?? true
            let cost = table.number("avg_cost", allowed: isNegativeAllowed ? "-1e12 to 1e12" : "0 to 1e12") {
                abs($0) <= 1e12 && ($0 >= 0 || isNegativeAllowed)
            }
            let strategy = table.isBlank("strategy") ? nil : table.text("strategy", bytesMax: 64)
            let asOf = table.isBlank("as_of") ? nil : table.day("as_of", in: CSVTable.calendarDays)
            guard let account, let symbol else { continue }
            if let first = firstLines.updateValue(table.line, forKey: Holding(account: account, symbol: symbol)) {
                let fact = "\(account) holds \(symbol) already; first on line \(first)"
                table.report(.duplicate, "symbol", value: symbol, fact)
            }
            guard let quantity, let cost else { continue }
            let position = Position(
                account: account, symbol: symbol, quantity: quantity, averageCost: cost, strategy: strategy)
            positions.append(DatedPosition(position: position, asOf: asOf))
        }
        return positions
    }
}
