// SPDX-License-Identifier: Apache-2.0
// A cell of the first screen: value to text, tone and note, as `Resources/data/format.js` writes it afterwards.

import FrameCodec

/// How a column is written; the names are those of `data-format` in the templates.
enum PageFormat {
    case money, signed, quantity, percent, change, word, level
    case price(decimals: Int)
    /// A price with the decimals of its row.
    case rowPrice

    func shown(_ value: Double, decimals: Int) -> ShownNumber {
        switch self {
        case .money: ShownNumber(text: NumberText.plain(value, decimals: 2))
        case .signed, .change: NumberText.signed(value, decimals: 2)
        case .price(let decimals): ShownNumber(text: NumberText.plain(value, decimals: decimals))
        case .rowPrice: ShownNumber(text: NumberText.plain(value, decimals: decimals))
        case .percent: ShownNumber(text: NumberText.plain(value, decimals: 1))
        case .quantity, .word, .level: ShownNumber(text: NumberText.plain(value, decimals: 0, upTo: 6))
        }
    }
}

/// A column of a table of the page.
struct PageColumn {
    let name: String
    let format: PageFormat
    /// Why a cell has no value; `nil` for what the row says.
    var missing: String?

    init(_ name: String, _ format: PageFormat, missing: String? = nil) {
        self.name = name
        self.format = format
        self.missing = missing
    }
}

/// `{path, text, tone, note}` as the templates read it.
struct PageCell {
    var path: String
    var shown: ShownNumber
    var note = ""

    static let nothingPriced = "no part of it has a price"

    /// - Parameter path: `data-cell`, by which the stream finds the cell again.
    init(
        _ path: String, _ table: ChannelState.TableView?, _ column: String, row: Int = 0, _ format: PageFormat,
        missing reason: String = Self.nothingPriced, note: String = ""
    ) {
        self.path = path
        let shown: ShownNumber? =
            switch format {
            case .word: table?.word(column, row: row).map { ShownNumber(text: $0) }
            case .level:
                table?.word(column, row: row).map {
                    ShownNumber(text: $0, tone: $0 == "warn" || $0 == "critical" ? $0 : "")
                }
            case .rowPrice:
                table?.number(column, row: row).map {
                    format.shown($0, decimals: table?.decimals(row: row) ?? 0)
                }
            default: table?.number(column, row: row).map { format.shown($0, decimals: 0) }
            }
        self.shown = shown ?? ShownNumber(text: "—", tone: "missing")
        self.note = shown == nil ? reason : note
    }

    var values: [String: String] {
        ["path": self.path, "text": self.shown.text, "tone": self.shown.tone, "note": self.note]
    }
}

extension ChannelState.TableView {
    /// The rows the first screen has of a table; the stream brings the others.
    static let rowsMax = 60

    /// Where each key's row lies.
    var rowNumbers: [String: Int] {
        Dictionary(self.table.keys.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    /// `{key, status, trading, decimals, cells}` of the first rows.
    ///
    /// - Parameter keys: of the rows, in their order; `nil` for all rows in the table's.
    func pageRows(prefix: String, _ columns: [PageColumn], keys: [String]? = nil) -> [[String: Any]] {
        let numbers = keys == nil ? [:] : self.rowNumbers
        let rows: [(row: Int, key: String)] =
            keys?.compactMap { key in numbers[key].map { ($0, key) } }
            ?? self.table.keys.prefix(Self.rowsMax).enumerated().map { ($0, $1) }
        return rows.prefix(Self.rowsMax).map { row, key in
            let reason = self.word("reason", row: row)
            return [
                "key": key, "status": self.word("status", row: row) ?? "ok",
                "trading": self.word("trading", row: row) ?? "trading",
                "cells": columns.map { column in
                    PageCell(
                        "\(prefix)/\(key)/\(column.name)", self, column.name, row: row, column.format,
                        missing: column.missing ?? reason ?? PageCell.nothingPriced
                    ).values
                },
            ]
        }
    }

    /// `{name: cell}` of a record's columns.
    func pageRecord(prefix: String, _ columns: [PageColumn]) -> [String: Any] {
        Dictionary(
            uniqueKeysWithValues: columns.map { column in
                let cell = PageCell("\(prefix)/\(column.name)", self, column.name, column.format)
                return (column.name, cell.values as Any)
            })
    }
}
