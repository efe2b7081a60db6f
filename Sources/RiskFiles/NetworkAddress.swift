// SPDX-License-Identifier: Apache-2.0
// Reads `host:port` and ZeroMQ endpoints, and tells what stays on this machine.

import Glibc

/// A host and a port as written in `http.listen` and `tcp://` endpoints.
struct NetworkAddress: Equatable {
    /// Without brackets.
    var host: String
    /// 0 to 65,535.
    var port: Int

    /// `host:port`, with an IPv6 address in brackets; `nil` for another grammar.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.first?.isNumber == true, let port = DecimalNumber.parseWhole(digits.utf8), port <= 65_535 else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[" {
            guard host.last == "]" else { return nil }
            host = host.dropFirst().dropLast()
            guard Self.ipv6(String(host)) != nil else { return nil }
        } else {
            let isName = host.utf8.allSatisfy { byte in
                let scalar = Unicode.Scalar(byte)
                return scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                    || scalar == "." || scalar == "-" || scalar == "*"
            }
            guard (1...253).contains(host.utf8.count), isName else { return nil }
        }
        self.host = String(host)
        self.port = port
    }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, which reads back equal.
    var text: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }

    /// Whether a text is a host without a port, an IPv6 address in brackets.
    static func isHost(_ text: String) -> Bool { !text.contains("*") && NetworkAddress(text + ":0") != nil }

    /// Whether a text is an IP address, without brackets.
    static func isAddress(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1 || Self.ipv6(text) != nil
    }

    /// Whether only this machine can reach it: 127.0.0.0/8, ::1, localhost.
    var isLoopback: Bool {
        if self.host == "localhost" { return true }
        if let bytes = Self.ipv6(self.host) { return bytes == [UInt8](repeating: 0, count: 15) + [1] }
        var address = in_addr()
        guard inet_pton(AF_INET, self.host, &address) == 1 else { return false }
        return UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}

/// A ZeroMQ endpoint as the configuration accepts it.
public enum FeedEndpoint {
    /// Whether other machines may reach it, so that it must have keys; true too of what is no endpoint.
    public static func isBeyondThisMachine(_ text: String) -> Bool {
        // Port * is the kernel's choice, which a publisher may leave to it.
        let text = text.hasSuffix(":*") ? text.dropLast() + "1" : text
        return self.check(text) != .accepted
    }

    enum Verdict: Equatable {
        case accepted
        case malformed
        /// Reachable from other machines, where ticks must be authenticated.
        case beyondThisMachine
    }

    static func check(_ text: String) -> Verdict {
        if let address = self.remainder(of: text, after: "tcp://") {
            guard let parsed = NetworkAddress(address), parsed.port > 0 else { return .malformed }
            return parsed.isLoopback ? .accepted : .beyondThisMachine
        }
        // A socket's path has room for 107 bytes.
        let local = self.remainder(of: text, after: "ipc://") ?? self.remainder(of: text, after: "inproc://") ?? ""
        return (1...107).contains(local.utf8.count) ? .accepted : .malformed
    }

    private static func remainder(of text: String, after scheme: String) -> String? {
        text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : nil
    }
}
