// SPDX-License-Identifier: Apache-2.0
// A node makes for gateways what they subscribe to.

import FrameCodec
import FrameRelay
import Testing

struct RelayInterestTests {
    private static let names = ["market", "account:A", "account:AB", "risk:A"]

    private static func wanted(_ interest: RelayInterest) -> [String] {
        names.indices.flatMap { index in
            (interest.isWanted(channel: index, encoding: .zstd) ? ["z\(names[index])"] : [])
                + (interest.isWanted(channel: index, encoding: .deflate) ? ["d\(names[index])"] : [])
        }
    }

    @Test func aTopicOfOneChannelIsThatOnesAlone() {
        var interest = RelayInterest()
        interest.follow(channels: Self.names)
        interest.began(RelayTopic.frames(of: "account:A", deflate: true))
        #expect(Self.wanted(interest) == ["daccount:A"])
        interest.began(RelayTopic.frames(of: "risk:A", deflate: false))
        #expect(Self.wanted(interest) == ["daccount:A", "zrisk:A"])
        interest.ended(RelayTopic.frames(of: "account:A", deflate: true))
        #expect(Self.wanted(interest) == ["zrisk:A"])
    }

    @Test func aPrefixIsAllThatBeginWithIt() {
        var interest = RelayInterest()
        interest.follow(channels: Self.names)
        interest.began(RelayTopic.accounts)
        interest.began(RelayTopic.beat)
        #expect(Self.wanted(interest) == ["zaccount:A", "zaccount:AB"])
        interest.began(RelayTopic.frames(of: "account:A", deflate: false))
        interest.ended(RelayTopic.accounts)
        #expect(Self.wanted(interest) == ["zaccount:A"])
        interest.began([])
        #expect(Self.wanted(interest).count == 8)
    }

    @Test func partsOfTheFirmAreWantedByWhoeverAsksForThem() {
        var interest = RelayInterest()
        interest.began(RelayTopic.accounts)
        #expect(!interest.isPartWanted)
        interest.began(RelayTopic.parts)
        interest.began([])
        interest.ended(RelayTopic.parts)
        #expect(interest.isPartWanted)
        interest.ended([])
        #expect(!interest.isPartWanted)
    }

    @Test func whatWasSubscribedToBeforeTheChannelsWereKnownCounts() {
        var interest = RelayInterest()
        interest.began(RelayTopic.accounts)
        #expect(!interest.isWanted(channel: 1, encoding: .zstd))
        interest.follow(channels: Self.names)
        #expect(Self.wanted(interest) == ["zaccount:A", "zaccount:AB"])
        interest.follow(channels: ["account:A"])
        #expect(interest.isWanted(channel: 0, encoding: .zstd) && !interest.isWanted(channel: 1, encoding: .zstd))
    }

    @Test func whatEndsTwiceOrWasNeverBegunChangesNothing() {
        var interest = RelayInterest()
        interest.follow(channels: Self.names)
        interest.ended(RelayTopic.accounts)
        interest.began(RelayTopic.accounts)
        interest.began(RelayTopic.accounts)
        interest.ended(RelayTopic.accounts)
        #expect(Self.wanted(interest).isEmpty)
        interest.began([UInt8](repeating: 122, count: 5_000))
        #expect(Self.wanted(interest).isEmpty)
    }
}
