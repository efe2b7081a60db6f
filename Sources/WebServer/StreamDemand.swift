// SPDX-License-Identifier: Apache-2.0
// How many clients want which channel in which encoding.

import FrameCodec

struct StreamDemand: Sendable {
    private static let encodings = FrameEncoding.allCases
    /// By channel and encoding.
    private var counts: [Int]

    init(channelCount: Int) { self.counts = Array(repeating: 0, count: channelCount * Self.encodings.count) }

    mutating func change(channel: Int, encoding: FrameEncoding, by change: Int) {
        let index = channel * Self.encodings.count + Self.encodings.firstIndex(of: encoding)!
        self.counts[index] += change
        assert(self.counts[index] >= 0)
    }

    func isWanted(channel: Int) -> Bool { self.slice(of: channel).contains { $0 > 0 } }

    func encodings(channel: Int) -> [FrameEncoding] {
        zip(Self.encodings, self.slice(of: channel)).filter { $0.1 > 0 }.map(\.0)
    }

    private func slice(of channel: Int) -> ArraySlice<Int> {
        self.counts[channel * Self.encodings.count..<(channel + 1) * Self.encodings.count]
    }
}
