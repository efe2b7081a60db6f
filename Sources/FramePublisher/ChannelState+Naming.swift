// SPDX-License-Identifier: Apache-2.0
// Fills single cells of a state by name.

import FrameCodec

extension ChannelState {
    /// - Precondition: the layout has the table and, in it, the numeric column.
    mutating func set(_ column: String, in path: String, row: Int = 0, to value: Double?) {
        let (table, index) = self.place(column, in: path)
        self.numbers[self.layout.numberOffset(table: table, column: index) + row] = value ?? .nan
    }

    /// - Precondition: the layout has the table and, in it, the text column.
    mutating func set(_ column: String, in path: String, row: Int = 0, to cell: TextCell) {
        let (table, index) = self.place(column, in: path)
        self.texts[self.layout.textOffset(table: table, column: index) + row] = cell
    }

    private func place(_ column: String, in path: String) -> (table: Int, column: Int) {
        guard let table = self.layout.table(atPath: path),
            let index = self.layout.column(named: column, inTable: table)
        else { preconditionFailure("no column \(column) in \(path)") }
        return (table, index)
    }
}
