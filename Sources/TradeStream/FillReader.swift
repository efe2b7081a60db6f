// SPDX-License-Identifier: Apache-2.0
// Reads fills and hands them to the desk, on a thread of its own.

import DeskService
import Logging
import RiskKernel
import RiskStore
import Synchronization

/// Who takes fills in, and knows how far they were.
struct FillTarget: Sendable {
    /// Books fills, and with them the positions that follow from what came of each: both or neither.
    var book:
        @Sendable (
            _ fills: [StreamFill], _ positions: @escaping @Sendable ([StreamFillOutcome]) -> [StreamPosition]
        ) async throws(DeskRefusal) -> [StreamFillOutcome]
    /// Where the stream stands, as it is written down.
    var positions: @Sendable () async throws(StoreError) -> [StreamPosition]
}

/// The thread `tr-fills`, which runs a ``FillLoop``.
///
/// Ownership: the loop and its two clients belong to the thread; counts are read under a lock.
final class FillReader: Sendable {
    private static let closeNanoseconds: UInt64 = 1_500_000_000

    let settings: KafkaSettings
    let topic: String
    let consumer: KafkaConsumer
    let rejections: KafkaProducer
    let target: FillTarget
    let logger: Logger
    let counts = Mutex(FillCounts())
    fileprivate let thread = RoleThread(name: "tr-fills")

    init(settings: KafkaSettings, topic: String, target: FillTarget, logger: Logger) throws(KafkaError) {
        self.settings = settings
        self.topic = topic
        self.consumer = try KafkaConsumer(settings.fillProperties)
        self.rejections = try KafkaProducer(settings.producerProperties("rejected"))
        self.target = target
        self.logger = logger
    }

    func start() { self.thread.start { self.run() } }

    /// Ends the thread; what is with the desk by then is written down or not, with its position.
    func stop() { self.thread.stop(waking: self.consumer.wake) }

    private func run() {
        let loop = FillLoop(self)
        do throws(KafkaError) { try self.begin(loop) } catch {
            self.logger.critical("fills cannot be read", metadata: ["error": "\(error)"])
            self.counts.withLock { $0.stall = "\(error)" }
            return
        }
        while !self.thread.isStopping { loop.turn() }
        loop.awaitBooking()
        if self.settings.share != nil { try? self.consumer.assign([]) }
        // Closing still asks the loop about its partitions.
        withExtendedLifetime(loop) {
            self.consumer.close(timeoutNanoseconds: Self.closeNanoseconds, loop.rebalance)
        }
        self.rejections.close(timeoutMilliseconds: 200)
    }

    /// The group says what is read, or the one partition there is here is.
    private func begin(_ loop: FillLoop) throws(KafkaError) {
        guard let share = self.settings.share else { return try self.consumer.subscribe(to: self.topic) }
        try loop.readOnly(StreamPartition(topic: self.topic, number: Int32(share.partition)))
    }
}

extension FillReader {
    private static let answerNanoseconds: UInt64 = 5_000_000_000
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    /// Where the stream stands, as the store says; waits until it says so, because nothing can be read before.
    ///
    /// - Returns: `nil` where the thread is to end.
    func storedPositions() -> [StreamPosition]? {
        let target = self.target
        while !self.thread.isStopping {
            let answer = ThreadAnswer<Result<[StreamPosition], StoreError>> {
                do throws(StoreError) { return .success(try await target.positions()) } catch { return .failure(error) }
            }
            switch answer.wait(nanosecondsMax: Self.answerNanoseconds) {
            case .success(let positions): return positions
            case .failure(let error): self.stall("where the stream stands cannot be read: \(error)")
            case nil: self.stall("the store does not say where the stream stands")
            }
            _ = ThreadAnswer<Void> { try? await Task.sleep(for: .nanoseconds(Self.retryNanoseconds)) }
                .wait(nanosecondsMax: 2 * Self.retryNanoseconds)
        }
        return nil
    }

    /// Said once, and shown until fills are booked again.
    func stall(_ reason: String) {
        self.counts.withLock { counts in
            if counts.stall == nil { self.logger.critical("fills are not read", metadata: ["reason": "\(reason)"]) }
            counts.stall = reason
        }
    }

    /// - Parameter count: of brokers with an open connection.
    func sawBrokers(_ count: Int) { self.counts.withLock { $0.brokersUp = count } }
}

/// An answer that comes from a task to a thread.
final class ThreadAnswer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let parker = Parker()

    init(_ make: @escaping @Sendable () async -> Value, then wake: @escaping @Sendable () -> Void = {}) {
        Task {
            let value = await make()
            self.value.withLock { $0 = value }
            self.parker.wake()
            wake()
        }
    }

    var isThere: Bool { self.value.withLock { $0 != nil } }

    /// Takes the answer if it is there.
    func take() -> Value? { self.value.withLock { $0 } }

    /// Blocks the calling thread, which must not be one that tasks need.
    ///
    /// - Returns: `nil` where it did not come in time.
    func wait(nanosecondsMax: UInt64) -> Value? {
        let deadline = MonotonicClock.nowNanoseconds + nanosecondsMax
        while true {
            if let value = self.take() { return value }
            let now = MonotonicClock.nowNanoseconds
            guard now < deadline else { return nil }
            self.parker.sleep(timeoutNanoseconds: min(deadline - now, 100_000_000)) { self.isThere }
        }
    }
}
