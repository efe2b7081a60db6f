// SPDX-License-Identifier: Apache-2.0
// What a unit says of itself on the topic of nodes.

import Foundation

/// Who has a partition, and where. The value of a message of `kafka.nodes_topic`, whose key is ``key``; JSON.
public struct UnitAnnouncement: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable { case serving, ended }

    /// The partition whose unit keeps what belongs to no account: people, watchlists, the market and the firm.
    public static let house = 0
    public static let version = 1
    /// Larger messages are not of ours.
    public static let bytesMax = 16_384

    public var version = UnitAnnouncement.version
    public var partition: Int
    /// Of the topic of fills.
    public var partitionCount: Int
    public var generation: Int64
    /// `node.name` of the engine.
    public var node: String
    public var state: State
    /// `relay.bind` and `relay.snapshot_bind` of the unit, as others reach them.
    public var relay: String
    public var snapshot: String
    /// `http://host:port`.
    public var api: String
    public var accountCount: Int
    /// Identifies what sequences count, for ever: the same for all units and all their generations.
    public var fleet: String
    public var startedNanoseconds: UInt64
    public var sentNanoseconds: UInt64

    public init(
        partition: Int, partitionCount: Int, generation: Int64, node: String, state: State, relay: String,
        snapshot: String, api: String, accountCount: Int, fleet: String, startedNanoseconds: UInt64,
        sentNanoseconds: UInt64
    ) {
        self.partition = partition
        self.partitionCount = partitionCount
        self.generation = generation
        self.node = node
        self.state = state
        self.relay = relay
        self.snapshot = snapshot
        self.api = api
        self.accountCount = accountCount
        self.fleet = fleet
        self.startedNanoseconds = startedNanoseconds
        self.sentNanoseconds = sentNanoseconds
    }

    private enum CodingKeys: String, CodingKey {
        case version, partition, generation, node, state, relay, snapshot, api, fleet
        case partitionCount = "partitions"
        case accountCount = "accounts"
        case startedNanoseconds = "started_ns"
        case sentNanoseconds = "sent_ns"
    }

    public static func key(partition: Int) -> String { "partition/\(partition)" }
    public var key: String { Self.key(partition: self.partition) }

    public var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing here can fail to be written.
        return Array((try? encoder.encode(self)) ?? Data())
    }

    /// `nil` for what no unit of this version says.
    public init?(json: [UInt8]) {
        guard json.count <= Self.bytesMax,
            let said = try? JSONDecoder().decode(UnitAnnouncement.self, from: Data(json)),
            said.version == Self.version, said.partitionCount > 0,
            (0..<said.partitionCount).contains(said.partition),
            (0...Generation.max.number).contains(said.generation)
        else { return nil }
        self = said
    }
}
