// SPDX-License-Identifier: Apache-2.0
// A member of the group of fills that reads nothing: others do that for it, a process for each partition.

import CLibRdKafka
import Logging
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization

/// Who does something with the partitions a member has. All of it is called on the member's thread, one at a time.
public protocol PartitionKeeper: Sendable {
    /// These are ours too from now on.
    ///
    /// - Parameter count: of partitions of the topic.
    func take(_ partitions: [Int], of count: Int)
    /// Nothing may be done with these any more once it returns: then others get them.
    ///
    /// - Parameter isLost: others may have them already.
    func give(_ partitions: [Int], isLost: Bool)
    /// A tenth of a second has passed, or something has happened.
    func look()
}

/// What a member has seen.
public struct MembershipCounts: Sendable, Equatable {
    /// Those that are ours, ascending.
    public var partitions: [Int] = []
    /// Of the topic; `nil` before a broker has said so.
    public var partitionCount: Int?
    /// Rebalances of the group that gave or took partitions.
    public var rebalanceCount: UInt64 = 0
    /// Times others may have had our partitions before we let them go.
    public var lossCount: UInt64 = 0
    /// Clients that took the place of one that could do nothing more.
    public var restartCount: UInt64 = 0
    /// Brokers with an open connection; `nil` before the first statistics.
    public var brokersUp: Int?
    /// Why there is no membership at the moment; `nil` while all is well.
    public var stall: String?
}

/// The thread `tr-member`. The group's cooperative protocol says which partitions of the topic are ours; they are
/// paused as they come.
///
/// Ownership: the client belongs to the thread; counts are read under a lock.
public final class PartitionMembership: Service {
    private static let closeNanoseconds: UInt64 = 1_500_000_000
    private static let pauseNanoseconds: UInt64 = 1_000_000_000
    private static let askMilliseconds: Int32 = 2_000

    private let settings: KafkaSettings
    private let topic: String
    private let keeper: any PartitionKeeper
    private let logger: Logger
    private let current = Mutex<KafkaConsumer?>(nil)
    private let state = Mutex(MembershipCounts())
    private let thread = RoleThread(name: "tr-member")
    /// Turns of the loop: it moves while the member lives.
    public let turnCount = Atomic<UInt64>(0)

    /// - Parameter topic: of fills.
    /// - Throws: where librdkafka does not take a setting.
    public init(
        settings: KafkaSettings, topic: String, keeper: any PartitionKeeper, logger: Logger
    ) throws(KafkaError) {
        self.settings = settings
        self.topic = topic
        self.keeper = keeper
        self.logger = logger
        let consumer = try KafkaConsumer(settings.memberProperties)
        self.current.withLock { $0 = consumer }
    }

    public var counts: MembershipCounts { self.state.withLock { $0 } }

    /// In the group from here to the end of the process; then gives all partitions and leaves it.
    public func run() async throws {
        self.thread.start { self.runLoop() }
        // Cancellation ends the wait too.
        try? await gracefulShutdown()
        self.thread.stop { self.current.withLock { $0 }?.wake() }
    }

    // MARK: The thread

    private func runLoop() {
        while !self.thread.isStopping {
            self.turnCount.wrappingAdd(1, ordering: .relaxed)
            guard let consumer = self.current.withLock({ $0 }) else {
                self.renew()
                continue
            }
            let loop = MemberLoop(self, consumer)
            let failure = loop.run()
            // Nobody else gets them before the group is left.
            loop.giveAll(isLost: failure != nil)
            withExtendedLifetime(loop) {
                consumer.close(timeoutNanoseconds: Self.closeNanoseconds, loop.rebalance)
            }
            self.current.withLock { $0 = nil }
            guard let failure else { return }
            self.logger.error("the membership in the group of fills starts anew", metadata: ["error": "\(failure)"])
            self.state.withLock { state in
                state.restartCount += 1
                state.stall = "\(failure)"
            }
        }
    }

    /// A little later, so that what fails at once does not fail without end.
    private func renew() {
        let parker = Parker()
        parker.sleep(timeoutNanoseconds: Self.pauseNanoseconds) { self.thread.isStopping }
        if self.thread.isStopping { return }
        do throws(KafkaError) {
            let consumer = try KafkaConsumer(self.settings.memberProperties)
            self.current.withLock { $0 = consumer }
        } catch {
            self.state.withLock { $0.stall = "\(error)" }
        }
    }

