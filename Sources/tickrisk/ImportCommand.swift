// SPDX-License-Identifier: Apache-2.0
// `tickrisk import`: accounts and positions from files become the book of a store.

import ArgumentParser
import Foundation
import FrameCodec
import RiskDomain
import RiskFiles
import RiskKernel
import RiskStore

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes accounts and positions of files the book of a store.",
        discussion: """
            A daemon takes its files into a new store at its first start; from then on the store is the truth, and \
            this is how a book is put in place of the one that is there. The daemon must not run. Orders, fills and \
            the audit stay; what they did to positions and cash before is no longer counted, because the new book says \
            what is held. An account the files do not name stays as it is, without positions.

            Example: tickrisk import --store state --instruments instruments.csv --accounts accounts.csv \
            --positions positions.csv
            """)

    @OptionGroup var options: StoreOptions
    @Option(help: "File of instruments, which positions are checked against.")
    var instruments: String
    @Option(help: "File of accounts.")
    var accounts: String
    @Option(help: "File of positions.")
    var positions: String
    @Option(help: "Who does it, for the audit.")
    var user = NSUserName()
    @Option(help: "Why, for the audit.")
    var why: String?
    @Flag(help: "Replace the book of a store in which there has been trading.")
    var yes = false
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let book = try BookFiles.load(instruments: self.instruments, accounts: self.accounts, positions: self.positions)
        let store = try self.options.store()
        do {
            let kind = try await self.take(book, into: store)
            try await store.close()
            self.report(book, kind)
        } catch {
            try? await store.close()
            throw error
        }
    }

    private func take(_ loaded: LoadedAccounts, into store: any StoredDesk) async throws -> OpeningBook.Kind {
        let now = WallClock.nowNanoseconds
        let before = try await store.snapshot(ordersSinceNanoseconds: 0)
        let today = CalendarDay(daysSince1970: Int(now / 86_400_000_000_000))
        guard let bookDay = before.bookDay else {
            try await store.importBook(
                accounts: loaded.accounts, positions: loaded.positions, day: today, user: self.user,
                timeNanoseconds: now)
            return .imported
        }
        let isTraded = before.lastOrderID > 0 || !(before.fills.isEmpty && before.cash.isEmpty)
        guard !isTraded || self.yes else {
            throw Failure(
                """
                the store's book of \(bookDay) has been traded on: \(before.lastOrderID) orders, \(before.fills.count) \
                fills since; hint: --yes replaces it, after `tickrisk store backup`
                """)
        }
        let openOrders = before.orders.count { !$0.status.isFinal }
        guard openOrders == 0 else {
            throw Failure("\(openOrders) orders are open; hint: cancel them first")
        }
        let book = OpeningBook(
            kind: .dayRoll, day: max(today, bookDay), accounts: loaded.accounts, positions: loaded.positions,
            timeNanoseconds: now)
        let audit = AuditEntry(
            timeNanoseconds: now, who: self.user, what: "book.import", account: nil, subject: "\(book.day)",
            before: "\(before.accounts.count) accounts, \(before.positions.count) positions of \(bookDay)",
            after: "\(loaded.accounts.count) accounts, \(loaded.positions.count) positions", why: self.why)
        let source = BookSource.digest(accounts: loaded.accounts, positions: loaded.positions)
        try await store.append([.book(book), .audit(audit), .note(name: BookSource.note, value: source)])
        return .dayRoll
    }

    private func report(_ book: LoadedAccounts, _ kind: OpeningBook.Kind) {
        guard self.json else {
            return print(
                "\(book.accounts.count) accounts and \(book.positions.count) positions are the book of "
                    + self.options.place)
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("accounts", book.accounts.count)
        json.member("positions", book.positions.count)
        json.member("first", kind == .imported)
        json.endObject()
        print(json.text)
    }
}
