// SPDX-License-Identifier: Apache-2.0
// The relay's sending end: every frame once for all gateways, and answers to those who missed something.

import DeskService
import FrameCodec
import FramePublisher
import Logging
import Operations
import RiskKernel
import Synchronization
import TickFeed

/// Sockets and limits of the sending end.
public struct RelayOutSettings: Sendable {
    /// Where frames are published.
    public var endpoint: String
    /// Where questions are answered.
    public var snapshotEndpoint: String
    /// Messages that may wait for each gateway, and for the socket.
    public var highWaterMark: Int
    public var security: SocketSecurity

    public init(endpoint: String, snapshotEndpoint: String, highWaterMark: Int, security: SocketSecurity) {
        self.endpoint = endpoint
        self.snapshotEndpoint = snapshotEndpoint
        self.highWaterMark = highWaterMark
        self.security = security
    }
}

/// Who knows who somebody is, for gateways that ask: the desk of a node, or of a gateway, which asks in turn.
public protocol IdentitySource: Sendable {
    var isRequired: Bool { get }
    /// - Parameter reply: called once, from any thread; not at all where nobody knows at the moment.
    func answer(_ question: IdentityQuestion, _ reply: @escaping @Sendable (Identity?) -> Void)
}

/// Publishes on a thread of its own, `tr-relay`.
///
/// Ownership: the sockets belong to the thread from ``start(identities:)`` on. Whoever has something to publish
/// puts it down under a lock held for that; nobody waits for a gateway (docs/ownership.md).
public final class RelayPublisher: FrameOutlet, @unchecked Sendable {
    private static let beatNanoseconds: UInt64 = 250_000_000
    /// How soon a full asker is tried again.
    private static let fullMilliseconds = 5
    /// How long a part of the firm that nothing changes is not repeated: for whoever comes late, or lost it.
    private static let partNanoseconds: UInt64 = 1_000_000_000
    private static let questionsPerTurn = 64
    private static let answersPerTurn = 64
    private static let queuedPerAsker = 256

    private struct Reply: Sendable {
        var asker: [UInt8]
        var number: UInt64
        var identity: Identity?
    }

    private struct Run: Sendable {
        var source: any RelaySource
        var epoch: UInt64
    }

    private let publisher: TopicPublisher
    private let router: QuestionRouter
    private let logger: Logger
    private let interest = Mutex(RelayInterest())
    private let outbox: Mutex<RelayOutbox>
    /// The newest.
    private let part = Mutex<FirmPart?>(nil)
    private let replies = Mutex<[Reply]>([])
    private let run = Mutex<Run?>(nil)
    private let identities = Mutex<(any IdentitySource)?>(nil)
    /// Where it is, with the ports that were chosen.
    public let endpoint: String
    public let snapshotEndpoint: String
    private let wakePipe = WakePipe()
    private let isWoken = Atomic(false)
    private let thread = RoleThread(name: "tr-relay")
    public let counters = RelayOutCounters()

    /// Opens the sockets.
    public init(context: ZMQContext, settings: RelayOutSettings, logger: Logger) throws(ZMQError) {
        self.publisher = try TopicPublisher(
            context: context, endpoint: settings.endpoint, highWaterMark: settings.highWaterMark,
            security: settings.security)
        self.router = try QuestionRouter(
            context: context, endpoint: settings.snapshotEndpoint, sendHighWaterMark: Self.queuedPerAsker,
            receiveHighWaterMark: Self.queuedPerAsker, isPinging: false, security: settings.security)
        self.endpoint = try self.publisher.lastEndpoint()
        self.snapshotEndpoint = try self.router.lastEndpoint()
        self.outbox = Mutex(RelayOutbox(limit: settings.highWaterMark))
        self.logger = logger
    }

