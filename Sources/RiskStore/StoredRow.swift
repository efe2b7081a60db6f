// SPDX-License-Identifier: Apache-2.0
// A row as it was read, whatever database it comes from.

/// Values by the names of their columns.
public struct StoredRow: Sendable {
    /// In the order of the columns.
    package let names: [String]
    package let values: [StoredValue]

    package init(names: [String], values: [StoredValue]) {
        self.names = names
        self.values = values
    }

    package subscript(column: String) -> StoredValue {
        self.names.firstIndex(of: column).map { self.values[$0] } ?? .null
    }

    /// Gives a column's value, or says which column holds something else.
    func get<Value: StoredReadable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        guard let value = Value(stored: self[column]) else {
            throw StoreError.unreadable(reason: "column \(column) holds no \(type)")
        }
        return value
    }

    func find<Value: StoredReadable>(_ column: String, as type: Value.Type = Value.self) throws -> Value? {
        self[column] == .null ? nil : try self.get(column, as: type)
    }

    func word<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let text: String = try self.get(column)
        guard let value = Value(rawValue: text) else {
            throw StoreError.unreadable(reason: "column \(column) holds \(text), which is no \(type)")
        }
        return value
    }
}

/// What a value can be read as.
protocol StoredReadable {
    /// `nil` for a value of another kind.
    init?(stored: StoredValue)
}

extension Int64: StoredReadable {
    init?(stored: StoredValue) {
        guard case .integer(let integer) = stored else { return nil }
        self = integer
    }
}

extension Int: StoredReadable {
    init?(stored: StoredValue) {
        guard case .integer(let integer) = stored else { return nil }
        self.init(exactly: integer)
    }
}

extension UInt64: StoredReadable {
    init?(stored: StoredValue) {
        guard case .integer(let integer) = stored else { return nil }
        self.init(exactly: integer)
    }
}

extension Bool: StoredReadable {
    init?(stored: StoredValue) {
        guard case .integer(let integer) = stored else { return nil }
        self = integer != 0
    }
}

extension Double: StoredReadable {
    init?(stored: StoredValue) {
        switch stored {
        case .number(let number): self = number
        case .integer(let integer): self = Double(integer)
        default: return nil
        }
    }
}

extension String: StoredReadable {
    init?(stored: StoredValue) {
        guard case .text(let text) = stored else { return nil }
        self = text
    }
}
