// SPDX-License-Identifier: Apache-2.0
// What the CSV reader refuses.

/// A breach of RFC 4180 or of a limit; lines count from 1, embedded line breaks included.
public enum CSVError: Error, Sendable, Equatable {
    /// The file ends inside the quoted field that opens on this line.
    case quoteUnterminated(line: Int)
    /// A quote inside a field that does not open with one.
    case quoteInsideUnquotedField(line: Int)
    /// Something other than a comma or a line break after the closing quote.
    case textAfterClosingQuote(line: Int)
    /// A carriage return without its line feed outside quotes.
    case carriageReturnAlone(line: Int)
    case fieldTooLong(line: Int, bytesMax: Int)
    /// A row whose count of fields differs from the first row's. Reading may go on.
    case rowRagged(line: Int, fields: Int, expected: Int)

    public var line: Int {
        switch self {
        case .quoteUnterminated(let line), .quoteInsideUnquotedField(let line), .textAfterClosingQuote(let line),
            .carriageReturnAlone(let line), .fieldTooLong(let line, _), .rowRagged(let line, _, _):
            line
        }
    }
}

extension CSVError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .quoteUnterminated: "a quoted field is not closed before the end of the file"
        case .quoteInsideUnquotedField: "a quote inside an unquoted field; quote the field and double the quote"
        case .textAfterClosingQuote: "text after a closing quote; double a quote that belongs to the field"
        case .carriageReturnAlone: "a carriage return without a line feed"
        case .fieldTooLong(_, let bytesMax): "a field of more than \(bytesMax) bytes"
        case .rowRagged(_, let fields, let expected): "\(fields) fields where the header has \(expected)"
        }
    }
}
