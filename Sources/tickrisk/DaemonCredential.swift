// SPDX-License-Identifier: Apache-2.0
// What a command shows to a daemon whose users sign in.

import ArgumentParser
import Foundation

/// A bearer token, from an option, a file, or the environment; none where nobody signs in.
struct DaemonCredential: ParsableArguments {
    static let variable = "TICKRISK_TOKEN"

    @Option(help: "Bearer token; others see it in the list of processes, so rather --token-file or TICKRISK_TOKEN.")
    var token: String?
    @Option(help: "File with a bearer token in its first line.")
    var tokenFile: String?

    /// The field `Authorization`, or `nil`.
    func authorization() throws -> String? {
        guard self.token == nil || self.tokenFile == nil else { throw Failure("--token or --token-file, not both") }
        var text = self.token ?? ProcessInfo.processInfo.environment[Self.variable]
        if let tokenFile {
            guard let content = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
                throw Failure("\(tokenFile): cannot be read")
            }
            text = content.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        }
        guard let text else { return nil }
        // Anything else could not stand in a header, or is no token of ours.
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Set("0123456789abcdef".utf8).contains($0) }) else {
            throw Failure("a token has 64 hexadecimal digits, as `tickrisk user token add` prints")
        }
        return "Bearer \(text)"
    }
}
