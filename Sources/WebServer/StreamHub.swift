// SPDX-License-Identifier: Apache-2.0
// Where cuts become frames and frames reach clients: one hop per event loop per publication.

import FrameCodec
import FramePublisher
import Logging
import NIOCore
import Synchronization

/// Settings of the stream, from the configuration.
public struct StreamSettings: Sendable {
    public var maximumClients: Int
    public var slowClientTimeoutNanoseconds: UInt64
    /// From the first byte of a client's frame to its last.
    public var frameNanosecondsMax: UInt64
    public var allowedOrigins: [String]
    public var zstdLevel: Int
    public var deflateLevel: Int

    public init(
        maximumClients: Int, slowClientTimeoutNanoseconds: UInt64, frameNanosecondsMax: UInt64,
        allowedOrigins: [String], zstdLevel: Int, deflateLevel: Int
    ) {
        self.maximumClients = maximumClients
        self.slowClientTimeoutNanoseconds = slowClientTimeoutNanoseconds
        self.frameNanosecondsMax = frameNanosecondsMax
        self.allowedOrigins = allowedOrigins
        self.zstdLevel = zstdLevel
        self.deflateLevel = deflateLevel
    }

    /// A client's control messages are small.
    var clientLimits: WebSocketLimits {
        WebSocketLimits(messageBytesMax: 1 << 16, fragmentsMax: 64, frameNanosecondsMax: self.frameNanosecondsMax)
    }
}

/// Takes cuts from the publishing threads and spreads them over the event loops' shards.
///
/// Ownership: frame bytes are immutable once made; a shard is touched on its loop only (docs/ownership.md).
public final class StreamHub: CutSink, CutSource {
    public let catalog: ChannelCatalog
    /// Of this process; clients resume within it only.
    public let epoch: String
    let settings: StreamSettings
    private let encoder: SharedFrameEncoder
    private let shards: [ObjectIdentifier: HubShard]
    private let newest: Mutex<[WireCut?]>
    private let demand: Mutex<StreamDemand>
    private let events: Mutex<[EventRing]>
    private let clients = Mutex(0)
    public let streamCounters = StreamCounters()
    private let logger: Logger

    public init(
        catalog: ChannelCatalog, settings: StreamSettings, epoch: String, group: any EventLoopGroup, logger: Logger
    ) throws(FrameCodecError) {
        self.catalog = catalog
        self.settings = settings
        self.epoch = epoch
        self.encoder = try SharedFrameEncoder(zstdLevel: settings.zstdLevel, deflateLevel: settings.deflateLevel)
        self.newest = Mutex(Array(repeating: nil, count: catalog.count))
        self.events = Mutex(Array(repeating: EventRing(), count: catalog.count))
        self.demand = Mutex(StreamDemand(channelCount: catalog.count))
        self.logger = logger
        var shards: [ObjectIdentifier: HubShard] = [:]
        for loop in group.makeIterator() {
            shards[ObjectIdentifier(loop)] = HubShard(
                loop: loop, channelCount: catalog.count, counters: self.streamCounters)
        }
        self.shards = shards
    }

    func shard(of loop: any EventLoop) -> HubShard { self.shards[ObjectIdentifier(loop)]! }

    // MARK: Cuts

    public func publish(_ cuts: [ChannelCut]) {
        let wires = cuts.map { WireCut($0, encoder: self.encoder) }
        self.newest.withLock { newest in
            for wire in wires { newest[wire.cut.channel] = wire }
        }
        self.streamCounters.cuts.wrappingAdd(UInt64(cuts.count), ordering: .relaxed)
        let demand = self.demand.withLock { $0 }
        let wanted = wires.filter { demand.isWanted(channel: $0.cut.channel) }
        guard !wanted.isEmpty else { return }
        for wire in wanted { self.encodeAhead(wire, for: demand.encodings(channel: wire.cut.channel)) }
        for shard in self.shards.values { shard.deliver(wanted) }
    }

    public func isWanted(channel: Int) -> Bool { self.demand.withLock { $0.isWanted(channel: channel) } }

    /// Makes the frame most clients need here, so that the event loops only write.
    private func encodeAhead(_ wire: WireCut, for encodings: [FrameEncoding]) {
        let previous = wire.cut.past.last?.sequence
        for encoding in encodings {
            do { _ = try wire.frame(from: previous, encoding: encoding) } catch {
                self.logger.error("frame not encoded", metadata: ["channel": "\(wire.cut.name)", "error": "\(error)"])
            }
        }
    }

    /// The channel's newest cut; `nil` before the first.
    func newestWire(channel: Int) -> WireCut? { self.newest.withLock { $0[channel] } }

    /// The channel's newest cut, for pages and the API.
    public func newestCut(channel: Int) -> ChannelCut? { self.newestWire(channel: channel)?.cut }

    // MARK: Events

    /// Tells everyone on a channel what happened; callable from any thread, does not wait.
    ///
    /// - Parameters:
    ///   - kind: `order`, `fill` or `alert`.
    ///   - data: a JSON object.
    public func publish(event kind: String, data: [UInt8], channel: Int) {
        self.events.withLock { events in
            let event = events[channel].append(kind: kind, data: data)
            // Who comes later begins after it, or has it replayed.
            guard self.isWanted(channel: channel) else { return }
            let wire = self.wire(event, channel: channel)
            // Under the lock, so that every loop gets events in their order.
            for shard in self.shards.values { shard.deliver(wire) }
        }
    }

    /// What a client missed since `sequence`, oldest first; `nil` where some of it is gone.
    func events(channel: Int, after sequence: UInt64) -> [WireEvent]? {
        self.events.withLock { $0[channel].events(after: sequence) }?.map { self.wire($0, channel: channel) }
    }

    func lastEventSequence(channel: Int) -> UInt64 { self.events.withLock { $0[channel].lastSequence } }

    private func wire(_ event: StreamEvent, channel: Int) -> WireEvent {
        let message = ServerMessage.event(event, channel: self.catalog.names[channel])
        return WireEvent(channel: channel, sequence: event.sequence, frame: message.frame)
    }

    // MARK: Clients

    public var clientCount: Int { self.clients.withLock { $0 } }

    /// False when there are as many as allowed.
    func admitClient() -> Bool {
        self.clients.withLock { count in
            guard count < self.settings.maximumClients else { return false }
            count += 1
            return true
        }
    }

    func clientLeft() { self.clients.withLock { $0 -= 1 } }

    func changeDemand(channel: Int, encoding: FrameEncoding, by change: Int) {
        self.demand.withLock { $0.change(channel: channel, encoding: encoding, by: change) }
    }
}
