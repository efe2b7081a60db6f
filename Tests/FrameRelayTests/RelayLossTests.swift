// SPDX-License-Identifier: Apache-2.0
// Any loss, repetition and order of answers: a gateway shows true states only, and the newest in the end.

import FrameCodec
import FramePublisher
import FrameRelay
import RiskSimulation
import Testing

struct RelayLossTests {
    /// Messages on their way, some of which get lost, come twice, or come late.
    private struct Line {
        var generator: SplitMix64
        var messages: [RelayMessage] = []

        mutating func put(_ message: RelayMessage) {
            switch Int.random(in: 0..<10, using: &self.generator) {
            case 0: break
            case 1: self.messages += [message, message]
            default: self.messages.append(message)
            }
        }

        mutating func take() -> [RelayMessage] {
            let count = Int.random(in: 0...self.messages.count, using: &self.generator)
            defer { self.messages.removeFirst(count) }
            return Array(self.messages.prefix(count))
        }
    }

    @Test(arguments: 1...60)
    func everyStateIsTrueAndTheLastIsTheNewest(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        var live = Line(generator: .init(seed: UInt64(seed) &* 31))
        var answers = Line(generator: .init(seed: UInt64(seed) &* 37))
        for step in 0..<300 {
            let channel = Int.random(in: 0..<upstream.catalog.firmRisk, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: live.put(upstream.beat)
            case 1: live.put(upstream.event(channel))
            default:
                let value = Double(Int.random(in: -999...999, using: &generator)) / 8
                for frame in try upstream.cut(channel, step % 3, to: value) { live.put(frame) }
            }
            for message in live.take() { probe.hear(message) }
            for question in probe.questions where Bool.random(using: &generator) {
                for answer in try upstream.answers(to: question) { answers.put(answer) }
            }
            probe.questions = []
            probe.learn(answers.take())
            probe.now += RelayIntake.retryNanoseconds / 2
            probe.tick()
        }
        for cut in probe.cuts {
            #expect(
                cut.cut.state.checksum() == upstream.channels[cut.cut.channel].checksums[cut.cut.sequence],
                "seed \(seed), \(cut.cut.name) \(cut.cut.sequence)")
        }
        // The line is good again.
        probe.hear(upstream.beat)
        probe.now += 2 * RelayIntake.retryNanoseconds
        probe.tick()
        try probe.settle(with: upstream)
        for channel in 0..<upstream.catalog.firmRisk {
            let newest = probe.cuts.last { $0.cut.channel == channel }?.cut.sequence ?? 0
            #expect(newest == upstream.channels[channel].sequence, "seed \(seed), channel \(channel)")
            let told = probe.events.filter { $0.channel == channel }.map(\.event.sequence)
            #expect(told == told.sorted() && Set(told).count == told.count, "seed \(seed)")
            // What was lost out of an answer is skipped, in the open.
            let skipped = probe.skipped.filter { $0.channel == channel }.map(\.sequence)
            #expect(
                (told + skipped).max() ?? 0 == UInt64(upstream.channels[channel].events.count), "seed \(seed)")
        }
    }
}