    fileprivate func give(_ partitions: [Int], isLost: Bool) {
        guard !partitions.isEmpty else { return }
        self.keeper.give(partitions, isLost: isLost)
        self.state.withLock { state in
            state.partitions.removeAll(where: partitions.contains)
            if isLost { state.lossCount += 1 }
        }
        self.logger.info(
            "partitions of fills are given away", metadata: ["partitions": "\(partitions)", "lost": "\(isLost)"])
    }

    fileprivate func take(_ partitions: [Int], of count: Int) {
        self.state.withLock { state in
            state.partitions = (state.partitions + partitions).sorted()
            state.partitionCount = count
            state.stall = nil
        }
        self.logger.info("partitions of fills are ours", metadata: ["partitions": "\(partitions)", "of": "\(count)"])
        self.keeper.take(partitions, of: count)
    }

    fileprivate func askCount(_ consumer: KafkaConsumer) -> Int? {
        consumer.partitionCount(of: self.topic, timeoutMilliseconds: Self.askMilliseconds)
    }

    /// The life of one client.
    private final class MemberLoop {
        private let member: PartitionMembership
        private let consumer: KafkaConsumer
        private var partitions: [Int] = []
        /// Came since they were last paused.
        private var areNew = false
        /// Came before anybody said how many there are.
        private var untold: [Int] = []
        private(set) lazy var rebalance = KafkaConsumer.Rebalance(
            assign: { [unowned self] in self.assign($0) },
            revoke: { [unowned self] in self.revoke($0, isLost: $1) })

        init(_ member: PartitionMembership, _ consumer: KafkaConsumer) {
            self.member = member
            self.consumer = consumer
        }

        /// - Returns: what made the client useless; `nil` where the thread is to end.
        func run() -> KafkaError? {
            do throws(KafkaError) { try self.consumer.subscribe(to: self.member.topic) } catch { return error }
            while !self.member.thread.isStopping {
                if let failure = self.turn() { return failure }
            }
            return nil
        }

        private func turn() -> KafkaError? {
            var timeout: Int32 = self.areNew ? 0 : 100
            while let event = self.consumer.poll(timeoutMilliseconds: timeout, self.rebalance) {
                timeout = 0
                if self.areNew {
                    self.consumer.pause(self.partitions.map(self.partition))
                    self.areNew = false
                }
                switch event {
                case .failed(let error, _):
                    if error.isFatal { return error }
                    self.member.logger.debug("kafka", metadata: ["error": "\(error)"])
                case .statistics(let text):
                    if let count = BrokerStates.upCount(text) { self.member.state.withLock { $0.brokersUp = count } }
                case .log(let level, let text):
                    self.member.logger.log(level: level <= 4 ? .debug : .trace, "kafka: \(text)")
                // What was fetched before the pause is whoever's that reads the partition.
                case .messages, .end, .other: break
                }
                if self.member.thread.isStopping { break }
            }
            self.member.turnCount.wrappingAdd(1, ordering: .relaxed)
            self.tellUntold()
            self.member.keeper.look()
            return self.consumer.fatalError
        }

        private func partition(_ number: Int) -> StreamPartition {
            StreamPartition(topic: self.member.topic, number: Int32(number))
        }

        private func assign(_ partitions: [StreamPartition]) -> [StreamPosition] {
            let numbers = partitions.map { Int($0.number) }.sorted()
            self.partitions = (self.partitions + numbers).sorted()
            self.areNew = !numbers.isEmpty
            self.untold += numbers
            self.member.state.withLock { $0.rebalanceCount += 1 }
            return partitions.map { StreamPosition(topic: $0.topic, partition: $0.number, offset: KafkaConsumer.end) }
        }

        /// Outside of the rebalance, which nobody has to wait for.
        private func tellUntold() {
            guard !self.untold.isEmpty, let count = self.member.askCount(self.consumer) else { return }
            let numbers = self.untold
            self.untold = []
            self.member.take(numbers, of: count)
        }

        func giveAll(isLost: Bool) {
            let numbers = self.partitions
            (self.partitions, self.untold) = ([], [])
            self.member.give(numbers, isLost: isLost)
        }

        private func revoke(_ partitions: [StreamPartition], isLost: Bool) {
            let numbers = partitions.map { Int($0.number) }.sorted()
            self.untold.removeAll(where: numbers.contains)
            let given = numbers.filter(self.partitions.contains)
            self.partitions.removeAll(where: numbers.contains)
            self.member.state.withLock { $0.rebalanceCount += 1 }
            self.member.give(given, isLost: isLost)
        }
    }
}
