// SPDX-License-Identifier: Apache-2.0
// The hub of a gateway before a fleet: what all its units cut, on one stream.

import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import Logging
import NIOCore
import Operations
import RiskKernel
import RiskStore
import Synchronization

/// What a gateway expects of the units it joins.
public struct FleetSettings: Sendable {
    public var streaming: StreamSettings
    /// Whether only this machine can reach the port.
    public var isLoopback: Bool
    /// As whoever publishes fills has it.
    public var hash: PartitionHash
    /// What the units share with us; `nil` where nobody signs in.
    public var secret: SharedSecret?
    /// A receiver of what a unit announces, not started yet; throws why it is not to be connected to.
    public var receiver: @Sendable (UnitAnnouncement, RelayScope, RelayInCounters) throws -> RelayReceiver

    public init(
        streaming: StreamSettings, isLoopback: Bool, hash: PartitionHash, secret: SharedSecret?,
        receiver: @escaping @Sendable (UnitAnnouncement, RelayScope, RelayInCounters) throws -> RelayReceiver
    ) {
        self.streaming = streaming
        self.isLoopback = isLoopback
        self.hash = hash
        self.secret = secret
        self.receiver = receiver
    }
}

/// Wakes one thread; a ring that comes early is not lost.
private final class Bell: Sendable {
    private let parker = Parker()
    private let isRung = Atomic(false)

    func ring() {
        self.isRung.store(true, ordering: .sequentiallyConsistent)
        self.parker.wake()
    }

    func wait(timeoutNanoseconds: UInt64) {
        self.parker.sleep(timeoutNanoseconds: timeoutNanoseconds) {
            self.isRung.load(ordering: .sequentiallyConsistent)
        }
        self.isRung.store(false, ordering: .sequentiallyConsistent)
    }
}

/// A hub, and whose its channels are. There is another when the house has another catalog, or is another fleet's.
final class FleetStage: Sendable {
    let hub: StreamHub
    let channels: FleetChannels

    init(hub: StreamHub, channels: FleetChannels) {
        self.hub = hub
        self.channels = channels
    }
}

/// Ownership: `tr-fleet` joins units and leaves them; each unit's messages come on the thread of its receiver; any
/// thread asks for the hub.
public final class FleetHub: GatewayUpstream {
    private static let lookNanoseconds: UInt64 = 1_000_000_000
    /// Two gateways hear the same frame at different times; a client may have gone from one to the other.
    private static let patienceNanoseconds: UInt64 = 10_000_000_000

    /// What streams depend on: as long as it stays they go on, whoever is the house.
    private struct Basis: Equatable {
        var fleet: String
        var partitionCount: Int
        var isSignInRequired: Bool
        var accounts: [RelayHello.Account]
    }

    private struct State {
        var basis: Basis?
        var stage: FleetStage?
        /// Why nothing is served though the house is heard.
        var refusal: String?
        /// By partition.
        var units: [Int: UnitReceiver] = [:]
        /// Announcements nothing can be made of, by partition, and why.
        var refused: [Int: (said: UnitAnnouncement, reason: String)] = [:]
    }

    private let directory: FleetDirectory
    private let settings: FleetSettings
    private let group: any EventLoopGroup
    private let logger: Logger
    private let house = HouseIdentities()
    /// Asks the house who somebody is.
    public let access: RemoteAccess
    private let state = Mutex(State())
    private let counters = RelayInCounters()
    private let bell = Bell()
    private let thread = RoleThread(name: "tr-fleet")
    private let turnCount = Atomic<UInt64>(0)
    public let streamCounters = StreamCounters()

    public init(
        directory: FleetDirectory, settings: FleetSettings, group: any EventLoopGroup, logger: Logger
    ) {
        self.directory = directory
        self.settings = settings
        self.group = group
        self.logger = logger
        self.access = RemoteAccess(asking: self.house)
    }

    public func start() {
        self.directory.listen { [bell] _ in bell.ring() }
        self.thread.start { self.run() }
    }

    public func stop() {
        self.thread.stop(waking: self.bell.ring)
        for unit in self.units { self.leave(unit) }
    }

    // MARK: What the port asks

    public var hub: StreamHub? { self.state.withLock { $0.stage?.hub } }

    public var clientCount: Int { self.hub?.clientCount ?? 0 }

    public var isServing: Bool { self.hub != nil }

