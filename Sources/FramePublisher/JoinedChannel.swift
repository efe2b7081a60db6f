// SPDX-License-Identifier: Apache-2.0
// The firm's channel in the house of a fleet: newest parts in, numbered cuts out. Pure: time comes in.

import FrameCodec
import RiskDomain
import RiskKernel

package struct JoinedChannel: Sendable {
    private var join: FirmJoin
    private var published: PublishedChannel
    private let intervalNanoseconds: UInt64
    /// By partition.
    private var parts: [FirmPart?]
    private var isChanged = false
    /// What the parts told since the last cut.
    private var newestNanoseconds: UInt64?
    private var oldestNanoseconds: UInt64?
    /// Of the last cut, since 1970.
    private var cutNanoseconds: UInt64?
    private var nextNanoseconds: UInt64
    /// Who has said nothing yet is waited for until then, so that a start is no outage.
    private let patientUntilNanoseconds: UInt64
    /// Of the newest join: partitions that are missing, and what was wrong with the parts of some.
    package private(set) var missing: [Int] = []
    package private(set) var refusals: [Int: FirmPartRefusal] = [:]

    /// - Parameters:
    ///   - floor: sequences are above this.
    ///   - intervalNanoseconds: least time between two cuts.
    package init(
        join: FirmJoin, floor: UInt64, intervalNanoseconds: UInt64, patienceNanoseconds: UInt64,
        nowNanoseconds now: UInt64
    ) {
        self.join = join
        self.published = PublishedChannel(index: ChannelCatalog.firm, name: "firm", floor: floor)
        self.intervalNanoseconds = intervalNanoseconds
        self.parts = Array(repeating: nil, count: join.partitionCount)
        self.nextNanoseconds = now
        self.patientUntilNanoseconds = now + patienceNanoseconds
    }

    package mutating func take(_ part: FirmPart, partition: Int) {
        guard self.parts.indices.contains(partition) else { return }
        self.parts[partition] = part
        self.newestNanoseconds = [self.newestNanoseconds, part.newestNanoseconds].compactMap(\.self).max()
        self.oldestNanoseconds = [self.oldestNanoseconds, part.oldestNanoseconds].compactMap(\.self).min()
        self.isChanged = true
    }

    package mutating func lose(partition: Int) {
        guard self.parts.indices.contains(partition), self.parts[partition] != nil else { return }
        self.parts[partition] = nil
        self.isChanged = true
    }

    /// When the next cut may be made; `nil` while there is nothing to tell.
    package var dueNanoseconds: UInt64? {
        guard self.isChanged, self.parts[self.join.house] != nil else { return nil }
        if self.cutNanoseconds != nil || self.join.missing(among: self.parts).isEmpty { return self.nextNanoseconds }
        return max(self.nextNanoseconds, self.patientUntilNanoseconds)
    }

    /// The next cut; `nil` before it is due, and where nothing a reader could see has changed.
    package mutating func cut(
        isWanted: Bool, nowNanoseconds now: UInt64, wallNanoseconds: UInt64
    ) -> ChannelCut? {
        guard let due = self.dueNanoseconds, now >= due, let joined = self.join.join(self.parts) else { return nil }
        self.isChanged = false
        self.missing = joined.missing
        self.refusals = joined.refusals
        // The wall clock may be set back; cut times never come closer than the interval.
        let earliest = self.cutNanoseconds.map { $0 + self.intervalNanoseconds } ?? 0
        let stamps = CutStamps(
            cutNanoseconds: max(wallNanoseconds, earliest), newestNanoseconds: self.newestNanoseconds,
            oldestNanoseconds: self.oldestNanoseconds)
        let cut = self.published.cut(
            joined.state, stamps: stamps, scenarioPnL: { joined.scenarioPnL }, isWanted: isWanted, nowNanoseconds: now)
        if cut != nil {
            self.cutNanoseconds = stamps.cutNanoseconds
            self.nextNanoseconds = now + self.intervalNanoseconds
            (self.newestNanoseconds, self.oldestNanoseconds) = (nil, nil)
        }
        return cut
    }
}
