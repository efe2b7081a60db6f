// SPDX-License-Identifier: Apache-2.0
// Which topics of an upstream a gateway follows: what everybody may look at always, the rest while somebody does. Pure.

import FrameCodec
import FramePublisher

struct RelaySubscriptions {
    enum Change: Equatable {
        case subscribe([UInt8])
        case unsubscribe([UInt8])
    }

    /// Those of the receiver's whole life.
    static func standing(_ scope: RelayScope) -> [[UInt8]] {
        let accounts = [RelayTopic.beat, RelayTopic.events, RelayTopic.accounts]
        return switch scope {
        case .accounts: accounts
        case .everything:
            accounts + [
                RelayTopic.access, RelayTopic.frames(of: "market", deflate: false),
                RelayTopic.frames(of: "firm", deflate: false),
            ]
        }
    }

    private let scope: RelayScope
    private var catalog: ChannelCatalog?
    /// By channel.
    private var isRiskFollowed: [Bool] = []
    private var isDeflateFollowed: [Bool] = []

    init(scope: RelayScope) { self.scope = scope }

    /// Other channels; what was followed of those before is returned, to be left.
    mutating func begin(_ catalog: ChannelCatalog) -> [[UInt8]] {
        let left = self.topics
        self.catalog = catalog
        self.isRiskFollowed = Array(repeating: false, count: catalog.count)
        self.isDeflateFollowed = self.isRiskFollowed
        return left
    }

    private var topics: [[UInt8]] {
        guard let names = self.catalog?.names else { return [] }
        return names.indices.flatMap { channel in
            (self.isRiskFollowed[channel] ? [RelayTopic.frames(of: names[channel], deflate: false)] : [])
                + (self.isDeflateFollowed[channel] ? [RelayTopic.frames(of: names[channel], deflate: true)] : [])
        }
    }

    /// What has to be done so that what is wanted comes.
    ///
    /// - Parameter isWanted: by channel and encoding.
    mutating func changes(_ isWanted: (Int, FrameEncoding) -> Bool) -> [Change] {
        guard let catalog else { return [] }
        var changes: [Change] = []
        func set(_ isFollowed: inout Bool, _ wanted: Bool, _ topic: @autoclosure () -> [UInt8]) {
            guard isFollowed != wanted else { return }
            isFollowed = wanted
            changes.append(wanted ? .subscribe(topic()) : .unsubscribe(topic()))
        }
        for channel in 0..<catalog.count {
            let isDeflateWanted = isWanted(channel, .deflate)
            if channel >= catalog.firmRisk {
                let isRiskWanted = isDeflateWanted || isWanted(channel, .zstd) || isWanted(channel, .json)
                set(
                    &self.isRiskFollowed[channel], isRiskWanted,
                    RelayTopic.frames(of: catalog.names[channel], deflate: false))
            }
            set(
                &self.isDeflateFollowed[channel], isDeflateWanted,
                RelayTopic.frames(of: catalog.names[channel], deflate: true))
        }
        return changes
    }

    /// Whether the channel's states come.
    func isFollowed(channel: Int) -> Bool {
        guard let catalog else { return false }
        if channel >= catalog.firmRisk { return self.isRiskFollowed[channel] }
        return self.scope == .everything || channel > ChannelCatalog.firm
    }
}
