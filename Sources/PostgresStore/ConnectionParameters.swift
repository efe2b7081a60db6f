// SPDX-License-Identifier: Apache-2.0
// Where the server is, as the configuration says it, checked before anything is sent there.

import CLibPQ
import RiskStore

/// libpq's parameters, from a `postgresql://` URL or `key=value` words, with what the environment adds.
public struct ConnectionParameters: Sendable {
    /// What stays as it was given; the password is not among them.
    let values: [String: String]
    private let password: String?

    /// - Parameters:
    ///   - text: a connection string of libpq without a password.
    ///   - password: of a file; without one libpq looks into `PGPASSFILE`.
    /// - Throws: ``StoreError/unreadable(reason:)`` for text that is none, has a password, names a service, or reaches
    ///   another machine without `sslmode=verify-full`.
    public init(_ text: String, password: String? = nil) throws(StoreError) {
        var values = try Self.parse(text)
        guard values["password"] == nil else {
            throw Self.refusal("has a password in it; hint: store.password_file or PGPASSFILE")
        }
        let environment = Self.environment()
        guard values["service"] == nil, environment["service"] == nil else {
            throw Self.refusal("names a service; hint: write its parameters out, so that they can be checked")
        }
        // What libpq would take from the environment is checked like the rest.
        for name in ["host", "hostaddr", "sslmode"] where values[name] == nil { values[name] = environment[name] }
        guard Self.isLocal(values) || values["sslmode"] == "verify-full" else {
            let mode = values["sslmode"] ?? "prefer"
            throw Self.refusal("leaves this machine with sslmode=\(mode); hint: sslmode=verify-full and sslrootcert")
        }
        self.values = values
        self.password = password
    }

    /// For people and logs: where, never with what.
    public var place: String {
        let host = self.values["host"] ?? self.values["hostaddr"] ?? "the local socket"
        let port = self.values["port"].map { ":\($0)" } ?? ""
        return "\(self.values["dbname"] ?? "the default database") at \(host)\(port)"
    }

    /// For `PQconnectStartParams`.
    ///
    /// - Parameter timeoutMilliseconds: after which a server that acknowledges nothing is given up.
    func all(timeoutMilliseconds: Int) -> [(name: String, value: String)] {
        var all = [
            "application_name": "tickrisk", "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2",
            "keepalives_count": "3", "tcp_user_timeout": "\(timeoutMilliseconds)",
            "target_session_attrs": "read-write",
        ].merging(self.values) { $1 }
        all["client_encoding"] = "UTF8"
        if let password { all["password"] = password }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Whether every host of the list is a socket of this machine or its loopback.
    static func isLocal(_ values: [String: String]) -> Bool {
        func list(_ name: String) -> [String] {
            values[name].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
        }
        let addresses = list("hostaddr")
        let hosts = list("host")
        // An address counts where there is one; a name without one is looked up.
        return (0..<max(hosts.count, addresses.count, 1)).allSatisfy { index in
            let address = index < addresses.count ? addresses[index] : ""
            if !address.isEmpty { return self.isLoopback(address) }
            let host = index < hosts.count ? hosts[index] : ""
            return host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost"
                || self.isLoopback(host)
        }
    }

    private static func isLoopback(_ address: String) -> Bool {
        if address == "::1" { return true }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func parse(_ text: String) throws(StoreError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            // libpq's words may repeat the text, and with it a password.
            PQfreemem(message)
            throw Self.refusal("is no connection string, such as postgresql://tickrisk@/tickrisk?host=/run/postgresql")
        }
        defer { PQconninfoFree(options) }
        return Self.values(of: options)
    }

    private static func environment() -> [String: String] {
        guard let options = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(options) }
        return Self.values(of: options)
    }

    private static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    private static func refusal(_ fact: String) -> StoreError { .unreadable(reason: "the database's URL \(fact)") }
}