    public var unavailable: String? {
        self.state.withLock { state in
            if state.stage != nil { return nil }
            if let refusal = state.refusal { return refusal }
            if let refused = state.refused[UnitAnnouncement.house] { return "the house: \(refused.reason)" }
            return state.units[UnitAnnouncement.house] == nil
                ? "no unit has announced itself as the house, partition \(UnitAnnouncement.house)"
                : "the house, partition \(UnitAnnouncement.house), has not been heard yet"
        }
    }

    public var identitiesUnavailable: String? {
        guard self.access.isRequired, !self.isHeard(UnitAnnouncement.house) else { return nil }
        return "the house, partition \(UnitAnnouncement.house), is silent: nobody can say who you are"
    }

    /// `nil` for an account that no unit has.
    func partition(ofAccount id: String) -> Int? {
        self.state.withLock { $0.stage }?.channels.partition(ofAccount: id)
    }

    /// Where a partition's unit answers; `nil` while it is silent.
    func address(ofPartition partition: Int) -> UpstreamAddress? {
        guard let unit = self.state.withLock({ $0.units[partition] }), unit.isServing else { return nil }
        return unit.api
    }

    var secret: SharedSecret? { self.settings.secret }

    // MARK: How it does

    public var progress: [UInt64] {
        [self.turnCount.load(ordering: .relaxed)]
            + self.units.map { $0.receiver.turnCount.load(ordering: .relaxed) }
    }

    public func add(to readiness: inout Readiness) {
        if let reason = self.unavailable { return readiness.add(.feed, .unreadies, reason) }
        let silent = self.partitions.filter { !self.isHeard($0) }
        if !silent.isEmpty {
            let names = silent.map { "\($0)\(self.refusal(of: $0).map { reason in " (\(reason))" } ?? "")" }
            readiness.add(
                .feed, .warns, "silent: partition \(names.joined(separator: ", ")); what they have stays as it was")
        }
        let waiting = self.units.reduce(0) { $0 + $1.receiver.waitingCount }
        if waiting > 0 { readiness.add(.feed, .warns, "\(waiting) channels wait for their state") }
    }

    public var families: [MetricFamily] {
        let units = Dictionary(self.units.map { ($0.partition, $0) }, uniquingKeysWith: { $1 })
        func byPartition(_ name: String, _ help: String, _ value: (UnitReceiver?) -> Double) -> MetricFamily {
            MetricFamily(.gauge, name, help, self.partitions.map { .init(["partition": "\($0)"], value(units[$0])) })
        }
        return [
            byPartition("tickrisk_relay_up", "1 while the partition's unit is heard.") {
                $0?.isServing == true ? 1 : 0
            },
            byPartition("tickrisk_relay_channels_waiting", "Channels whose state is asked for.") {
                Double($0?.receiver.waitingCount ?? 0)
            },
            byPartition("tickrisk_relay_generation", "Of the partition's unit; 0 while there is none.") {
                Double($0?.announcement.generation ?? 0)
            },
        ] + self.counters.families
    }

    private var units: [UnitReceiver] {
        self.state.withLock { $0.units.values.sorted { $0.partition < $1.partition } }
    }

    /// Those there are, whether anybody has them or not.
    var partitions: Range<Int> {
        0..<max(self.directory.partitionCount, self.state.withLock { $0.basis?.partitionCount } ?? 0)
    }

    private func isHeard(_ partition: Int) -> Bool {
        self.state.withLock { $0.units[partition] }?.isServing == true
    }

    private func refusal(of partition: Int) -> String? {
        let (unit, refused) = self.state.withLock { ($0.units[partition], $0.refused[partition]) }
        return unit?.refusal ?? (unit == nil ? refused?.reason : nil)
    }

    // MARK: Who has which partition

