// SPDX-License-Identifier: Apache-2.0
// The limits that keep the code readable.

import Foundation
import Testing

struct StyleLimitTests {
    private static let fileLinesMax = 500
    private static let medianLinesMax = 160
    private static let functionLinesMax = 70
    private static let columnsMax = 120

    @Test func filesAreShort() throws {
        let code = try SourceTree.code()
        for file in code { #expect(file.lines.count <= Self.fileLinesMax, "\(file.path): \(file.lines.count) lines") }
        let sorted = code.map(\.lines.count).sorted()
        #expect(sorted[sorted.count / 2] <= Self.medianLinesMax)
    }

    @Test func linesAreShort() throws {
        for file in try SourceTree.code() {
            for (number, line) in file.lines.enumerated() {
                #expect(line.count <= Self.columnsMax, "\(file.path):\(number + 1): \(line.count) columns")
            }
        }
    }

    @Test func everyFileNamesItsLicenceAndItsRole() throws {
        for file in try SourceTree.code() {
            let head = file.lines.first == "#!/usr/bin/env python3" ? file.lines.dropFirst() : file.lines[...]
            #expect(head.first?.contains("SPDX-License-Identifier: Apache-2.0") == true, "\(file.path)")
            let role = head.dropFirst().first ?? ""
            let isComment = ["// ", "# ", "\"\"\""].contains { role.hasPrefix($0) }
            #expect(isComment, "\(file.path) does not say what it is for")
        }
    }

    @Test func fileNamesAreUniqueAndSaySomething() throws {
        let files = try SourceTree.code().filter { $0.fileExtension != "h" && $0.fileExtension != "py" }
        for (name, group) in Dictionary(grouping: files, by: \.name) where name != "Package.swift" {
            #expect(group.count == 1, "\(name) stands in \(group.map(\.path))")
        }
        let vague = ["Utils", "Helpers", "Common", "Manager"]
        for file in files { #expect(!vague.contains { file.name.contains($0) }, "\(file.path)") }
    }

    @Test func functionsFitAScreen() throws {
        for file in try SourceTree.code() where ["swift", "c"].contains(file.fileExtension) {
            for function in Self.functions(of: file) {
                #expect(
                    function.lines <= Self.functionLinesMax,
                    "\(file.path):\(function.start): \(function.lines) lines")
            }
        }
    }

    @Test func nothingIsLeftForLater() throws {
        let marks = ["TO" + "DO", "FIX" + "ME"]
        for file in try SourceTree.code() {
            for (number, line) in file.lines.enumerated() {
                #expect(!marks.contains { line.contains($0) }, "\(file.path):\(number + 1)")
            }
        }
    }

    /// Functions by their indentation: from the line that begins one to the closing brace in the same column.
    private static func functions(of file: SourceFile) -> [(start: Int, lines: Int)] {
        var functions: [(start: Int, lines: Int)] = []
        for (index, line) in file.lines.enumerated() where Self.beginsFunction(line, file.fileExtension) {
            let indentation = String(line.prefix { $0 == " " })
            guard let end = file.lines[index...].firstIndex(of: indentation + "}") else { continue }
            functions.append((index + 1, end - index + 1))
        }
        return functions
    }

    private static func beginsFunction(_ line: String, _ fileExtension: String) -> Bool {
        let code = line.drop { $0 == " " }
        if fileExtension == "c" {
            return line.first?.isLetter == true && line.contains("(") && !line.hasSuffix(";")
        }
        let words = code.split(separator: " ").prefix(5).map { $0.prefix { $0 != "(" && $0 != "<" && $0 != "?" } }
        return words.contains("func") || words.contains("init")
    }
}