    public func start(identities: any IdentitySource) {
        self.identities.withLock { $0 = identities }
        self.thread.start { self.runLoop() }
    }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.wakePipe.signal) }

    /// From now on a run is published; callable from any thread.
    ///
    /// - Parameter run: identifies it; `nil` where the source's epoch does.
    package func follow(_ source: any RelaySource, run: UInt64? = nil) {
        guard let epoch = run ?? UInt64(source.epoch) else { return }
        let catalog = source.catalog
        self.interest.withLock { $0.follow(channels: catalog.names) }
        // Not under our lock: a hub holds its own while it puts an event down here.
        let positions = catalog.names.indices.map {
            RelayPosition(
                frame: source.newestSequence(channel: $0), event: source.lastEventSequence(channel: $0))
        }
        self.outbox.withLock { $0.begin(positions) }
        self.run.withLock { $0 = Run(source: source, epoch: epoch) }
        self.wake()
    }

    /// Nothing is known of upstream any more: gateways hear nothing either.
    public func pause() { self.run.withLock { $0 = nil } }

    // MARK: From the hub

    public func isWanted(channel: Int, encoding: FrameEncoding) -> Bool {
        self.interest.withLock { $0.isWanted(channel: channel, encoding: encoding) }
    }

    public func relay(_ frames: [RelayedFrame], channel: Int, sequence: UInt64) {
        guard let run = self.run.withLock({ $0 }) else { return }
        let name = run.source.catalog.names[channel]
        let now = WallClock.nowNanoseconds
        let items = frames.map { frame in
            RelayOutbox.Item(
                topic: RelayTopic.frames(of: name, deflate: frame.encoding == .deflate),
                payload: RelayMessage(
                    .frame, epoch: run.epoch, number: min(sequence, RelayMessage.numberMax), sentNanoseconds: now,
                    body: frame.bytes
                ).bytes)
        }
        self.outbox.withLock { outbox in
            outbox.add(items)
            outbox.published(frame: sequence, channel: channel)
        }
        self.wake()
    }

    package func relay(_ event: StreamEvent, channel: Int) {
        guard let run = self.run.withLock({ $0 }) else { return }
        let message = RelayMessage(
            .event, epoch: run.epoch, number: event.sequence, sentNanoseconds: WallClock.nowNanoseconds,
            name: run.source.catalog.names[channel], body: event.relayBody)
        self.outbox.withLock { outbox in
            outbox.add([RelayOutbox.Item(topic: RelayTopic.events, payload: message.bytes)])
            outbox.published(event: event.sequence, channel: channel)
        }
        self.wake()
    }

    /// What the engine here adds to the firm of a fleet.
    public func relay(_ part: FirmPart) {
        self.part.withLock { $0 = part }
        if self.interest.withLock({ $0.isPartWanted }) { self.wake() }
    }

    /// Somebody's sessions, tokens or roles have changed.
    public func relay(rightsChangedOf user: String) {
        guard let run = self.run.withLock({ $0 }), user.utf8.count <= 1_024 else { return }
        let message = RelayMessage(
            .access, epoch: run.epoch, sentNanoseconds: WallClock.nowNanoseconds, name: user)
        self.outbox.withLock { $0.add([RelayOutbox.Item(topic: RelayTopic.access, payload: message.bytes)]) }
        self.wake()
    }

    private func wake() {
        // One byte in the pipe wakes for all that was put down before the thread looks.
        if !self.isWoken.exchange(true, ordering: .acquiringAndReleasing) { self.wakePipe.signal() }
    }

    // MARK: The thread

    private func runLoop() {
        var answers = RelayAnswers()
        var parts = PartOutlet()
        var beatDue: UInt64 = 0
        var beats: UInt64 = 0
        while !self.thread.isStopping {
            do throws(ZMQError) {
                let now = MonotonicClock.nowNanoseconds
                let untilBeat = beatDue > now ? Int((beatDue - now) / 1_000_000) + 1 : 0
                try self.publisher.wait(
                    orFor: self.router, or: self.wakePipe,
                    timeoutMilliseconds: answers.isEmpty ? untilBeat : min(untilBeat, Self.fullMilliseconds))
                self.wakePipe.drain()
                self.isWoken.store(false, ordering: .sequentiallyConsistent)
                try self.hearInterest()
                let positions = try self.publish()
                try self.publishPart(&parts, nowNanoseconds: now)
                if MonotonicClock.nowNanoseconds >= beatDue {
                    beatDue = MonotonicClock.nowNanoseconds + Self.beatNanoseconds
                    beats += 1
                    try self.beat(positions, number: beats)
                }
                try self.hearQuestions(&answers)
                try self.answer(&answers)
            } catch {
                self.logger.error("relay socket failed", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    private func hearInterest() throws(ZMQError) {
        while let interest = try self.publisher.nextInterest() {
            switch interest {
            case .began(let topic): self.interest.withLock { $0.began(topic) }
            case .ended(let topic): self.interest.withLock { $0.ended(topic) }
            }
        }
    }

    /// Sends all that waits, and tells where everything is then.
    private func publish() throws(ZMQError) -> [RelayPosition] {
        let (items, positions, dropped) = self.outbox.withLock { $0.takeAll() }
        if dropped > 0 { self.counters.dropped.add(dropped) }
        for item in items { try self.send(item.payload, topic: item.topic) }
        return positions
    }

    /// What was sent of our part of the firm.
    private struct PartOutlet {
        var encoder: FrameEncoder?
        /// `nil` while nobody wants it.
        var sequence: UInt64?
        var dueNanoseconds: UInt64 = 0
    }

    /// The newest only: who gets it needs none before it.
    private func publishPart(_ outlet: inout PartOutlet, nowNanoseconds now: UInt64) throws(ZMQError) {
        guard self.interest.withLock({ $0.isPartWanted }) else {
            outlet.sequence = nil
            return
        }
        guard let run = self.run.withLock({ $0 }), let part = self.part.withLock({ $0 }),
            part.sequence <= RelayMessage.numberMax, outlet.sequence != part.sequence || now >= outlet.dueNanoseconds
        else { return }
        outlet.sequence = part.sequence
        outlet.dueNanoseconds = now + Self.partNanoseconds
        let message: RelayMessage
        do throws(FrameCodecError) {
            let encoder =
                if let known = outlet.encoder { known } else { try FrameEncoder(zstdLevel: 1, deflateLevel: 1) }
            outlet.encoder = encoder
            message = try RelayedPart.message(
                part, epoch: run.epoch, sentNanoseconds: WallClock.nowNanoseconds, encoder: encoder)
        } catch {
            self.logger.error("part of the firm not encoded", metadata: ["error": "\(error)"])
            return
        }
        try self.send(message.bytes, topic: RelayTopic.parts)
    }

    private func beat(_ positions: [RelayPosition], number: UInt64) throws(ZMQError) {
        guard let run = self.run.withLock({ $0 }), positions.count == run.source.catalog.count else { return }
        let message = RelayMessage(
            .beat, epoch: run.epoch, number: number, sentNanoseconds: WallClock.nowNanoseconds,
            body: RelayPosition.body(positions))
        try self.send(message.bytes, topic: RelayTopic.beat)
    }

    private func send(_ payload: [UInt8], topic: [UInt8]) throws(ZMQError) {
        try self.publisher.send(payload, topic: topic)
        self.counters.messages.add()
        self.counters.bytes.add(payload.count)
    }

    // MARK: Questions

    private func hearQuestions(_ answers: inout RelayAnswers) throws(ZMQError) {
        for _ in 0..<Self.questionsPerTurn {
            guard let question = try self.router.nextQuestion() else { return }
            self.counters.questions.add()
            if !self.take(question, &answers) { self.counters.questionsRefused.add() }
        }
    }

    private func take(_ question: QuestionRouter.Question, _ answers: inout RelayAnswers) -> Bool {
        guard let message = RelayMessage(question.payload) else { return false }
        guard let run = self.run.withLock({ $0 }), let identities = self.identities.withLock({ $0 }) else {
            // Who asks too early asks again.
            return true
        }
        switch message.kind {
        case .askHello:
            let hello = RelayHello(
                epoch: run.epoch, isSignInRequired: identities.isRequired, catalog: run.source.catalog)
            return answers.add(
                RelayMessage(
                    .hello, epoch: run.epoch, sentNanoseconds: WallClock.nowNanoseconds, body: hello.body
                ).bytes, to: question.asker)
        case .askChannels:
            // Places in the catalog of another run mean nothing.
            guard message.epoch == run.epoch else { return true }
            guard
                let questions = try? ChannelQuestion.list(
                    message.body, channelCount: run.source.catalog.count)
            else { return false }
            return answers.add(questions, of: question.asker)
        case .askIdentity:
            guard let asked = try? IdentityQuestion(body: message.body) else { return false }
            identities.answer(asked) { identity in
                self.replies.withLock {
                    $0.append(Reply(asker: question.asker, number: message.number, identity: identity))
                }
                self.wake()
            }
            return true
        default: return false
        }
    }

    private func answer(_ answers: inout RelayAnswers) throws(ZMQError) {
        guard let run = self.run.withLock({ $0 }) else { return answers.removeAll() }
        for reply in self.replies.withLock({ replies in replies.takeAll() }) {
            let message = RelayMessage(
                .identity, epoch: run.epoch, number: reply.number, sentNanoseconds: WallClock.nowNanoseconds,
                body: RelayedIdentity.body(reply.identity))
            // Not behind channels that wait: somebody stands at the door.
            _ = try self.router.send(message.bytes, to: reply.asker)
        }
        try answers.work(limit: Self.answersPerTurn) { question in
            Self.messages(question, run)
        } send: { payload, asker throws(ZMQError) in
            switch try self.router.send(payload, to: asker) {
            case .sent: .sent
            case .full: .full
            case .gone: .gone
            }
        }
    }

    /// The events that are not known at the other end, then the state and the number of the last event.
    private static func messages(_ question: ChannelQuestion, _ run: Run) -> [[UInt8]] {
        let name = run.source.catalog.names[question.channel]
        let now = WallClock.nowNanoseconds
        // Asked for first: what happens afterwards is published afterwards.
        let last = run.source.lastEventSequence(channel: question.channel)
        let events = run.source.events(channel: question.channel, keptAfter: question.seenEvent)
        let body = run.source.snapshotFrame(channel: question.channel) ?? []
        return events.map {
            RelayMessage(
                .event, epoch: run.epoch, number: $0.sequence, sentNanoseconds: now, name: name, body: $0.relayBody
            ).bytes
        } + [
            RelayMessage(
                .channel, epoch: run.epoch, number: last, sentNanoseconds: now, name: name, body: body
            ).bytes
        ]
    }
}

extension Array {
    fileprivate mutating func takeAll() -> [Element] {
        defer { self = [] }
        return self
    }
}
