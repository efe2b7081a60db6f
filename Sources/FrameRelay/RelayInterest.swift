// SPDX-License-Identifier: Apache-2.0
// What gateways want frames of, by what they subscribe to. Pure.

import FrameCodec

package struct RelayInterest: Sendable {
    /// Topics anybody subscribes to at a time; more are not counted, and their frames do not come.
    private static let topicsMax = 1 << 18
    private static let topicBytesMax = 1_100

    private var topics: Set<[UInt8]> = []
    /// By channel, of its zstd frames and of its deflate frames.
    private var names: [(zstd: [UInt8], deflate: [UInt8])] = []
    private var indices: [[UInt8]: (channel: Int, isDeflate: Bool)] = [:]
    private var counts: [(zstd: Int, deflate: Int)] = []
    private var partCount = 0

    package init() {}

    /// - Parameter channels: by name; what was subscribed to before counts for them.
    package mutating func follow(channels: [String]) {
        self.names = channels.map {
            (RelayTopic.frames(of: $0, deflate: false), RelayTopic.frames(of: $0, deflate: true))
        }
        self.indices = [:]
        for (index, name) in self.names.enumerated() {
            self.indices[name.zstd] = (index, false)
            self.indices[name.deflate] = (index, true)
        }
        self.counts = Array(repeating: (0, 0), count: channels.count)
        for topic in self.topics { self.count(topic, by: 1) }
    }

    package mutating func began(_ topic: [UInt8]) {
        guard topic.count <= Self.topicBytesMax, self.topics.count < Self.topicsMax,
            self.topics.insert(topic).inserted
        else { return }
        self.count(topic, by: 1)
        if RelayTopic.parts.starts(with: topic) { self.partCount += 1 }
    }

    package mutating func ended(_ topic: [UInt8]) {
        guard self.topics.remove(topic) != nil else { return }
        self.count(topic, by: -1)
        if RelayTopic.parts.starts(with: topic) { self.partCount -= 1 }
    }

    /// Whether somebody adds our part of the firm to others'.
    package var isPartWanted: Bool { self.partCount > 0 }

    package func isWanted(channel: Int, encoding: FrameEncoding) -> Bool {
        guard self.counts.indices.contains(channel) else { return false }
        return switch encoding {
        case .zstd: self.counts[channel].zstd > 0
        case .deflate: self.counts[channel].deflate > 0
        case .json: false
        }
    }

    private mutating func count(_ topic: [UInt8], by change: Int) {
        // A topic that ends in a zero byte is one channel's.
        if topic.last == 0 {
            guard let (channel, isDeflate) = self.indices[topic] else { return }
            if isDeflate { self.counts[channel].deflate += change } else { self.counts[channel].zstd += change }
            return
        }
        for (index, name) in self.names.enumerated() {
            if name.zstd.starts(with: topic) { self.counts[index].zstd += change }
            if name.deflate.starts(with: topic) { self.counts[index].deflate += change }
        }
    }
}
