// SPDX-License-Identifier: Apache-2.0
// Executes what the snapshot exchange decides: opens, reads and closes questions.

import Logging
import RiskKernel
import TickFeed

/// Ownership: its ingest thread.
struct SnapshotClient {
    /// Messages of an answer taken before live ones are looked at again.
    private static let messageLimit = 2

    private let settings: FeedSettings
    private let context: ZMQContext
    private let counters: FeedCounters
    private let logger: Logger
    private var exchange = SnapshotExchange()
    /// Open while a question is.
    private(set) var dealer: SnapshotDealer?

    init(settings: FeedSettings, context: ZMQContext, counters: FeedCounters, logger: Logger) {
        self.settings = settings
        self.context = context
        self.counters = counters
        self.logger = logger
    }

    /// Messages have been missed.
    mutating func want(nowNanoseconds: UInt64) {
        if self.settings.snapshot != nil { self.exchange.want(nowNanoseconds: nowNanoseconds) }
    }

    /// Takes a bounded part of the answer, then does what is due.
    ///
    /// - Returns: whether anything was taken.
    mutating func step(into intake: inout FeedIntake, nowNanoseconds: UInt64) throws(ZMQError) -> Bool {
        var isTaken = false
        for _ in 0..<Self.messageLimit {
            guard let dealer = self.dealer else { break }
            var part = SnapshotExchange.Part.refused
            let received = try dealer.receive { payload in
                part = intake.takeAnswer(payload, receivedNanoseconds: WallClock.nowNanoseconds)
            }
            switch received {
            case .nothing:
                self.execute(self.exchange.step(nowNanoseconds: nowNanoseconds))
                return isTaken
            case .message: isTaken = true
            case .rejected(let reason): part = intake.rejectAnswer(reason)
            }
            self.execute(self.exchange.take(part, nowNanoseconds: nowNanoseconds))
        }
        self.execute(self.exchange.step(nowNanoseconds: nowNanoseconds))
        return isTaken
    }

    private mutating func execute(_ action: SnapshotExchange.Action) {
        switch action {
        case .nothing: break
        case .ask: self.ask()
        case .finish:
            self.dealer = nil
            self.counters.snapshots.add(1)
            self.logger.info("snapshot complete", metadata: ["feed": "\(self.settings.name)"])
        case .giveUp:
            self.dealer = nil
            self.logger.notice("no usable snapshot; asking again", metadata: ["feed": "\(self.settings.name)"])
        }
    }

    private mutating func ask() {
        guard let snapshot = self.settings.snapshot else { return }
        self.counters.snapshotRequests.add(1)
        do throws(ZMQError) {
            self.dealer = try SnapshotDealer(
                context: self.context, endpoint: snapshot.endpoint, security: snapshot.security)
        } catch {
            // Short of descriptors, say: without a dealer no answer comes, and the next question has its time.
            self.logger.warning(
                "cannot ask for a snapshot", metadata: ["feed": "\(self.settings.name)", "error": "\(error)"])
        }
    }
}
