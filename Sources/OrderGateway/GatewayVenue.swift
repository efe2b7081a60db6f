// SPDX-License-Identifier: Apache-2.0
// The venue behind an external gateway: one socket, one thread.

import DeskService
import Logging
import RiskKernel
import Synchronization
import TickFeed
import TradeDesk

/// Speaks docs/order-gateway.md with a gateway's ROUTER, on a thread of its own, `tr-venue`.
///
/// Ownership: socket and session belong to the thread; commands and questions wait for it under a lock
/// (docs/ownership.md).
public final class GatewayVenue: Venue {
    /// Messages taken before time and commands are looked at again.
    private static let messageLimit = 256

    private struct Box {
        var commands: [VenueCommand] = []
        var questions: [(token: UInt64, orderIDs: [UInt64])] = []
        var answers: [UInt64: CheckedContinuation<[UInt64: VenueTruth]?, Never>] = [:]
        var tokenCount: UInt64 = 0
        var isOver = false
    }

    private struct Listener {
        let receive: @Sendable ([VenueReport]) -> Void
        let onLink: @Sendable (Bool) -> Void
    }

    private let settings: GatewaySettings
    private let context: ZMQContext
    private let logger: Logger
    private let box = Mutex(Box())
    private let latestCounts = Mutex(GatewayCounts())
    private let isLinked = Atomic(false)
    private let wakePipe = WakePipe()
    private let thread = RoleThread(name: "tr-venue")

    /// Opens a connection once, so that an endpoint or key libzmq does not take is the caller's error.
    public init(settings: GatewaySettings, context: ZMQContext, logger: Logger) throws(ZMQError) {
        self.settings = settings
        self.context = context
        self.logger = logger
        _ = try MessageDealer(context: context, endpoint: settings.endpoint, security: settings.security)
    }

    /// Whether the gateway answers.
    public var isUp: Bool { self.isLinked.load(ordering: .relaxed) }

    /// Since start.
    public var counts: GatewayCounts { self.latestCounts.withLock { $0 } }

    public func start(
        _ receive: @escaping @Sendable ([VenueReport]) -> Void, onLink: @escaping @Sendable (Bool) -> Void
    ) {
        let listener = Listener(receive: receive, onLink: onLink)
        self.thread.start { self.run(listener) }
    }

    /// Beyond ``GatewaySettings/queueMessagesMax`` the session refuses; what it has not seen yet is bounded by the
    /// desk, which sends one command an order.
    public func send(_ commands: [VenueCommand]) {
        self.box.withLock { $0.commands.append(contentsOf: commands) }
        self.wakePipe.signal()
    }

    public func reconcile(_ orderIDs: [UInt64]) async -> [UInt64: VenueTruth]? {
        await withCheckedContinuation { continuation in
            let isOver = self.box.withLock { box in
                if box.isOver { return true }
                box.tokenCount += 1
                box.answers[box.tokenCount] = continuation
                box.questions.append((box.tokenCount, orderIDs))
                return false
            }
            if isOver { continuation.resume(returning: nil) } else { self.wakePipe.signal() }
        }
    }

    public func stop() async {
        self.thread.stop(waking: self.wakePipe.signal)
        self.end()
    }

    /// No answer comes any more.
    private func end() {
        let waiting = self.box.withLock { box in
            box.isOver = true
            defer { box.answers = [:] }
            return Array(box.answers.values)
        }
        for continuation in waiting { continuation.resume(returning: nil) }
    }

    // MARK: The thread

    private func run(_ listener: Listener) {
        var session = GatewaySession(settings: self.settings)
        var dealer: MessageDealer?
        do throws(ZMQError) {
            while !self.thread.isStopping {
                try self.turn(&session, &dealer, listener)
            }
        } catch {
            // The context is gone or memory is short: no order reaches the gateway any more.
            self.logger.critical("order gateway ended", metadata: ["error": "\(error)"])
            if session.isUp { listener.onLink(false) }
        }
        self.isLinked.store(false, ordering: .relaxed)
        self.end()
    }

    private func turn(
        _ session: inout GatewaySession, _ dealer: inout MessageDealer?, _ listener: Listener
    ) throws(ZMQError) {
        let (commands, questions) = self.box.withLock { box in
            defer {
                box.commands = []
                box.questions = []
            }
            return (box.commands, box.questions)
        }
        var actions = session.tick(at: Self.now)
        actions += session.take(commands, at: Self.now)
        for question in questions {
            actions += session.ask(question.orderIDs, token: question.token, at: Self.now)
        }
        try self.execute(actions, &dealer, listener)
        if let dealer {
            while let message = session.nextOutgoing, try dealer.send(message) { session.didSend() }
        }
        self.latestCounts.withLock { $0 = session.counts }
        try self.wait(session, dealer)
        for _ in 0..<Self.messageLimit {
            guard let current = dealer else { return }
            var received: [GatewaySession.Action] = []
            switch try current.receive({ received = session.receive($0, at: Self.now) }) {
            case .nothing: return
            case .message: try self.execute(received, &dealer, listener)
            case .rejected: session.refuse()
            }
        }
    }

    private static var now: GatewayMoment {
        GatewayMoment(monotonic: MonotonicClock.nowNanoseconds, wall: WallClock.nowNanoseconds)
    }

    private func wait(_ session: GatewaySession, _ dealer: MessageDealer?) throws(ZMQError) {
        let now = MonotonicClock.nowNanoseconds
        let left = session.deadline > now ? session.deadline - now : 0
        let milliseconds = Int(min(left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1), 1_000))
        if let dealer {
            try dealer.wait(
                forRoom: session.nextOutgoing != nil, or: self.wakePipe, timeoutMilliseconds: milliseconds)
        } else {
            self.wakePipe.wait(timeoutMilliseconds: milliseconds)
        }
        self.wakePipe.drain()
    }

    private func execute(
        _ actions: [GatewaySession.Action], _ dealer: inout MessageDealer?, _ listener: Listener
    ) throws(ZMQError) {
        for action in actions {
            switch action {
            case .open:
                dealer = try MessageDealer(
                    context: self.context, endpoint: self.settings.endpoint, security: self.settings.security)
            case .close: dealer = nil
            case .link(let isUp):
                self.isLinked.store(isUp, ordering: .relaxed)
                if isUp {
                    self.logger.info("order gateway found", metadata: ["endpoint": "\(self.settings.endpoint)"])
                } else {
                    self.logger.warning("order gateway lost", metadata: ["endpoint": "\(self.settings.endpoint)"])
                }
                listener.onLink(isUp)
            case .report(let reports): listener.receive(reports)
            case .reconciled(let token, let truths):
                let continuation = self.box.withLock { $0.answers.removeValue(forKey: token) }
                continuation?.resume(returning: truths)
            }
        }
    }
}
