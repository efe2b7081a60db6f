// SPDX-License-Identifier: Apache-2.0
// The section `store`: what outlives the process, and where.

import Foundation

extension Configuration {
    /// Section `store`: what outlives the process.
    public struct Store: Sendable, Equatable {
        public enum Engine: String, Sendable, CaseIterable { case sqlite, postgres }

        /// What keeps it.
        public var engine: Engine
        /// Folder of the daemon's own, made where it is not there; empty for one that goes with the process. With
        /// ``Engine/postgres`` it holds what the server does not have yet.
        public var directory: String
        /// Of ``Engine/postgres``: a connection string of libpq without a password.
        public var url: String
        /// File of the password, empty for none.
        public var passwordFile: String
        public var password: Secret?
        /// Schema of the database, this daemon's own.
        public var schema: String
        /// For each statement and each connection, 100 ms to 10 m.
        public var timeoutNanoseconds: UInt64
        /// Entries acknowledged while the server is away, 1 to 10,000,000.
        public var outboxEntriesMax: Int
        /// How long one-second and one-minute history is kept; that by day is for ever. 1 m to 10 years.
        public var keepSecondsNanoseconds: UInt64
        public var keepMinutesNanoseconds: UInt64

        public init(
            engine: Engine = .sqlite, directory: String = "", url: String = "", passwordFile: String = "",
            password: Secret? = nil, schema: String = "tickrisk", timeoutNanoseconds: UInt64 = 5_000_000_000,
            outboxEntriesMax: Int = 100_000, keepSecondsNanoseconds: UInt64 = 172_800_000_000_000,
            keepMinutesNanoseconds: UInt64 = 7_776_000_000_000_000
        ) {
            self.engine = engine
            self.directory = directory
            self.url = url
            self.passwordFile = passwordFile
            self.password = password
            self.schema = schema
            self.timeoutNanoseconds = timeoutNanoseconds
            self.outboxEntriesMax = outboxEntriesMax
            self.keepSecondsNanoseconds = keepSecondsNanoseconds
            self.keepMinutesNanoseconds = keepMinutesNanoseconds
        }
    }
}

extension ConfigurationReader {
    func store() -> Configuration.Store {
        let section = self.section("store")
        var store = Configuration.Store()
        store.engine = section.choice("engine", default: store.engine)
        let given = section.text("directory", default: "", allowed: "the path of a folder, or \"\"") { _ in true }
        store.directory = given.isEmpty ? "" : FileContent.resolve(given, besideFile: self.file)
        store.schema = section.text(
            "schema", default: store.schema, allowed: "1 to 63 lower-case letters, digits and _, a letter first"
        ) { Self.isSchema($0) }
        store.timeoutNanoseconds = section.duration(
            "timeout", default: store.timeoutNanoseconds, in: 100_000_000...600_000_000_000)
        store.outboxEntriesMax = section.whole(
            "outbox_max", default: store.outboxEntriesMax, in: 1...10_000_000)
        let range: ClosedRange<UInt64> = 60_000_000_000...315_360_000_000_000_000
        store.keepSecondsNanoseconds = section.duration(
            "keep_seconds", default: store.keepSecondsNanoseconds, in: range)
        store.keepMinutesNanoseconds = section.duration(
            "keep_minutes", default: store.keepMinutesNanoseconds, in: range)
        self.readServer(section, &store)
        return store
    }

    private func readServer(_ section: SettingReader, _ store: inout Configuration.Store) {
        store.url = section.text(
            "url", default: "", allowed: "a connection string of libpq without a password, or \"\""
        ) { !Self.hasPassword($0) }
        let file = section.text("password_file", default: "", allowed: "the path of a file, or \"\"") {
            !$0.utf8.contains(0)
        }
        if !file.isEmpty {
            store.passwordFile = FileContent.resolve(file, besideFile: self.file)
            do throws(SecretFileError) {
                store.password = try SecretFile.loadPassword(store.passwordFile)
            } catch {
                section.refuse("password_file", value: file, "the file \(error.reason)", orAt: self.root.origin)
            }
        }
        guard store.engine == .postgres else { return }
        if store.url.isEmpty {
            section.refuse("url", value: "", "with engine postgres it says where the server is", orAt: self.root.origin)
        }
        if store.directory.isEmpty {
            let reason = "with engine postgres it holds what is acknowledged while the server is away"
            section.refuse("directory", value: "", reason, orAt: self.root.origin)
        }
    }

    private static func isSchema(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 63, !text.hasPrefix("pg_") else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return letters.contains(first)
            && text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// Whether a password would be printed with the configuration: `//user:password@`, `password=…`.
    private static func hasPassword(_ url: String) -> Bool {
        if url.contains("password") { return true }
        guard let scheme = url.range(of: "://") else { return false }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@") else { return false }
        return authority[..<at].contains(":")
    }
}

extension Configuration {
    static func lines(of store: Store) -> [String] {
        [
            "store:", "  engine: \(store.engine.rawValue)", "  directory: \(self.quote(store.directory))",
            "  url: \(self.quote(store.url))", "  password_file: \(self.quote(store.passwordFile))",
            "  schema: \(self.quote(store.schema))",
            "  timeout: \(DurationText.format(nanoseconds: store.timeoutNanoseconds))",
            "  outbox_max: \(store.outboxEntriesMax)",
            "  keep_seconds: \(DurationText.format(nanoseconds: store.keepSecondsNanoseconds))",
            "  keep_minutes: \(DurationText.format(nanoseconds: store.keepMinutesNanoseconds))",
        ]
    }
}
