// SPDX-License-Identifier: Apache-2.0
// `tickrisk audit`: whether a store is what was written, and who did what.

import ArgumentParser
import Foundation
import FrameCodec
import RiskStore

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verifies the chains of a store, or lists its audit.",
        subcommands: [AuditVerify.self, AuditList.self])
}

struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads every chained row of a store and checks its digest.",
        discussion: """
            Orders, fills, cash, adjustments, books and the audit are chains: each row carries the digest of the one \
            before. Rows that were changed, taken out, put in or cut off at the end are found, and the first is named. \
            Works beside a running daemon and writes nothing.

            Example: tickrisk audit verify --store state

            Exit status 1 on any fault.
            """)

    @OptionGroup var options: StoreOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        var bar = ProgressBar(total: 1)
        do {
            let rows = try self.options.reader().verify { done, total in
                bar.show(done, of: total, "rows")
            }
            bar.end()
            self.report(rows, fault: nil)
        } catch let error as StoreError {
            bar.end()
            guard self.json else { throw Failure("\(self.options.place): \(error)") }
            self.report([], fault: "\(error)")
            throw ExitCode.failure
        }
    }

    private func report(_ rows: [(table: String, rows: Int64)], fault: String?) {
        guard self.json else {
            let lines = [["table", "rows"]] + rows.map { [$0.table, "\($0.rows)"] }
            return print(TextTable.aligned(lines, leading: 1) + "verified: all chains hold")
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("ok", fault == nil)
        if let fault { json.member("fault", fault) }
        json.key("rows")
        json.beginObject()
        for (table, count) in rows { json.member(table, count) }
        json.endObject()
        json.endObject()
        print(json.text)
    }
}

struct AuditList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the audit, newest first: who did what, when and why.")

    @OptionGroup var options: StoreOptions
    @Option(name: .customLong("account"), help: "Only what concerns this account; repeatable.")
    var accounts: [String] = []
    @Option(help: "At most so many entries.")
    var limit = 50
    @Flag(help: "Print a JSON object a line.")
    var json = false

    func validate() throws {
        guard self.limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run() throws {
        let reader = try self.options.reader()
        var entries: [AuditEntry] = []
        var next: UInt64?
        repeat {
            let page = try reader.audit(
                accounts: self.accounts.isEmpty ? nil : self.accounts,
                page: PageRequest(before: next, limit: self.limit - entries.count))
            entries += page.items
            next = page.next
        } while next != nil && entries.count < self.limit
        if self.json {
            for entry in entries { print(Self.json(entry)) }
        } else {
            let head = ["time", "who", "what", "account", "subject", "before", "after", "why"]
            print(TextTable.aligned([head] + entries.map(Self.fields), leading: head.count), terminator: "")
        }
    }

    private static func fields(_ entry: AuditEntry) -> [String] {
        let time = Date(timeIntervalSince1970: Double(entry.timeNanoseconds / 1_000_000_000))
        return [
            time.formatted(.iso8601), entry.who, entry.what, entry.account ?? "", entry.subject, entry.before ?? "",
            entry.after ?? "", entry.why ?? "",
        ].map { String($0.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }) }
    }

    private static func json(_ entry: AuditEntry) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time_ns", entry.timeNanoseconds)
        let texts = [
            ("who", entry.who), ("what", entry.what), ("account", entry.account), ("subject", entry.subject),
            ("before", entry.before), ("after", entry.after), ("why", entry.why),
        ]
        for (name, text) in texts { if let text { json.member(name, text) } }
        json.endObject()
        return json.text
    }
}
