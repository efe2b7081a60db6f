// SPDX-License-Identifier: Apache-2.0
// When the firm of several units is cut, and how old what it tells is.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskKernel
import RiskSimulation
import Testing

struct JoinedChannelTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let second = 1_000 * Self.millisecond
    private static let floor: UInt64 = 7 << 32

    /// Two units with an account each, valued.
    private final class Rig {
        let book: SplitBook
        var channel: JoinedChannel
        var now: UInt64

        init() throws {
            let inputs = SyntheticBook(
                instruments: 4, accounts: 2, positionsPerAccount: 3, scenarios: 20, seed: 4
            ).makeInputs()
            let book = try SplitBook(inputs, partitions: [1, 0], partitionCount: 2)
            let now = 50 * JoinedChannelTests.second
            self.book = book
            self.now = now
            self.channel = JoinedChannel(
                join: book.join(), floor: JoinedChannelTests.floor,
                intervalNanoseconds: 100 * JoinedChannelTests.millisecond,
                patienceNanoseconds: 3 * JoinedChannelTests.second, nowNanoseconds: now)
            self.tick(100)
        }

        func tick(_ price: Double) {
            let ticks = (0..<4).map { Tick.last($0, price + Double($0)) }
            _ = self.book.turn(ticks, after: 150 * JoinedChannelTests.millisecond)
        }

        /// What a unit cut last reaches the house.
        func take(_ partition: Int) {
            self.channel.take(self.book.parts[partition]!, partition: partition)
        }

        func cut(after nanoseconds: UInt64 = 0, wall: UInt64? = nil) -> ChannelCut? {
            self.now += nanoseconds
            return self.channel.cut(
                isWanted: true, nowNanoseconds: self.now, wallNanoseconds: wall ?? self.now + EngineRig.wallOffset)
        }
    }

    @Test func aStartWaitsForTheOthersAndThenNoLonger() throws {
        var rig = try Rig()
        #expect(rig.channel.dueNanoseconds == nil)
        rig.take(1)
        #expect(rig.channel.dueNanoseconds == nil, "nothing without the house's own")
        rig = try Rig()
        rig.take(0)
        #expect(rig.channel.dueNanoseconds == rig.now + 3 * Self.second)
        #expect(rig.cut(after: 3 * Self.second - 1) == nil)
        let cut = try #require(rig.cut(after: 1))
        #expect(rig.channel.missing == [1])
        #expect(cut.sequence == Self.floor + 1 && cut.name == "firm" && cut.channel == ChannelCatalog.firm)
        rig.take(1)
        #expect(try #require(rig.cut(after: 100 * Self.millisecond)).sequence == Self.floor + 2)
        #expect(rig.channel.missing.isEmpty)
    }

    @Test func aWholeFirmIsCutAtOnceAndTheNextNotWithinTheInterval() throws {
        let rig = try Rig()
        rig.take(0)
        rig.take(1)
        let first = try #require(rig.cut())
        #expect(rig.cut() == nil && rig.channel.dueNanoseconds == nil)
        rig.tick(101)
        rig.take(1)
        #expect(rig.cut(after: 99 * Self.millisecond) == nil)
        let second = try #require(rig.cut(after: Self.millisecond))
        #expect(second.cutNanoseconds - first.cutNanoseconds == 100 * Self.millisecond)
        #expect(second.past.map(\.sequence) == [first.sequence])
    }

    @Test func whatChangesNothingIsNoCut() throws {
        let rig = try Rig()
        rig.take(0)
        rig.take(1)
        _ = try #require(rig.cut())
        rig.take(1)
        #expect(rig.cut(after: Self.second) == nil)
        rig.channel.lose(partition: 5)
        #expect(rig.channel.dueNanoseconds == nil)
    }

    @Test func aLossIsACut() throws {
        let rig = try Rig()
        rig.take(0)
        rig.take(1)
        _ = try #require(rig.cut())
        rig.channel.lose(partition: 1)
        let cut = try #require(rig.cut(after: Self.second))
        #expect(rig.channel.missing == [1])
        #expect(cut.state.number("status", in: "") == Double(ValueStatus.partial.rawValue))
        rig.channel.lose(partition: 1)
        #expect(rig.channel.dueNanoseconds == nil)
    }

    @Test func agesAreOfAllThatCameSinceTheLastCut() throws {
        let rig = try Rig()
        rig.take(0)
        rig.take(1)
        _ = rig.cut()
        var told: [UInt64] = []
        for price in [101.0, 102, 103] {
            rig.tick(price)
            told += [0, 1].compactMap { rig.book.parts[$0]?.newestNanoseconds }
            rig.take(0)
            rig.take(1)
        }
        let cut = try #require(rig.cut(after: Self.second))
        #expect(told.count == 6)
        #expect(cut.newestNanoseconds == told.max())
        #expect(try #require(cut.oldestNanoseconds) <= told.min()!)
        rig.channel.lose(partition: 1)
        #expect(try #require(rig.cut(after: Self.second)).newestNanoseconds == nil)
    }

    @Test func cutTimesKeepTheirDistanceThoughTheClockIsSetBack() throws {
        let rig = try Rig()
        rig.take(0)
        rig.take(1)
        let first = try #require(rig.cut())
        rig.tick(101)
        rig.take(0)
        let second = try #require(rig.cut(after: Self.second, wall: first.cutNanoseconds - 60 * Self.second))
        #expect(second.cutNanoseconds == first.cutNanoseconds + 100 * Self.millisecond)
    }
}
