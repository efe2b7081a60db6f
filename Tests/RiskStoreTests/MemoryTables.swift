// SPDX-License-Identifier: Apache-2.0
// What a store keeps, and which entries it refuses, without a database.

import RiskDomain
import RiskStore

struct MemoryTables: Sendable {
    var orders: [UInt64: Order] = [:]
    var fills: [Fill] = []
    var alerts: [UInt64: AlertRecord] = [:]
    var audit: [AuditEntry] = []
    var history: [HistoryResolution: [HistoryInterval]] = [:]
    private var cash: [CashEntry] = []
    private var adjustments: [PositionAdjustment] = []
    private var accounts: [String: Account] = [:]
    private(set) var originals: [UInt64: Order] = [:]
    private var carried: [CarriedTotal] = []
    private var bookTime: UInt64 = 0
    private var notes: [String: String] = [:]
    private var book: (day: CalendarDay, positions: [Position], fills: Int, cash: Int, adjustments: Int)?
    private var limits: [String: LimitRecord] = [:]
    private var killSwitches: [String: KillSwitch] = [:]
    private var users: [String: UserRecord] = [:]
    private var grants: Set<AccountGrant> = []
    private var sessions: [String: SessionRecord] = [:]
    private var tokens: [String: AccessToken] = [:]
    private var watchlists: [Watchlist] = []
    private var streamPositions: [StreamPosition] = []
    private var preferences: [String: UserPreferences] = [:]

    /// Whether it was new.
    mutating func append(_ entry: JournalEntry) throws(StoreError) -> Bool {
        switch entry {
        case .order(let order): return try self.append(order)
        case .fill(let fill):
            guard fill.price.isFinite else { throw .unstorable(value: "") }
            if let present = self.fills.first(where: { $0.id == fill.id }) {
                return try Self.repeated(present == fill)
            }
            try self.require(fill.account)
            let isKnown = self.fills.contains { $0.id == fill.reverses } || fill.reverses == nil
            if !isKnown || fill.orderID.map({ self.orders[$0] == nil }) ?? false { throw .refused(reason: "") }
            self.fills.append(fill)
        case .cash(let cash):
            if let present = self.cash.first(where: { $0.id == cash.id }) {
                return try Self.repeated(present == cash)
            }
            try self.require(cash.account)
            self.cash.append(cash)
        case .adjustment(let adjustment):
            if let present = self.adjustments.first(where: { $0.id == adjustment.id }) {
                return try Self.repeated(present == adjustment)
            }
            try self.require(adjustment.account)
            self.adjustments.append(adjustment)
        case .book(let book): try self.append(book)
        case .audit(let audit):
            guard !audit.subject.utf8.contains(0) else { throw .unstorable(value: "") }
            self.audit.append(audit)
        case .history(let point): for resolution in HistoryResolution.allCases { self.fold(point, resolution) }
        case .historyTrimmed(let resolution, let seconds):
            self.history[resolution]?.removeAll { $0.last.seconds < seconds }
        default: try self.replace(entry)
        }
        return true
    }

    private mutating func replace(_ entry: JournalEntry) throws(StoreError) {
        switch entry {
        case .note(let name, let value): self.notes[name] = value
        case .limit(let limit): self.limits[limit.id] = limit
        case .limitRemoved(let id): self.limits[id] = nil
        case .killSwitch(let kill):
            try self.require(kill.account)
            self.killSwitches[kill.account.map { ":" + $0 } ?? ""] = kill
        case .alert(let alert):
            try self.require(alert.account)
            self.alerts[alert.id] = alert
        case .user(let user): self.users[user.name] = user
        case .grant(let grant):
            try self.require(user: grant.user)
            try self.require(grant.account)
            self.grants.insert(grant)
        case .grantRemoved(let grant): self.grants.remove(grant)
        case .session(let session):
            try self.require(user: session.user)
            self.sessions[session.tokenHash] = session
        case .sessionEnded(let hash): self.sessions[hash] = nil
        case .token(let token):
            try self.require(user: token.user)
            let isTaken = self.tokens.values.contains { $0.tokenHash == token.tokenHash && $0.id != token.id }
            if isTaken { throw .refused(reason: "") }
            self.tokens[token.id] = token
        case .tokenRevoked(let id): self.tokens[id] = nil
        case .watchlist(let list):
            if Set(list.symbols).count != list.symbols.count { throw .refused(reason: "") }
            self.watchlists.removeAll { $0.user == list.user && $0.name == list.name }
            self.watchlists.append(list)
        case .watchlistRemoved(let user, let name):
            self.watchlists.removeAll { $0.user == user && $0.name == name }
        case .preferences(let preferences): self.preferences[preferences.user] = preferences
        case .streamPosition(let position):
            self.streamPositions.removeAll { $0.topic == position.topic && $0.partition == position.partition }
            self.streamPositions.append(position)
        default: preconditionFailure("appended above")
        }
    }

