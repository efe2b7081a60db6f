// SPDX-License-Identifier: Apache-2.0
// Publishes ticks at a fixed rate, open loop: each message has its intended time, and is late rather than left out.

import Glibc
import RiskDomain
import RiskKernel
import RiskSimulation
import TickFeed

/// How messages follow each other.
struct PublishingPace {
    /// Ticks a second.
    var rate: Double
    /// Ticks a message.
    var batch: Int
    /// Stops after this long; `nil` for never.
    var durationSeconds: Double?

    /// Nanoseconds between messages.
    var intervalNanoseconds: Double { Double(self.batch) * 1e9 / self.rate }
}

/// What was published.
struct PublishedTotals {
    var ticks: UInt64 = 0
    var messages: UInt64 = 0
    /// Messages the socket refused because its queue was full.
    var refused: UInt64 = 0
    /// Greatest delay behind the intended time.
    var greatestDelayNanoseconds: UInt64 = 0
}

/// A publisher and its pace; runs on the calling thread.
struct PacedPublisher {
    /// How a message is written.
    enum Form {
        case binary(TickEncoder)
        case json(TickJSONEncoder)
    }

    /// A feed with nothing to say still says that it lives.
    private static let heartbeatNanoseconds = 1e9

    private let publisher: TickPublisher
    private let pace: PublishingPace
    private let isBlocking: Bool
    private var form: Form
    private let epoch = WallClock.nowNanoseconds
    private var sequence: UInt64 = 0
    private var responder: SnapshotResponder?
    private(set) var totals = PublishedTotals()

    /// - Parameters:
    ///   - isBlocking: waits for room in the socket instead of losing a message.
    ///   - responder: answers requests for snapshots between messages.
    init(
        publisher: TickPublisher, pace: PublishingPace, form: Form, isBlocking: Bool,
        responder: SnapshotResponder? = nil
    ) {
        self.publisher = publisher
        self.pace = pace
        self.form = form
        self.isBlocking = isBlocking
        self.responder = responder
    }

    /// Publishes until the duration is over or the source ends.
    ///
    /// - Parameter isCancelled: asked before each message.
    mutating func run(from source: inout some TickSource, isCancelled: () -> Bool = { false }) throws {
        let start = MonotonicClock.nowNanoseconds
        let wallStart = WallClock.nowNanoseconds
        let limit = self.pace.durationSeconds.map { UInt64($0 * 1e9) }
        var batch = Array(repeating: Tick(instrument: 0, fields: []), count: self.pace.batch)
        var number = 0.0
        while !isCancelled() {
            let offset = UInt64(number * self.pace.intervalNanoseconds)
            if let limit, offset >= limit { return }
            try self.sleep(until: start + offset, wallStart: wallStart, start: start)
            let count = source.next(into: &batch)
            if count == 0 { return }
            try self.send(batch[..<count], intendedNanoseconds: wallStart + offset)
            try self.respond()
            let delay = MonotonicClock.nowNanoseconds - start
            self.totals.greatestDelayNanoseconds = max(
                self.totals.greatestDelayNanoseconds, delay > offset ? delay - offset : 0)
            number += 1
        }
    }

    private mutating func send(_ ticks: ArraySlice<Tick>, intendedNanoseconds: UInt64) throws {
        let isSent: Bool
        switch self.form {
        case .binary(var encoder):
            self.form = .binary(TickEncoder(ids: []))  // no second owner: the encoder reuses its buffer
            encoder.encode(
                epoch: self.epoch, sequence: self.sequence, sentNanoseconds: intendedNanoseconds, ticks: ticks)
            isSent = try self.publisher.send(encoder.bytes, blocking: self.isBlocking)
            self.form = .binary(encoder)
        case .json(let encoder):
            let bytes = encoder.encode(
                epoch: self.epoch, sequence: self.sequence, sentNanoseconds: intendedNanoseconds, ticks: ticks)
            isSent = try self.publisher.send(bytes, blocking: self.isBlocking)
        }
        // Also where it was not sent: who missed it asks for it.
        self.responder?.note(ticks)
        self.sequence += 1
        self.totals.messages += 1
        if isSent { self.totals.ticks += UInt64(ticks.count) } else { self.totals.refused += 1 }
    }

    /// Sleeps, with a heartbeat a second.
    private mutating func sleep(until deadline: UInt64, wallStart: UInt64, start: UInt64) throws {
        while true {
            let now = MonotonicClock.nowNanoseconds
            if now >= deadline { return }
            let next = min(deadline, now + UInt64(Self.heartbeatNanoseconds))
            try self.pause(until: next)
            if next < deadline { try self.send([], intendedNanoseconds: wallStart + next - start) }
        }
    }

    /// Whole milliseconds pass answering, the rest asleep.
    private mutating func pause(until deadline: UInt64) throws {
        while self.responder != nil {
            let now = MonotonicClock.nowNanoseconds
            guard now < deadline, deadline - now >= 1_000_000 else { break }
            try self.responder?.wait(timeoutMilliseconds: Int((deadline - now) / 1_000_000))
            try self.respond()
        }
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
    }

    /// Before the first message there is nothing to tell, and nobody has reason to ask.
    private mutating func respond() throws {
        guard self.sequence > 0 else { return }
        try self.responder?.step(
            epoch: self.epoch, sequence: self.sequence - 1, nowNanoseconds: MonotonicClock.nowNanoseconds)
    }
}
