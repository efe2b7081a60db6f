// SPDX-License-Identifier: Apache-2.0
// Tries to reach a server that is away, ever more seldom, never in step with others.

import Dispatch
import RiskStore
import Synchronization

final class Reconnector: Sendable {
    private static let firstPauseMilliseconds = 50.0
    private static let pauseMillisecondsMax = 5_000.0

    private let settings: PostgresStore.Settings
    private let identity: String
    private let writer: Int64
    private let thread = DispatchQueue(label: "store-reconnect")
    private let isStopped = Mutex(false)

    init(_ settings: PostgresStore.Settings, identity: String, writer: Int64) {
        self.settings = settings
        self.identity = identity
        self.writer = writer
    }

    func stop() { self.isStopped.withLock { $0 = true } }

    /// - Parameter arrive: called once, with a session that holds the lock, or with why there will never be one.
    func start(_ arrive: @escaping @Sendable (Result<(WriterSession, ServerState), StoreError>) -> Void) {
        self.attempt(after: Self.firstPauseMilliseconds, arrive)
    }

    /// A pause of half its length to all of it, so that those who lost the server together do not come back together.
    private func attempt(
        after pause: Double, _ arrive: @escaping @Sendable (Result<(WriterSession, ServerState), StoreError>) -> Void
    ) {
        let milliseconds = Int(Double.random(in: (pause / 2)...pause))
        self.thread.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
            guard !self.isStopped.withLock({ $0 }) else { return }
            do {
                if let found = try self.session() { return arrive(.success(found)) }
            } catch let error as PostgresError where error.isPassing {
                // Not yet.
            } catch {
                return arrive(.failure(StoreError(reading: error)))
            }
            self.attempt(after: min(2 * pause, Self.pauseMillisecondsMax), arrive)
        }
    }

    /// `nil` while the server still knows a session that holds the lock: ours from before, whose last transaction has
    /// to end first.
    private func session() throws -> (WriterSession, ServerState)? {
        let session = try WriterSession(self.settings.parameters, self.settings.session)
        guard try session.lock() else {
            // Somebody else took over, or our own session is not over yet.
            let server = try session.state()
            session.connection.close()
            guard server.writer == self.writer else {
                throw StoreError.refused(reason: "another daemon has taken the database over")
            }
            return nil
        }
        let server = try session.state()
        guard server.identity == self.identity, server.writer == self.writer else {
            throw StoreError.refused(reason: "another daemon has taken the database over, or it is another database")
        }
        return (session, server)
    }
}
