// SPDX-License-Identifier: Apache-2.0
// The audit chain: whatever is changed, dropped, moved or put in is found, at its place.

import RiskSimulation
import Testing
import TradeDesk

@Suite struct AuditChainTests {
    /// FNV-1a, 64 bits (Fowler, Noll & Vo): enough to notice accidents in a test, no protection against anybody.
    static let digest: AuditChain.Digest = { bytes in
        let hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
    }

    static func chain(_ count: Int) -> (entries: [AuditEntry], head: AuditHead) {
        var chain = AuditChain(digest: Self.digest)
        let entries = (0..<count).map { index in
            chain.append(
                timeNanoseconds: UInt64(index), who: "ann", what: "order.cancel", subject: "order:\(index)",
                before: index.isMultiple(of: 2) ? nil : "working", after: "pending_cancel", why: "why")
        }
        return (entries, chain.head)
    }

    @Test func untouchedChainVerifiesWholeAndInParts() throws {
        let (entries, head) = Self.chain(20)
        #expect(try AuditChain.verify(entries, to: head, digest: Self.digest) == head)
        let middle = try AuditChain.verify(entries.prefix(9), digest: Self.digest)
        #expect(try AuditChain.verify(entries.dropFirst(9), from: middle, to: head, digest: Self.digest) == head)
        var resumed = AuditChain(continuing: middle, digest: Self.digest)
        let next = resumed.append(
            timeNanoseconds: 9, who: "ann", what: "order.cancel", subject: "order:9", before: "working",
            after: "pending_cancel", why: "why")
        #expect(next == entries[9])
        #expect(try AuditChain.verify([], digest: Self.digest) == AuditHead())
    }

    @Test func everyChangeOfAnEntryIsFoundAtIt() {
        let changes: [(inout AuditEntry) -> Void] = [
            { $0.timeNanoseconds += 1 }, { $0.who = "bob" }, { $0.what += "x" }, { $0.subject = "" },
            { $0.before = $0.before == nil ? "" : nil }, { $0.after = nil }, { $0.why = "" }, { $0.digest = [] },
            // Moving a letter from one field to the next leaves the same text.
            {
                $0.who = "annorder"
                $0.what = ".cancel"
            },
        ]
        for (index, change) in changes.enumerated() {
            for place in 0..<6 {
                var (entries, _) = Self.chain(6)
                change(&entries[place])
                #expect(throws: AuditFault.altered(sequence: UInt64(place + 1)), "\(index)") {
                    try AuditChain.verify(entries, digest: Self.digest)
                }
            }
        }
    }

    @Test func droppedMovedAndForgedEntriesAreFound() {
        var (entries, head) = Self.chain(6)
        let whole = entries
        entries.remove(at: 3)
        #expect(throws: AuditFault.sequenceGap(expected: 4, actual: 5)) {
            try AuditChain.verify(entries, digest: Self.digest)
        }
        #expect(throws: AuditFault.wrongEnd(expected: 6, actual: 4)) {
            try AuditChain.verify(whole.prefix(4), to: head, digest: Self.digest)
        }
        // A forger who takes the digest of his own entry anew breaks the link to the next one.
        entries = whole
        entries[3].who = "bob"
        entries[3].digest = Self.digest(entries[3].canonicalBytes)
        #expect(throws: AuditFault.unlinked(sequence: 5)) { try AuditChain.verify(entries, digest: Self.digest) }
        entries = whole
        entries[5].who = "bob"
        entries[5].digest = Self.digest(entries[5].canonicalBytes)
        #expect(throws: AuditFault.otherEnd(sequence: 6)) {
            try AuditChain.verify(entries, to: head, digest: Self.digest)
        }
    }

    /// Random entries of short texts: equal bytes only for equal entries.
    @Test(arguments: UInt64(1)...5)
    func canonicalBytesTellEntriesApart(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var seen: [[UInt8]: AuditEntry] = [:]
        func text() -> String { ["", "a", "aa", "\u{1}", "\u{0}\u{0}"][random.nextIndex(below: 5)] }
        func maybe() -> String? { random.nextIndex(below: 2) == 0 ? nil : text() }
        for _ in 0..<3_000 {
            let entry = AuditEntry(
                sequence: 1, timeNanoseconds: 1, who: text(), what: text(), subject: text(), before: maybe(),
                after: maybe(), why: maybe(), previous: [], digest: [])
            if let other = seen[entry.canonicalBytes] { #expect(other == entry, "seed \(seed)") }
            seen[entry.canonicalBytes] = entry
        }
        #expect(seen.count > 100)
    }
}