    private mutating func append(_ order: Order) throws(StoreError) -> Bool {
        let request = order.request
        if let present = self.orders[order.id] {
            if present == order { return false }
            let old = present.request
            let isSame =
                old.account == request.account && old.clientOrderID == request.clientOrderID
                && old.symbol == request.symbol && old.side == request.side && present.user == order.user
                && present.createdNanoseconds == order.createdNanoseconds
            if !isSame { throw .conflict(table: "", id: "") }
        } else if let client = request.clientOrderID {
            let isTaken = self.orders.values.contains {
                $0.request.account == request.account && $0.request.clientOrderID == client
            }
            if isTaken { throw .conflict(table: "", id: "") }
        }
        try self.require(request.account)
        if self.orders[order.id] == nil { self.originals[order.id] = order }
        self.orders[order.id] = order
        return true
    }

    private mutating func append(_ book: OpeningBook) throws(StoreError) {
        guard (self.book == nil) == (book.kind == .imported) else { throw .refused(reason: "") }
        for account in book.accounts { self.accounts[account.id] = account }
        for position in book.positions { try self.require(position.account) }
        let keys = book.positions.map { [$0.account, $0.symbol] }
        guard Set(keys).count == keys.count else { throw .refused(reason: "") }
        let isMine = Set(book.accounts.map(\.id))
        if book.kind == .extended, let old = self.book {
            let kept = old.positions.filter { !isMine.contains($0.account) }
            self.book = (book.day, kept + book.positions, old.fills, old.cash, old.adjustments)
            self.carried = self.carried.filter { !isMine.contains($0.account) } + book.carried
            return
        }
        self.carried = book.carried
        self.bookTime = book.timeNanoseconds
        self.book = (book.day, book.positions, self.fills.count, self.cash.count, self.adjustments.count)
    }

    private mutating func fold(_ point: HistoryPoint, _ resolution: HistoryResolution) {
        var last = point
        last.seconds = resolution.start(of: point.seconds)
        var intervals = self.history[resolution, default: []]
        let index = intervals.firstIndex { $0.last.account == last.account && $0.last.seconds == last.seconds }
        let old = index.map { intervals.remove(at: $0) }
        let lowest = [old?.totalPnLMin, point.totalPnL].compactMap { $0 }.min()
        let highest = [old?.totalPnLMax, point.totalPnL].compactMap { $0 }.max()
        intervals.append(HistoryInterval(last: last, totalPnLMin: lowest, totalPnLMax: highest))
        self.history[resolution] = intervals
    }

    func snapshot(ordersSince: UInt64) -> DeskSnapshot {
        var snapshot = DeskSnapshot()
        snapshot.accounts = self.accounts.values.sorted { $0.id < $1.id }
        snapshot.positions = (self.book?.positions ?? []).sorted { ($0.account, $0.symbol) < ($1.account, $1.symbol) }
        snapshot.bookDay = self.book?.day
        snapshot.bookNanoseconds = self.bookTime
        snapshot.carried = self.carried.sorted { ($0.account, $0.symbol ?? "") < ($1.account, $1.symbol ?? "") }
        snapshot.notes = self.notes
        snapshot.orders = self.orders.values.filter { !$0.status.isFinal || $0.createdNanoseconds >= ordersSince }
            .sorted { $0.id < $1.id }
        snapshot.originals = snapshot.orders.compactMap { self.originals[$0.id] }
        let wanted = Set(snapshot.orders.map(\.id))
        snapshot.orderFills = self.fills.filter { $0.orderID.map(wanted.contains) ?? false }
        snapshot.lastOrderID = self.orders.keys.max() ?? 0
        snapshot.fills = Array(self.fills.dropFirst(self.book?.fills ?? 0))
        snapshot.cash = Array(self.cash.dropFirst(self.book?.cash ?? 0))
        snapshot.adjustments = Array(self.adjustments.dropFirst(self.book?.adjustments ?? 0))
        snapshot.limits = self.limits.values.sorted { $0.id < $1.id }
        snapshot.killSwitches = self.killSwitches.sorted { $0.key < $1.key }.map(\.value)
        snapshot.alerts = self.alerts.values.filter { $0.state != .resolved }.sorted { $0.id < $1.id }
        snapshot.lastAlertID = self.alerts.keys.max() ?? 0
        snapshot.users = self.users.values.sorted { $0.name < $1.name }
        snapshot.grants = self.grants.sorted {
            ($0.user, $0.account ?? "", $0.role.rawValue) < ($1.user, $1.account ?? "", $1.role.rawValue)
        }
        snapshot.sessions = self.sessions.values.sorted { $0.tokenHash < $1.tokenHash }
        snapshot.tokens = self.tokens.values.sorted { $0.id < $1.id }
        snapshot.watchlists = self.watchlists.sorted { ($0.user, $0.name) < ($1.user, $1.name) }
        snapshot.preferences = self.preferences.values.sorted { $0.user < $1.user }
        snapshot.streamPositions = self.sortedPositions
        return snapshot
    }

    var sortedPositions: [StreamPosition] {
        self.streamPositions.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }

    private func require(_ account: String?) throws(StoreError) {
        if let account, self.accounts[account] == nil { throw .refused(reason: "") }
    }

    private func require(user: String) throws(StoreError) {
        if self.users[user] == nil { throw .refused(reason: "") }
    }

    private static func repeated(_ isSame: Bool) throws(StoreError) -> Bool {
        guard isSame else { throw .conflict(table: "", id: "") }
        return false
    }
}
