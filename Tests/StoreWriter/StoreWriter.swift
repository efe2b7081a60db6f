// SPDX-License-Identifier: Apache-2.0
// A program to be killed: it journals orders and fills and says what was acknowledged.

import Glibc
import PostgresStore
import RiskDomain
import RiskSimulation
import RiskStore
import Synchronization

/// `StoreWriter <directory> <seed> <tasks> <orders per task>`; where the environment has `STORE_URL` and
/// `STORE_SCHEMA`, the store is that of PostgreSQL, with the directory for the time the server is away. Each order is
/// submitted in one append, and filled in another together with its fill, a cash entry and up to three audit entries.
/// Content follows from the order's number: quantity n, fill `f<n>`, cash `c<n>`.
///
/// Prints `order <n>` and `fill <n>` when they were acknowledged. On an error it prints `failed …`, tries another
/// append, and prints `refused` or `accepted`; it ends with status 3.
@main
struct StoreWriter {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let seed = UInt64(arguments[2]), let tasks = Int(arguments[3]),
            let orders = Int(arguments[4])
        else { exit(2) }
        do throws(StoreError) {
            let store = try self.open(arguments[1])
            try await self.run(store, seed: seed, tasks: tasks, orders: orders)
            try await store.close()
            self.say("done")
        } catch {
            self.say("failed \(error)")
            exit(3)
        }
    }

    private static func open(_ directory: String) throws(StoreError) -> any StoredDesk {
        guard let url = getenv("STORE_URL"), let schema = getenv("STORE_SCHEMA") else {
            return try SQLiteStore(directory: directory)
        }
        return try PostgresStore(
            PostgresStore.Settings(
                parameters: try ConnectionParameters(String(cString: url)),
                schema: try SchemaName(String(cString: schema)), directory: directory))
    }

    private static func run(_ store: any StoredDesk, seed: UInt64, tasks: Int, orders: Int) async throws(StoreError) {
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: .max)
        if snapshot.bookDay == nil {
            let account = Account(id: "ALPHA", name: "Alpha", currency: "USD", cash: 0, marginLimit: nil)
            try await store.importBook(
                accounts: [account], positions: [], day: CalendarDay(daysSince1970: 20_000), user: "writer",
                timeNanoseconds: 1)
        }
        self.say("open")
        let numbers = OrderNumbers(after: snapshot.lastOrderID)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var random = SplitMix64(seed: seed &+ UInt64(task) &* 7_919)
                    for _ in 0..<orders {
                        do throws(StoreError) {
                            try await self.trade(store, numbers.next(), auditCount: random.nextIndex(below: 4))
                        } catch {
                            await self.stop(store, error, numbers.next())
                        }
                    }
                }
            }
        }
    }

    private static func trade(_ store: any StoredDesk, _ number: UInt64, auditCount: Int) async throws(StoreError) {
        let request = OrderRequest(
            account: "ALPHA", clientOrderID: "client-\(number)", symbol: "AAPL", side: .buy, quantity: Double(number))
        var order = Order(
            id: number, request: request, user: "writer", status: .submitted, createdNanoseconds: number,
            updatedNanoseconds: number)
        try await store.append([.order(order)])
        self.say("order \(number)")
        order.status = .filled
        order.filledQuantity = request.quantity
        let fill = Fill(
            id: "f\(number)", orderID: number, account: "ALPHA", symbol: "AAPL", quantity: request.quantity, price: 180,
            rate: 1, fees: -0.5, timeNanoseconds: number)
        let cash = CashEntry(
            id: "c\(number)", account: "ALPHA", amount: -1, kind: "fee", reason: "test", user: "writer",
            timeNanoseconds: number)
        let audit = (0..<auditCount).map { index in
            JournalEntry.audit(
                AuditEntry(
                    timeNanoseconds: number, who: "writer", what: "order.fill", account: "ALPHA",
                    subject: "\(number)", before: nil, after: "\(index)", why: nil))
        }
        try await store.append([.order(order), .fill(fill), .cash(cash)] + audit)
        self.say("fill \(number)")
    }

    private static func stop(_ store: any StoredDesk, _ error: StoreError, _ number: UInt64) async -> Never {
        self.say("failed \(error)")
        do throws(StoreError) {
            try await self.trade(store, number, auditCount: 0)
            self.say("accepted")
        } catch {
            self.say("refused")
        }
        exit(3)
    }

    /// One write a line, so that what a reader sees was said before the kill.
    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}

/// Numbers of orders, each once.
private final class OrderNumbers: Sendable {
    private let last: Atomic<UInt64>

    init(after last: UInt64) { self.last = Atomic(last) }

    func next() -> UInt64 { self.last.add(1, ordering: .relaxed).newValue }
}
