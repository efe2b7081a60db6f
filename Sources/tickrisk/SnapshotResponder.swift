// SPDX-License-Identifier: Apache-2.0
// Answers requests for snapshots with the last value of every instrument, a bounded piece at a time.

import RiskDomain
import RiskKernel
import TickFeed

/// Steps in the publishing loop, between messages: so what it holds is exactly what the last message left, and every
/// message of an answer says which one that was.
struct SnapshotResponder {
    private struct Answer {
        let asker: [UInt8]
        let deadlineNanoseconds: UInt64
        /// First instrument not sent yet.
        var next = 0
    }

    private static let recordsPerMessage = 4_096
    /// Answers under way; who asks beyond them asks again.
    private static let answersMax = 16
    /// For an asker that takes nothing.
    private static let patienceNanoseconds: UInt64 = 5_000_000_000

    private let router: SnapshotRouter
    private var encoder: TickEncoder
    private var values: [Tick]
    private var answers: [Answer] = []
    /// Answers sent whole.
    private(set) var answered = 0

    init(router: SnapshotRouter, directory: InstrumentDirectory) {
        self.router = router
        self.encoder = TickEncoder(directory: directory)
        self.values = directory.instruments.indices.map { Tick(instrument: UInt32($0), fields: []) }
    }

    /// These are being published.
    mutating func note(_ ticks: some Sequence<Tick>) {
        for tick in ticks {
            let index = Int(tick.instrument)
            if tick.fields.contains(.bid) { self.values[index].bid = tick.bid }
            if tick.fields.contains(.ask) { self.values[index].ask = tick.ask }
            if tick.fields.contains(.last) { self.values[index].last = tick.last }
            if tick.status != 0 { self.values[index].status = tick.status }
            self.values[index].fields.formUnion(tick.fields)
        }
    }

    /// Waits for a request, or for the time when a slow asker may have room again.
    func wait(timeoutMilliseconds: Int) throws {
        let limit = self.answers.isEmpty ? timeoutMilliseconds : min(1, timeoutMilliseconds)
        _ = try self.router.wait(timeoutMilliseconds: limit)
    }

    /// Takes at most one request and sends at most one message.
    ///
    /// - Parameter sequence: of the last message published.
    mutating func step(epoch: UInt64, sequence: UInt64, nowNanoseconds: UInt64) throws {
        if self.answers.count < Self.answersMax, let asker = try self.router.nextAsker() {
            self.answers.removeAll { $0.asker == asker }
            self.answers.append(
                Answer(asker: asker, deadlineNanoseconds: nowNanoseconds + Self.patienceNanoseconds))
        }
        guard !self.answers.isEmpty else { return }
        var answer = self.answers.removeFirst()
        var end = answer.next
        var records: [Tick] = []
        while end < self.values.count, records.count < Self.recordsPerMessage {
            if !self.values[end].fields.isEmpty || self.values[end].status != 0 { records.append(self.values[end]) }
            end += 1
        }
        let isLast = end == self.values.count
        let payload = self.encoder.encode(
            kind: .snapshot, flags: isLast ? TickWire.lastOfSnapshotFlag : 0, epoch: epoch, sequence: sequence,
            sentNanoseconds: WallClock.nowNanoseconds, ticks: records)
        switch try self.router.send(payload, to: answer.asker) {
        case .gone: return
        case .sent where isLast:
            self.answered += 1
            return
        case .sent: answer.next = end
        case .full: if nowNanoseconds > answer.deadlineNanoseconds { return }
        }
        self.answers.append(answer)
    }
}
