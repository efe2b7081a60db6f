// SPDX-License-Identifier: Apache-2.0
// Rows of a store as lines of text.

import Foundation
import FrameCodec
import RiskStore

struct ExportedRows {
    let format: ExportFormat

    /// What stands before the rows.
    func head(_ names: [String]) -> Data {
        self.format == .csv ? Self.csv(names) : Data()
    }

    /// Absent values are empty fields of CSV and no members of JSON.
    func line(_ names: [String], _ values: [StoredValue]) -> Data {
        switch self.format {
        case .csv: return Self.csv(values.map(Self.text))
        case .jsonl:
            var json = JSONWriter()
            json.beginObject()
            for (name, value) in zip(names, values) {
                switch value {
                case .null: break
                case .integer(let number): json.member(name, number)
                case .number(let number): json.member(name, number)
                case .text(let text): json.member(name, text)
                }
            }
            json.endObject()
            return Data(json.bytes + [UInt8(ascii: "\n")])
        }
    }

    private static func text(_ value: StoredValue) -> String {
        switch value {
        case .null: ""
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }

    /// RFC 4180, with line feeds.
    private static func csv(_ fields: [String]) -> Data {
        let quoted = fields.map { field in
            guard field.utf8.contains(where: Set(",\"\r\n".utf8).contains) else { return field }
            return "\"" + field.replacing("\"", with: "\"\"") + "\""
        }
        return Data((quoted.joined(separator: ",") + "\n").utf8)
    }
}
