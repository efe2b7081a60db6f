// SPDX-License-Identifier: Apache-2.0
// SQLite drops the damaged end of its log without a word; the store says so.

import Foundation
import RiskSimulation
import RiskStore
import Testing

@Suite struct TornTailTests {
    /// The directory of a killed writer, its log not written back.
    private static func killedStore(_ folder: StoreFolder) throws {
        let run = try WriterProcess.run(
            store: folder.store, seed: 3, tasks: 1, orders: 10_000, killAfterLines: 60)
        #expect(run.report.fills.count >= 10)
    }

    private static func opening(_ folder: StoreFolder, _ log: Data, _ copy: Int) throws -> StoreError? {
        let directory = "\(folder.path)/copy\(copy)"
        try FileManager.default.copyItem(atPath: folder.store, toPath: directory)
        try log.write(to: URL(fileURLWithPath: "\(directory)/desk.sqlite-wal"))
        let error = openingError(directory)
        if error != nil {
            // What a refused start leaves is what it found.
            #expect(try Data(contentsOf: URL(fileURLWithPath: "\(directory)/desk.sqlite-wal")) == log)
        }
        return error
    }

    @Test(arguments: [UInt64(42)])
    func aLogThatIsCutOrChangedAnywhereIsReported(seed: UInt64) async throws {
        print("seed \(seed)")
        let folder = try StoreFolder()
        try Self.killedStore(folder)
        var random = SplitMix64(seed: seed)
        let log = try Data(contentsOf: URL(fileURLWithPath: "\(folder.store)/desk.sqlite-wal"))
        #expect(try Self.opening(folder, log, 0) == nil)
        for round in 1...10 {
            // The last commit may not have been acknowledged before the kill; half the log surely was.
            let place = 32 + random.nextIndex(below: log.count / 2 - 32)
            let cut = try Self.opening(folder, log.prefix(place), 2 * round)
            guard case .tailLost? = cut else {
                Issue.record("seed \(seed): cut to \(place) of \(log.count) bytes: \(String(describing: cut))")
                continue
            }
            var changed = log
            changed[place] ^= 0x10
            let flipped = try Self.opening(folder, changed, 2 * round + 1)
            guard case .tailLost? = flipped else {
                Issue.record("seed \(seed): byte \(place) of \(log.count) changed: \(String(describing: flipped))")
                continue
            }
        }
        guard case .tailLost? = try Self.opening(folder, Data(), 100) else {
            Issue.record("the log is gone, and nothing noticed")
            return
        }
    }
}
