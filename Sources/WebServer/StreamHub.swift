// SPDX-License-Identifier: Apache-2.0
// Where cuts become frames and frames reach clients: one hop per event loop per publication.

import FrameCodec
import FramePublisher
import FrameRelay
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
public final class StreamHub: CutSink, CutSource, RelaySource {
    public let catalog: ChannelCatalog
    /// Of the process that cuts the channels; clients resume within it only.
    public let epoch: String
    let settings: StreamSettings
    private let encoder: SharedFrameEncoder
    private let shards: [ObjectIdentifier: HubShard]
    private let newest: Mutex<[WireCut?]>
    private let demand: Mutex<StreamDemand>
    private let events: Mutex<[EventRing]>
    private let clients = Mutex(0)
    /// By channel: heartbeats say that greater sequences are the newest.
    private let vouchedAbove: Mutex<[UInt64]>
    /// How long a client that comes back may be ahead of us; not 0 where others give the same frames.
    let patienceNanoseconds: UInt64
    public let streamCounters: StreamCounters
    /// Who has gateways; `nil` for none.
    private let relay: RelayPublisher?
    private let demandChanged: (@Sendable () -> Void)?
    private let logger: Logger

    /// - Parameters:
    ///   - counters: those of the hub before this one, so that they go on.
    ///   - relay: gets every frame and event too.
    ///   - floor: events' numbers are above it.
    ///   - demandChanged: told when other channels or encodings may be wanted, from any thread.
    public init(
        catalog: ChannelCatalog, settings: StreamSettings, epoch: String, group: any EventLoopGroup,
        counters: StreamCounters = StreamCounters(), relay: RelayPublisher? = nil, floor: UInt64 = 0,
        patienceNanoseconds: UInt64 = 0, demandChanged: (@Sendable () -> Void)? = nil, logger: Logger
    ) throws(FrameCodecError) {
        self.streamCounters = counters
        self.relay = relay
        self.patienceNanoseconds = patienceNanoseconds
        self.demandChanged = demandChanged
        self.catalog = catalog
        self.settings = settings
        self.epoch = epoch
        self.encoder = try SharedFrameEncoder(zstdLevel: settings.zstdLevel, deflateLevel: settings.deflateLevel)
        self.newest = Mutex(Array(repeating: nil, count: catalog.count))
        self.events = Mutex(Array(repeating: EventRing(floor: floor), count: catalog.count))
        self.vouchedAbove = Mutex(Array(repeating: 0, count: catalog.count))
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
        self.publish(cuts.map { WireCut($0, encoder: self.encoder) })
    }

    /// Cuts of another process, with the frames it made of them.
    package func publish(_ cuts: [RelayedCut]) {
        self.publish(cuts.map { WireCut($0.cut, encoder: self.encoder, frames: $0.frames) })
    }

    private func publish(_ wires: [WireCut]) {
        self.newest.withLock { newest in
            for wire in wires { newest[wire.cut.channel] = wire }
        }
        self.streamCounters.cuts.wrappingAdd(UInt64(wires.count), ordering: .relaxed)
        let demand = self.demand.withLock { $0 }
        let wanted = wires.filter { demand.isWanted(channel: $0.cut.channel) }
        for wire in wanted { self.encodeAhead(wire, for: demand.encodings(channel: wire.cut.channel)) }
        if let relay {
            for wire in wires {
                self.hand(wire, to: relay)
                if let part = FirmPart(wire.cut) { relay.relay(part) }
            }
        }
        guard !wanted.isEmpty else { return }
        for shard in self.shards.values { shard.deliver(wanted) }
    }

    public func isWanted(channel: Int) -> Bool {
        self.demand.withLock { $0.isWanted(channel: channel) }
            || self.relay?.isWanted(channel: channel, encoding: .zstd) == true
    }

    /// Whether a client here, or a gateway behind us, wants the channel so encoded.
    package func isWanted(channel: Int, encoding: FrameEncoding) -> Bool {
        self.demand.withLock { $0.encodings(channel: channel).contains(encoding) }
            || self.relay?.isWanted(channel: channel, encoding: encoding) == true
    }

