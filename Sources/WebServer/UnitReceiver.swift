// SPDX-License-Identifier: Apache-2.0
// One unit of a fleet as a gateway hears it: its channels, put where they stand among those of all.

import DeskService
import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import Synchronization

/// A channel of the hub never goes back: what is not newer than what is there comes from a unit that has lost its
/// partition, or was heard before.
///
/// Ownership: what comes from the unit comes on its receiver's thread; any thread may ask how it does.
final class UnitReceiver: RelaySink {
    private struct State {
        /// `nil` before the house was heard.
        var stage: FleetStage?
        /// By channel of the unit's catalog; empty before its hello.
        var places: [Int?] = []
        var isLive = false
        /// Why nothing of it counts though it is heard.
        var refusal: String?
    }

    let announcement: UnitAnnouncement
    let receiver: RelayReceiver
    let api: UpstreamAddress
    private unowned let fleet: FleetHub
    private let state: Mutex<State>

    /// - Parameter stage: `nil` for the house, which brings one.
    init(
        _ announcement: UnitAnnouncement, api: UpstreamAddress, receiver: RelayReceiver, stage: FleetStage?,
        fleet: FleetHub
    ) {
        self.announcement = announcement
        self.api = api
        self.receiver = receiver
        self.fleet = fleet
        self.state = Mutex(State(stage: stage))
    }

    var partition: Int { self.announcement.partition }
    var isHouse: Bool { self.partition == UnitAnnouncement.house }

    /// Whether it is heard and counts.
    var isServing: Bool { self.state.withLock { $0.isLive && $0.refusal == nil && $0.stage != nil } }

    var refusal: String? { self.state.withLock { $0.refusal } }

    /// Whether this says nothing that would need another receiver.
    func isOf(_ said: UnitAnnouncement) -> Bool {
        let own = self.announcement
        return (own.generation, own.relay, own.snapshot, own.api) == (
            said.generation, said.relay, said.snapshot, said.api
        )
    }

    func isOn(_ stage: FleetStage?) -> Bool { self.state.withLock { $0.stage === stage } }

    /// Nothing comes any more.
    func left() {
        self.state.withLock { $0.isLive = false }
        self.vouch()
    }

    // MARK: From the unit

    func begin(_ hello: RelayHello) {
        if self.isHouse {
            let stage = self.fleet.begin(hello, of: self)
            self.state.withLock { $0.stage = stage }
        }
        let stranger = self.state.withLock { state -> String? in
            let channels = state.stage?.channels
            let stranger = channels?.stranger(in: hello.accounts, partition: self.partition)
            // Anybody may read it, so it names no account.
            state.refusal = stranger.map { _ in
                "its accounts are others' by kafka.partitioner: that differs there, or another node has its address"
            }
            let isCounted = stranger == nil
            state.places = isCounted ? channels?.places(of: hello.catalog, partition: self.partition) ?? [] : []
            return stranger
        }
        if let stranger { self.fleet.refused(self, stranger: stranger) }
        self.vouch()
    }

    func publish(_ cuts: [RelayedCut]) {
        let (stage, places) = self.state.withLock { ($0.stage, $0.places) }
        guard let hub = stage?.hub else { return }
        let newer = cuts.compactMap { cut -> RelayedCut? in
            guard let place = Self.place(cut.cut.channel, in: places) else { return nil }
            guard cut.cut.sequence > hub.newestSequence(channel: place) else {
                self.receiver.counters.outdated.add()
                return nil
            }
            return RelayedCut(cut: cut.cut.moved(to: place), frames: cut.frames)
        }
        if !newer.isEmpty { hub.publish(newer) }
    }

    func publish(_ event: StreamEvent, channel: Int) {
        guard let (hub, place) = self.target(channel) else { return }
        guard event.sequence > hub.lastEventSequence(channel: place) else {
            return self.receiver.counters.outdated.add()
        }
        hub.publish(event, channel: place)
    }

    func skipEvents(to sequence: UInt64, channel: Int) {
        guard let (hub, place) = self.target(channel), sequence > hub.lastEventSequence(channel: place) else { return }
        hub.skipEvents(to: sequence, channel: place)
    }

    /// Units other than the house know nobody.
    func rightsChanged(user: String) {
        if self.isHouse { self.fleet.access.rightsChanged(user: user) }
    }

    func upstreamChanged(isLive: Bool) {
        self.state.withLock { $0.isLive = isLive }
        self.vouch()
    }

    func isWanted(channel: Int) -> Bool {
        self.target(channel).map { hub, place in hub.isWanted(channel: place) } ?? false
    }

    func isWanted(channel: Int, encoding: FrameEncoding) -> Bool {
        self.target(channel).map { hub, place in hub.isWanted(channel: place, encoding: encoding) } ?? false
    }

    private func target(_ channel: Int) -> (hub: StreamHub, place: Int)? {
        self.state.withLock { state in
            guard let hub = state.stage?.hub, let place = Self.place(channel, in: state.places) else { return nil }
            return (hub, place)
        }
    }

    private static func place(_ channel: Int, in places: [Int?]) -> Int? {
        places.indices.contains(channel) ? places[channel] : nil
    }

    /// What this generation of the unit has cut is the newest there is, as long as it is heard.
    private func vouch() {
        guard let stage = self.state.withLock({ $0.stage }) else { return }
        stage.hub.vouch(
            for: stage.channels.channels(of: self.partition),
            above: self.isServing ? Generation(self.announcement.generation).floor : .max)
    }
}
