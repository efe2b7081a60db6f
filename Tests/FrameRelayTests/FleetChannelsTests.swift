// SPDX-License-Identifier: Apache-2.0
// Whose a channel of a fleet is.

import Fleet
import FramePublisher
import FrameRelay
import Testing

struct FleetChannelsTests {
    /// By crc32 over two partitions D and F are the house's, A and B are not.
    private static let channels = FleetChannels(
        catalog: Self.catalog(["D", "A", "B", "F"]), partitionCount: 2, hash: .crc32)

    private static func accounts(_ ids: [String]) -> [RelayHello.Account] {
        ids.map { RelayHello.Account(id: $0, name: $0, currency: "USD") }
    }

    private static func catalog(_ ids: [String]) -> ChannelCatalog {
        RelayHello(epoch: 1, isSignInRequired: true, accounts: Self.accounts(ids)).catalog
    }

    private static func names(_ channels: [Int]) -> [String] { channels.map { Self.channels.catalog.names[$0] } }

    @Test func everyChannelIsOnePartitions() {
        #expect(
            Self.names(Self.channels.channels(of: 0)) == [
                "market", "firm", "account:D", "account:F", "risk:firm", "risk:D", "risk:F",
            ])
        #expect(Self.names(Self.channels.channels(of: 1)) == ["account:A", "account:B", "risk:A", "risk:B"])
        #expect(Self.channels.channels(of: 2).isEmpty)
        #expect(Self.channels.partition(ofAccount: "A") == 1 && Self.channels.partition(ofAccount: "D") == 0)
        #expect(Self.channels.partition(ofAccount: "X") == nil && Self.channels.partition(ofAccount: "") == nil)
    }

    @Test func aUnitsChannelsAreFoundByNameAndOthersAreNotItsToSay() {
        let unit = Self.catalog(["B", "D", "A", "X"])
        let places = Self.channels.places(of: unit, partition: 1)
        let found = zip(unit.names, places).compactMap { name, place in place.map { (name, $0) } }
        #expect(found.map(\.0) == ["account:B", "account:A", "risk:B", "risk:A"])
        #expect(found.allSatisfy { name, place in Self.channels.catalog.names[place] == name })
    }

    @Test func theHouseListsAllAndSpeaksForItsOwn() {
        let catalog = Self.channels.catalog
        let places = Self.channels.places(of: catalog, partition: 0)
        #expect(places.enumerated().allSatisfy { $1 == nil || $1 == $0 })
        #expect(Self.names(places.compactMap { $0 }) == Self.names(Self.channels.channels(of: 0)))
    }

    @Test func anAccountThatHashesElsewhereGivesAStrangerAway() {
        #expect(Self.channels.stranger(in: Self.accounts(["A", "B"]), partition: 1) == nil)
        #expect(Self.channels.stranger(in: Self.accounts(["A", "D"]), partition: 1) == "D")
        #expect(Self.channels.stranger(in: Self.accounts(["A", "D"]), partition: 0) == nil)
    }
}
