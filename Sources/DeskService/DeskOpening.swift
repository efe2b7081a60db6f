// SPDX-License-Identifier: Apache-2.0
// What the desk begins with: the store's book, or that of the files at the first start.

import Logging
import RiskDomain
import RiskStore
import TradeDesk

public enum DeskOpeningError: Error, Sendable, CustomStringConvertible {
    /// The store holds positions in instruments the files do not name.
    case unknownInstruments([String])

    public var description: String {
        switch self {
        case .unknownInstruments(let symbols):
            "the store has positions in unknown instruments: \(symbols.joined(separator: ", ")); "
                + "hint: the instrument file must name them, or another store takes the book of the files"
        }
    }
}

/// A store made ready: book imported, new accounts added, a day roll that was missed made up.
public struct DeskOpening: Sendable {
    /// The files' inputs with the accounts and positions of the desk.
    public let inputs: RiskInputs
    let snapshot: DeskSnapshot
    let book: PositionBook
    let day: CalendarDay
    let rolledNanoseconds: UInt64
    let rateSinceNanoseconds: UInt64
    /// Numbers of orders are above it.
    let orderFloor: UInt64

    /// - Parameters:
    ///   - files: accounts and positions as the data files have them: the book of a new store. An older store's own
    ///     counts; the files add accounts to it.
    ///   - nextRoll: when the day that runs at a time ends.
    ///   - orderFloor: numbers of new orders are above it.
    /// - Throws: ``StoreError``, ``DeskOpeningError``.
    public static func open(
        _ files: RiskInputs, store: any DeskStore, nextRoll: @Sendable (UInt64) -> UInt64, nowNanoseconds: UInt64,
        orderFloor: UInt64 = 0, logger: Logger
    ) async throws -> DeskOpening {
        let since = nowNanoseconds - min(nowNanoseconds, 60_000_000_000)
        var snapshot = try await store.snapshot(ordersSinceNanoseconds: since)
        let day = CalendarDay(daysSince1970: Int(nowNanoseconds / 86_400_000_000_000))
        if snapshot.bookDay == nil {
            try await store.importBook(
                accounts: files.accounts, positions: Self.sorted(files.positions), day: day, user: "files",
                timeNanoseconds: nowNanoseconds)
            snapshot = try await store.snapshot(ordersSinceNanoseconds: since)
        } else if try await Self.extend(snapshot, by: files, in: store, nowNanoseconds, logger) {
            snapshot = try await store.snapshot(ordersSinceNanoseconds: since)
        }
        try Self.check(snapshot, files)
        var book = Self.book(snapshot, files)
        try Self.check(book, files)
        var bookDay = snapshot.bookDay ?? day
        var rolled = snapshot.bookNanoseconds
        if let roll = Self.missedRoll(after: rolled, nextRoll, nowNanoseconds) {
            bookDay = Self.day(after: bookDay, atNanoseconds: roll)
            rolled = roll
            _ = book.apply(.dayRoll(day: bookDay.daysSince1970, closes: [:]))
            try await store.append(
                Self.rollEntries(book, accounts: snapshot.accounts, day: bookDay, timeNanoseconds: roll))
        }
        var inputs = files
        inputs.accounts = snapshot.accounts.map { account in
            var account = account
            account.cash = book.accounts[account.id]?.cash ?? account.cash
            return account
        }
        inputs.positions = book.positions
        return DeskOpening(
            inputs: inputs, snapshot: snapshot, book: book, day: bookDay, rolledNanoseconds: rolled,
            rateSinceNanoseconds: since, orderFloor: orderFloor)
    }

    /// What a day roll writes down.
    ///
    /// - Parameter book: after the roll.
    static func rollEntries(
        _ book: PositionBook, accounts: [Account], day: CalendarDay, timeNanoseconds: UInt64
    ) -> [JournalEntry] {
        let accounts = accounts.map { account in
            var account = account
            account.cash = book.accounts[account.id]?.cash ?? account.cash
            return account
        }
        let opening = OpeningBook(
            kind: .dayRoll, day: day, accounts: accounts, positions: book.positions, carried: book.carried,
            timeNanoseconds: timeNanoseconds)
        let audit = AuditEntry(
            timeNanoseconds: timeNanoseconds, who: "desk", what: "book.roll", account: nil, subject: "\(day)",
            before: nil, after: "\(opening.positions.count) positions", why: nil)
        return [.book(opening), .audit(audit)]
    }

    /// Days ascend, also where a clock went back.
    static func day(after day: CalendarDay, atNanoseconds time: UInt64) -> CalendarDay {
        max(
            CalendarDay(daysSince1970: day.daysSince1970 + 1),
            CalendarDay(daysSince1970: Int(time / 86_400_000_000_000)))
    }

