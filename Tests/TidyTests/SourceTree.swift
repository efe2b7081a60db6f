// SPDX-License-Identifier: Apache-2.0
// The repository as the tidiness tests read it.

import Foundation

/// A source file of the repository.
struct SourceFile {
    /// Relative to the repository.
    let path: String
    let lines: [String]

    var name: String { (self.path as NSString).lastPathComponent }
    var fileExtension: String { (self.path as NSString).pathExtension }
    /// The folder below `Sources` or `CSources`.
    var module: String { self.path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: self.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Files below the folders with one of the extensions, ascending by path.
    static func files(in folders: [String], extensions: Set<String>) throws -> [SourceFile] {
        try folders.flatMap { folder -> [SourceFile] in
            let base = self.root.appendingPathComponent(folder)
            let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
            return try paths.sorted().compactMap { path in
                guard extensions.contains((path as NSString).pathExtension), !path.contains(".build/"),
                    !path.contains("/vendor/")
                else {
                    return nil
                }
                let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                return SourceFile(path: "\(folder)/\(path)", lines: lines.last == "" ? lines.dropLast() : lines)
            }
        }
    }

    static func code() throws -> [SourceFile] {
        try self.files(
            in: ["Sources", "CSources", "Tests", "Benchmarks", "clients"],
            extensions: ["swift", "c", "h", "js", "mjs", "py"])
    }
}
