// SPDX-License-Identifier: Apache-2.0
// The import graph is the one drawn in docs/ARCHITECTURE.md, and it points down only.

import Foundation
import Testing

struct ImportArrowTests {
    /// `Module: dependency dependency` lines of the block marked `imports`, top first.
    private static func drawn() throws -> [(module: String, imports: Set<String>)] {
        let text = try SourceTree.text("docs/ARCHITECTURE.md")
        let block =
            text.components(separatedBy: "```imports\n").dropFirst().first?
            .components(separatedBy: "```").first ?? ""
        return block.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            let imports = parts.dropFirst().first?.split(separator: " ").map(String.init) ?? []
            return (parts[0].trimmingCharacters(in: .whitespaces), Set(imports))
        }
    }

    private static func imports(of file: SourceFile) -> Set<String> {
        Set(
            file.lines.compactMap { line -> String? in
                if file.fileExtension == "swift" {
                    guard line.hasPrefix("import ") else { return nil }
                    return String(line.dropFirst("import ".count).prefix { $0.isLetter || $0.isNumber })
                }
                guard line.hasPrefix("#include \"") else { return nil }
                return line.split(separator: "\"").dropFirst().first?.split(separator: ".").first.map(String.init)
            })
    }

    /// Imports of our own modules, by module.
    private static func found() throws -> [String: Set<String>] {
        let files = try SourceTree.files(in: ["Sources", "CSources"], extensions: ["swift", "c", "h"])
        let modules = Set(files.map(\.module))
        return files.reduce(into: [:]) { found, file in
            found[file.module, default: []].formUnion(
                Self.imports(of: file).intersection(modules).subtracting([file.module]))
        }
    }

    @Test func everyImportIsDrawnAndEveryArrowIsAnImport() throws {
        let found = try Self.found()
        let drawn = Dictionary(uniqueKeysWithValues: try Self.drawn().map { ($0.module, $0.imports) })
        #expect(Set(drawn.keys) == Set(found.keys))
        for (module, imports) in found {
            #expect(drawn[module] == imports, "\(module) imports \(imports.sorted().joined(separator: " "))")
        }
    }

    @Test func arrowsPointDownOnly() throws {
        let drawn = try Self.drawn()
        #expect(!drawn.isEmpty)
        for (index, entry) in drawn.enumerated() {
            let below = Set(drawn[(index + 1)...].map(\.module))
            #expect(entry.imports.isSubset(of: below), "\(entry.module) imports what stands above it")
        }
    }

    @Test(arguments: [
        (["CLibZMQ"], ["TickFeed"]),
        (["CLibZstd", "CLibZ"], ["FrameCodec"]),
        (["CPlatform", "CRing", "CKernels", "CEngine"], ["RiskKernel"]),
        (["Hummingbird", "HummingbirdCore", "NIOHTTPTypes", "Mustache"], ["WebServer"]),
        (["Yams"], ["RiskFiles"]),
        (["GRDB", "CLibSodium"], ["RiskStore"]),
        (["CLibRdKafka"], ["TradeStream"]),
        (["CLibPQ"], ["PostgresStore"]),
    ])
    func aLibraryHasOneDoor(libraries: [String], owners: [String]) throws {
        for file in try SourceTree.files(in: ["Sources"], extensions: ["swift"])
        where !owners.contains(file.module) {
            let taken = Self.imports(of: file).intersection(libraries)
            #expect(taken.isEmpty, "\(file.path) imports \(taken.sorted())")
        }
    }

    @Test func theDomainImportsNothing() throws {
        for file in try SourceTree.files(in: ["Sources/RiskDomain"], extensions: ["swift"]) {
            #expect(Self.imports(of: file).isEmpty, "\(file.path)")
        }
    }
}
