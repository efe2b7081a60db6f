// SPDX-License-Identifier: Apache-2.0
// The settings durability rests on, read back and seen at work.

import Foundation
import GRDB
import RiskStore
import Testing

@Suite struct DurabilityTests {
    @Test func whatGRDBSetsByItselfIsRefusedAndWhatWeSetHolds() throws {
        let folder = try StoreFolder()
        let pool = try DatabasePool(path: "\(folder.path)/plain.sqlite")
        let error = #expect(throws: StoreError.self) {
            try pool.writeWithoutTransaction { try DurableSettings.check($0) }
        }
        #expect(error == .notDurable(setting: "synchronous", expected: "2", actual: "1"))
        try pool.writeWithoutTransaction { try DurableSettings.apply(to: $0) }
        try pool.writeWithoutTransaction { try DurableSettings.check($0) }
    }

    /// The system calls of one writing task, in their order.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "strace shows the calls"))
    func logAndHeadsAreSyncedBeforeAnAppendReturns() throws {
        let folder = try StoreFolder()
        let trace = "\(folder.path)/trace"
        let strace = ["/usr/bin/strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=fdatasync,fsync,rename,write"]
        let run = try WriterProcess.run(store: folder.store, seed: 1, tasks: 1, orders: 10, wrapper: strace)
        #expect(run.report.fills.count == 10)
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        var since = ""
        var appendCount = 0
        for line in lines {
            if line.contains("fdatasync(") && line.contains("desk.sqlite-wal>") { since += "log " }
            if line.contains("fsync(") && line.contains("/heads.new>") { since += "heads " }
            if line.contains("rename(") && line.contains("/heads.new") { since += "rename " }
            if line.contains("fsync(") && line.contains("/store>") { since += "directory " }
            guard line.contains("write(1<") else { continue }
            if line.contains("order ") || line.contains("fill ") {
                appendCount += 1
                #expect(since == "log heads rename directory ", "append \(appendCount)")
            }
            since = ""
        }
        #expect(appendCount == 20)
    }
}