    /// Gives gateways the frames most clients need; deflate first, so that who has the zstd frame has both.
    private func hand(_ wire: WireCut, to relay: RelayPublisher) {
        let previous = wire.cut.past.last?.sequence
        let frames = [FrameEncoding.deflate, .zstd].compactMap { encoding -> RelayedFrame? in
            guard relay.isWanted(channel: wire.cut.channel, encoding: encoding) else { return nil }
            do throws(FrameCodecError) {
                let frame = ServerFrame.payload(of: try wire.frame(from: previous, encoding: encoding))
                return RelayedFrame(base: previous, encoding: encoding, bytes: frame)
            } catch {
                self.logger.error("frame not encoded", metadata: ["channel": "\(wire.cut.name)", "error": "\(error)"])
                return nil
            }
        }
        if !frames.isEmpty { relay.relay(frames, channel: wire.cut.channel, sequence: wire.cut.sequence) }
    }

    /// The newest state as gateways get it.
    package func snapshotFrame(channel: Int) -> [UInt8]? {
        guard let wire = self.newestWire(channel: channel) else { return nil }
        do throws(FrameCodecError) {
            return ServerFrame.payload(of: try wire.frame(from: nil, encoding: .zstd))
        } catch {
            self.logger.error("frame not encoded", metadata: ["channel": "\(wire.cut.name)", "error": "\(error)"])
            return nil
        }
    }

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

    package func newestSequence(channel: Int) -> UInt64 { self.newestWire(channel: channel)?.cut.sequence ?? 0 }

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
            self.deliver(event, channel: channel)
        }
    }

    /// An event that another process has numbered.
    package func publish(_ event: StreamEvent, channel: Int) {
        self.events.withLock { events in
            if event.sequence != events[channel].lastSequence + 1 { self.tellGap(channel: channel) }
            events[channel].append(event)
            self.deliver(event, channel: channel)
        }
    }

    /// Events up to a number happened, and nobody can say which.
    package func skipEvents(to sequence: UInt64, channel: Int) {
        self.events.withLock { events in
            events[channel].skip(to: sequence)
            self.tellGap(channel: channel)
        }
    }

    /// Under the lock of the events, so that every loop and gateway gets them in their order.
    private func deliver(_ event: StreamEvent, channel: Int) {
        self.relay?.relay(event, channel: channel)
        // Who comes later begins after it, or has it replayed.
        guard self.demand.withLock({ $0.isWanted(channel: channel) }) else { return }
        let wire = self.wire(event, channel: channel)
        for shard in self.shards.values { shard.deliver(wire) }
    }

    private func tellGap(channel: Int) {
        let message = ServerMessage.gap(channel: self.catalog.names[channel])
        for shard in self.shards.values { shard.tell(message, channel: channel) }
    }

    /// What a client missed since `sequence`, oldest first; `nil` where some of it is gone.
    func events(channel: Int, after sequence: UInt64) -> [WireEvent]? {
        self.events.withLock { $0[channel].events(after: sequence) }?.map { self.wire($0, channel: channel) }
    }

    package func lastEventSequence(channel: Int) -> UInt64 { self.events.withLock { $0[channel].lastSequence } }

    package func events(channel: Int, keptAfter sequence: UInt64) -> [StreamEvent] {
        self.events.withLock { $0[channel].kept(after: sequence) }
    }

    private func wire(_ event: StreamEvent, channel: Int) -> WireEvent {
        let message = ServerMessage.event(event, channel: self.catalog.names[channel])
        return WireEvent(channel: channel, sequence: event.sequence, frame: message.frame)
    }

    // MARK: Heartbeats

    /// - Parameter sequence: a heartbeat says of greater ones that they are the newest, and nothing of others.
    package func vouch(for channels: [Int], above sequence: UInt64) {
        self.vouchedAbove.withLock { vouchedAbove in
            for channel in channels { vouchedAbove[channel] = sequence }
        }
    }

    package func isVouched(sequence: UInt64, channel: Int) -> Bool {
        self.vouchedAbove.withLock { sequence > $0[channel] }
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

    package func changeDemand(channel: Int, encoding: FrameEncoding, by change: Int) {
        self.demand.withLock { $0.change(channel: channel, encoding: encoding, by: change) }
        self.demandChanged?()
    }

    /// Nothing comes any more: every client is sent away, to come back another time.
    package func dismissClients() { for shard in self.shards.values { shard.dismiss() } }
}
