// SPDX-License-Identifier: Apache-2.0
// The hub of a gateway: one for each run of its upstream, open while the upstream is heard.

import FrameCodec
import FramePublisher
import FrameRelay
import Logging
import NIOCore
import Operations
import Synchronization

/// What the port of a gateway asks of what is behind it.
public protocol GatewayUpstream: AnyObject, Sendable {
    /// The hub that clients get; `nil` while nothing true could be streamed.
    var hub: StreamHub? { get }
    /// Why nothing is streamed; `nil` while it is.
    var unavailable: String? { get }
    /// Whether upstream has said what it is, and nothing speaks against serving it.
    var isServing: Bool { get }
    /// Why nobody can say who comes in; `nil` while somebody can.
    var identitiesUnavailable: String? { get }
    var streamCounters: StreamCounters { get }
    var clientCount: Int { get }
    /// Turns of every loop that has to live.
    var progress: [UInt64] { get }
    var families: [MetricFamily] { get }
    func add(to readiness: inout Readiness)
    /// Opens the sockets and starts the threads.
    func start() throws
    /// Ends the threads and waits for them.
    func stop()
}

/// Ownership: what comes from upstream comes on the receiver's thread; any thread asks for the hub.
public final class GatewayHub: GatewayUpstream, RelaySink {
    private struct State {
        var hub: StreamHub?
        var isLive = false
        /// Why nothing is served though the upstream is heard.
        var refusal: String?
    }

    private let settings: StreamSettings
    /// Whether only this machine can reach the port.
    private let isLoopback: Bool
    private let receiver: RelayReceiver
    private let access: RemoteAccess
    /// For gateways behind this one; `nil` for none.
    private let relay: RelayPublisher?
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())
    public let streamCounters = StreamCounters()

    public init(
        settings: StreamSettings, isLoopback: Bool, receiver: RelayReceiver, access: RemoteAccess,
        relay: RelayPublisher?, group: any EventLoopGroup, logger: Logger
    ) {
        self.settings = settings
        self.isLoopback = isLoopback
        self.receiver = receiver
        self.access = access
        self.relay = relay
        self.group = group
        self.logger = logger
    }

    public var hub: StreamHub? { self.state.withLock { $0.isLive ? $0.hub : nil } }

    public var clientCount: Int { self.anyHub?.clientCount ?? 0 }

    public var isServing: Bool { self.state.withLock { $0.hub != nil } }

    /// With an upstream that is silent nothing is streamed anyway.
    public var identitiesUnavailable: String? { nil }

    public var unavailable: String? {
        self.state.withLock { state in
            if let refusal = state.refusal { return refusal }
            if state.hub == nil { return "the upstream has not been heard yet" }
            return state.isLive ? nil : "the upstream is silent"
        }
    }

    public var progress: [UInt64] { [self.receiver.turnCount.load(ordering: .relaxed)] }

    public var families: [MetricFamily] {
        [
            MetricFamily(
                .gauge, "tickrisk_relay_up", "1 while the upstream is heard.", self.receiver.isLive ? 1 : 0),
            MetricFamily(
                .gauge, "tickrisk_relay_channels_waiting", "Channels whose state is asked for.",
                Double(self.receiver.waitingCount)),
        ] + self.receiver.counters.families + (self.relay?.counters.families ?? [])
    }

    public func add(to readiness: inout Readiness) {
        if let reason = self.unavailable {
            readiness.add(.feed, .unreadies, "\(reason): \(self.receiver.endpoint)")
        } else if self.receiver.waitingCount > 0 {
            readiness.add(.feed, .warns, "\(self.receiver.waitingCount) channels wait for their state")
        }
    }

    public func start() throws {
        self.relay?.start(identities: self.access)
        try self.receiver.start(sink: self)
    }

    public func stop() {
        self.receiver.stop()
        self.relay?.stop()
    }

    // MARK: From upstream

    package func begin(_ hello: RelayHello) {
        self.access.begin(isRequired: hello.isSignInRequired)
        var hub: StreamHub?
        var refusal: String?
        if !hello.isSignInRequired, !self.isLoopback {
            refusal = "the upstream lets everybody do everything, and this port is open to other machines"
        } else {
            do throws(FrameCodecError) { hub = try self.makeHub(hello) } catch { refusal = "\(error)" }
        }
        if let refusal { self.logger.error("nothing is served", metadata: ["reason": "\(refusal)"]) }
        let old = self.state.withLock { state in
            defer {
                state.hub = hub
                state.refusal = refusal
            }
            return state.hub
        }
        // Numbers begin anew: whoever comes back is told by the hello.
        old?.dismissClients()
        if let hub { self.relay?.follow(hub) } else { self.relay?.pause() }
    }

    private func makeHub(_ hello: RelayHello) throws(FrameCodecError) -> StreamHub {
        try StreamHub(
            catalog: hello.catalog, settings: self.settings, epoch: String(hello.epoch), group: self.group,
            counters: self.streamCounters, relay: self.relay, demandChanged: { [receiver] in receiver.wake() },
            logger: self.logger)
    }

    package func upstreamChanged(isLive: Bool) {
        let hub = self.state.withLock { state in
            state.isLive = isLive
            return state.hub
        }
        guard let hub else { return }
        if isLive {
            self.relay?.follow(hub)
        } else {
            // A heartbeat of ours would say that what they have is the newest.
            hub.dismissClients()
            self.relay?.pause()
        }
    }

    package func publish(_ cuts: [RelayedCut]) { self.anyHub?.publish(cuts) }

    package func publish(_ event: StreamEvent, channel: Int) { self.anyHub?.publish(event, channel: channel) }

    package func skipEvents(to sequence: UInt64, channel: Int) {
        self.anyHub?.skipEvents(to: sequence, channel: channel)
    }

    package func rightsChanged(user: String) {
        self.access.rightsChanged(user: user)
        self.relay?.relay(rightsChangedOf: user)
    }

    package func isWanted(channel: Int) -> Bool { self.anyHub?.isWanted(channel: channel) == true }

    package func isWanted(channel: Int, encoding: FrameEncoding) -> Bool {
        self.anyHub?.isWanted(channel: channel, encoding: encoding) == true
    }

    private var anyHub: StreamHub? { self.state.withLock { $0.hub } }
}