    private func run() {
        while !self.thread.isStopping {
            self.bell.wait(timeoutNanoseconds: Self.lookNanoseconds)
            for said in self.directory.units where !self.thread.isStopping { self.follow(said) }
            self.turnCount.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// A unit's receiver goes with its generation and address, and with the stage its channels are put on.
    private func follow(_ said: UnitAnnouncement) {
        let (current, stage, refused) = self.state.withLock {
            ($0.units[said.partition], $0.stage, $0.refused[said.partition]?.said)
        }
        if said.state == .ended {
            if let current { self.leave(current) }
            return
        }
        let isHouse = said.partition == UnitAnnouncement.house
        if let current {
            if current.isOf(said), isHouse || current.isOn(stage) { return }
            self.leave(current)
        }
        // Before the house has said what there is, nothing could be made of the others' frames.
        guard isHouse || stage != nil else { return }
        if let refused, (refused.generation, refused.relay, refused.api) == (said.generation, said.relay, said.api) {
            return
        }
        self.join(said, stage: isHouse ? nil : stage)
    }

    private func join(_ said: UnitAnnouncement, stage: FleetStage?) {
        func refuse(_ reason: String) {
            self.state.withLock { $0.refused[said.partition] = (said, reason) }
            self.logger.error("unit refused", metadata: Self.metadata(said).merging(["reason": "\(reason)"]) { $1 })
        }
        guard let api = UpstreamAddress(url: said.api) else { return refuse("its address is none: \(said.api)") }
        let isHouse = said.partition == UnitAnnouncement.house
        let receiver: RelayReceiver
        do {
            receiver = try self.settings.receiver(said, isHouse ? .everything : .accounts, self.counters)
        } catch { return refuse("\(error)") }
        let unit = UnitReceiver(said, api: api, receiver: receiver, stage: stage, fleet: self)
        self.state.withLock { state in
            state.units[said.partition] = unit
            state.refused[said.partition] = nil
        }
        if isHouse { self.house.follow(receiver) }
        self.logger.notice("unit joins", metadata: Self.metadata(said))
        do { try receiver.start(sink: unit) } catch {
            self.leave(unit)
            refuse("\(error)")
        }
    }

    /// What it had stays as it was, and nobody vouches for it.
    private func leave(_ unit: UnitReceiver) {
        if unit.isHouse { self.house.follow(nil) }
        unit.receiver.stop()
        unit.left()
        self.state.withLock { state in
            if state.units[unit.partition] === unit { state.units[unit.partition] = nil }
        }
        self.logger.notice("unit leaves", metadata: Self.metadata(unit.announcement))
    }

    func refused(_ unit: UnitReceiver, stranger account: String) {
        let facts: Logger.Metadata = ["account": "\(account)", "reason": "\(unit.refusal ?? "")"]
        self.logger.error("unit refused", metadata: Self.metadata(unit.announcement).merging(facts) { $1 })
    }

    private static func metadata(_ said: UnitAnnouncement) -> Logger.Metadata {
        ["partition": "\(said.partition)", "generation": "\(said.generation)", "node": "\(said.node)"]
    }

    // MARK: What the house says

    /// On the thread of its receiver.
    ///
    /// - Returns: what its channels are put on; `nil` where nothing is served.
    func begin(_ hello: RelayHello, of unit: UnitReceiver) -> FleetStage? {
        self.access.begin(isRequired: hello.isSignInRequired)
        let said = unit.announcement
        let basis = Basis(
            fleet: said.fleet, partitionCount: said.partitionCount, isSignInRequired: hello.isSignInRequired,
            accounts: hello.accounts)
        let kept = self.state.withLock { $0.basis == basis ? $0.stage : nil }
        if let kept { return kept }
        var stage: FleetStage?
        var refusal = self.refusal(of: hello)
        if refusal == nil {
            do throws(FrameCodecError) { stage = try self.stage(basis, hello.catalog) } catch { refusal = "\(error)" }
        }
        if let refusal { self.logger.error("nothing is served", metadata: ["reason": "\(refusal)"]) }
        let old = self.state.withLock { state in
            defer {
                state.basis = basis
                state.stage = stage
                state.refusal = refusal
            }
            return state.stage
        }
        // Channels stand elsewhere, or are numbered anew: whoever comes back is told by the hello.
        old?.hub.dismissClients()
        // The others' channels have to be put on the new one.
        self.bell.ring()
        return stage
    }

    private func refusal(of hello: RelayHello) -> String? {
        if !hello.isSignInRequired {
            return self.settings.isLoopback
                ? nil : "the fleet lets everybody do everything, and this port is open to other machines"
        }
        return self.settings.secret == nil
            ? "people sign in, and without node.secret_file units would not believe who they are" : nil
    }

    private func stage(_ basis: Basis, _ catalog: ChannelCatalog) throws(FrameCodecError) -> FleetStage {
        let hub = try StreamHub(
            catalog: catalog, settings: self.settings.streaming, epoch: basis.fleet, group: self.group,
            counters: self.streamCounters, patienceNanoseconds: Self.patienceNanoseconds,
            demandChanged: { [weak self] in self?.wakeUnits() }, logger: self.logger)
        // Until their units are heard.
        hub.vouch(for: Array(catalog.names.indices), above: .max)
        return FleetStage(
            hub: hub,
            channels: FleetChannels(
                catalog: catalog, partitionCount: basis.partitionCount, hash: self.settings.hash))
    }

    /// Other channels or encodings may be wanted; whose they are each unit's receiver sees.
    private func wakeUnits() { for unit in self.units { unit.receiver.wake() } }
}
