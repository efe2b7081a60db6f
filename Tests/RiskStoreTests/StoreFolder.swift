// SPDX-License-Identifier: Apache-2.0
// A folder for the stores of one test, and the programs around it.

import Foundation
import RiskStore

/// Removed with the value that made it.
final class StoreFolder: Sendable {
    let path: String

    /// Where a store of this test may lie.
    var store: String { "\(self.path)/store" }
    var database: String { "\(self.store)/desk.sqlite" }

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("riskstore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }
}

/// The error a body throws, or `nil`.
func storeError(_ body: () async throws(StoreError) -> Void) async -> StoreError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}

/// Opens a store and gives the error of doing so, or `nil`.
func openingError(_ directory: String) -> StoreError? {
    do {
        _ = try SQLiteStore(directory: directory)
        return nil
    } catch {
        return error
    }
}
