// SPDX-License-Identifier: Apache-2.0
// The grammar of comma-separated values.

import RiskFiles
import Testing

@Suite struct CSVReaderTests {
    private func rows(_ bytes: some Sequence<UInt8>, fieldBytesMax: Int = 100) throws(CSVError) -> [[String]] {
        var reader = CSVReader(Array(bytes), fieldBytesMax: fieldBytesMax)
        var rows: [[String]] = []
        while try reader.nextRow() {
            rows.append((0..<reader.fieldCount).map { reader.text($0) ?? "invalid" })
        }
        return rows
    }

    private func error(_ text: String, fieldBytesMax: Int = 100) -> CSVError? {
        do throws(CSVError) {
            _ = try self.rows(text.utf8, fieldBytesMax: fieldBytesMax)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("", []),
            ("a,b\n", [["a", "b"]]),
            ("a,b", [["a", "b"]]),
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("a,b\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            (",\n,", [["", ""], ["", ""]]),
            ("\"a\",\"\"\n", [["a", ""]]),
            ("\"a\"\"b\",\"\"\"\"\n", [["a\"b", "\""]]),
            ("\"\"\"a\"\",\"\"b\"\"\",c\n", [["\"a\",\"b\"", "c"]]),
            ("\"a\nb\r\nc\",d\n1,2\n", [["a\nb\r\nc", "d"], ["1", "2"]]),
            (" a , b \n", [[" a ", " b "]]),
            ("a\n\nb\n", [["a"], [""], ["b"]]),
            ("\u{FEFF}a,é\n", [["a", "é"]]),
            ("\u{FEFF}\"a\",b\n", [["a", "b"]]),
        ] as [(String, [[String]])])
    func wellFormedTextIsSplit(text: String, expected: [[String]]) throws {
        #expect(try self.rows(text.utf8) == expected)
    }

    @Test(arguments: [
        ("a\n\"b\nc", CSVError.quoteUnterminated(line: 2)),
        ("a\n\"", .quoteUnterminated(line: 2)),
        ("\"a\nb\"\nc\"d\n", .quoteInsideUnquotedField(line: 3)),
        ("a\n\"b\"c\n", .textAfterClosingQuote(line: 2)),
        ("\"a\" ,b\n", .textAfterClosingQuote(line: 1)),
        ("a\rb\n", .carriageReturnAlone(line: 1)),
        ("a\r", .carriageReturnAlone(line: 1)),
        ("a,b\nc\n", .rowRagged(line: 2, fields: 1, expected: 2)),
        ("a,b\n\n", .rowRagged(line: 2, fields: 1, expected: 2)),
        ("a\nb,c\n", .rowRagged(line: 2, fields: 2, expected: 1)),
    ])
    func malformedTextIsRefusedWithItsLine(text: String, expected: CSVError) {
        #expect(self.error(text) == expected)
    }

    @Test func fieldsHaveALimit() {
        #expect(self.error("abcd\n", fieldBytesMax: 4) == nil)
        #expect(self.error("abcde\n", fieldBytesMax: 4) == .fieldTooLong(line: 1, bytesMax: 4))
        #expect(self.error("\"a\"\"cd\"\n", fieldBytesMax: 4) == nil)
        #expect(self.error("a\n\"a\"\"cde\"\n", fieldBytesMax: 4) == .fieldTooLong(line: 2, bytesMax: 4))
    }

    @Test func readingGoesOnAfterARaggedRowOnly() throws {
        var reader = CSVReader(Array("a,b\n1\n3,4\n\"x\n".utf8))
        #expect(try reader.nextRow())
        #expect(throws: CSVError.rowRagged(line: 2, fields: 1, expected: 2)) { try reader.nextRow() }
        #expect(try reader.nextRow())
        #expect(reader.line == 3 && reader.text(1) == "4")
        #expect(throws: CSVError.quoteUnterminated(line: 4)) { try reader.nextRow() }
        #expect(try !reader.nextRow())
    }

    @Test func invalidUnicodeIsNoText() throws {
        var reader = CSVReader([0x61, 0xFF, 0x2C, 0x62, 0x0A])
        #expect(try reader.nextRow())
        #expect(reader.text(0) == nil)
        #expect(Array(reader.field(0)) == [0x61, 0xFF])
        #expect(reader.text(1) == "b")
    }
}
