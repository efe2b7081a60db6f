// SPDX-License-Identifier: Apache-2.0
// The relay's receiving end: one upstream's messages, and questions to it.

import DeskService
import FrameCodec
import FramePublisher
import Logging
import RiskKernel
import Synchronization
import TickFeed

/// Where an upstream is, and what we expect of it.
public struct RelayInSettings: Sendable {
    public var endpoint: String
    public var snapshotEndpoint: String
    /// Messages that may wait; what does not fit is lost and asked for.
    public var highWaterMark: Int
    /// Silence after which the upstream is away.
    public var silentAfterNanoseconds: UInt64
    public var security: SocketSecurity
    public var scope: RelayScope

    public init(
        endpoint: String, snapshotEndpoint: String, highWaterMark: Int, silentAfterNanoseconds: UInt64,
        security: SocketSecurity, scope: RelayScope = .everything
    ) {
        self.endpoint = endpoint
        self.snapshotEndpoint = snapshotEndpoint
        self.highWaterMark = highWaterMark
        self.silentAfterNanoseconds = silentAfterNanoseconds
        self.security = security
        self.scope = scope
    }
}

/// What of an upstream is followed.
public enum RelayScope: Sendable {
    case everything
    /// Its accounts, for the market and the firm are another's to say.
    case accounts
}

/// Who takes what comes from upstream, on the receiver's thread; nothing here may wait.
package protocol RelaySink: AnyObject, Sendable {
    /// A run of the upstream begins: what there was belongs to one that has ended.
    func begin(_ hello: RelayHello)
    func publish(_ cuts: [RelayedCut])
    func publish(_ event: StreamEvent, channel: Int)
    func skipEvents(to sequence: UInt64, channel: Int)
    func rightsChanged(user: String)
    /// Whether the upstream is heard.
    func upstreamChanged(isLive: Bool)
    func isWanted(channel: Int) -> Bool
    func isWanted(channel: Int, encoding: FrameEncoding) -> Bool
}

/// Receives on a thread of its own, `tr-relay-in`.
///
/// Ownership: sockets, intake and subscriptions belong to the thread (docs/ownership.md).
public final class RelayReceiver: IdentityUpstream {
    private static let waitMilliseconds = 50
    /// Messages taken before what is wanted and silence are looked at again.
    private static let messagesPerTurn = 256
    private static let answerNanoseconds: UInt64 = 2_000_000_000
    private static let waitingQuestionsMax = 10_000

    private struct Waiting: Sendable {
        var deadline: UInt64
        var reply: @Sendable (IdentityAnswer) -> Void
    }

    private struct Questions: Sendable {
        var isClosed = false
        var last: UInt64 = 0
        var unsent: [(number: UInt64, question: IdentityQuestion)] = []
        var waiting: [UInt64: Waiting] = [:]
    }

    private struct Handed: @unchecked Sendable {
        let subscriber: TopicSubscriber
        let dealer: MessageDealer
    }

    private let context: ZMQContext
    private let settings: RelayInSettings
    private let logger: Logger
    private let questions = Mutex(Questions())
    private let wakePipe = WakePipe()
    private let thread = RoleThread(name: "tr-relay-in")
    private let live = Atomic(false)
    private let known = Atomic(false)
    private let waitingChannels = Atomic(0)
    /// Turns of the loop: it moves while the receiver lives.
    public let turnCount = Atomic<UInt64>(0)
    public let counters: RelayInCounters

    /// - Parameter counters: those of other receivers too, where their sum is asked for; `nil` for its own.
    public init(
        context: ZMQContext, settings: RelayInSettings, counters: RelayInCounters? = nil, logger: Logger
    ) {
        self.counters = counters ?? RelayInCounters()
        self.context = context
        self.settings = settings
        self.logger = logger
    }

    /// The upstream's, for people.
    public var endpoint: String { self.settings.endpoint }
    /// Whether the upstream is heard.
    public var isLive: Bool { self.live.load(ordering: .relaxed) }
    /// Whether it has ever said what it is.
    public var isKnown: Bool { self.known.load(ordering: .relaxed) }
    /// Channels whose state is asked for.
    public var waitingCount: Int { self.waitingChannels.load(ordering: .relaxed) }

