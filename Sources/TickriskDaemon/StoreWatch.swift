// SPDX-License-Identifier: Apache-2.0
// Ends a unit whose store stopped, once another opening of it may succeed: its engine begins it again.

import Glibc
import Logging
import PostgresStore
import RiskStore
import ServiceLifecycle

/// While the database server is away, risk goes on and nothing is written down; when it is back, the unit begins anew
/// from what the server has.
struct StoreWatch: Service {
    private static let interval = Duration.seconds(1)

    let store: any StoredDesk
    let logger: Logger

    func run() async throws {
        guard let store = self.store as? PostgresStore else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                guard let failure = store.failure, !Task.isCancelled, await store.answers() else { continue }
                self.logger.warning(
                    "the store stopped and can be opened again: this unit ends, to begin anew",
                    metadata: ["reason": "\(failure)"])
                kill(getpid(), SIGTERM)
                return
            }
        }
    }
}
