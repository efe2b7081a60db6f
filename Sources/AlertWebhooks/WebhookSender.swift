// SPDX-License-Identifier: Apache-2.0
// Posts alerts to their receivers, beside everything else.

import DeskService
import FrameCodec
import Logging
import NIOCore
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization

/// Listens to alerts and runs one loop a receiver: a receiver that is slow or gone delays no other, and nobody else.
public final class WebhookSender: AlertListener, Service {
    /// What happened since start.
    public struct Counts: Sendable, Equatable {
        public var waiting = 0
        public var delivered: UInt64 = 0
        public var attempts: UInt64 = 0
        public var dead: UInt64 = 0
    }

    private final class Receiver: Sendable {
        let target: WebhookTarget
        let queue: Mutex<WebhookQueue>
        let wake: AsyncStream<Void>
        let waker: AsyncStream<Void>.Continuation

        init(_ target: WebhookTarget) {
            self.target = target
            self.queue = Mutex(WebhookQueue(attemptsMax: target.attemptsMax, queueMax: target.queueMax))
            (self.wake, self.waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        }
    }

    private let receivers: [Receiver]
    private let group: any EventLoopGroup
    private let logger: Logger

    public init(targets: [WebhookTarget], group: any EventLoopGroup, logger: Logger) {
        self.receivers = targets.map(Receiver.init)
        self.group = group
        self.logger = logger
    }

    public var counts: Counts {
        self.receivers.reduce(into: Counts()) { counts, receiver in
            receiver.queue.withLock { queue in
                counts.waiting += queue.waitingCount
                counts.delivered += queue.deliveredCount
                counts.attempts += queue.attemptCount
                counts.dead += queue.deadCount
            }
        }
    }

    public func alertChanged(_ record: AlertRecord) {
        let interested = self.receivers.filter { $0.target.levels.contains(record.level) }
        guard !interested.isEmpty else { return }
        var json = JSONWriter()
        record.write(to: &json)
        let message = WebhookMessage(id: "\(record.id)-\(record.state.rawValue)", body: json.bytes)
        for receiver in interested {
            receiver.queue.withLock { $0.add(message) }
            receiver.waker.yield()
        }
    }

    /// Until the daemon stops; what waits then is not kept, because the store has the alerts.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                // Without receivers there is nothing to do until the end.
                group.addTask { try? await gracefulShutdown() }
                for receiver in self.receivers { group.addTask { await self.serve(receiver) } }
            }
        }
    }

    private func serve(_ receiver: Receiver) async {
        var wake = receiver.wake.makeAsyncIterator()
        while !Task.isCancelled {
            let (message, due) = receiver.queue.withLock { queue in
                (queue.next(nowNanoseconds: MonotonicClock.nowNanoseconds), queue.dueTime)
            }
            if let message {
                await self.post(message, to: receiver)
            } else if let due {
                let now = MonotonicClock.nowNanoseconds
                try? await Task.sleep(nanoseconds: due > now ? due - now : 0)
            } else if await wake.next() == nil {
                return
            }
        }
    }

    private func post(_ message: WebhookMessage, to receiver: Receiver) async {
        var outcome = WebhookQueue.Outcome.failed
        var reason = ""
        do {
            let status = try await WebhookCall.post(
                message, to: receiver.target, timeSeconds: WallClock.nowNanoseconds / 1_000_000_000, group: self.group)
            reason = "status \(status)"
            outcome = Self.outcome(of: status)
        } catch {
            reason = "\(error)"
        }
        let jitter = Double.random(in: 0...1)
        let (before, after) = receiver.queue.withLock { queue in
            let before = (queue.isFailing, queue.isLosing)
            queue.finish(message.id, outcome, nowNanoseconds: MonotonicClock.nowNanoseconds, jitter: jitter)
            return (before, (queue.isFailing, queue.isLosing))
        }
        // Each once, however often it goes on.
        let place: Logger.Metadata = ["receiver": "\(receiver.target.authority)", "reason": "\(reason)"]
        if after.0, !before.0 { self.logger.warning("webhook fails", metadata: place) }
        if after.1, !before.1 { self.logger.error("alerts are not delivered", metadata: place) }
        if before.0 || before.1, !after.0, !after.1 { self.logger.notice("webhook works again", metadata: place) }
    }

    /// Redirects are not followed: who is posted to is the configuration's choice.
    private static func outcome(of status: Int) -> WebhookQueue.Outcome {
        switch status {
        case 200..<300: .delivered
        case 408, 429, 500...: .failed
        default: .refused
        }
    }
}
