// SPDX-License-Identifier: Apache-2.0
// One client of the stream: executes what its subscriptions decide.

import DeskService
import FrameCodec
import FramePublisher
import Logging
import NIOCore
import NIOWebSocket
import RiskKernel
import Synchronization

/// The handler at the end of an upgraded connection's pipeline.
///
/// Ownership: its channel's event loop (docs/ownership.md, "session state").
final class StreamPeer: ChannelInboundHandler {
    typealias InboundIn = WebSocketMessage

    /// Channels one message may name; each unknown one is answered.
    private static let channelsMax = 1_000

    private let hub: StreamHub
    private let encoding: FrameEncoding
    private let connection: WebSocketConnection
    private let access: any StreamAccess
    private let logger: Logger
    /// Whose stream it is, as the desk last said.
    private var identity: Identity
    /// The desk's number of this stream.
    private var streamNumber: UInt64?
    private var context: ChannelHandlerContext?
    private var subscriptions: [Int: Subscription] = [:]
    private var frameIntervalNanoseconds: UInt64 = 0
    private var events = EventQueue()
    private var stall = StallWatch()
    private var isAdmitted = false
    private var isEnded = false

    init(
        hub: StreamHub, encoding: FrameEncoding, connection: WebSocketConnection, access: any StreamAccess,
        identity: Identity, logger: Logger
    ) {
        self.hub = hub
        self.encoding = encoding
        self.connection = connection
        self.access = access
        self.identity = identity
        self.logger = logger
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        guard self.hub.admitClient() else {
            self.hub.streamCounters.clientsRefused.wrappingAdd(1, ordering: .relaxed)
            self.connection.close(StreamCloseCode.tooManyConnections)
            return
        }
        self.isAdmitted = true
        self.hub.shard(of: context.eventLoop).add(self)
        self.send(.hello(epoch: self.hub.epoch, serverTimeNanoseconds: WallClock.nowNanoseconds))
        if self.access.isRequired { self.followRights(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.leave()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(.closedAbnormally)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let ended as WebSocketEnded: self.end(ended.code)
        case is ChannelShouldQuiesceEvent: self.goAway()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Each is told another time, so that they do not all come back at once.
    func goAway() {
        let pause = Int.random(in: StreamCloseCode.retryMilliseconds)
        self.connection.close(StreamCloseCode.goingAway, reason: "retry in \(pause) ms")
    }

    private func end(_ code: WebSocketErrorCode) {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.hub.streamCounters.closes.count(code)
        self.leave()
    }

    private func leave() {
        guard self.isAdmitted, let context else { return }
        self.isAdmitted = false
        if let streamNumber { self.access.streamClosed(streamNumber) }
        self.streamNumber = nil
        for channel in self.subscriptions.keys { self.unsubscribe(channel, context: context) }
        self.hub.shard(of: context.eventLoop).remove(self)
        self.hub.clientLeft()
    }

    // MARK: Rights

    private func followRights(_ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let peer = NIOLoopBound(self, eventLoop: loop)
        self.streamNumber = self.access.streamOpened(self.identity) {
            loop.execute { peer.value.rightsChanged() }
        }
        // They may have changed between the handshake and now.
        self.rightsChanged()
    }

    /// What may be seen no more is not sent again, whatever else the close takes.
    private func rightsChanged() {
        guard let context, self.isAdmitted, !self.isEnded else { return }
        guard let identity = self.access.current(self.identity) else {
            return self.connection.close(StreamCloseCode.sessionEnded)
        }
        self.identity = identity
        let lost = self.subscriptions.keys.filter { !self.hub.catalog.isVisible(channel: $0, to: identity) }
        if lost.isEmpty { return }
        for channel in lost { self.unsubscribe(channel, context: context) }
        self.connection.close(StreamCloseCode.rightLost)
    }

    // MARK: From the client

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .text(let text) = self.unwrapInboundIn(data) else {
            return self.connection.close(.unacceptableData)
        }
        do throws(ControlMessageError) {
            self.handle(try ControlMessage(parsing: text))
        } catch {
            self.send(.error(.badRequest, message: error.message, channel: nil))
        }
    }

    private func handle(_ message: ControlMessage) {
        guard let context else { return }
        switch message {
        case .subscribe(let names, _) where names.count > Self.channelsMax:
            self.send(
                .error(.tooMany, message: "a message may name \(Self.channelsMax) channels", channel: nil))
        case .subscribe(let names, let resume): self.subscribe(to: names, resume: resume, context: context)
        case .unsubscribe(let names):
            for name in names {
                if let channel = self.hub.catalog.index(of: name) { self.unsubscribe(channel, context: context) }
            }
            self.sendSubscribed()
        case .rate(let hertz):
            // The engine cuts at most every 100 ms anyway; the full rate needs no gate that jitter could trip.
            let isFull = hertz == ControlMessage.rateRange.upperBound
            self.frameIntervalNanoseconds = isFull ? 0 : UInt64(1e9 / hertz)
        case .ping(let id): self.send(.pong(id: id, serverTimeNanoseconds: WallClock.nowNanoseconds))
        }
    }

    // MARK: Subscriptions

    private func subscribe(to names: [String], resume: ControlMessage.Resume?, context: ChannelHandlerContext) {
        let now = UInt64(NIODeadline.now().uptimeNanoseconds)
        var fresh: [Int] = []
        for name in names {
            guard let channel = self.hub.catalog.index(of: name),
                self.hub.catalog.isVisible(channel: channel, to: self.identity)
            else {
                self.send(.error(.forbidden, message: "no such channel, or not yours to see", channel: name))
                continue
            }
            if fresh.contains(channel) { continue }
            let isSameRun = resume?.epoch == self.hub.epoch
            let sequence = isSameRun ? resume?.sequences?[name] : nil
            if self.subscriptions[channel] == nil {
                self.hub.changeDemand(channel: channel, encoding: self.encoding, by: 1)
                self.hub.shard(of: context.eventLoop).subscribe(self, to: channel)
            }
            self.subscriptions[channel] = Subscription(
                resumedAt: sequence, patienceNanoseconds: self.hub.patienceNanoseconds, nowNanoseconds: now)
            fresh.append(channel)
        }
        self.sendSubscribed()
        for channel in fresh {
            self.beginEvents(of: channel, resume: resume)
            self.catchUp(channel, nowNanoseconds: now)
        }
    }

    /// Replays what the client missed, or says that some of it is gone.
    private func beginEvents(of channel: Int, resume: ControlMessage.Resume?) {
        self.events.begin(channel: channel, at: self.hub.lastEventSequence(channel: channel))
        let name = self.hub.catalog.names[channel]
        guard let seen = resume?.events?[name] else { return }
        guard resume?.epoch == self.hub.epoch, let missed = self.hub.events(channel: channel, after: seen) else {
            return self.send(.gap(channel: name))
        }
        self.events.begin(channel: channel, at: seen)
        for event in missed { self.offer(event) }
    }

    private func unsubscribe(_ channel: Int, context: ChannelHandlerContext) {
        guard self.subscriptions.removeValue(forKey: channel) != nil else { return }
        self.events.end(channel: channel)
        self.hub.changeDemand(channel: channel, encoding: self.encoding, by: -1)
        self.hub.shard(of: context.eventLoop).unsubscribe(self, from: channel)
    }

    private func sendSubscribed() {
        self.send(.subscribed(channels: self.subscriptions.keys.sorted().map { self.hub.catalog.names[$0] }))
    }

    // MARK: To the client

    /// Writes the frame this client needs of a new cut; false when there was none to write.
    func offer(_ wire: WireCut, nowNanoseconds: UInt64) -> Bool {
        guard let context, let subscription = self.subscriptions[wire.cut.channel] else { return false }
        let decision = subscription.decision(
            newest: wire.cut.sequence, isWritable: context.channel.isWritable, nowNanoseconds: nowNanoseconds)
        switch decision {
        case .wait: return false
        case .skip:
            self.hub.streamCounters.framesSkipped.wrappingAdd(1, ordering: .relaxed)
            return false
        case .send(let base): return self.write(wire, from: base, nowNanoseconds: nowNanoseconds)
        }
    }

    private func write(_ wire: WireCut, from base: UInt64?, nowNanoseconds: UInt64) -> Bool {
        do {
            let frame = try wire.frame(from: base, encoding: self.encoding)
            self.connection.write(frame)
            self.connection.flush()
            self.hub.streamCounters.sent(bytes: frame.readableBytes, encoding: self.encoding)
        } catch {
            self.logger.error("frame not encoded", metadata: ["channel": "\(wire.cut.name)", "error": "\(error)"])
            return false
        }
        self.subscriptions[wire.cut.channel]?.sent(
            wire.cut.sequence, nowNanoseconds: nowNanoseconds, intervalNanoseconds: self.frameIntervalNanoseconds)
        return true
    }

    /// Writes an event, or keeps it until the socket takes it; a client too far behind is closed.
    func offer(_ event: WireEvent) {
        guard let context else { return }
        switch self.events.add(event, isWritable: context.channel.isWritable) {
        case .write:
            self.connection.write(event.frame)
            self.connection.flush()
        case .kept: break
        case .overflow:
            self.hub.streamCounters.slowClientsClosed.wrappingAdd(1, ordering: .relaxed)
            self.connection.close(StreamCloseCode.slowClient)
        }
    }

    private func catchUp(_ channel: Int, nowNanoseconds: UInt64) {
        guard let wire = self.hub.newestWire(channel: channel) else { return }
        _ = self.offer(wire, nowNanoseconds: nowNanoseconds)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            for frame in self.events.takeAll() { self.connection.write(frame) }
            self.connection.flush()
            let now = UInt64(NIODeadline.now().uptimeNanoseconds)
            for channel in self.subscriptions.keys { self.catchUp(channel, nowNanoseconds: now) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Late frames of slower rates, heartbeats, stalls, pings and frames that do not end.
    func clockTicked(nowNanoseconds: UInt64) {
        guard let context, !self.isEnded else { return }
        if let expires = self.identity.expiresNanoseconds, WallClock.nowNanoseconds >= expires {
            return self.connection.close(StreamCloseCode.sessionEnded)
        }
        let isWritable = context.channel.isWritable
        let isStalled = self.stall.isStalled(
            isWritable: isWritable,
            takenBytes: isWritable ? 0 : self.connection.writtenBytes - context.channel.outstandingBytes,
            nowNanoseconds: nowNanoseconds,
            timeoutNanoseconds: self.hub.settings.slowClientTimeoutNanoseconds)
        if isStalled {
            self.hub.streamCounters.slowClientsClosed.wrappingAdd(1, ordering: .relaxed)
            return self.connection.close(StreamCloseCode.slowClient)
        }
        guard isWritable else { return }
        for channel in self.subscriptions.keys {
            if self.frameIntervalNanoseconds > 0 { self.catchUp(channel, nowNanoseconds: nowNanoseconds) }
            self.beat(channel, nowNanoseconds: nowNanoseconds)
        }
        self.connection.clockTicked(nowNanoseconds: nowNanoseconds)
    }

    private func beat(_ channel: Int, nowNanoseconds: UInt64) {
        guard let sequence = self.subscriptions[channel]?.heartbeat(nowNanoseconds: nowNanoseconds) else { return }
        // What the client says it has, and we have not, is nothing to vouch for.
        guard sequence <= self.hub.newestSequence(channel: channel) else {
            return self.catchUp(channel, nowNanoseconds: nowNanoseconds)
        }
        guard self.hub.isVouched(sequence: sequence, channel: channel) else { return }
        self.send(
            .heartbeat(
                channel: self.hub.catalog.names[channel], sequence: sequence,
                serverTimeNanoseconds: WallClock.nowNanoseconds))
    }

    func send(_ message: ServerMessage) {
        self.connection.write(message.frame)
        self.connection.flush()
    }
}
