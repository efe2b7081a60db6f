// SPDX-License-Identifier: Apache-2.0
// Takes over a changed configuration on SIGHUP: all of it, or nothing and the reason.

import Logging
import Operations
import RiskDomain
import RiskFiles
import RiskKernel
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Where the daemon's configuration comes from, now and again.
public struct DaemonSource: Sendable {
    public typealias Loaded = (configuration: Configuration, data: LoadedData)

    /// Reads and checks the configuration and all data files.
    public var load: @Sendable () throws -> Loaded

    public init(load: @escaping @Sendable () throws -> Loaded) { self.load = load }
}

/// Ownership: one reload at a time, on the task that waits for the signal.
final class Reloader: Service {
    private struct Running {
        var configuration: Configuration
        /// Of the files.
        var inputs: RiskInputs
        var appliedCount: UInt64 = 0
        var refusedCount: UInt64 = 0
        /// Why the last one was refused; `nil` where it was not.
        var refusal: String?
    }

    /// Another engine is built in milliseconds, for a large book in seconds.
    private static let throughLimit = Duration.seconds(10)
    private static let throughLook = Duration.milliseconds(10)

    private let source: DaemonSource
    private let manager: SystemdLink
    private let running: Mutex<Running>
    private let logger: Logger
    private let apply: @Sendable (ReloadPlan) throws(ReloadRefusal) -> Void
    private let isThrough: @Sendable () -> Bool

    /// - Parameters:
    ///   - inputs: of the files, whatever the store says is held.
    ///   - apply: makes a plan effective, or changes nothing.
    ///   - isThrough: whether engine and feeds run on what was applied.
    init(
        source: DaemonSource, configuration: Configuration, inputs: RiskInputs, manager: SystemdLink,
        logger: Logger, apply: @escaping @Sendable (ReloadPlan) throws(ReloadRefusal) -> Void,
        isThrough: @escaping @Sendable () -> Bool
    ) {
        self.source = source
        self.manager = manager
        self.running = Mutex(Running(configuration: configuration, inputs: inputs))
        self.logger = logger
        self.apply = apply
        self.isThrough = isThrough
    }

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { await self.reload() }
    }

    private func reload() async {
        self.manager.notify(["RELOADING=1", "MONOTONIC_USEC=\(MonotonicClock.nowNanoseconds / 1000)"])
        let refusal = await self.takeOver()
        self.running.withLock { running in
            running.refusal = refusal
            if refusal == nil { running.appliedCount += 1 } else { running.refusedCount += 1 }
        }
        self.manager.notify(["READY=1"])
    }

    /// Returns why not.
    private func takeOver() async -> String? {
        do {
            let loaded = try self.source.load()
            let running = self.running.withLock { ($0.configuration, $0.inputs) }
            let plan = try ReloadPlan(from: running, to: (loaded.configuration, loaded.data.inputs))
            try self.apply(plan)
            self.running.withLock { running in
                running.configuration = plan.configuration
                running.inputs = plan.inputs
            }
            if !(await self.waitUntilThrough()) {
                self.logger.warning("the reload takes long: the engine runs on what was before until it is through")
            }
            self.logger.notice("reloaded", metadata: ["changes": "\(plan.changes.joined(separator: ","))"])
            return nil
        } catch {
            let reason = "\(error)".replacing("\n", with: "; ")
            self.logger.error("reload refused, nothing has changed", metadata: ["reason": "\(reason)"])
            return reason
        }
    }

    private func waitUntilThrough() async -> Bool {
        let end = ContinuousClock.now + Self.throughLimit
        while !self.isThrough() {
            guard ContinuousClock.now < end, !Task.isCancelled else { return false }
            try? await Task.sleep(for: Self.throughLook)
        }
        return true
    }

    /// Why the last reload was refused; `nil` where it was not.
    var refusal: String? { self.running.withLock { $0.refusal } }

    var families: [MetricFamily] {
        let (applied, refused, refusal) = self.running.withLock { ($0.appliedCount, $0.refusedCount, $0.refusal) }
        return [
            MetricFamily(
                .counter, "tickrisk_reloads_total", "Reloads of the configuration, by outcome.",
                [.init(["outcome": "applied"], Double(applied)), .init(["outcome": "refused"], Double(refused))]),
            MetricFamily(
                .gauge, "tickrisk_last_reload_successful", "0 while the last reload was refused.",
                refusal == nil ? 1 : 0),
        ]
    }
}
