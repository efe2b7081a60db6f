// SPDX-License-Identifier: Apache-2.0
// Everything the desk knows, as decided; what of it is written down already is known apart.

import RiskDomain
import RiskKernel
import RiskStore
import TradeDesk

/// What follows from a decision once it is written down.
struct DeskEffects: Sendable {
    var orders: [Order] = []
    var fills: [Fill] = []
    var holdings: [AccountHoldings] = []
    var commands: [VenueCommand] = []
    var kill: KillSwitch?
    /// Whether the venue is told even if the store failed: what only takes orders away.
    var isUrgent = false
}

/// The desk's state under its lock. A value; ``OrderDesk`` changes it and writes the changes down in the same order.
struct DeskState {
    struct RatePair: Hashable {
        var from: String
        var to: String
    }

    /// Before ``OrderDesk/start()`` and from the shutdown on, no order is taken.
    enum Phase { case starting, open, stopping }

    var phase = Phase.starting
    var ledger = OrderLedger()
    var rate: RateLimit
    var book: PositionBook
    /// By account; under the empty name that of the house.
    var kills: [String: KillSwitch] = [:]
    /// Orders in memory as they are written down; those that are not in it wait for their first writing.
    var written: [UInt64: Order] = [:]
    /// Orders the venue has not been told of yet: it is not asked about them.
    var unsent: Set<UInt64> = []
    /// Who waits for an order's first writing.
    var waiting: [UInt64: [@Sendable () -> Void]] = [:]
    /// The day that runs.
    var day: CalendarDay
    var rolledNanoseconds: UInt64
    /// Rates last seen, for fills that come while a pair has no price.
    var rates: [RatePair: Double] = [:]
    var storeFailure: StoreError?
    var isVenueUp = false
    /// Symbols that a reload takes away: nothing is ordered or booked in them.
    var leaving: Set<String> = []
    private var steady: SteadyTime
    private var eventCount: UInt64 = 0
    private var forgetNanoseconds: UInt64 = 0

    init(_ opening: DeskOpening, settings: DeskSettings) {
        let snapshot = opening.snapshot
        var times: [String: RateLimit.Entry] = [:]
        for order in snapshot.orders where order.createdNanoseconds >= opening.rateSinceNanoseconds {
            let key = "\(order.request.account)\u{0}\(order.user)"
            times[key, default: .init(account: order.request.account, user: order.user, timesNanoseconds: [])]
                .timesNanoseconds.append(order.createdNanoseconds)
        }
        self.rate = RateLimit(limit: settings.ordersPerMinute, restoring: Array(times.values))
        // A clock that was set back while nothing ran is no reason to stamp what comes before what was.
        self.steady = SteadyTime(latestNanoseconds: times.values.flatMap(\.timesNanoseconds).max() ?? 0)
        self.book = opening.book
        self.day = opening.day
        self.rolledNanoseconds = opening.rolledNanoseconds
        for kill in snapshot.killSwitches { self.kills[kill.account ?? ""] = kill }
        let originals = Dictionary(snapshot.originals.map { ($0.id, $0.request) }, uniquingKeysWith: { $1 })
        let fills = Dictionary(grouping: snapshot.orderFills) { $0.orderID ?? 0 }
        let lives = snapshot.orders.map { order in
            OrderLife(
                restoring: order, original: originals[order.id] ?? order.request, fills: fills[order.id] ?? [])
        }
        self.ledger.restore(lives, lastOrderID: max(snapshot.lastOrderID, opening.orderFloor))
        for order in snapshot.orders { self.written[order.id] = order }
    }

    /// The time, which never goes back.
    mutating func clock(_ nanoseconds: UInt64) -> UInt64 {
        self.steady.time(wallNanoseconds: nanoseconds, monotonicNanoseconds: MonotonicClock.nowNanoseconds)
    }

    /// An event of the desk's own; its identifier is unique in this process, and lives do not outlast it.
    mutating func event(_ kind: OrderEvent.Kind, _ nanoseconds: UInt64) -> OrderEvent {
        self.eventCount += 1
        return OrderEvent(id: "desk \(self.eventCount)", timeNanoseconds: nanoseconds, kind: kind)
    }

    /// Unique in this process.
    mutating func nextID(_ prefix: String) -> String {
        self.eventCount += 1
        return "\(prefix)\(self.eventCount)"
    }

    func kill(_ account: String?) -> KillSwitch {
        self.kills[account ?? ""]
            ?? KillSwitch(account: account, state: .active, reason: "", user: "", timeNanoseconds: 0)
    }

    /// Ended orders leave the memory; the store knows them.
    mutating func forget(_ nowNanoseconds: UInt64, keepSeconds: UInt64) {
        guard nowNanoseconds >= self.forgetNanoseconds else { return }
        self.forgetNanoseconds = nowNanoseconds + 5_000_000_000
        let keep = keepSeconds * 1_000_000_000
        guard nowNanoseconds > keep else { return }
        self.ledger.forget(endedBefore: nowNanoseconds - keep)
        self.rate.sweep(nowNanoseconds: nowNanoseconds)
        self.written = self.written.filter { self.ledger.life($0.key) != nil }
    }

    /// What an account holds, for those who value it.
    func holdings(_ account: String, symbols: [String]? = []) -> [AccountHoldings] {
        let margin = self.ledger.openMargin(of: account)
        return self.book.holdings(of: account, symbols: symbols, orderMargin: margin).map { [$0] } ?? []
    }
}
