// SPDX-License-Identifier: Apache-2.0
// Where alerts are posted to, and how hard it is tried.

/// One receiver.
public struct WebhookTarget: Sendable, Equatable {
    public var host: String
    public var port: Int
    /// Path and query, beginning with a slash.
    public var path: String
    /// Signs every message; `nil` for none.
    public var secret: [UInt8]?
    /// Of the alerts that are posted: `warn`, `critical`.
    public var levels: Set<String>
    /// How often a message is tried, at least 1.
    public var attemptsMax: Int
    /// Of one attempt, from connecting to the answer's head.
    public var timeoutNanoseconds: UInt64
    /// Messages that wait; the oldest of them gives way.
    public var queueMax: Int

    public init(
        host: String, port: Int, path: String, secret: [UInt8]? = nil, levels: Set<String> = ["warn", "critical"],
        attemptsMax: Int = 8, timeoutNanoseconds: UInt64 = 5_000_000_000, queueMax: Int = 1_000
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.secret = secret
        self.levels = levels
        self.attemptsMax = attemptsMax
        self.timeoutNanoseconds = timeoutNanoseconds
        self.queueMax = queueMax
    }

    /// `http://host[:port][/path]`; `nil` for anything else, user names and fragments included.
    public init?(url: String) {
        guard url.hasPrefix("http://"), url.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !url.contains("#") else {
            return nil
        }
        let rest = url.dropFirst("http://".count)
        let slash = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var path = String(rest[slash...])
        if !path.hasPrefix("/") { path = "/" + path }
        guard let (host, port) = Self.authority(rest[..<slash]) else { return nil }
        self.init(host: host, port: port, path: path)
    }

    private static func authority(_ text: Substring) -> (host: String, port: Int)? {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            if !after.isEmpty {
                guard after.hasPrefix(":") else { return nil }
                port = after.dropFirst()
            }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let isHost = host.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: ".")
                || (text.hasPrefix("[") && byte == UInt8(ascii: ":"))
        }
        guard !host.isEmpty, isHost else { return nil }
        guard let port else { return (String(host), 80) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(port), (1...65_535).contains(number)
        else { return nil }
        return (String(host), number)
    }

    /// As a `Host` field has it.
    var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == 80 ? host : "\(host):\(self.port)"
    }
}
