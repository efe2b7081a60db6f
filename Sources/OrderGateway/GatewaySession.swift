// SPDX-License-Identifier: Apache-2.0
// The conversation with an external gateway as a pure state machine.

import RiskDomain
import TradeDesk

/// Two clocks at one moment.
package struct GatewayMoment: Sendable, Equatable {
    /// For intervals.
    package var monotonic: UInt64
    /// Since 1970.
    package var wall: UInt64

    package init(monotonic: UInt64, wall: UInt64) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

/// Takes commands, messages and time, and says what to do.
///
/// ```
///   waiting ── time ──► connecting ── first message ──► up
///      ▲                                                │
///      └─ silence, a message missing, a new session ────┘   reports in flight, questions and unsent messages end here
/// ```
///
/// Whatever is lost ends the connection: what was not sent is dropped, the desk is told, and on the next connection it
/// asks what became of its orders. So no message is delivered late, and none is missed without a question after it.
package struct GatewaySession: Sendable {
    package enum Action: Sendable, Equatable {
        /// A new connection.
        case open
        /// With all that was queued in it.
        case close
        case link(Bool)
        case report([VenueReport])
        /// The end of a question.
        case reconciled(token: UInt64, [UInt64: VenueTruth]?)
    }

    private enum State: Sendable {
        case waiting(until: UInt64)
        case connecting
        case up(session: UInt64, sequence: UInt64, heard: UInt64)
    }

    private let settings: GatewaySettings
    private var state = State.waiting(until: 0)
    private var encoder = GatewayEncoder(session: 0)
    private var openedAt: UInt64 = 0
    private var heartbeatAt: UInt64 = 0
    private var questions = GatewayQuestions()
    private var refusals: UInt64 = 0
    /// What waits to be sent, first first; messages already sent are dropped from time to time.
    private var outgoing: [[UInt8]] = []
    private var sentCount = 0
    package private(set) var counts = GatewayCounts()

    package init(settings: GatewaySettings) { self.settings = settings }

    package var isUp: Bool {
        if case .up = self.state { return true }
        return false
    }

    // MARK: Sending

    /// What to send next.
    package var nextOutgoing: [UInt8]? {
        self.sentCount < self.outgoing.count ? self.outgoing[self.sentCount] : nil
    }

    /// ``nextOutgoing`` is on its way.
    package mutating func didSend() {
        self.sentCount += 1
        self.counts.sent += 1
        if self.sentCount == self.outgoing.count {
            self.outgoing.removeAll(keepingCapacity: true)
            self.sentCount = 0
        } else if self.sentCount >= 1_024 {
            self.outgoing.removeFirst(self.sentCount)
            self.sentCount = 0
        }
    }

    private var waitingCount: Int { self.outgoing.count - self.sentCount }

    /// Sends commands on. A new order the gateway cannot be told of is rejected; a cancel or replacement that finds no
    /// gateway is dropped, because its order is unknown and both are asked for again when it no longer is.
    package mutating func take(_ commands: [VenueCommand], at moment: GatewayMoment) -> [Action] {
        var reports: [VenueReport] = []
        for command in commands {
            if self.isUp, self.waitingCount < self.settings.queueMessagesMax {
                if let message = self.encoder.command(command) { self.outgoing.append(message) }
                continue
            }
            let kind: VenueReport.Kind
            let orderID: UInt64
            switch command {
            case .new(let id, _): (orderID, kind) = (id, .rejected(reason: self.isUp ? "gateway_busy" : "gateway_down"))
            case .cancel(let id) where self.isUp: (orderID, kind) = (id, .cancelRejected(reason: "gateway_busy"))
            case .replace(let id, _) where self.isUp: (orderID, kind) = (id, .replaceRejected(reason: "gateway_busy"))
            default: continue
            }
            self.counts.refused += 1
            self.refusals += 1
            reports.append(
                VenueReport(
                    id: "refused:\(moment.wall)-\(self.refusals)", orderID: orderID, timeNanoseconds: moment.wall,
                    kind: kind))
        }
        return reports.isEmpty ? [] : [.report(reports)]
    }

    /// Asks what became of orders; the answer comes as ``Action/reconciled(token:_:)``.
    package mutating func ask(_ orderIDs: [UInt64], token: UInt64, at moment: GatewayMoment) -> [Action] {
        guard self.isUp else { return [.reconciled(token: token, nil)] }
        guard !orderIDs.isEmpty else { return [.reconciled(token: token, [:])] }
        guard
            self.questions.add(
                token: token, orderIDs: orderIDs,
                deadline: moment.monotonic + self.settings.reconcileTimeoutNanoseconds)
        else { return [.reconciled(token: token, nil)] }
        self.askNext()
        return []
    }

    private mutating func askNext() {
        guard let question = self.questions.next() else { return }
        self.outgoing.append(self.encoder.status(requestID: question.requestID, orderIDs: question.orderIDs))
    }

    // MARK: Time

    /// When ``tick(at:)`` has something to do at the latest; monotonic.
    package var deadline: UInt64 {
        switch self.state {
        case .waiting(let until): return until
        case .connecting: return self.heartbeatAt
        case .up(_, _, let heard):
            let silence = min(self.heartbeatAt, heard + self.settings.silentAfterNanoseconds)
            return min(silence, self.questions.deadline ?? .max)
        }
    }

    package mutating func tick(at moment: GatewayMoment) -> [Action] {
        let now = moment.monotonic
        switch self.state {
        case .waiting(let until):
            guard now >= until else { return [] }
            self.state = .connecting
            self.openedAt = now
            self.encoder = GatewayEncoder(session: max(moment.wall, self.encoder.session + 1))
            self.beat(now)
            return [.open]
        case .connecting:
            if now >= self.heartbeatAt { self.beat(now) }
            return []
        case .up(_, _, let heard):
            if now >= heard + self.settings.silentAfterNanoseconds { return self.lose(now) }
            if now >= self.heartbeatAt { self.beat(now) }
            let expired = self.questions.expire(now: now)
            if !expired.isEmpty { self.askNext() }
            return expired.map { .reconciled(token: $0, nil) }
        }
    }

    /// Whatever waits says as much as a heartbeat.
    private mutating func beat(_ now: UInt64) {
        if self.waitingCount == 0 { self.outgoing.append(self.encoder.heartbeat()) }
        self.heartbeatAt = now + self.settings.heartbeatNanoseconds
    }

    private mutating func lose(_ now: UInt64) -> [Action] {
        self.state = .waiting(until: max(now, self.openedAt + self.settings.reconnectNanoseconds))
        self.outgoing = []
        self.sentCount = 0
        self.counts.losses += 1
        return [.close, .link(false)] + self.questions.removeAll().map { .reconciled(token: $0, nil) }
    }

    // MARK: Receiving

    /// A message that is not of the contract consumes no sequence, so the next one shows that something is missing.
    package mutating func receive(_ bytes: UnsafeRawBufferPointer, at moment: GatewayMoment) -> [Action] {
        guard let message = GatewayDecoder.message(bytes) else {
            self.counts.malformed += 1
            return []
        }
        let up = State.up(session: message.session, sequence: message.sequence, heard: moment.monotonic)
        switch self.state {
        case .waiting:
            self.counts.outdated += 1
            return []
        case .connecting:
            self.state = up
            self.counts.received += 1
            return [.link(true)] + self.act(on: message, at: moment)
        case .up(let session, let sequence, _):
            guard (message.session, message.sequence) > (session, sequence) else {
                self.counts.outdated += 1
                return []
            }
            guard message.session == session, message.sequence == sequence + 1 else {
                if message.session == session { self.counts.missing += message.sequence - sequence - 1 }
                return self.lose(moment.monotonic)
            }
            self.state = up
            self.counts.received += 1
            return self.act(on: message, at: moment)
        }
    }

    /// A message that could not even be read as one, too long or of too many frames.
    package mutating func refuse() { self.counts.malformed += 1 }

    private mutating func act(on message: GatewayMessage, at moment: GatewayMoment) -> [Action] {
        switch message.body {
        case .heartbeat: return []
        case .report(let orderID, let kind):
            var id = message.id
            if case .filled(let fill) = kind { id = fill.reportID }
            return [
                .report([VenueReport(id: id, orderID: orderID, timeNanoseconds: moment.wall, kind: kind)])
            ]
        case .status(let answer):
            guard let progress = self.questions.take(answer) else {
                self.counts.unexpected += 1
                return []
            }
            let reports = answer.entries.flatMap(\.fills).map { fill in
                VenueReport(
                    id: fill.reportID, orderID: fill.orderID, timeNanoseconds: moment.wall, kind: .filled(fill))
            }
            var actions: [Action] = reports.isEmpty ? [] : [.report(reports)]
            if case .finished(let token, let truths) = progress {
                actions.append(.reconciled(token: token, truths))
            }
            if progress != .more { self.askNext() }
            return actions
        }
    }
}
