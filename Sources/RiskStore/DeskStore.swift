// SPDX-License-Identifier: Apache-2.0
// The seam between the desk and where its journal lies.

import RiskDomain

/// Durable storage of the desk. Whatever an append acknowledged is there after any crash.
///
/// All calls may come from any task. Nothing is read back through a write; the desk keeps its own state and appends
/// first.
public protocol DeskStore: Sendable {
    /// Writes all of `entries` or, on an error, none. Returns only when they are on disk.
    /// - Throws: ``StoreError/conflict(table:id:)``, ``StoreError/refused(reason:)`` and
    ///   ``StoreError/unstorable(value:)`` are about these entries alone; ``StoreError/queueFull(limit:)`` may be tried
    ///   again; after ``StoreError/failed(reason:)`` it is unknown whether they are there until the next start.
    @discardableResult
    func append(_ entries: [JournalEntry]) async throws(StoreError) -> JournalReceipt

    /// All the desk needs at start.
    /// - Parameter ordersSinceNanoseconds: also final orders created at or after, for rate limits.
    func snapshot(ordersSinceNanoseconds: UInt64) async throws(StoreError) -> DeskSnapshot

    func order(id: UInt64) async throws(StoreError) -> Order?
    func order(account: String, clientOrderID: String) async throws(StoreError) -> Order?

    /// The order as it was accepted, before any change.
    func original(orderID: UInt64) async throws(StoreError) -> Order?
    func fill(id: String) async throws(StoreError) -> Fill?
    /// Oldest first, reversals included.
    func fills(ofOrder orderID: UInt64) async throws(StoreError) -> [Fill]

    /// Those of the identifiers that are there, and whatever reverses them; oldest first. At most 16,000 identifiers.
    func fills(ids: [String]) async throws(StoreError) -> [Fill]
    /// By topic and partition.
    func streamPositions() async throws(StoreError) -> [StreamPosition]

    /// Newest first, by identifier.
    func orders(_ filter: OrderFilter, page: PageRequest) async throws(StoreError) -> Page<Order>
    /// Newest first, as journaled.
    func fills(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<Fill>
    /// Newest first, by identifier.
    func alerts(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AlertRecord>
    /// Newest first, as journaled.
    func audit(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AuditEntry>
    /// Oldest first, from `fromSeconds` on; at most `limit`, 1 to ``PageRequest/limitMax``. The next call begins one
    /// after the last.
    /// - Parameter account: `nil` is the firm.
    func history(
        account: String?, resolution: HistoryResolution, fromSeconds: Int64, limit: Int
    ) async throws(StoreError) -> [HistoryInterval]
}

/// What of the orders is wanted.
public struct OrderFilter: Sendable, Equatable {
    /// Only of these accounts; `nil` is all.
    public var accounts: [String]?
    public var isOpenOnly: Bool

    public init(accounts: [String]? = nil, isOpenOnly: Bool = false) {
        self.accounts = accounts
        self.isOpenOnly = isOpenOnly
    }
}

/// Whose records are wanted.
public struct RecordFilter: Sendable, Equatable {
    /// Only of these accounts, which leaves out what belongs to none; `nil` is everything.
    public var accounts: [String]?

    public init(accounts: [String]? = nil) { self.accounts = accounts }
}

/// Where to go on in a list whose entries are never renumbered, so that pages neither repeat nor skip.
public struct PageRequest: Sendable, Equatable {
    public static let limitMax = 1_000

    /// ``Page/next`` of the page before; `nil` begins.
    public var before: UInt64?
    /// 1 to ``limitMax``; values outside are brought inside.
    public var limit: Int

    public init(before: UInt64? = nil, limit: Int = 100) {
        self.before = before
        self.limit = min(max(limit, 1), Self.limitMax)
    }
}

/// Some entries of a list.
public struct Page<Element: Sendable & Equatable>: Sendable, Equatable {
    public var items: [Element]
    /// For the next page; `nil` when this was the last.
    public var next: UInt64?

    public init(items: [Element], next: UInt64?) {
        self.items = items
        self.next = next
    }
}

/// The desk as it was when the process ended.
public struct DeskSnapshot: Sendable, Equatable {
    public var accounts: [Account] = []
    /// At the beginning of ``bookDay``, by account and symbol.
    public var positions: [Position] = []
    /// `nil` before the first book.
    public var bookDay: CalendarDay?
    /// When that day began, nanoseconds since 1970; 0 before the first book.
    public var bookNanoseconds: UInt64 = 0
    /// What positions and accounts carry from the days before.
    public var carried: [CarriedTotal] = []
    /// Those not final, and final ones created since the time asked for; ascending.
    public var orders: [Order] = []
    /// The same as they were accepted.
    public var originals: [Order] = []
    /// All of those orders, as journaled.
    public var orderFills: [Fill] = []
    /// 0 before the first.
    public var lastOrderID: UInt64 = 0
    /// Journaled after the book, in that order. So are the next two.
    public var fills: [Fill] = []
    public var cash: [CashEntry] = []
    public var adjustments: [PositionAdjustment] = []
    public var limits: [LimitRecord] = []
    public var killSwitches: [KillSwitch] = []
    /// Those not resolved, ascending.
    public var alerts: [AlertRecord] = []
    /// 0 before the first.
    public var lastAlertID: UInt64 = 0
    public var users: [UserRecord] = []
    public var grants: [AccountGrant] = []
    public var sessions: [SessionRecord] = []
    public var tokens: [AccessToken] = []
    public var watchlists: [Watchlist] = []
    public var preferences: [UserPreferences] = []
    public var notes: [String: String] = [:]
    /// By topic and partition.
    public var streamPositions: [StreamPosition] = []

    public init() {}
}
