// SPDX-License-Identifier: Apache-2.0
// A publisher and a receiver on real sockets: what goes in at one end comes out at the other.

import DeskService
import FrameCodec
import FramePublisher
import FrameRelay
import Logging
import RiskStore
import Synchronization
import Testing
import TickFeed

/// A hub at the sending end.
private final class ScriptedSource: RelaySource {
    let catalog: ChannelCatalog
    let epoch: String
    /// By channel.
    let snapshots = Mutex<[Int: [UInt8]]>([:])
    let events = Mutex<[Int: [StreamEvent]]>([:])

    init(_ script: UpstreamScript) {
        self.catalog = script.catalog
        self.epoch = String(script.epoch)
    }

    func snapshotFrame(channel: Int) -> [UInt8]? { self.snapshots.withLock { $0[channel] } }
    func newestSequence(channel: Int) -> UInt64 { 0 }
    func lastEventSequence(channel: Int) -> UInt64 { self.events.withLock { $0[channel]?.last?.sequence ?? 0 } }
    func events(channel: Int, keptAfter sequence: UInt64) -> [StreamEvent] {
        self.events.withLock { ($0[channel] ?? []).filter { $0.sequence > sequence } }
    }
}

/// A hub at the receiving end, which keeps all it is told.
private final class Recorder: RelaySink {
    struct Told {
        var hellos: [RelayHello] = []
        var cuts: [RelayedCut] = []
        var events: [StreamEvent] = []
        var users: [String] = []
        var isLive: [Bool] = []
        var wanted: Set<Int> = []
    }

    let told = Mutex(Told())

    func begin(_ hello: RelayHello) { self.told.withLock { $0.hellos.append(hello) } }
    func publish(_ cuts: [RelayedCut]) { self.told.withLock { $0.cuts += cuts } }
    func publish(_ event: StreamEvent, channel: Int) { self.told.withLock { $0.events.append(event) } }
    func skipEvents(to sequence: UInt64, channel: Int) {}
    func rightsChanged(user: String) { self.told.withLock { $0.users.append(user) } }
    func upstreamChanged(isLive: Bool) { self.told.withLock { $0.isLive.append(isLive) } }
    func isWanted(channel: Int) -> Bool { true }
    func isWanted(channel: Int, encoding: FrameEncoding) -> Bool {
        self.told.withLock { $0.wanted.contains(channel) && encoding == .deflate }
    }
}

/// Knows one session.
struct OneSession: IdentitySource {
    let isRequired = true
    func answer(_ question: IdentityQuestion, _ reply: @escaping @Sendable (Identity?) -> Void) {
        let ann = Identity(
            user: "ann", credential: .session("first"), expiresNanoseconds: nil,
            rights: AccessRights([AccountGrant(user: "ann", account: "A", role: .view)]))
        switch question {
        case .session(SessionToken(text: RelayLoopTests.token)?.hash), .current(.session("first")): reply(ann)
        default: reply(nil)
        }
    }
}

@Suite(.serialized)
struct RelayLoopTests {
    static let token = String(repeating: "a", count: 64)

