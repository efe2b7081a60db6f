// SPDX-License-Identifier: Apache-2.0
// Rows of text with aligned columns.

enum TextTable {
    /// - Parameters:
    ///   - rows: each as long as the first, the header among them.
    ///   - leading: how many columns are aligned to the left; the others to the right.
    static func aligned(_ rows: [[String]], leading: Int) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column < leading ? cell + padding : padding + cell
            }
            var line = cells.joined(separator: "  ")[...]
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
