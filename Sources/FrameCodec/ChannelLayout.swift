// SPDX-License-Identifier: Apache-2.0
// The tables of a channel, and where each column's cells lie in a state.

/// The immutable shape of a channel's states.
///
/// A state keeps the cells of numeric columns (decimal, price, choice) in one array of doubles and those of text
/// columns in another, table by table, column by column, the rows of a column next to each other:
///
/// ```
/// numbers: │ table 0 column 0, rows 0… │ table 0 column 2, rows 0… │ table 1 column 0, rows 0… │ …
/// texts:   │ table 0 column 1, rows 0… │ …
/// ```
///
/// Built once when the rows of a channel change and shared by all its states; never mutated.
public final class ChannelLayout: Sendable {
    public let tables: [Table]
    public let numberCount: Int
    public let textCount: Int
    /// Every column of every table, in order.
    let slots: [ColumnSlot]
    /// By table: index of its first column in ``slots``.
    let firstSlots: [Int]
    /// The nested objects of the JSON form; the first is `data` itself.
    let objects: [JSONObjectPlan]
    /// By table: its keys' bytes, a zero byte after each, as the checksum wants them.
    let checksumKeys: [[UInt8]]
    /// What a snapshot of the layout counts against ``FrameLimits/itemsMax``, lists of texts aside.
    let itemCount: Int
    private let tablesByPath: [String: Int]

    /// - Precondition: the tables are as documented at ``Table``, and no column or key has the name of another
    ///   table's object in the same place.
    public convenience init(tables: [Table]) {
        if let problem = Self.problem(in: tables) { preconditionFailure(problem) }
        self.init(checked: tables)
    }

    /// For tables in which ``problem(in:)`` found none.
    init(checked tables: [Table]) {
        self.tables = tables
        var slots: [ColumnSlot] = []
        var firstSlots: [Int] = []
        var numberCount = 0
        var textCount = 0
        for (tableIndex, table) in tables.enumerated() {
            firstSlots.append(slots.count)
            for (columnIndex, column) in table.columns.enumerated() {
                let offset = column.kind.isNumeric ? numberCount : textCount
                slots.append(
                    ColumnSlot(
                        table: tableIndex, column: columnIndex, kind: .init(column.kind), offset: offset,
                        rowCount: table.rowCount))
                if column.kind.isNumeric { numberCount += table.rowCount } else { textCount += table.rowCount }
            }
        }
        self.slots = slots
        self.firstSlots = firstSlots
        self.numberCount = numberCount
        self.textCount = textCount
        self.objects = JSONObjectPlan.plan(of: tables)
        self.checksumKeys = tables.map { table in table.keys.flatMap { Array($0.utf8) + [0] } }
        self.itemCount = tables.reduce(numberCount + textCount) { count, table in
            let names = table.columns.reduce(0) { count, column in
                if case .choice(let names) = column.kind { return count + names.count }
                return count
            }
            return count + 1 + table.columns.count + table.keys.count + names
        }
        self.tablesByPath = Dictionary(uniqueKeysWithValues: tables.enumerated().map { ($1.path, $0) })
    }

    /// Index in ``ChannelState/numbers`` of the first row of a numeric column.
    public func numberOffset(table: Int, column: Int) -> Int {
        let slot = self.slot(table: table, column: column)
        precondition(slot.isNumeric, "column \(column) of table \(table) holds texts")
        return slot.offset
    }

    /// Index in ``ChannelState/texts`` of the first row of a text column.
    public func textOffset(table: Int, column: Int) -> Int {
        let slot = self.slot(table: table, column: column)
        precondition(!slot.isNumeric, "column \(column) of table \(table) holds numbers")
        return slot.offset
    }

    public func table(atPath path: String) -> Int? { self.tablesByPath[path] }

    public func column(named name: String, inTable table: Int) -> Int? {
        self.tables[table].columns.firstIndex { $0.name == name }
    }

    func slot(table: Int, column: Int) -> ColumnSlot {
        precondition(self.tables[table].columns.indices.contains(column))
        return self.slots[self.firstSlots[table] + column]
    }

    /// Decimals of a cell of a decimal or price column.
    func decimals(of slot: ColumnSlot, row: Int) -> Int {
        if case .decimal(let decimals) = slot.kind { return decimals }
        return Int(self.tables[slot.table].priceDecimals[row])
    }
}

extension ChannelLayout: Equatable {
    /// By content; one object is equal to itself at no cost.
    public static func == (left: ChannelLayout, right: ChannelLayout) -> Bool {
        left === right || (left.tables == right.tables && left.checksumKeys == right.checksumKeys)
    }
}

/// Where the cells of one column are.
struct ColumnSlot: Sendable {
    enum Kind: Sendable {
        case decimal(Int)
        case price
        case choice(count: Int)
        case text
        case texts

        init(_ kind: ColumnKind) {
            switch kind {
            case .decimal(let decimals): self = .decimal(decimals)
            case .price: self = .price
            case .choice(let names): self = .choice(count: names.count)
            case .text: self = .text
            case .texts: self = .texts
            }
        }
    }

    let table: Int
    let column: Int
    let kind: Kind
    /// First row's index in the numbers or the texts of a state.
    let offset: Int
    let rowCount: Int

    var isNumeric: Bool {
        switch self.kind {
        case .decimal, .price, .choice: true
        case .text, .texts: false
        }
    }

    /// Indices of all rows.
    var range: Range<Int> { self.offset..<self.offset + self.rowCount }
}
