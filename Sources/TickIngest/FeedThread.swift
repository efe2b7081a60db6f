// SPDX-License-Identifier: Apache-2.0
// One feed's thread: receive a bounded batch, hand it over, notice silence.

import Logging
import RiskDomain
import RiskKernel
import Synchronization
import TickFeed

/// Receives one feed into its ring on a thread of its own, `tr-ingest-N`.
///
/// Ownership: the socket and the producer side of the ring belong to the thread (docs/ownership.md).
public final class FeedThread: Sendable {
    /// Messages taken before silence and stop are looked at again.
    private static let messageLimit = 256
    /// Messages after which the engine is woken while more are waiting: to wake it for each costs more than a message.
    private static let wakeEvery = 16
    private static let waitMilliseconds = 50
    /// While ticks wait for room in the ring.
    private static let conflatingWaitMilliseconds = 1

    public let settings: FeedSettings
    public let counters = FeedCounters()
    /// The endpoint in use, with the port the kernel chose; `nil` before ``start()``.
    public var endpoint: String? { self.boundEndpoint.withLock { $0 } }

    private let context: ZMQContext
    private let directory: InstrumentDirectory
    private let nextDirectory = Mutex<(directory: InstrumentDirectory, number: UInt64)?>(nil)
    private let followedDirectory = Atomic<UInt64>(0)
    private let isDirectoryWaiting = Atomic(false)
    private let ring: TickRing
    private let engineParker: Parker
    private let logger: Logger
    private let isDown = Atomic(true)
    private let boundEndpoint = Mutex<String?>(nil)
    private let stopPipe = StopPipe()
    private let thread: RoleThread

    public init(
        number: Int, settings: FeedSettings, context: ZMQContext, directory: InstrumentDirectory, ring: TickRing,
        engineParker: Parker, logger: Logger
    ) {
        self.settings = settings
        self.context = context
        self.directory = directory
        self.ring = ring
        self.engineParker = engineParker
        self.logger = logger
        self.thread = RoleThread(name: "tr-ingest-\(number)")
    }

    /// Whether messages came within the silence limit.
    public var isUp: Bool { !self.isDown.load(ordering: .relaxed) }

    /// Opens the socket, here so that a bad endpoint is the caller's error, and starts the thread.
    public func start() throws(ZMQError) {
        let subscriber = try TickSubscriber(
            context: self.context, endpoint: self.settings.endpoint, attachment: self.settings.attachment,
            pattern: self.settings.pattern, topic: self.settings.topic,
            receiveHighWaterMark: self.settings.receiveHighWaterMark, security: self.settings.security,
            stopDescriptor: self.stopPipe.readDescriptor)
        let endpoint = try subscriber.lastEndpoint()
        self.boundEndpoint.withLock { $0 = endpoint }
        let handedOver = HandedOver(subscriber)
        self.thread.start { self.run(handedOver.subscriber) }
    }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.stopPipe.signal) }

    /// From now on instruments are those of another directory, by which the engine counts already; callable from any
    /// thread, does not wait.
    ///
    /// - Parameter number: ascending; one that was followed before changes nothing.
    public func follow(_ directory: InstrumentDirectory, number: UInt64) {
        guard number > self.followedDirectory.load(ordering: .relaxed) else { return }
        self.followedDirectory.store(number, ordering: .relaxed)
        self.nextDirectory.withLock { $0 = (directory, number) }
        self.isDirectoryWaiting.store(true, ordering: .releasing)
    }

    /// Between two messages. Instruments that are new have been missed: a snapshot has their prices.
    private func changeDirectory(of intake: inout FeedIntake, _ snapshots: inout SnapshotClient) {
        guard self.isDirectoryWaiting.exchange(false, ordering: .acquiring),
            let next = self.nextDirectory.withLock({ $0.take() })
        else { return }
        intake.follow(next.directory, number: next.number)
        snapshots.want(nowNanoseconds: MonotonicClock.nowNanoseconds)
        self.engineParker.wake()
    }

    private func run(_ subscriber: TickSubscriber) {
        var intake = FeedIntake(ring: self.ring, counters: self.counters, directory: self.directory)
        var watch = FeedWatch(settings: self.settings, logger: self.logger)
        var snapshots = SnapshotClient(
            settings: self.settings, context: self.context, counters: self.counters, logger: self.logger)
        while !self.thread.isStopping {
            self.changeDirectory(of: &intake, &snapshots)
            do {
                let timeout = intake.isConflating ? Self.conflatingWaitMilliseconds : Self.waitMilliseconds
                switch try subscriber.wait(orFor: snapshots.dealer, timeoutMilliseconds: timeout) {
                case .interrupted: return
                case .timedOut: break
                case .ready:
                    try self.receive(from: subscriber, into: &intake, watch: &watch, snapshots: &snapshots)
                }
                if try snapshots.step(into: &intake, nowNanoseconds: MonotonicClock.nowNanoseconds) {
                    self.engineParker.wake()
                }
            } catch {
                // The context is gone or memory is short: this feed cannot go on; its silence shows as down.
                self.logger.critical("feed ended", metadata: ["error": "\(error)"])
                self.isDown.store(true, ordering: .relaxed)
                return
            }
            if intake.isConflating {
                _ = intake.flush()
                self.engineParker.wake()
            }
            let isDown = watch.isDown(
                lastMessageNanoseconds: self.counters.lastMessageNanoseconds.value,
                nowNanoseconds: MonotonicClock.nowNanoseconds)
            self.isDown.store(isDown, ordering: .relaxed)
        }
    }

    private func receive(
        from subscriber: TickSubscriber, into intake: inout FeedIntake, watch: inout FeedWatch,
        snapshots: inout SnapshotClient
    ) throws(ZMQError) {
        var unseen = 0
        defer {
            if unseen > 0 { self.handedOver() }
        }
        for _ in 0..<Self.messageLimit {
            var event: FeedIntake.Event?
            let received = try subscriber.receive { payload in
                event = intake.take(payload, receivedNanoseconds: WallClock.nowNanoseconds)
            }
            switch received {
            case .nothing: return
            case .message: break
            case .rejected(let reason): intake.reject(reason)
            }
            unseen += 1
            if unseen == Self.wakeEvery {
                self.handedOver()
                unseen = 0
            }
            if let event {
                let now = MonotonicClock.nowNanoseconds
                watch.report(event, nowNanoseconds: now)
                snapshots.want(nowNanoseconds: now)
            }
        }
    }

    /// There are messages the engine has not been told of.
    private func handedOver() {
        self.engineParker.wake()
        self.counters.lastMessageNanoseconds.set(MonotonicClock.nowNanoseconds)
    }
}

/// A socket on its way to the one thread that will use it.
private struct HandedOver: @unchecked Sendable {
    let subscriber: TickSubscriber

    init(_ subscriber: TickSubscriber) { self.subscriber = subscriber }
}
