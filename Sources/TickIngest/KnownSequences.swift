// SPDX-License-Identifier: Apache-2.0
// Which message the value of each instrument is from, so that live ticks and snapshots never turn a price back.

import RiskDomain

/// By instrument, the sequence its value is as recent as, in the publisher's current run.
struct KnownSequences {
    private struct Entry {
        var run: UInt32 = 0
        var sequence: UInt64 = 0
    }

    private var entries: [Entry]
    /// Entries of other runs count as none: a restart need not visit them all.
    private var run: UInt32 = 1
    /// The greatest sequence a snapshot of this run included; live messages behind it may bring what is known.
    private var snapshotSequence: UInt64?

    init(instrumentCount: Int) { self.entries = Array(repeating: Entry(), count: instrumentCount) }

    /// - Parameter indices: by index before: the index now, `nil` for gone.
    mutating func translate(_ indices: [Int?], instrumentCount: Int) {
        let before = self.entries
        self.entries = Array(repeating: Entry(), count: instrumentCount)
        for (entry, index) in zip(before, indices) {
            if let index { self.entries[index] = entry }
        }
    }

    mutating func beginRun() {
        self.run &+= 1
        self.snapshotSequence = nil
    }

    /// The ticks of a live message that are news; `nil` says all of them, as always unless a snapshot was ahead of it.
    mutating func news(ofLive ticks: [Tick], sequence: UInt64) -> [Tick]? {
        if let snapshotSequence, sequence <= snapshotSequence {
            return self.news(of: ticks) { entry in
                entry.sequence < sequence
            } update: {
                $0.sequence = sequence
            }
        }
        let entry = Entry(run: self.run, sequence: sequence)
        for tick in ticks { self.entries[Int(tick.instrument)] = entry }
        return nil
    }

    /// The records of a snapshot that no newer live tick has overtaken.
    mutating func news(ofSnapshot records: [Tick], sequence: UInt64) -> [Tick] {
        self.snapshotSequence = max(self.snapshotSequence ?? 0, sequence)
        return self.news(of: records) { entry in
            entry.sequence <= sequence
        } update: {
            $0.sequence = sequence
        }
    }

    private mutating func news(
        of ticks: [Tick], where isOlder: (Entry) -> Bool, update: (inout Entry) -> Void
    ) -> [Tick] {
        ticks.filter { tick in
            let index = Int(tick.instrument)
            guard self.entries[index].run != self.run || isOlder(self.entries[index]) else { return false }
            self.entries[index].run = self.run
            update(&self.entries[index])
            return true
        }
    }
}
