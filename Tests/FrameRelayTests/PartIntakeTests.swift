// SPDX-License-Identifier: Apache-2.0
// Of every partition the newest part counts, and whoever is silent is given up.

import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import Testing

struct PartIntakeTests {
    private static let silent: UInt64 = 3_000_000_000

    /// What an intake is told and says, in words.
    private struct Rig {
        let intake = PartIntake(
            house: 0, partitionCount: 3, silentAfterNanoseconds: PartIntakeTests.silent, counters: PartCounters())
        let encoder: FrameEncoder

        init() throws { self.encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1) }

        func follow(_ units: [UnitAnnouncement]) -> [String] { self.words(self.intake.follow(units)) }

        func part(_ sequence: UInt64, of partition: Int, epoch: UInt64 = 9, at now: UInt64 = 1) throws -> [String] {
            let message = try RelayedPart.message(
                PartScript.part(sequence: sequence), epoch: epoch, sentNanoseconds: 1, encoder: self.encoder)
            return self.words(self.intake.receive(message, partition: partition, nowNanoseconds: now))
        }

        func beat(of partition: Int, epoch: UInt64 = 9, at now: UInt64) -> [String] {
            let message = RelayMessage(.beat, epoch: epoch, number: 1, sentNanoseconds: 1)
            return self.words(self.intake.receive(message, partition: partition, nowNanoseconds: now))
        }

        func tick(_ now: UInt64) -> [String] { self.words(self.intake.tick(nowNanoseconds: now)) }

        private func words(_ actions: [PartIntake.Action]) -> [String] {
            actions.map { action in
                switch action {
                case .open(let partition, let endpoint): "open \(partition) \(endpoint)"
                case .close(let partition): "close \(partition)"
                case .take(let part, let partition): "take \(part.sequence) of \(partition)"
                case .lose(let partition): "lose \(partition)"
                }
            }
        }
    }

    private static func unit(
        _ partition: Int, generation: Int64 = 1, at relay: String = "a", state: UnitAnnouncement.State = .serving,
        of partitionCount: Int = 3
    ) -> UnitAnnouncement {
        UnitAnnouncement(
            partition: partition, partitionCount: partitionCount, generation: generation, node: "n", state: state,
            relay: relay, snapshot: "", api: "", accountCount: 1, fleet: "f", startedNanoseconds: 1,
            sentNanoseconds: 1)
    }

    @Test func thereIsAConnectionForEveryServingUnitButOurOwn() throws {
        let rig = try Rig()
        #expect(rig.follow([Self.unit(0), Self.unit(1), Self.unit(2, at: "b")]) == ["open 1 a", "open 2 b"])
        #expect(rig.follow([Self.unit(0), Self.unit(1), Self.unit(2, at: "b")]).isEmpty)
        #expect(rig.follow([Self.unit(2, generation: 2, at: "b")]) == ["close 2", "open 2 b"])
        #expect(rig.follow([Self.unit(2, generation: 2, at: "c")]) == ["close 2", "open 2 c"])
        #expect(rig.follow([Self.unit(2, generation: 2, at: "c", state: .ended)]) == ["close 2"])
        #expect(rig.follow([Self.unit(2, generation: 2, at: "c", state: .ended)]).isEmpty)
        #expect(rig.follow([Self.unit(1, of: 4)]) == ["close 1"])
        #expect(rig.follow([Self.unit(7, of: 8)]).isEmpty)
    }

    @Test func theNewestPartCounts() throws {
        let rig = try Rig()
        _ = rig.follow([Self.unit(1)])
        #expect(try rig.part(5, of: 1) == ["take 5 of 1"])
        #expect(try rig.part(5, of: 1).isEmpty)
        #expect(try rig.part(4, of: 1).isEmpty)
        #expect(try rig.part(6, of: 1) == ["take 6 of 1"])
        _ = rig.follow([Self.unit(1, generation: 2, at: "b")])
        #expect(try rig.part(1, of: 1, epoch: 10) == ["take 1 of 1"])
    }

    @Test func aRunThatWasNotAnnouncedIsNotHeard() throws {
        let rig = try Rig()
        _ = rig.follow([Self.unit(1)])
        #expect(try rig.part(5, of: 1) == ["take 5 of 1"])
        #expect(try rig.part(6, of: 1, epoch: 10).isEmpty)
        #expect(rig.beat(of: 1, epoch: 10, at: Self.silent).isEmpty)
        #expect(rig.tick(Self.silent + 2) == ["lose 1"])
        #expect(try rig.part(7, of: 2).isEmpty, "nobody is there")
    }

    @Test func beatsAndRepetitionsKeepAPart() throws {
        let rig = try Rig()
        _ = rig.follow([Self.unit(1)])
        #expect(try rig.part(5, of: 1, at: 1) == ["take 5 of 1"])
        #expect(rig.tick(Self.silent + 1).isEmpty)
        #expect(rig.beat(of: 1, at: Self.silent).isEmpty)
        #expect(rig.tick(2 * Self.silent).isEmpty)
        #expect(try rig.part(5, of: 1, at: 2 * Self.silent).isEmpty)
        #expect(rig.tick(3 * Self.silent).isEmpty)
        #expect(rig.tick(3 * Self.silent + 1) == ["lose 1"])
        #expect(rig.tick(3 * Self.silent + 2).isEmpty)
        // It is heard again: the same part is news.
        #expect(try rig.part(5, of: 1, at: 4 * Self.silent) == ["take 5 of 1"])
    }

    @Test func aUnitThatMovesKeepsItsPartForAsLongAsSilenceMayLast() throws {
        let rig = try Rig()
        _ = rig.follow([Self.unit(1)])
        _ = try rig.part(5, of: 1, at: 1)
        _ = rig.follow([Self.unit(1, generation: 2, at: "b")])
        #expect(rig.beat(of: 1, epoch: 10, at: Self.silent).isEmpty)
        #expect(rig.tick(Self.silent + 2) == ["lose 1"])
    }

    @Test func whatIsNoPartIsRefused() throws {
        let rig = try Rig()
        _ = rig.follow([Self.unit(1)])
        for message in [
            nil, RelayMessage(.part, epoch: 9, number: 1, sentNanoseconds: 1, name: "firm"),
            RelayMessage(.frame, epoch: 9, number: 1, sentNanoseconds: 1),
        ] { #expect(rig.intake.receive(message, partition: 1, nowNanoseconds: 1).isEmpty) }
        #expect(rig.intake.counters.refusedCount == 3)
    }
}
