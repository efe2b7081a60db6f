// SPDX-License-Identifier: Apache-2.0
// Values on their way into a table, refused where a database would change them silently.

/// What a column holds, in every database the same.
public enum StoredValue: Sendable, Hashable {
    case null
    case integer(Int64)
    /// Finite; −0 is 0.
    case number(Double)
    /// Without zero bytes.
    case text(String)
}

/// A column and what goes into it.
package typealias StoredColumn = (name: String, value: StoredValue)

/// A type the databases give back exactly as they got it, or refuse.
protocol StoredCell {
    func stored() throws(StoreError) -> StoredValue
}

func cell(_ value: some StoredCell) throws(StoreError) -> StoredValue { try value.stored() }

extension String: StoredCell {
    /// SQLite binds text up to its first zero byte, and the rest would be lost; PostgreSQL takes none.
    func stored() throws(StoreError) -> StoredValue {
        guard !self.utf8.contains(0) else { throw .unstorable(value: "text with a zero byte") }
        return .text(self)
    }
}

extension Double: StoredCell {
    /// A NaN would become NULL, and −0 the integer 0 on disk, so it becomes 0 here.
    func stored() throws(StoreError) -> StoredValue {
        guard self.isFinite else { throw .unstorable(value: "\(self)") }
        return .number(self == 0 ? 0 : self)
    }
}

extension UInt64: StoredCell {
    func stored() throws(StoreError) -> StoredValue {
        guard let signed = Int64(exactly: self) else { throw .unstorable(value: "\(self)") }
        return .integer(signed)
    }
}

extension Int64: StoredCell {
    func stored() throws(StoreError) -> StoredValue { .integer(self) }
}

extension Bool: StoredCell {
    func stored() throws(StoreError) -> StoredValue { .integer(self ? 1 : 0) }
}

extension Optional: StoredCell where Wrapped: StoredCell {
    func stored() throws(StoreError) -> StoredValue {
        switch self {
        case .none: .null
        case .some(let value): try value.stored()
        }
    }
}