    /// The last roll that time has passed since another; `nil` where there was none.
    private static func missedRoll(
        after start: UInt64, _ nextRoll: @Sendable (UInt64) -> UInt64, _ now: UInt64
    ) -> UInt64? {
        guard nextRoll(start) <= now else { return nil }
        // Rolls are at most two days apart, so that the last one is found without going through all of them.
        var last = nextRoll(max(start, now - min(now, 2 * 86_400_000_000_000)))
        if last > now { return nextRoll(start) }
        while true {
            let next = nextRoll(last)
            guard next > last, next <= now else { return last }
            last = next
        }
    }

    private static func sorted(_ positions: [Position]) -> [Position] {
        positions.sorted { ($0.account, $0.symbol) < ($1.account, $1.symbol) }
    }

    /// Adds accounts the store does not know, and says where the files are not what the store was made from.
    private static func extend(
        _ snapshot: DeskSnapshot, by files: RiskInputs, in store: any DeskStore, _ now: UInt64, _ logger: Logger
    ) async throws -> Bool {
        let known = Set(snapshot.accounts.map(\.id))
        let new = files.accounts.filter { !known.contains($0.id) }
        let source = BookSource.digest(accounts: files.accounts, positions: files.positions)
        let noted = snapshot.notes[BookSource.note]
        if let noted, noted != source, new.isEmpty {
            logger.warning(
                "the data files have other accounts or positions than were imported; the store's count",
                metadata: ["hint": "`tickrisk import` takes the files'"])
        }
        guard !new.isEmpty || noted == nil else { return false }
        var entries: [JournalEntry] = []
        if !new.isEmpty {
            let ids = Set(new.map(\.id))
            let positions = Self.sorted(files.positions.filter { ids.contains($0.account) })
            let day = snapshot.bookDay ?? CalendarDay(daysSince1970: 0)
            let book = OpeningBook(
                kind: .extended, day: day, accounts: new, positions: positions, timeNanoseconds: now)
            let audit = AuditEntry(
                timeNanoseconds: now, who: "files", what: "book.extend", account: nil, subject: "\(day)",
                before: nil, after: new.map(\.id).joined(separator: ", "), why: nil)
            entries = [.book(book), .audit(audit)]
        }
        try await store.append(entries + [.note(name: BookSource.note, value: source)])
        return true
    }

    private static func check(_ snapshot: DeskSnapshot, _ files: RiskInputs) throws {
        let symbols = snapshot.positions.map(\.symbol) + snapshot.fills.map(\.symbol)
        let unknown = Set(symbols).filter { files.directory.index(ofSymbol: $0) == nil }
        if !unknown.isEmpty { throw DeskOpeningError.unknownInstruments(unknown.sorted()) }
    }

    private static func check(_ book: PositionBook, _ files: RiskInputs) throws {
        let unknown = Set(book.positions.map(\.symbol)).filter { files.directory.index(ofSymbol: $0) == nil }
        if !unknown.isEmpty { throw DeskOpeningError.unknownInstruments(unknown.sorted()) }
    }

    /// The book with everything that was journaled after it.
    private static func book(_ snapshot: DeskSnapshot, _ files: RiskInputs) -> PositionBook {
        var book = PositionBook(
            instruments: files.instruments, accounts: snapshot.accounts, positions: snapshot.positions,
            carried: snapshot.carried)
        let today = Set(snapshot.fills.map(\.id))
        book.recall(snapshot.orderFills.filter { !today.contains($0.id) })
        for fill in snapshot.fills { _ = book.apply(.fill(fill)) }
        for entry in snapshot.cash { _ = book.apply(.cash(entry)) }
        for adjustment in snapshot.adjustments {
            let fill = Fill(
                id: adjustment.id, orderID: nil, account: adjustment.account, symbol: adjustment.symbol,
                quantity: adjustment.quantity, price: adjustment.cost, rate: 1, fees: 0,
                timeNanoseconds: adjustment.timeNanoseconds)
            let cash = book.accounts[adjustment.account]?.cash ?? 0
            guard book.apply(.fill(fill)) == .applied else { continue }
            // It moved no cash.
            let moved = (book.accounts[adjustment.account]?.cash ?? 0) - cash
            let entry = CashEntry(
                id: "\(adjustment.id) cash", account: adjustment.account, amount: -moved, kind: "adjustment",
                reason: adjustment.reason, user: adjustment.user, timeNanoseconds: adjustment.timeNanoseconds)
            _ = book.apply(.cash(entry))
        }
        return book
    }
}
