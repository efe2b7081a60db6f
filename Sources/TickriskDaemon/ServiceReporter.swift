// SPDX-License-Identifier: Apache-2.0
// Tells the service manager how the daemon is: started, alive, stopping, and a line for people.

import Logging
import Operations
import RiskKernel
import ServiceLifecycle

/// Feeds the watchdog by the turns of the engine and of the publisher: where either stands still, nothing is said and
/// systemd starts another process.
///
/// Ownership: callable from any thread; the gate belongs to its one task.
final class ServiceReporter: Service {
    /// How often it looks at the latest.
    private static let lookNanoseconds: UInt64 = 1_000_000_000

    private let manager: SystemdLink
    private let logger: Logger
    private let readyText: String
    private let readiness: @Sendable () -> Readiness
    private let progress: @Sendable () -> [UInt64]
    private let status: @Sendable () -> String

    /// - Parameters:
    ///   - progress: turns of every loop that has to live.
    ///   - status: one line on what the daemon does.
    init(
        manager: SystemdLink, logger: Logger,
        readyText: String = "ready: feeds, store and venue answer, and the book has values",
        progress: @escaping @Sendable () -> [UInt64],
        readiness: @escaping @Sendable () -> Readiness, status: @escaping @Sendable () -> String
    ) {
        self.manager = manager
        self.logger = logger
        self.readyText = readyText
        self.progress = progress
        self.readiness = readiness
        self.status = status
    }

    /// The port is open.
    func ready() { self.manager.notify(["READY=1", "STATUS=\(self.status())"]) }

    func run() async throws {
        // Four looks in the time that is given: one may come late, and one see a loop asleep.
        let interval = min(self.manager.watchdogNanoseconds.map { $0 / 4 } ?? .max, Self.lookNanoseconds)
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await self.tell(every: interval) }
        } onGracefulShutdown: {
            self.manager.notify(["STOPPING=1", "STATUS=stopping: streams end, orders are written down"])
        }
    }

    private func tell(every nanoseconds: UInt64) async {
        var gate = ProgressGate()
        var told = ""
        var watch = ReadinessWatch(logger: self.logger, readyText: self.readyText)
        var clock = ClockWatch()
        while !Task.isCancelled {
            watch.see(self.readiness())
            let step = clock.look(
                wallNanoseconds: WallClock.nowNanoseconds, monotonicNanoseconds: MonotonicClock.nowNanoseconds)
            if let step { self.say(clockStep: step) }
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

extension ServiceReporter {
    /// A machine that slept looks as if its clock was set forward.
    private func say(clockStep nanoseconds: Int64) {
        let seconds = Double(nanoseconds) / 1e9
        self.logger.warning(
            "the system clock was set \(nanoseconds > 0 ? "forward" : "back")",
            metadata: [
                "seconds": "\((seconds.magnitude * 10).rounded() / 10)",
                "effect": "ages and timeouts go on; stamps, the day roll and ends of sessions follow the new time",
            ])
    }
}

/// Says once, not every second, that the daemon became ready or stopped being it, and why.
private struct ReadinessWatch {
    let logger: Logger
    let readyText: String
    private var last: Readiness?

    init(logger: Logger, readyText: String) {
        self.logger = logger
        self.readyText = readyText
    }

    mutating func see(_ readiness: Readiness) {
        guard readiness != self.last else { return }
        let reasons: Logger.Metadata = ["reasons": "\(readiness.missing.joined(separator: "; "))"]
        switch (self.last, readiness.isReady) {
        case (_, true): self.logger.notice("\(self.readyText)")
        // At the start everything is still to come.
        case (nil, false): self.logger.info("not ready yet", metadata: reasons)
        case (let last?, false):
            let level: Logger.Level = last.isReady ? .warning : .info
            self.logger.log(level: level, "not ready", metadata: reasons)
        }
        self.last = readiness
    }
}
