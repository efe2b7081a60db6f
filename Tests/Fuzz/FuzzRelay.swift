// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a node's relay says, or a gateway asks: true to its own order, or refused, never a trap.

import DeskService
import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import RiskKernel

/// ```
/// script: │ 0, length, live message │ 1, length, answer │ 2, length, question │ 3 time passes, channels change
///         │ 4, length, part of the firm │ 5, length, frame of a part, its numbers, bytes to change │ …
/// ```
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRelay(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let intake = RelayIntake(counters: RelayInCounters()) { $0.isMultiple(of: 2) }
    var newest = Newest()
    let parts = PartIntake(house: 0, partitionCount: 2, silentAfterNanoseconds: 10, counters: PartCounters())
    _ = parts.follow([unit])
    var now: UInt64 = 1
    while !input.isEmpty {
        let place = input.byte() % 6
        let message = input.message()
        switch place {
        case 0: intake.receive(live: RelayMessage(message), nowNanoseconds: now)
        case 1: intake.receive(answer: RelayMessage(message), nowNanoseconds: now)
        case 2: ask(message)
        case 4: hear(RelayMessage(message), parts, nowNanoseconds: now)
        case 5: changePart(of: message, &input, parts, nowNanoseconds: now)
        default:
            now += RelayIntake.retryNanoseconds
            intake.tick(nowNanoseconds: now)
            let follows = UInt(message.first ?? 0)
            intake.follow({ follows >> (UInt($0) % 8) & 1 == 1 }, nowNanoseconds: now)
        }
        newest.take(intake.takeActions()) { intake.follow({ _ in true }, nowNanoseconds: now) }
        newest.take(intake.takeActions()) {}
    }
    return 0
}

/// What a hub relies on: channels there are, sequences that grow, bytes that are the cut's.
private struct Newest {
    private var catalog: ChannelCatalog?
    private var events: [Int: UInt64] = [:]

    mutating func take(_ actions: [RelayIntake.Action], begun: () -> Void) {
        for action in actions {
            switch action {
            case .begin(let hello):
                self.catalog = hello.catalog
                self.events = [:]
                begun()
            case .cut(let cut):
                require(self.catalog?.names[cut.cut.channel] == cut.cut.name, "another channel")
                require(cut.frames.last?.encoding == .zstd, "no frame for gateways behind")
                let base = cut.frames.last?.base
                require(base == nil || cut.cut.state(at: base ?? 0) != nil, "a base that is not kept")
                require(cut.cut.past.allSatisfy { $0.state.layout == cut.cut.state.layout }, "another layout")
            case .event(let event, let channel):
                require(event.sequence > self.events[channel, default: 0], "an event again")
                self.events[channel] = event.sequence
                require(event.data.first == UInt8(ascii: "{") || event.data.contains(UInt8(ascii: "{")), "no object")
            case .skipEvents(let sequence, let channel):
                require(sequence > self.events[channel, default: 0], "back in time")
                self.events[channel] = sequence
            case .ask(let message):
                require(RelayMessage(message.bytes) == message, "a question that is none")
            case .rightsChanged, .identity: break
            }
        }
    }
}

private let unit = UnitAnnouncement(
    partition: 1, partitionCount: 2, generation: 1, node: "n", state: .serving, relay: "inproc://n", snapshot: "",
    api: "", accountCount: 2, fleet: "f", startedNanoseconds: 1, sentNanoseconds: 1)

/// What the house of a fleet relies on: numbers for all cells, choices there are, scenarios that add up.
private func hear(_ message: RelayMessage?, _ intake: PartIntake, nowNanoseconds now: UInt64) {
    for action in intake.receive(message, partition: 1, nowNanoseconds: now) {
        if case .take(let part, _) = action { check(part) }
    }
}

private func check(_ part: FirmPart) {
    require(part.state.numbers.count == part.state.layout.numberCount, "another layout")
    require(part.scenarioPnL.count <= FirmPart.scenariosMax, "more scenarios than there may be")
    require(part.scenarioPnL.allSatisfy(\.isFinite), "a scenario without a number")
    let weights = part.basis.weights
    require(weights.measuredHolderCount <= weights.holderCount, "more holders measured than there are")
    guard let encoder = try? FrameEncoder(zstdLevel: 1, deflateLevel: 1),
        let again = try? RelayedPart.message(part, epoch: 1, sentNanoseconds: 1, encoder: encoder)
    else { return }
    let read = attempt { () throws(FrameDecodeError) in try RelayedPart.part(again, decoder: FrameDecoder()) }
    require(read?.scenarioPnL == part.scenarioPnL && read?.basis == part.basis, "read otherwise than written")
}

/// A part of any state, as it is written and with some bytes changed.
private func changePart(
    of frame: [UInt8], _ input: inout FuzzInput, _ intake: PartIntake, nowNanoseconds now: UInt64
) {
    guard let decoded = attempt({ () throws(FrameDecodeError) in try FrameDecoder().decode(frame) }),
        let encoder = try? FrameEncoder(zstdLevel: 1, deflateLevel: 1)
    else { return }
    let part = FirmPart(
        sequence: 1 + UInt64(input.byte()), cutNanoseconds: 1, newestNanoseconds: nil, oldestNanoseconds: nil,
        state: decoded.state,
        basis: FirmBasis(
            weights: FirmWeights(
                includedCount: input.index(below: 4), holderCount: input.index(below: 4),
                measuredHolderCount: input.index(below: 4), pricedGross: input.double(), coveredGross: input.double()),
            scenarioDigest: input.word()),
        scenarioPnL: (0..<input.index(below: 9)).map { _ in input.double() })
    guard var message = try? RelayedPart.message(part, epoch: 1, sentNanoseconds: 1, encoder: encoder) else { return }
    hear(message, intake, nowNanoseconds: now)
    for _ in 0..<input.index(below: 4) where !message.body.isEmpty {
        message.body[Int(input.word() % UInt64(message.body.count))] = input.byte()
    }
    let changed = attempt { () throws(FrameDecodeError) in
        try RelayedPart.part(message, decoder: FrameDecoder())
    }
    if let changed { check(changed) }
}

/// What a node makes of a question.
private func ask(_ bytes: [UInt8]) {
    guard let message = RelayMessage(bytes) else { return }
    require(RelayMessage(message.bytes) == message, "read otherwise than written")
    let channels = attempt { () throws(FrameDecodeError) in
        try ChannelQuestion.list(message.body, channelCount: 7)
    }
    require(channels?.allSatisfy { (0..<7).contains($0.channel) } ?? true, "a channel there is not")
    if let question = attempt({ () throws(FrameDecodeError) in try IdentityQuestion(body: message.body) }) {
        let again = attempt { () throws(FrameDecodeError) in try IdentityQuestion(body: question.body) }
        require(again == question, "another question")
    }
    let identity = attempt { () throws(FrameDecodeError) in try RelayedIdentity.identity(message.body) }
    if case .some(.some(let identity)) = identity {
        let again = attempt { () throws(FrameDecodeError) in
            try RelayedIdentity.identity(RelayedIdentity.body(identity))
        }
        require(again??.roles(account: nil) == identity.roles(account: nil), "other rights")
    }
}
