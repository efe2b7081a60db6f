// SPDX-License-Identifier: Apache-2.0
// The report thread: the risk channels somebody watches, once a second each.

import FrameCodec
import RiskDomain
import RiskKernel
import Synchronization

/// Publishes `risk:ID` from the newest cut of `account:ID`, on a thread of its own, `tr-report`: beside the hot path,
/// which knows nothing of it.
///
/// Ownership: the one writer of the risk channels (docs/ownership.md).
public final class ReportThread: Sendable {
    private static let intervalNanoseconds: UInt64 = 1_000_000_000
    /// How soon a new listener has the first report.
    private static let lookNanoseconds: UInt64 = 100_000_000

    private struct Channel {
        var published: PublishedChannel
        /// `nil` for the firm.
        var account: Int?
        /// Sequence of the cut last reported on.
        var reported: UInt64 = 0
        var dueNanoseconds: UInt64 = 0
    }

    private let desk: ReportDesk
    private let source: any CutSource
    private let sink: any CutSink
    private let channels: Mutex<[Channel]>
    private let parker = Parker()
    private let thread = RoleThread(name: "tr-report")

    /// - Parameter floor: sequences of all channels are above it.
    public init(desk: ReportDesk, source: any CutSource, sink: any CutSink, floor: UInt64 = 0) {
        self.desk = desk
        self.source = source
        self.sink = sink
        let catalog = desk.catalog
        func channel(_ index: Int, account: Int?) -> Channel {
            Channel(
                published: PublishedChannel(index: index, name: catalog.names[index], floor: floor), account: account)
        }
        self.channels = Mutex(
            [channel(catalog.firmRisk, account: nil)]
                + desk.accounts.indices.map { channel(catalog.index(ofRiskNumber: $0), account: $0) })
    }

    public func start() { self.thread.start { self.run() } }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.parker.wake) }

    private func run() {
        // Held for the thread's life: nobody else takes it, the lock only says so to the compiler.
        self.channels.withLock { channels in
            while !self.thread.isStopping {
                for index in channels.indices where !self.thread.isStopping { self.report(&channels[index]) }
                self.parker.sleep(timeoutNanoseconds: Self.lookNanoseconds) { self.thread.isStopping }
            }
        }
    }

    private func report(_ channel: inout Channel) {
        let now = MonotonicClock.nowNanoseconds
        guard now >= channel.dueNanoseconds, self.sink.isWanted(channel: channel.published.index),
            let cut = self.subject(of: channel), cut.sequence != channel.reported,
            let state = self.state(of: channel, subject: cut)
        else { return }
        channel.dueNanoseconds = now + Self.intervalNanoseconds
        channel.reported = cut.sequence
        let stamps = CutStamps(
            cutNanoseconds: cut.cutNanoseconds, newestNanoseconds: cut.newestNanoseconds,
            oldestNanoseconds: cut.oldestNanoseconds)
        if let next = channel.published.cut(
            state, stamps: stamps, scenarioPnL: { [] }, isWanted: true, nowNanoseconds: now)
        {
            self.sink.publish([next])
        }
    }

    /// The cut a report is about.
    private func subject(of channel: Channel) -> ChannelCut? {
        let catalog = self.desk.catalog
        return self.source.newestCut(
            channel: channel.account.map(catalog.index(ofAccountNumber:)) ?? ChannelCatalog.firm)
    }

    private func state(of channel: Channel, subject: ChannelCut) -> ChannelState? {
        if let account = channel.account { return self.desk.state(ofAccount: account, cut: subject) }
        return self.desk.firmState(from: self.source)
    }
}

extension ReportDesk {
    /// The firm's report on the newest cuts; `nil` before the market's first, and where only some of its accounts are
    /// cut here: vectors of a part would pass for the firm's.
    public func firmState(from source: any CutSource) -> ChannelState? {
        guard self.hasFirm, let market = source.newestCut(channel: ChannelCatalog.market) else { return nil }
        let cuts = self.accounts.indices.map { number in
            source.newestCut(channel: self.catalog.index(ofAccountNumber: number))
        }
        return self.firmState(market: market, cuts: cuts)
    }
}
