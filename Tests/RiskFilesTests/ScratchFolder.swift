// SPDX-License-Identifier: Apache-2.0
// A folder of small files for one test, and the places of the files the repository ships.

import Foundation
import RiskDomain
import RiskFiles

/// Removed with the value that made it.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("riskfiles-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// Writes a file and gives its path.
    func write(_ name: String, _ content: some Sequence<UInt8>) throws -> String {
        let file = "\(self.path)/\(name)"
        try Data(content).write(to: URL(fileURLWithPath: file))
        return file
    }

    func write(_ name: String, _ text: String) throws -> String { try self.write(name, text.utf8) }
}

enum Repository {
    /// `relative` below the repository's root.
    static func path(_ relative: String) -> String {
        let tests = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        return tests.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(relative).path
    }
}

/// The configuration error of a YAML text, or `nil` when it loads.
func configurationError(
    _ yaml: String, settings: [String] = [], environment: [String: String] = [:]
) throws -> ConfigurationError? {
    let folder = try ScratchFolder()
    let file = try folder.write("t.yaml", yaml)
    do throws(ConfigurationError) {
        _ = try ConfigurationLoader.load(file: file, settings: settings, environment: environment)
        return nil
    } catch {
        return error
    }
}
