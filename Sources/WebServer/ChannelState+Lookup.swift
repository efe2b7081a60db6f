// SPDX-License-Identifier: Apache-2.0
// Reads single cells of a state by name, for pages.

import FrameCodec

extension ChannelState {
    /// A table's cells by column name.
    struct TableView {
        fileprivate let state: ChannelState
        fileprivate let index: Int
        var table: Table { self.state.layout.tables[self.index] }

        /// `nil` where the column or the value is absent.
        func number(_ column: String, row: Int = 0) -> Double? {
            guard let column = self.state.layout.column(named: column, inTable: self.index) else { return nil }
            let value = self.state.numbers[self.state.layout.numberOffset(table: self.index, column: column) + row]
            return value.isNaN ? nil : value
        }

        /// The name a choice stands for, or a text.
        func word(_ column: String, row: Int = 0) -> String? {
            guard let index = self.state.layout.column(named: column, inTable: self.index) else { return nil }
            switch self.table.columns[index].kind {
            case .choice(let names): return self.number(column, row: row).map { names[Int($0)] }
            case .text:
                let cell = self.state.texts[self.state.layout.textOffset(table: self.index, column: index) + row]
                guard case .text(let text) = cell else { return nil }
                return text
            case .decimal, .price, .texts: return nil
            }
        }

        func list(_ column: String) -> [String] {
            guard let column = self.state.layout.column(named: column, inTable: self.index),
                case .list(let list) = self.state.texts[
                    self.state.layout.textOffset(table: self.index, column: column)]
            else { return [] }
            return list
        }

        /// Decimals of a row's prices.
        func decimals(row: Int) -> Int { Int(self.table.priceDecimals[row]) }
    }

    func table(_ path: String) -> TableView? {
        self.layout.table(atPath: path).map { TableView(state: self, index: $0) }
    }
}
