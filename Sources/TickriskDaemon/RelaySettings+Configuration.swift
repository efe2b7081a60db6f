// SPDX-License-Identifier: Apache-2.0
// Relays and their keys, from the configuration's words to the sockets' values.

import Fleet
import FrameRelay
import Logging
import RiskFiles
import RiskStore
import TickFeed
import WebServer

extension Configuration.Relay {
    /// What the relay's list of keys is called between libzmq and the gate; no feed can be called so.
    static let domain = "relay"
    private static let owner = "relay"

    /// The sending end; `nil` for a node without gateways.
    func publisher(_ context: ZMQContext, logger: Logger) throws -> RelayPublisher? {
        guard self.isPublished else { return nil }
        let keys = try self.curve?.keyPair(of: Self.owner)
        let settings = RelayOutSettings(
            endpoint: self.bind, snapshotEndpoint: self.snapshotBind, highWaterMark: self.highWaterMark,
            security: keys.map { .server($0, domain: Self.domain) } ?? .none)
        return try RelayPublisher(context: context, settings: settings, logger: logger)
    }

    /// Keys that may come in; `nil` where nobody has to show one.
    func allowedKeys() throws(DaemonError) -> Set<CurveKey>? {
        guard self.isPublished, let curve = self.curve else { return nil }
        var keys: Set<CurveKey> = []
        for text in curve.allowedKeys { keys.insert(try Configuration.Curve.key(text, of: Self.owner)) }
        return keys
    }

    /// Towards the relays of other units of a fleet, which all have this key.
    func unitSecurity() throws(DaemonError) -> SocketSecurity {
        guard let keys = try self.curve?.keyPair(of: Self.owner) else { return .none }
        return .client(keys, serverKey: keys.publicKey)
    }

    fileprivate func clientSecurity() throws(DaemonError) -> SocketSecurity {
        try self.curve?.clientSecurity(of: Self.owner) ?? .none
    }
}

extension RelayInSettings {
    /// Of a gateway.
    init(_ relay: Configuration.Relay) throws(DaemonError) {
        self.init(
            endpoint: relay.connect, snapshotEndpoint: relay.snapshotConnect, highWaterMark: relay.highWaterMark,
            silentAfterNanoseconds: relay.silentAfterNanoseconds, security: try relay.clientSecurity())
    }
}

extension FleetSettings {
    /// Of a gateway of a fleet.
    init(_ configuration: Configuration, context: ZMQContext, logger: Logger) throws(DaemonError) {
        let relay = configuration.relay
        let security = try relay.clientSecurity()
        self.init(
            streaming: StreamSettings(configuration.streaming), isLoopback: configuration.http.isLoopback,
            hash: PartitionHash(configuration.kafka.partitioner),
            secret: configuration.node.secret.map { SharedSecret($0.text) }
        ) { unit, scope, counters in
            for endpoint in [unit.relay, unit.snapshot]
            where relay.curve == nil && FeedEndpoint.isBeyondThisMachine(endpoint) {
                throw DaemonError.unprotectedUnit(endpoint: endpoint)
            }
            return RelayReceiver(
                context: context,
                settings: RelayInSettings(
                    endpoint: unit.relay, snapshotEndpoint: unit.snapshot, highWaterMark: relay.highWaterMark,
                    silentAfterNanoseconds: relay.silentAfterNanoseconds, security: security, scope: scope),
                counters: counters, logger: logger)
        }
    }
}

extension PartitionHash {
    init(_ partitioner: Configuration.Kafka.Partitioner) {
        self =
            switch partitioner {
            case .crc32: .crc32
            case .murmur2: .murmur2
            }
    }
}