    /// Opens the sockets, here so that a bad endpoint is the caller's error, and starts the thread.
    package func start(sink: any RelaySink) throws(ZMQError) {
        let subscriber = try TopicSubscriber(
            context: self.context, endpoint: self.settings.endpoint, highWaterMark: self.settings.highWaterMark,
            messageBytesMax: RelayMessage.messageBytesMax, security: self.settings.security)
        for topic in RelaySubscriptions.standing(self.settings.scope) { try subscriber.subscribe(topic) }
        let dealer = try MessageDealer(
            context: self.context, endpoint: self.settings.snapshotEndpoint,
            highWaterMark: self.settings.highWaterMark, messageBytesMax: RelayMessage.messageBytesMax,
            isPinging: false, security: self.settings.security)
        let handed = Handed(subscriber: subscriber, dealer: dealer)
        self.thread.start { self.run(handed, sink) }
    }

    /// Ends the thread and waits for it. Who waits for an answer gets none.
    public func stop() {
        self.thread.stop(waking: self.wakePipe.signal)
        let waiting = self.questions.withLock { questions in
            defer { questions.waiting = [:] }
            questions.isClosed = true
            return questions.waiting.values.map(\.reply)
        }
        for reply in waiting { reply(.silent) }
        self.live.store(false, ordering: .relaxed)
    }

    /// What is wanted here has changed; callable from any thread.
    public func wake() { self.wakePipe.signal() }

    /// Asks upstream who somebody is; callable from any thread.
    ///
    /// - Parameter reply: called once, from any thread.
    package func ask(_ question: IdentityQuestion, _ reply: @escaping @Sendable (IdentityAnswer) -> Void) {
        let deadline = MonotonicClock.nowNanoseconds + Self.answerNanoseconds
        let isTaken = self.questions.withLock { questions in
            guard !questions.isClosed, questions.waiting.count < Self.waitingQuestionsMax else { return false }
            questions.last += 1
            questions.unsent.append((questions.last, question))
            questions.waiting[questions.last] = Waiting(deadline: deadline, reply: reply)
            return true
        }
        if isTaken { self.wake() } else { reply(.silent) }
    }

    // MARK: The thread

