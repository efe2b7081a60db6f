// SPDX-License-Identifier: Apache-2.0
// The store's contract in a few arrays: what the real one is compared with.

import RiskDomain
import RiskStore
import Synchronization

final class MemoryStore: DeskStore {
    private let tables = Mutex(MemoryTables())

    @discardableResult
    func append(_ entries: [JournalEntry]) async throws(StoreError) -> JournalReceipt {
        try self.tables.withLock { tables throws(StoreError) in
            var changed = tables
            var receipt = JournalReceipt(appendedCount: 0, repeatedCount: 0)
            for entry in entries {
                if try changed.append(entry) { receipt.appendedCount += 1 } else { receipt.repeatedCount += 1 }
            }
            tables = changed
            return receipt
        }
    }

    func snapshot(ordersSinceNanoseconds: UInt64) async throws(StoreError) -> DeskSnapshot {
        self.tables.withLock { $0.snapshot(ordersSince: ordersSinceNanoseconds) }
    }

    func order(id: UInt64) async throws(StoreError) -> Order? { self.tables.withLock { $0.orders[id] } }

    func order(account: String, clientOrderID: String) async throws(StoreError) -> Order? {
        self.tables.withLock { tables in
            tables.orders.values.first {
                $0.request.account == account && $0.request.clientOrderID == clientOrderID
            }
        }
    }

    func original(orderID: UInt64) async throws(StoreError) -> Order? {
        self.tables.withLock { $0.originals[orderID] }
    }

    func fill(id: String) async throws(StoreError) -> Fill? {
        self.tables.withLock { $0.fills.first { $0.id == id } }
    }

    func fills(ids: [String]) async throws(StoreError) -> [Fill] {
        self.tables.withLock { tables in
            tables.fills.filter { ids.contains($0.id) || $0.reverses.map(ids.contains) ?? false }
        }
    }

    func streamPositions() async throws(StoreError) -> [StreamPosition] {
        self.tables.withLock { $0.sortedPositions }
    }

    func fills(ofOrder orderID: UInt64) async throws(StoreError) -> [Fill] {
        self.tables.withLock { $0.fills.filter { $0.orderID == orderID } }
    }

    func orders(_ filter: OrderFilter, page: PageRequest) async throws(StoreError) -> Page<Order> {
        let orders = self.tables.withLock { $0.orders.values }
        let wanted = orders.filter { !filter.isOpenOnly || !$0.status.isFinal }
        return Self.page(wanted.map { ($0.id, $0.request.account, $0) }, filter.accounts, page)
    }

    func fills(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<Fill> {
        let fills = self.tables.withLock(\.fills)
        return Self.page(fills.enumerated().map { (UInt64($0 + 1), $1.account, $1) }, filter.accounts, page)
    }

    func alerts(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AlertRecord> {
        let alerts = self.tables.withLock { $0.alerts.values }
        return Self.page(alerts.map { ($0.id, $0.account, $0) }, filter.accounts, page)
    }

    func audit(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AuditEntry> {
        let audit = self.tables.withLock(\.audit)
        return Self.page(audit.enumerated().map { (UInt64($0 + 1), $1.account, $1) }, filter.accounts, page)
    }

    func history(
        account: String?, resolution: HistoryResolution, fromSeconds: Int64, limit: Int
    ) async throws(StoreError) -> [HistoryInterval] {
        let intervals = self.tables.withLock { $0.history[resolution, default: []] }
        let wanted = intervals.filter { $0.last.account == account && $0.last.seconds >= fromSeconds }
        return Array(wanted.sorted { $0.last.seconds < $1.last.seconds }.prefix(limit))
    }

    private static func page<Element>(
        _ all: [(key: UInt64, account: String?, element: Element)], _ accounts: [String]?, _ page: PageRequest
    ) -> Page<Element> {
        let wanted = all.filter { entry in
            entry.key < page.before ?? .max && accounts.map { $0.contains(entry.account ?? "none") } ?? true
        }.sorted { $0.key > $1.key }
        let taken = wanted.prefix(page.limit)
        return Page(
            items: taken.map(\.element), next: wanted.count > taken.count ? taken.last?.key : nil)
    }
}
