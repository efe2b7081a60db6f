// SPDX-License-Identifier: Apache-2.0
// Connections that only read, each for one reading at a time.

import Dispatch
import RiskStore
import Synchronization

final class ReaderPool: Sendable {
    private static let readersMax = 4

    private let settings: PostgresStore.Settings
    private let idle = Mutex<[PostgresConnection]>([])
    private let permits = DispatchSemaphore(value: ReaderPool.readersMax)
    private let threads = DispatchQueue(label: "store-readers", attributes: .concurrent)

    init(_ settings: PostgresStore.Settings) { self.settings = settings }

    /// A connection that broke since it was used last is replaced once.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            self.threads.async {
                self.permits.wait()
                defer { self.permits.signal() }
                continuation.resume(
                    returning: Result { try self.attempt(body) }.mapError { StoreError(reading: $0) })
            }
        }
        return try result.get()
    }

    private func attempt<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        if let connection = self.idle.withLock({ $0.popLast() }) {
            do { return try self.use(connection, body) } catch let error as PostgresError where error.isPassing {
                // The others are as old.
                self.close()
            }
        }
        return try self.use(try Self.connect(self.settings.parameters, self.settings.session), body)
    }

    private func use<Value>(
        _ connection: PostgresConnection, _ body: (PostgresConnection) throws -> Value
    ) throws -> Value {
        do {
            let value = try body(connection)
            self.idle.withLock { $0.append(connection) }
            return value
        } catch {
            connection.close()
            throw error
        }
    }

    static func connect(
        _ parameters: ConnectionParameters, _ settings: SessionSettings
    ) throws -> PostgresConnection {
        let timeout = settings.timeoutMilliseconds
        let connection = try PostgresConnection(parameters, waitMilliseconds: timeout + 1_000)
        try connection.simple(
            """
            SET search_path = \(settings.schema.text); SET statement_timeout = \(timeout);
            SET idle_in_transaction_session_timeout = \(10 * timeout); SET default_transaction_read_only = on
            """)
        return connection
    }

    func close() {
        let connections = self.idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
        for connection in connections { connection.close() }
    }
}