    private func run(_ sockets: Handed, _ sink: any RelaySink) {
        let intake = RelayIntake(counters: self.counters) { sink.isWanted(channel: $0) }
        var subscriptions = RelaySubscriptions(scope: self.settings.scope)
        var heard: UInt64 = 0
        while !self.thread.isStopping {
            do throws(ZMQError) {
                try sockets.subscriber.wait(
                    orFor: sockets.dealer, or: self.wakePipe, timeoutMilliseconds: Self.waitMilliseconds)
                self.wakePipe.drain()
                let now = MonotonicClock.nowNanoseconds
                if try self.receive(sockets, intake, nowNanoseconds: now) { heard = now }
                try self.execute(intake, sockets, sink, &subscriptions, nowNanoseconds: now)
                self.notice(intake, heardNanoseconds: heard, nowNanoseconds: now, sink)
                try self.askWho(sockets.dealer, nowNanoseconds: now)
            } catch {
                self.logger.error("relay socket failed", metadata: ["error": "\(error)"])
                sink.upstreamChanged(isLive: false)
                return
            }
            self.turnCount.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// Whether anything of the upstream's run came.
    private func receive(
        _ sockets: Handed, _ intake: RelayIntake, nowNanoseconds now: UInt64
    ) throws(ZMQError) -> Bool {
        var isHeard = false
        for _ in 0..<Self.messagesPerTurn {
            let received = try sockets.subscriber.receive { bytes in
                self.count(bytes)
                if intake.receive(live: RelayMessage(bytes), nowNanoseconds: now) { isHeard = true }
            }
            if received == .nothing { break }
            if case .rejected = received { self.counters.refused(.framing) }
        }
        for _ in 0..<Self.messagesPerTurn {
            let received = try sockets.dealer.receive { bytes in
                self.count(bytes)
                intake.receive(answer: RelayMessage(bytes), nowNanoseconds: now)
            }
            if received == .nothing { break }
            if case .rejected = received { self.counters.refused(.framing) }
        }
        return isHeard
    }

    private func count(_ bytes: UnsafeRawBufferPointer) {
        self.counters.messages.add()
        self.counters.bytes.add(bytes.count)
    }

    private func execute(
        _ intake: RelayIntake, _ sockets: Handed, _ sink: any RelaySink, _ subscriptions: inout RelaySubscriptions,
        nowNanoseconds now: UInt64
    ) throws(ZMQError) {
        try self.perform(intake.takeActions(), sockets, sink, &subscriptions)
        if intake.hello != nil {
            // Subscribed to before it is asked for, so that nothing falls between.
            for change in subscriptions.changes(sink.isWanted) {
                switch change {
                case .subscribe(let topic): try sockets.subscriber.subscribe(topic)
                case .unsubscribe(let topic): try sockets.subscriber.unsubscribe(topic)
                }
            }
            intake.follow(subscriptions.isFollowed, nowNanoseconds: now)
        }
        intake.tick(nowNanoseconds: now)
        try self.perform(intake.takeActions(), sockets, sink, &subscriptions)
    }

    private func perform(
        _ actions: [RelayIntake.Action], _ sockets: Handed, _ sink: any RelaySink,
        _ subscriptions: inout RelaySubscriptions
    ) throws(ZMQError) {
        var cuts: [RelayedCut] = []
        func publish() {
            if !cuts.isEmpty { sink.publish(cuts) }
            cuts = []
        }
        for action in actions {
            if case .cut(let cut) = action {
                cuts.append(cut)
                continue
            }
            publish()
            switch action {
            case .cut: break
            case .begin(let hello):
                self.logger.notice(
                    "upstream begins", metadata: ["epoch": "\(hello.epoch)", "accounts": "\(hello.accounts.count)"])
                for topic in subscriptions.begin(hello.catalog) { try sockets.subscriber.unsubscribe(topic) }
                sink.begin(hello)
                self.known.store(true, ordering: .relaxed)
            case .event(let event, let channel): sink.publish(event, channel: channel)
            case .skipEvents(let sequence, let channel): sink.skipEvents(to: sequence, channel: channel)
            case .rightsChanged(let user): sink.rightsChanged(user: user)
            case .identity(let identity, let number): self.reply(.known(identity), to: number)
            // Where there is no room or nobody yet, it is asked again.
            case .ask(let message): _ = try sockets.dealer.send(message.bytes)
            }
        }
        publish()
    }

    private func notice(
        _ intake: RelayIntake, heardNanoseconds heard: UInt64, nowNanoseconds now: UInt64, _ sink: any RelaySink
    ) {
        self.waitingChannels.store(intake.waitingCount, ordering: .relaxed)
        let isLive = intake.hello != nil && now < heard + self.settings.silentAfterNanoseconds
        guard isLive != self.isLive else { return }
        self.live.store(isLive, ordering: .relaxed)
        if isLive {
            self.logger.notice("upstream is heard", metadata: ["endpoint": "\(self.settings.endpoint)"])
        } else {
            self.logger.warning("upstream is silent", metadata: ["endpoint": "\(self.settings.endpoint)"])
        }
        sink.upstreamChanged(isLive: isLive)
    }

    // MARK: Who it is

    private func askWho(_ dealer: MessageDealer, nowNanoseconds now: UInt64) throws(ZMQError) {
        let (unsent, late) = self.questions.withLock { questions in
            let late = questions.waiting.filter { $0.value.deadline <= now }
            for number in late.keys { questions.waiting[number] = nil }
            defer { questions.unsent = [] }
            return (questions.unsent, late.values.map(\.reply))
        }
        for reply in late { reply(.silent) }
        for (number, question) in unsent {
            let message = RelayMessage(
                .askIdentity, epoch: 0, number: number, sentNanoseconds: 0, body: question.body)
            if try !dealer.send(message.bytes) { self.reply(.silent, to: number) }
        }
    }

    private func reply(_ answer: IdentityAnswer, to number: UInt64) {
        self.questions.withLock { $0.waiting.removeValue(forKey: number) }?.reply(answer)
    }
}