    private static func wait(_ what: String, _ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            guard ContinuousClock.now < end else {
                Issue.record("not within 20 s: \(what)")
                return
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private struct Rig {
        let script: UpstreamScript
        let source: ScriptedSource
        let publisher: RelayPublisher
        let receiver: RelayReceiver
        let recorder = Recorder()

        init(_ name: String, silentAfter: UInt64 = 60_000_000_000) throws {
            let context = try ZMQContext()
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            self.script = try UpstreamScript()
            self.source = ScriptedSource(self.script)
            self.publisher = try RelayPublisher(
                context: context,
                settings: RelayOutSettings(
                    endpoint: "inproc://\(name)-frames", snapshotEndpoint: "inproc://\(name)-questions",
                    highWaterMark: 1_000, security: .none), logger: logger)
            self.receiver = RelayReceiver(
                context: context,
                settings: RelayInSettings(
                    endpoint: "inproc://\(name)-frames", snapshotEndpoint: "inproc://\(name)-questions",
                    highWaterMark: 1_000, silentAfterNanoseconds: silentAfter, security: .none), logger: logger)
            self.publisher.follow(self.source)
            self.publisher.start(identities: OneSession())
            try self.receiver.start(sink: self.recorder)
        }

        func stop() {
            self.receiver.stop()
            self.publisher.stop()
        }

        /// Cuts as a hub does: with the frames that are wanted.
        func cut(_ channel: Int, _ row: Int, to value: Double) throws -> [RelayMessage] {
            let messages = try self.script.cut(channel, row, to: value)
            let frames = zip([FrameEncoding.deflate, .zstd], messages).filter {
                self.publisher.isWanted(channel: channel, encoding: $0.0)
            }
            let sequence = self.script.channels[channel].sequence
            self.publisher.relay(
                frames.map { RelayedFrame(base: nil, encoding: $0.0, bytes: $0.1.body) }, channel: channel,
                sequence: sequence)
            return messages
        }
    }

    @Test func framesEventsAndRightsComeOutAsTheyWentIn() async throws {
        let rig = try Rig("loop")
        defer { rig.stop() }
        try await Self.wait("the channels") {
            rig.recorder.told.withLock { !$0.hellos.isEmpty } && rig.receiver.waitingCount == 0
        }
        #expect(rig.recorder.told.withLock { $0.hellos } == [rig.script.hello])
        try await Self.wait("interest") { rig.publisher.isWanted(channel: 2, encoding: .zstd) }
        #expect(!rig.publisher.isWanted(channel: 2, encoding: .deflate))
        var sent: [[UInt8]] = []
        for number in 1...50 { sent.append(try rig.cut(2, number % 3, to: Double(number))[1].body) }
        try await Self.wait("50 cuts") { rig.recorder.told.withLock { $0.cuts.count == 50 } }
        #expect(rig.recorder.told.withLock { $0.cuts.map { $0.frames.last?.bytes } } == sent)
        let event = StreamEvent(sequence: 1, kind: "fill", data: Array(#"{"b":2}"#.utf8))
        rig.publisher.relay(event, channel: 2)
        rig.publisher.relay(rightsChangedOf: "ann")
        try await Self.wait("a change of rights") { rig.recorder.told.withLock { $0.users == ["ann"] } }
        #expect(rig.recorder.told.withLock { $0.events } == [event])
        #expect(rig.receiver.counters.gaps.value == 0)
    }

    @Test func whatIsWantedHereIsMadeThere() async throws {
        let rig = try Rig("wanted")
        defer { rig.stop() }
        let risk = rig.script.catalog.firmRisk
        try await Self.wait("the channels") { rig.recorder.told.withLock { !$0.hellos.isEmpty } }
        #expect(!rig.publisher.isWanted(channel: risk, encoding: .zstd))
        rig.recorder.told.withLock { $0.wanted = [risk] }
        rig.receiver.wake()
        try await Self.wait("risk is wanted") {
            rig.publisher.isWanted(channel: risk, encoding: .zstd)
                && rig.publisher.isWanted(channel: risk, encoding: .deflate)
        }
        let frames = try rig.cut(risk, 0, to: 5)
        try await Self.wait("its cut") { rig.recorder.told.withLock { !$0.cuts.isEmpty } }
        #expect(rig.recorder.told.withLock { $0.cuts[0].frames.map(\.bytes) } == frames.map(\.body))
        rig.recorder.told.withLock { $0.wanted = [] }
        rig.receiver.wake()
        try await Self.wait("risk is wanted no more") { !rig.publisher.isWanted(channel: risk, encoding: .zstd) }
    }

    @Test func aPausedPublisherIsSilentAndNamesNothingNewAfterwards() async throws {
        let rig = try Rig("pause", silentAfter: 1_000_000_000)
        defer { rig.stop() }
        try await Self.wait("life") { rig.recorder.told.withLock { $0.isLive == [true] } }
        rig.publisher.pause()
        try await Self.wait("silence") { rig.recorder.told.withLock { $0.isLive == [true, false] } }
        rig.publisher.follow(rig.source)
        try await Self.wait("life again") { rig.recorder.told.withLock { $0.isLive == [true, false, true] } }
        #expect(rig.recorder.told.withLock { $0.hellos.count } == 1)
    }

    @Test func aGatewayLearnsWhoShowsAToken() async throws {
        let rig = try Rig("who")
        defer { rig.stop() }
        let access = RemoteAccess(asking: rig.receiver)
        try await Self.wait("the channels") { rig.recorder.told.withLock { !$0.hellos.isEmpty } }
        #expect(access.identity(session: Self.token) == nil)
        await access.learn(session: Self.token, bearer: nil)
        let ann = try #require(access.identity(session: Self.token))
        #expect(ann.user == "ann" && ann.may(.view, account: "A") && !ann.may(.view, account: nil))
        await access.learn(session: nil, bearer: Self.token)
        #expect(access.identity(bearer: Self.token) == nil)
        let told = Mutex(0)
        let number = access.streamOpened(ann) { told.withLock { $0 += 1 } }
        try await Self.wait("a first look") { told.withLock { $0 == 1 } }
        #expect(access.current(ann)?.user == "ann")
        access.rightsChanged(user: "ann")
        try await Self.wait("another look") { told.withLock { $0 == 2 } }
        // At the door it is asked again.
        #expect(access.identity(session: Self.token) == nil)
        access.streamClosed(number)
        access.rightsChanged(user: "ann")
        #expect(told.withLock { $0 } == 2)
    }
}
