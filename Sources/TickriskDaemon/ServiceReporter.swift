// SPDX-License-Identifier: Apache-2.0
// Tells the service manager how the daemon is: started, alive, stopping, and a line for people.

import Operations
import ServiceLifecycle
import Synchronization

/// Feeds the watchdog by the turns of the engine and of the publisher: where either stands still, nothing is said and
/// systemd starts another process.
///
/// Ownership: callable from any thread; the gate belongs to its one task.
final class ServiceReporter: Service {
    /// Without a watchdog, how often the line for people is made.
    private static let statusNanoseconds: UInt64 = 5_000_000_000

    private let manager: ServiceManager
    private let progress: @Sendable () -> [UInt64]
    private let status: @Sendable () -> String

    /// - Parameters:
    ///   - progress: turns of every loop that has to live.
    ///   - status: one line on what the daemon does.
    init(
        manager: ServiceManager, progress: @escaping @Sendable () -> [UInt64],
        status: @escaping @Sendable () -> String
    ) {
        self.manager = manager
        self.progress = progress
        self.status = status
    }

    /// The port is open.
    func ready() { self.manager.notify(["READY=1", "STATUS=\(self.status())"]) }

    func run() async throws {
        guard self.manager.isPresent else { return try await gracefulShutdown() }
        // Four looks in the time that is given: one may come late, and one see a loop asleep.
        let interval = self.manager.watchdogNanoseconds.map { $0 / 4 } ?? Self.statusNanoseconds
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await self.tell(every: interval) }
        } onGracefulShutdown: {
            self.manager.notify(["STOPPING=1", "STATUS=stopping: streams end, orders are written down"])
        }
    }

    private func tell(every nanoseconds: UInt64) async {
        var gate = ProgressGate()
        var told = ""
        while !Task.isCancelled {
            if gate.haveAllMoved(self.progress()) {
                if self.manager.watchdogNanoseconds != nil { self.manager.notify(["WATCHDOG=1"]) }
                let status = self.status()
                if status != told { self.manager.notify(status: status) }
                told = status
            }
            try? await Task.sleep(nanoseconds: nanoseconds)
        }
    }
}
