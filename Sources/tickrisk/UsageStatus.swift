// SPDX-License-Identifier: Apache-2.0
// Exit statuses of the companion: 0 ok, 1 failed, 2 wrong usage.

import ArgumentParser
import Foundation

extension AsyncParsableCommand {
    /// Parses and runs; wrong usage ends with 2, where the library would say 64.
    static func runAsRoot() async {
        do {
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard Self.exitCode(for: error) == .validationFailure else { Self.exit(withError: error) }
            FileHandle.standardError.write(Data((Self.fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        }
    }
}
