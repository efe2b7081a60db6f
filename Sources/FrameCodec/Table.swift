// SPDX-License-Identifier: Apache-2.0
// What a channel's state is made of: tables of typed columns (docs/wire-format.md, "State").

/// How a table appears in the JSON form; raw values are those of the wire.
public enum TableShape: UInt8, Sendable {
    /// One row without a key; each column is a member of the object at the table's path.
    case record
    /// One column; each row's key is a member whose value is the cell.
    case map
    /// Each row's key is a member whose value is an object with the columns as members.
    case rows
}

/// What the cells of a column are.
public enum ColumnKind: Sendable, Equatable {
    /// Numbers with this many decimals in binary frames, 0 to 18.
    case decimal(Int)
    /// Numbers with ``Table/priceDecimals`` of their row.
    case price
    /// One of these names; the cell is the index.
    case choice([String])
    case text
    /// A list of texts.
    case texts

    /// Whether the cells are in ``ChannelState/numbers``; the others are in ``ChannelState/texts``.
    public var isNumeric: Bool {
        switch self {
        case .decimal, .price, .choice: true
        case .text, .texts: false
        }
    }
}

/// One column of a table.
public struct Column: Sendable, Equatable {
    /// The member's name in the JSON form; unique in its table.
    public var name: String
    public var kind: ColumnKind

    public init(name: String, kind: ColumnKind) {
        self.name = name
        self.kind = kind
    }
}

/// Columns × rows without their values.
public struct Table: Sendable, Equatable {
    /// Member names joined by `.`, at most 16 of them; empty for the `data` object itself. Unique in its layout.
    public var path: String
    public var shape: TableShape
    /// Exactly one in a ``TableShape/map``.
    public var columns: [Column]
    /// By row, unique; empty in a ``TableShape/record``, which has one row.
    public var keys: [String]
    /// By row, each 0 to 18; empty unless a column is of kind ``ColumnKind/price``.
    public var priceDecimals: [UInt8]

    public var rowCount: Int { self.shape == .record ? 1 : self.keys.count }

    public init(path: String, shape: TableShape, columns: [Column], keys: [String] = [], priceDecimals: [UInt8] = []) {
        self.path = path
        self.shape = shape
        self.columns = columns
        self.keys = keys
        self.priceDecimals = priceDecimals
    }

    /// The member names of ``path``; one more than allowed where there are more.
    var pathNames: [Substring] {
        self.path.isEmpty
            ? []
            : self.path.split(separator: ".", maxSplits: FrameLimits.pathNamesMax, omittingEmptySubsequences: false)
    }

    var hasPrices: Bool { self.columns.contains { $0.kind == .price } }
}
