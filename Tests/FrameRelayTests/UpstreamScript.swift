// SPDX-License-Identifier: Apache-2.0
// A node as a gateway hears it: channels with states that change, and the messages of its relay.

import DeskService
import FrameCodec
import FramePublisher
import FrameRelay

/// What has happened to one channel.
struct ScriptedChannel {
    var state: ChannelState
    var sequence: UInt64 = 0
    var events: [StreamEvent] = []
    /// By sequence, as a receiver holds it.
    var checksums: [UInt64: UInt32] = [:]
}

/// The messages of one run of a node with the account `A`.
final class UpstreamScript {
    static let layout = ChannelLayout(tables: [
        Table(
            path: "", shape: .rows, columns: [Column(name: "price", kind: .decimal(2))], keys: ["AAPL", "MSFT", "CL"])
    ])

    let epoch: UInt64
    let hello: RelayHello
    let catalog: ChannelCatalog
    private(set) var channels: [ScriptedChannel]
    private let encoder: FrameEncoder

    init(epoch: UInt64 = 1_000) throws {
        self.epoch = epoch
        self.hello = RelayHello(
            epoch: epoch, isSignInRequired: true, accounts: [.init(id: "A", name: "First", currency: "USD")])
        self.catalog = self.hello.catalog
        self.channels = self.catalog.names.map { _ in ScriptedChannel(state: ChannelState(layout: Self.layout)) }
        self.encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
    }

    func message(_ kind: RelayKind, number: UInt64 = 0, name: String = "", body: [UInt8] = []) -> RelayMessage {
        RelayMessage(kind, epoch: self.epoch, number: number, sentNanoseconds: 1, name: name, body: body)
    }

    var helloAnswer: RelayMessage { self.message(.hello, body: self.hello.body) }

    /// Changes a channel and publishes it: first the deflate frame, then the zstd frame.
    func cut(_ channel: Int, _ row: Int, to value: Double) throws -> [RelayMessage] {
        let before = self.channels[channel]
        self.channels[channel].state.numbers[row] = value
        self.channels[channel].sequence += 1
        let now = self.channels[channel]
        self.channels[channel].checksums[now.sequence] = now.state.checksum()
        return try [FrameEncoding.deflate, .zstd].map { encoding in
            let head = self.head(channel, base: before.sequence == 0 ? nil : before.sequence)
            let bytes =
                before.sequence == 0
                ? try self.encoder.snapshot(of: now.state, head: head, encoding: encoding)
                : try self.encoder.delta(
                    from: before.state, to: now.state, head: head, includingChecksum: now.sequence.isMultiple(of: 3),
                    encoding: encoding)
            return self.message(.frame, number: now.sequence, body: bytes)
        }
    }

    func event(_ channel: Int, _ data: String = #"{"a":1}"#) -> RelayMessage {
        let event = StreamEvent(
            sequence: UInt64(self.channels[channel].events.count) + 1, kind: "order", data: Array(data.utf8))
        self.channels[channel].events.append(event)
        return self.message(
            .event, number: event.sequence, name: self.catalog.names[channel], body: event.relayBody)
    }

    var beat: RelayMessage {
        self.message(
            .beat,
            body: RelayPosition.body(
                self.channels.map { RelayPosition(frame: $0.sequence, event: UInt64($0.events.count)) }))
    }

    /// What a node answers.
    ///
    /// - Parameter eventsKept: of the events asked for, the newest.
    func answers(to question: RelayMessage, eventsKept: Int = 1_000) throws -> [RelayMessage] {
        switch question.kind {
        case .askHello: return [self.helloAnswer]
        case .askChannels:
            return try ChannelQuestion.list(question.body, channelCount: self.catalog.count).flatMap { question in
                let channel = self.channels[question.channel]
                let name = self.catalog.names[question.channel]
                let events = channel.events.filter { $0.sequence > question.seenEvent }.suffix(eventsKept)
                return try events.map { event in
                    self.message(.event, number: event.sequence, name: name, body: event.relayBody)
                } + [
                    self.message(
                        .channel, number: UInt64(channel.events.count), name: name,
                        body: channel.sequence == 0
                            ? []
                            : self.encoder.snapshot(
                                of: channel.state, head: self.head(question.channel, base: nil), encoding: .zstd))
                ]
            }
        default: return []
        }
    }

    private func head(_ channel: Int, base: UInt64?) -> FrameHead {
        FrameHead(
            channel: self.catalog.names[channel], sequence: self.channels[channel].sequence, base: base,
            cutNanoseconds: 5)
    }
}

/// An intake, and what came of it.
final class IntakeProbe {
    let counters = RelayInCounters()
    let intake: RelayIntake
    var now: UInt64 = 1
    var questions: [RelayMessage] = []
    var cuts: [RelayedCut] = []
    var events: [(channel: Int, event: StreamEvent)] = []
    var skipped: [(channel: Int, sequence: UInt64)] = []
    var hellos: [RelayHello] = []

    init() { self.intake = RelayIntake(counters: self.counters) { _ in true } }

    func hear(_ messages: RelayMessage...) {
        for message in messages { self.intake.receive(live: message, nowNanoseconds: self.now) }
        self.take()
    }

    func learn(_ messages: [RelayMessage]) {
        for message in messages { self.intake.receive(answer: message, nowNanoseconds: self.now) }
        self.take()
    }

    func tick() {
        self.intake.tick(nowNanoseconds: self.now)
        self.take()
    }

    func follow(_ isFollowed: (Int) -> Bool) {
        self.intake.follow(isFollowed, nowNanoseconds: self.now)
        self.take()
    }

    /// Has every question answered, and those that come of it.
    func settle(with upstream: UpstreamScript) throws {
        while !self.questions.isEmpty { self.learn(try upstream.answers(to: self.questions.removeFirst())) }
    }

    /// From nothing to all channels but those of risk.
    func begin(with upstream: UpstreamScript) throws {
        self.hear(upstream.beat)
        try self.settle(with: upstream)
        self.follow { $0 < upstream.catalog.firmRisk }
        try self.settle(with: upstream)
    }

    private func take() {
        for action in self.intake.takeActions() {
            switch action {
            case .begin(let hello): self.hellos.append(hello)
            case .cut(let cut): self.cuts.append(cut)
            case .event(let event, let channel): self.events.append((channel, event))
            case .skipEvents(let sequence, let channel): self.skipped.append((channel, sequence))
            case .ask(let message): self.questions.append(message)
            case .rightsChanged, .identity: break
            }
        }
    }
}
