// SPDX-License-Identifier: Apache-2.0
// Carries closes over blank days.

extension ClosingHistory {
    /// Puts the last close in the place of blank ones, over at most `days` of them in a row; what is blank before the
    /// first close, or later in the row, stays so.
    ///
    /// - Parameter days: 0 or more.
    /// - Returns: closes filled, by symbol; none where it is 0.
    public mutating func fillBlanks(days: Int) -> [String: Int] {
        guard days > 0 else { return [:] }
        var counts: [String: Int] = [:]
        for symbol in self.closes.keys.sorted() {
            guard var column = self.closes.removeValue(forKey: symbol) else { continue }
            var last = Double.nan
            var run = 0
            for row in column.indices {
                if !column[row].isNaN {
                    last = column[row]
                    run = 0
                    continue
                }
                run += 1
                guard run <= days, !last.isNaN else { continue }
                column[row] = last
                counts[symbol, default: 0] += 1
            }
            self.closes[symbol] = column
        }
        return counts
    }
}
