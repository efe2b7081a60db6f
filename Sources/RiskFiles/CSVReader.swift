// SPDX-License-Identifier: Apache-2.0
// Reads comma-separated values (RFC 4180) a row at a time, strictly.

/// A pure reader over bytes: quoted fields, doubled quotes, line breaks in quotes, CRLF or LF, and a byte-order mark.
///
/// ```
/// bytes     a,"b ""c""",d⏎        fields     a │ b "c" │ d
///           └ unquoted: a range of the bytes; with doubled quotes: a range of the scratch buffer
/// ```
/// After any error but ``CSVError/rowRagged(line:fields:expected:)`` no further row is given.
public struct CSVReader {
    private struct Field {
        var start: Int
        var end: Int
        var isUnescaped: Bool
    }

    private let bytes: [UInt8]
    private let fieldBytesMax: Int
    private var position: Int
    private var nextLine = 1
    private var fields: [Field] = []
    /// Fields of the current row from which doubled quotes were removed.
    private var scratch: [UInt8] = []
    private var fieldsExpected: Int?
    private var hasFailed = false

    /// Line the current row opens on, from 1.
    public private(set) var line = 0

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Parameter fieldBytesMax: of one field, quotes aside.
    public init(_ bytes: [UInt8], fieldBytesMax: Int = 65_536) {
        self.bytes = bytes
        self.fieldBytesMax = fieldBytesMax
        self.position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Of the current row.
    public var fieldCount: Int { self.fields.count }

    /// Reads the next row; `false` at the end.
    public mutating func nextRow() throws(CSVError) -> Bool {
        guard !self.hasFailed, self.position < self.bytes.count else { return false }
        self.fields.removeAll(keepingCapacity: true)
        self.scratch.removeAll(keepingCapacity: true)
        self.line = self.nextLine
        do throws(CSVError) {
            while try self.takeField() {}
        } catch {
            self.hasFailed = true
            throw error
        }
        let expected = self.fieldsExpected ?? self.fields.count
        self.fieldsExpected = expected
        guard self.fields.count == expected else {
            throw .rowRagged(line: self.line, fields: self.fields.count, expected: expected)
        }
        return true
    }

    /// Bytes of a field of the current row, quotes removed.
    /// - Precondition: `index` is below ``fieldCount``.
    public func field(_ index: Int) -> ArraySlice<UInt8> {
        let field = self.fields[index]
        return field.isUnescaped ? self.scratch[field.start..<field.end] : self.bytes[field.start..<field.end]
    }

    /// A field as text, or `nil` where it is not valid UTF-8.
    public func text(_ index: Int) -> String? { String(validating: self.field(index), as: UTF8.self) }

    /// Takes one field and what ends it; `true` where a comma promises another.
    private mutating func takeField() throws(CSVError) -> Bool {
        if self.position < self.bytes.count, self.bytes[self.position] == Self.quote {
            try self.takeQuoted()
        } else {
            try self.takeUnquoted()
        }
        guard self.position < self.bytes.count else { return false }
        let end = self.bytes[self.position]
        self.position += 1
        if end == Self.comma { return true }
        if end == Self.carriageReturn {
            guard self.position < self.bytes.count, self.bytes[self.position] == Self.lineFeed else {
                throw .carriageReturnAlone(line: self.nextLine)
            }
            self.position += 1
        } else if end != Self.lineFeed {
            throw .textAfterClosingQuote(line: self.nextLine)
        }
        self.nextLine += 1
        return false
    }

    private mutating func takeUnquoted() throws(CSVError) {
        let start = self.position
        var position = start
        let count = self.bytes.count
        while position < count {
            let byte = self.bytes[position]
            if byte == Self.comma || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            guard byte != Self.quote else { throw .quoteInsideUnquotedField(line: self.nextLine) }
            position += 1
        }
        self.position = position
        try self.checkLength(position - start)
        self.fields.append(Field(start: start, end: position, isUnescaped: false))
    }

    private mutating func takeQuoted() throws(CSVError) {
        let openingLine = self.nextLine
        self.position += 1
        var runStart = self.position
        let scratchStart = self.scratch.count
        var isUnescaped = false
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            self.position += 1
            if byte == Self.lineFeed { self.nextLine += 1 }
            guard byte == Self.quote else { continue }
            guard self.position < self.bytes.count, self.bytes[self.position] == Self.quote else {
                var field = Field(start: runStart, end: self.position - 1, isUnescaped: isUnescaped)
                if isUnescaped {
                    self.scratch.append(contentsOf: self.bytes[runStart..<self.position - 1])
                    field.start = scratchStart
                    field.end = self.scratch.count
                }
                try self.checkLength(field.end - field.start)
                self.fields.append(field)
                return
            }
            // The first of two quotes belongs to the field, the second is dropped.
            isUnescaped = true
            self.scratch.append(contentsOf: self.bytes[runStart..<self.position])
            self.position += 1
            runStart = self.position
        }
        throw .quoteUnterminated(line: openingLine)
    }

    private func checkLength(_ count: Int) throws(CSVError) {
        guard count <= self.fieldBytesMax else {
            throw .fieldTooLong(line: self.nextLine, bytesMax: self.fieldBytesMax)
        }
    }
}
