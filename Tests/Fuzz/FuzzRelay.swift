// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a node's relay says, or a gateway asks: true to its own order, or refused, never a trap.

import DeskService
import FrameCodec
import FramePublisher
import FrameRelay

/// ```
/// script: │ 0, length, live message │ 1, length, answer │ 2, length, question │ 3 time passes, channels change │ …
/// ```
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRelay(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let intake = RelayIntake(counters: RelayInCounters()) { $0.isMultiple(of: 2) }
    var newest = Newest()
    var now: UInt64 = 1
    while !input.isEmpty {
        let place = input.byte() % 4
        let message = input.message()
        switch place {
        case 0: intake.receive(live: RelayMessage(message), nowNanoseconds: now)
        case 1: intake.receive(answer: RelayMessage(message), nowNanoseconds: now)
        case 2: ask(message)
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
