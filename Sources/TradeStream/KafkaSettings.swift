// SPDX-License-Identifier: Apache-2.0
// Where the brokers are, which topics are read and written, and how much may wait.

import CLibRdKafka
import Fleet

public struct KafkaSettings: Sendable {
    /// One setting of librdkafka.
    public struct Property: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `host:port`, separated by commas.
    public var brokers: String
    public var clientID: String
    public var group: String
    /// Passed on to librdkafka as they are, secrets among them: never shown.
    public var properties: [Property]
    /// `nil` where no fills are read.
    public var fillsTopic: String?
    public var rejectedTopic: String
    /// `nil` where no risk is written.
    public var riskTopic: String?
    /// `nil` where no vectors are written.
    public var vectorsTopic: String?
    /// Between two messages of one account on one topic.
    public var intervalNanoseconds: UInt64
    /// Whether a partition that was never read is read from its first message on, else from what comes now.
    public var beginsAtFirst: Bool
    /// Whether reading goes on at the oldest message where the one to be read is gone; else that partition stops.
    public var skipsLost: Bool
    /// Messages that wait for the desk; beyond, partitions are paused.
    public var waitingMax: Int
    /// Where the units of a fleet say who has which partition.
    public var nodesTopic: String
    /// After so long without a word from a member its partitions go to others.
    public var sessionTimeoutNanoseconds: UInt64
    /// The one partition of fills that is read here; `nil` where the group says which are.
    public var share: PartitionShare?

    public init(
        brokers: String, clientID: String = "tickrisk", group: String = "tickrisk", properties: [Property] = [],
        fillsTopic: String? = "tickrisk.fills", rejectedTopic: String = "tickrisk.fills.rejected",
        riskTopic: String? = "tickrisk.risk", vectorsTopic: String? = "tickrisk.vectors",
        intervalNanoseconds: UInt64 = 1_000_000_000, beginsAtFirst: Bool = true, skipsLost: Bool = false,
        waitingMax: Int = 4_096, nodesTopic: String = "tickrisk.nodes",
        sessionTimeoutNanoseconds: UInt64 = 6_000_000_000, share: PartitionShare? = nil
    ) {
        self.brokers = brokers
        self.clientID = clientID
        self.group = group
        self.properties = properties
        self.fillsTopic = fillsTopic
        self.rejectedTopic = rejectedTopic
        self.riskTopic = riskTopic
        self.vectorsTopic = vectorsTopic
        self.intervalNanoseconds = intervalNanoseconds
        self.beginsAtFirst = beginsAtFirst
        self.skipsLost = skipsLost
        self.waitingMax = waitingMax
        self.nodesTopic = nodesTopic
        self.sessionTimeoutNanoseconds = sessionTimeoutNanoseconds
        self.share = share
    }

    var isProducing: Bool { self.riskTopic != nil || self.vectorsTopic != nil }

    private func common(_ role: String) -> [Property] {
        [
            Property("bootstrap.servers", self.brokers), Property("client.id", "\(self.clientID)-\(role)"),
            Property("log.queue", "true"), Property("statistics.interval.ms", "1000"),
            Property("allow.auto.create.topics", "false"),
        ]
    }

    /// Of units: brokers take no offsets from outside a group that has members, so they are shown under another.
    public static let unitGroupSuffix = ".units"

    /// Offsets are ours: nothing is stored or committed behind the back of the store.
    private func reading(_ role: String, group: String, reset: String, tellsEnds: Bool = false) -> [Property] {
        [
            Property("reconnect.backoff.max.ms", "2000"), Property("queued.min.messages", "10000"),
            Property("queued.max.messages.kbytes", "16384"), Property("fetch.wait.max.ms", "100"),
        ] + self.properties + self.common(role) + [
            Property("group.id", group), Property("enable.auto.commit", "false"),
            Property("enable.auto.offset.store", "false"), Property("enable.partition.eof", "\(tellsEnds)"),
            Property("auto.offset.reset", reset),
            Property("partition.assignment.strategy", "cooperative-sticky"),
        ]
    }

    var fillProperties: [Property] {
        self.reading(
            "fills", group: self.share == nil ? self.group : self.group + Self.unitGroupSuffix,
            reset: self.skipsLost ? "earliest" : "error")
    }

    /// Of a member that fetches nothing.
    var memberProperties: [Property] {
        let milliseconds = self.sessionTimeoutNanoseconds / 1_000_000
        return self.reading("member", group: self.group, reset: "latest") + [
            Property("session.timeout.ms", "\(milliseconds)"),
            // A rebalance is noticed at the next one of these.
            Property("heartbeat.interval.ms", "\(max(100, milliseconds / 10))"),
        ]
    }

    /// Of who reads the topic of nodes from its beginning.
    var nodesProperties: [Property] {
        self.reading("nodes", group: self.group + Self.unitGroupSuffix, reset: "earliest", tellsEnds: true)
    }

    /// - Parameter role: stands in the client's name.
    func producerProperties(_ role: String) -> [Property] {
        [
            Property("reconnect.backoff.max.ms", "2000"), Property("message.timeout.ms", "30000"),
            Property("linger.ms", "5"), Property("queue.buffering.max.messages", "100000"),
            Property("queue.buffering.max.kbytes", "65536"),
        ] + self.properties + self.common(role) + [Property("enable.idempotence", "true")]
    }
}
