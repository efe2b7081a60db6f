// SPDX-License-Identifier: Apache-2.0
// A gateway before several units: one stream of all their channels, whoever has them at the moment.

import DeskService
import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import Operations
import RiskDomain
import Testing
import WebServer

@Suite(.serialized)
struct FleetHubTests {
    private static func silent(_ rig: FleetRig) -> [String] {
        var readiness = Readiness()
        rig.gateway.add(to: &readiness)
        return readiness.reasons.filter { $0.effect == .warns && $0.text.hasPrefix("silent") }.map(\.text)
    }

    @Test func thereIsNoStreamBeforeTheHouseIsHeard() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let unit = try rig.unit("early-1")
        #expect(rig.gateway.unavailable?.contains("no unit has announced itself") == true)
        rig.announce(unit)
        try unit.cut("account:A", to: 1)
        let turns = rig.gateway.progress[0]
        try await FleetRig.wait("a look") { rig.gateway.progress[0] >= turns + 2 }
        #expect(rig.gateway.hub == nil && rig.gateway.progress.count == 1)
        try await rig.house("early-0")
        let hub = try #require(rig.gateway.hub)
        #expect(hub.epoch == "7" && rig.gateway.unavailable == nil)
        #expect(hub.catalog.accounts.map(\.id) == ["A", "D", "B", "F"])
        // What was cut before is there too.
        try await FleetRig.wait("A's state") { rig.newest("account:A") == Generation(1).floor + 1 }
    }

    @Test func everyUnitSpeaksForItsOwnChannels() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("own-0")
        let unit = try rig.unit("own-1")
        rig.announce(unit)
        try await FleetRig.wait("the unit") { rig.isUp(1, generation: 1) }
        #expect(Self.silent(rig).isEmpty)
        for name in ["market", "firm", "account:A"] { try unit.cut(name, to: 99, sequence: 1 << 40) }
        let last = try unit.cut("account:B", to: 2)
        for name in ["market", "account:D", "account:B"] { try house.cut(name, to: 5) }
        let firm = try house.cut("firm", to: 7)
        try await FleetRig.wait("all channels") {
            rig.newest("firm") == firm && rig.newest("account:B") == last && rig.newest("account:A") == 1 << 40
        }
        let hub = try #require(rig.gateway.hub)
        for (name, value) in [("market", 5.0), ("firm", 7), ("account:D", 5), ("account:B", 2), ("account:A", 99)] {
            let cut = try #require(hub.newestCut(channel: try rig.channel(name)), "\(name)")
            #expect(cut.state.numbers[0] == value && cut.name == name)
        }
        #expect(hub.newestCut(channel: try rig.channel("account:F")) == nil)
    }

    @Test func aUnitThatMovesGoesOnWithGreaterNumbersAndTheOldOneIsNotHeard() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        try await rig.house("move-0")
        let old = try rig.unit("move-1")
        rig.announce(old)
        for value in 1...20 { try old.cut("account:A", to: Double(value)) }
        try old.event("account:A")
        let account = try rig.channel("account:A")
        let hub = try #require(rig.gateway.hub)
        try await FleetRig.wait("the old unit") {
            rig.newest("account:A") == Generation(1).floor + 20
                && hub.lastEventSequence(channel: account) == Generation(1).floor + 1
        }
        let new = try rig.unit("move-2", generation: 2)
        rig.announce(new)
        try await FleetRig.wait("the new unit") { rig.isUp(1, generation: 2) }
        // Nobody has cut it since: what there is is not vouched for.
        #expect(try !rig.isVouched("account:A"))
        #expect(rig.newest("account:A") == Generation(1).floor + 20)
        try old.cut("account:A", to: -1)
        try old.event("account:A")
        // Said late: a directory does not fall for it.
        rig.announce(old)
        let first = try new.cut("account:A", to: 21)
        try new.event("account:A")
        try await FleetRig.wait("the new unit's numbers") {
            rig.newest("account:A") == first && hub.lastEventSequence(channel: account) == Generation(2).floor + 1
        }
        #expect(try rig.isVouched("account:A"))
        #expect(rig.gateway.hub === hub)
        #expect(hub.newestCut(channel: account)?.state.numbers[0] == 21)
        // No delta leads over from the old unit's states.
        #expect(hub.newestCut(channel: account)?.past.isEmpty == true)
        // Nor do its events: who has seen the first is told that he may have missed some.
        #expect(hub.events(channel: account, keptAfter: 0).map(\.sequence) == [Generation(2).floor + 1])
    }

    @Test func whatIsSaidAgainChangesNothing() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("same-0")
        func questions() -> Double? {
            house.publisher.counters.families.first { $0.name == "tickrisk_relay_questions_total" }?.samples[0].value
        }
        let first = try house.cut("market", to: 1)
        try await FleetRig.wait("the market") { rig.newest("market") == first }
        let asked = questions()
        let turns = rig.gateway.progress[0]
        for _ in 0..<50 { rig.announce(house) }
        try await FleetRig.wait("a look") { rig.gateway.progress[0] >= turns + 2 }
        let next = try house.cut("market", to: 2)
        try await FleetRig.wait("the market") { rig.newest("market") == next }
        #expect(questions() == asked)
    }

    @Test func aChannelNeverGoesBack() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        try await rig.house("back-0")
        let unit = try rig.unit("back-1", generation: 5)
        rig.announce(unit)
        let newest = try unit.cut("account:A", to: 1)
        try await FleetRig.wait("A") { rig.newest("account:A") == newest }
        // A later generation that numbers as an earlier one would.
        let wrong = try ScriptedUnit(rig, partition: 1, generation: 2, accounts: ["A"], name: "back-2")
        try wrong.cut("account:A", to: -1)
        var said = wrong.announcement
        said.generation = 6
        rig.directory.take(said, nowNanoseconds: 1)
        try await FleetRig.wait("what is old is counted") { rig.metric("tickrisk_relay_outdated_total")! > 0 }
        #expect(rig.newest("account:A") == newest)
    }

    @Test func nobodyVouchesForASilentUnit() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("silent-0")
        let unit = try rig.unit("silent-1")
        try await FleetRig.wait("the warning") { Self.silent(rig).first?.contains("partition 1;") == true }
        rig.announce(unit)
        try house.cut("account:D", to: 1)
        try unit.cut("account:A", to: 1)
        try await FleetRig.wait("both") { rig.newest("account:A") != nil && rig.newest("account:D") != nil }
        #expect(try rig.isVouched("account:A") && rig.isVouched("account:D"))
        #expect(Self.silent(rig).isEmpty)
        unit.publisher.pause()
        try await FleetRig.wait("silence") { !rig.isUp(1, generation: 1) }
        #expect(try !rig.isVouched("account:A") && rig.isVouched("account:D"))
        #expect(Self.silent(rig).first?.contains("partition 1;") == true)
        // What is known stays to be seen.
        #expect(rig.newest("account:A") == Generation(1).floor + 1 && rig.gateway.unavailable == nil)
        unit.publisher.follow(unit.hub)
        try await FleetRig.wait("life") { try rig.isVouched("account:A") }
        rig.announce(unit, as: .ended)
        try await FleetRig.wait("the end") { rig.metric("tickrisk_relay_generation", 1) == 0 }
        #expect(try !rig.isVouched("account:A"))
    }

    @Test func theStreamGoesOnOverAHouseThatRestartsAsItWas() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let old = try await rig.house("house-1")
        let unit = try rig.unit("house-unit")
        rig.announce(unit)
        try old.cut("market", to: 1)
        try await FleetRig.wait("the market") { rig.newest("market") == Generation(1).floor + 1 }
        try await FleetRig.wait("the unit") { rig.isUp(1, generation: 1) }
        let hub = try #require(rig.gateway.hub)
        old.stop()
        try await FleetRig.wait("the silence of the house") { !rig.isUp(0, generation: 1) }
        #expect(rig.gateway.hub === hub && rig.gateway.identitiesUnavailable != nil)
        try unit.cut("account:A", to: 5)
        try await FleetRig.wait("A goes on") { rig.newest("account:A") != nil }
        let new = try await rig.house("house-2", generation: 2)
        try new.cut("market", to: 2)
        try await FleetRig.wait("the market goes on") { rig.newest("market") == Generation(2).floor + 1 }
        #expect(rig.gateway.hub === hub && rig.gateway.identitiesUnavailable == nil)
        new.stop()
        // Another fleet: nothing of what clients have counts any more.
        try await rig.house("house-3", generation: 3, identity: "8")
        #expect(rig.gateway.hub !== hub && rig.gateway.hub?.epoch == "8")
        try await FleetRig.wait("A is put on the new stream") { rig.newest("account:A") == Generation(1).floor + 1 }
    }

    @Test func whatIsWantedHereIsMadeByWhoeverHasIt() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("want-0")
        let unit = try rig.unit("want-1")
        rig.announce(unit)
        try await FleetRig.wait("the unit") { rig.isUp(1, generation: 1) }
        let hub = try #require(rig.gateway.hub)
        let there = try #require(unit.hub.catalog.index(of: "risk:A"))
        let atHouse = try #require(house.hub.catalog.index(of: "risk:A"))
        #expect(!unit.publisher.isWanted(channel: there, encoding: .zstd))
        hub.changeDemand(channel: try rig.channel("risk:A"), encoding: .deflate, by: 1)
        try await FleetRig.wait("A's risk is wanted") {
            unit.publisher.isWanted(channel: there, encoding: .zstd)
                && unit.publisher.isWanted(channel: there, encoding: .deflate)
        }
        #expect(!house.publisher.isWanted(channel: atHouse, encoding: .zstd))
        // The market is the house's alone.
        #expect(!unit.publisher.isWanted(channel: ChannelCatalog.market, encoding: .zstd))
        #expect(house.publisher.isWanted(channel: ChannelCatalog.market, encoding: .zstd))
        try unit.cut("risk:A", to: 3)
        try await FleetRig.wait("A's risk") { rig.newest("risk:A") != nil }
        hub.changeDemand(channel: try rig.channel("risk:A"), encoding: .deflate, by: -1)
        try await FleetRig.wait("it is wanted no more") { !unit.publisher.isWanted(channel: there, encoding: .zstd) }
    }

    @Test func aUnitWithOthersAccountsIsRefusedByName() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        try await rig.house("stranger-0")
        let stranger = try ScriptedUnit(rig, partition: 1, generation: 1, accounts: ["A", "D"], name: "stranger-1")
        try stranger.cut("account:A", to: 1)
        rig.announce(stranger)
        try await FleetRig.wait("the reason") { Self.silent(rig).first?.contains("its accounts are others'") == true }
        #expect(rig.newest("account:A") == nil && rig.metric("tickrisk_relay_up", 1) == 0)
    }

    @Test func withoutASecretPeopleAreNotServed() async throws {
        let rig = try FleetRig(secret: nil)
        defer { rig.stop() }
        let house = try ScriptedUnit(rig, partition: 0, generation: 1, accounts: ["A"], name: "secret-0")
        rig.announce(house)
        try await FleetRig.wait("the reason") { rig.gateway.unavailable?.contains("node.secret_file") == true }
        #expect(rig.gateway.hub == nil && !rig.gateway.isServing)
    }
}
