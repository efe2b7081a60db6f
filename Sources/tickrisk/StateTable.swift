// SPDX-License-Identifier: Apache-2.0
// A channel's state as aligned text.

import Foundation
import FrameCodec

enum StateTable {
    /// Records and maps as lines of name and value, rows as tables; columns are as wide as their widest cell.
    static func text(of frame: DecodedFrame) -> String {
        let state = frame.state
        var text = "\(frame.head.channel)  seq \(frame.head.sequence)\n"
        for (index, table) in state.layout.tables.enumerated() where table.rowCount > 0 {
            text += "\n" + (table.path.isEmpty ? "" : table.path + "\n")
            switch table.shape {
            case .record:
                text += Self.aligned(
                    table.columns.enumerated().map { column, definition in
                        [definition.name, Self.cell(state, index, column, 0)]
                    })
            case .map:
                text += Self.aligned(
                    table.keys.enumerated().map { row, key in [key, Self.cell(state, index, 0, row)] })
            case .rows:
                let head = [""] + table.columns.map(\.name)
                text += Self.aligned(
                    [head]
                        + table.keys.enumerated().map { row, key in
                            [key] + table.columns.indices.map { Self.cell(state, index, $0, row) }
                        })
            }
        }
        return text
    }

    /// The first column to the left, the others to the right.
    private static func aligned(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    private static func cell(_ state: ChannelState, _ table: Int, _ column: Int, _ row: Int) -> String {
        let definition = state.layout.tables[table]
        switch definition.columns[column].kind {
        case .text, .texts:
            switch state.texts[state.layout.textOffset(table: table, column: column) + row] {
            case .absent: return "—"
            case .text(let text): return text
            case .list(let list): return list.isEmpty ? "none" : list.joined(separator: " ")
            }
        case .choice(let names):
            let value = state.numbers[state.layout.numberOffset(table: table, column: column) + row]
            return value.isNaN ? "" : names[Int(value)]
        case .decimal(let decimals):
            return self.number(state, table, column, row, decimals: decimals)
        case .price:
            return self.number(state, table, column, row, decimals: Int(definition.priceDecimals[row]))
        }
    }

    private static func number(
        _ state: ChannelState, _ table: Int, _ column: Int, _ row: Int, decimals: Int
    ) -> String {
        let value = state.numbers[state.layout.numberOffset(table: table, column: column) + row]
        return value.isNaN ? "—" : String(format: "%.\(decimals)f", value == 0 ? 0 : value)
    }
}
