// SPDX-License-Identifier: Apache-2.0
// Nothing acknowledged is lost: not when the process is killed, not when the disk fails.

import Foundation
import RiskSimulation
import RiskStore
import Testing

@Suite(.serialized) struct CrashTests {
    @Test(arguments: StoreEngine.allCases, [UInt64(20_260_101)])
    func everythingAcknowledgedSurvivesAKillAtAnyPoint(engine: StoreEngine, seed: UInt64) async throws {
        print("seed \(seed)")
        let folder = try StoreFolder(engine)
        var random = SplitMix64(seed: seed)
        var said = WriterReport()
        let rounds = ProcessInfo.processInfo.environment["STORE_KILL_ROUNDS"].flatMap { Int($0) } ?? 20
        for round in 0..<rounds {
            let lines = 1 + random.nextIndex(below: 120)
            let run = try WriterProcess.run(
                store: folder.store, seed: random.next(), tasks: 1 + random.nextIndex(below: 8), orders: 10_000,
                killAfterLines: lines, environment: folder.writerEnvironment)
            #expect(run.status == SIGKILL && !run.report.hasFailed, "seed \(seed) round \(round)")
            said.orders.formUnion(run.report.orders)
            said.fills.formUnion(run.report.fills)
            try await WriterProcess.check(try folder.open(), acknowledged: said, "seed \(seed) round \(round)")
        }
        #expect(said.fills.count > 100)
    }

    /// At the system calls that matter, from the making of the tables on.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "strace sends the signals"),
        arguments: ["pwrite64", "fdatasync", "fsync", "rename"])
    func everythingAcknowledgedSurvivesAKillAtASystemCall(call: String) async throws {
        var killedCount = 0
        for count in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] {
            let folder = try StoreFolder()
            let injection = "inject=\(call):signal=SIGKILL:when=\(count)"
            let strace = ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)"]
            let run = try WriterProcess.run(
                store: folder.store, seed: 5, tasks: 2, orders: 10, wrapper: strace + ["-e", injection])
            if run.status == SIGKILL { killedCount += 1 }
            #expect(run.status == SIGKILL || run.report.lastLine == "done", "\(injection): \(run.report.lastLine)")
            try await WriterProcess.check(folder.store, acknowledged: run.report, "\(injection)")
        }
        print("\(call): killed \(killedCount) of 10")
        #expect(killedCount >= 3)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var call: String
        var error: String
        /// Of the calls of the program, opening included.
        var counts: [Int]

        var testDescription: String { "\(self.call) \(self.error)" }
    }

    private static let faults = [
        Fault(call: "fdatasync", error: "EIO", counts: [1, 2, 3, 5, 8]),
        Fault(call: "fsync", error: "EIO", counts: [1, 2, 4, 7, 11]),
        Fault(call: "pwrite64", error: "ENOSPC", counts: [1, 12, 23, 30, 36, 42, 50, 58]),
        Fault(call: "rename", error: "EIO", counts: [1, 3, 5]),
    ]

    /// Each once in a new store, whose opening writes much, and once in one that is there.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "strace injects the faults"),
        arguments: Self.faults)
    func afterAFailedWriteOrSyncTheStoreRefusesAndLosesNothing(fault: Fault) async throws {
        var failedCount = 0
        var refusedCount = 0
        for (count, isNew) in fault.counts.flatMap({ [($0, true), ($0, false)] }) {
            let folder = try StoreFolder()
            var said = WriterReport()
            if !isNew { said = try WriterProcess.run(store: folder.store, seed: 8, tasks: 1, orders: 1).report }
            // Once only: the store must stop by itself, not because the disk keeps failing. Threads count apart.
            let injection = "inject=\(fault.call):error=\(fault.error):when=\(count)"
            let strace = ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(fault.call)"]
            let run = try WriterProcess.run(
                store: folder.store, seed: 7, tasks: 3, orders: 24, wrapper: strace + ["-e", injection])
            if run.report.hasFailed {
                failedCount += 1
                #expect(run.status == 3, "\(injection)")
                // While the store opens or closes there is nobody to try another append.
                let isBetween = run.report.orders.isEmpty || run.report.fills.count == 72
                #expect(isBetween || run.report.hasRefused, "\(injection): \(run.report.lastLine)")
                #expect(!run.report.hasAccepted, "\(injection)")
                if run.report.hasRefused { refusedCount += 1 }
            } else {
                #expect(run.report.lastLine == "done" && run.report.fills.count == 72, "\(injection)")
            }
            said.orders.formUnion(run.report.orders)
            said.fills.formUnion(run.report.fills)
            try await WriterProcess.check(folder.store, acknowledged: said, "\(injection)")
        }
        print("\(fault.call): \(failedCount) runs failed, \(refusedCount) of them at work")
        #expect(refusedCount > 0, "no fault reached the store at work")
    }

    /// Writes to the database itself happen at checkpoints only, after the appends of their turn were answered.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "strace injects the faults"),
        arguments: [("pwrite64", "ENOSPC"), ("fdatasync", "EIO")])
    func afterAFailedCheckpointTheStoreRefusesAndLosesNothing(call: String, error: String) async throws {
        let folder = try StoreFolder()
        var said = try WriterProcess.run(store: folder.store, seed: 8, tasks: 1, orders: 1).report
        let injection = "inject=\(call):error=\(error):when=1"
        let strace = ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-P", folder.database]
        let run = try WriterProcess.run(
            store: folder.store, seed: 7, tasks: 16, orders: 100,
            wrapper: strace + ["-e", "trace=\(call)", "-e", injection])
        #expect(run.status == 3 && run.report.hasRefused && !run.report.hasAccepted)
        #expect(run.report.fills.count > 100)
        said.orders.formUnion(run.report.orders)
        said.fills.formUnion(run.report.fills)
        try await WriterProcess.check(folder.store, acknowledged: said, "\(injection)")
    }
}
