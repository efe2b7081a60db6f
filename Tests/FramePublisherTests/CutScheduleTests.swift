// SPDX-License-Identifier: Apache-2.0
// When channels are cut, what the ages say, and how staleness and gaps show.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskKernel
import Testing

struct CutScheduleTests {
    private static let millisecond: UInt64 = 1_000_000

    private static func rig(ringCapacity: Int = 4096) throws -> EngineRig {
        let instruments = ["AAA", "BBB", "CCC"].enumerated().map { index, symbol in
            Instrument(id: UInt32(index + 1), symbol: symbol, name: symbol, sector: "S", currency: "USD")
        }
        let dates = (1...11).map { $0 < 10 ? "2020-01-0\($0)" : "2020-01-\($0)" }
        let closes = Dictionary(
            uniqueKeysWithValues: instruments.map { instrument in
                (instrument.symbol, (0..<11).map { 100 + Double($0 % 3) })
            })
        var convention = RiskConvention()
        convention.staleAfterNanoseconds = 1_000 * Self.millisecond
        return try EngineRig(
            RiskInputs(
                instruments: instruments,
                accounts: [
                    Account(id: "A", name: "A", currency: "USD", cash: 0, marginLimit: 100),
                    Account(id: "B", name: "B", currency: "USD", cash: 0, marginLimit: nil),
                ],
                positions: [
                    Position(account: "A", symbol: "AAA", quantity: 1, averageCost: 100),
                    Position(account: "B", symbol: "BBB", quantity: -1, averageCost: 100),
                ],
                history: ClosingHistory(dates: dates, closes: closes), stressScenarios: [], convention: convention),
            ringCapacity: ringCapacity)
    }

    @Test func theFirstTurnCutsEveryChannelThoughNothingTicked() throws {
        let rig = try Self.rig()
        #expect(rig.turn() == 4)
        let view = try #require(rig.takeAccount(0))
        #expect(view.newestNanoseconds == nil && view.oldestNanoseconds == nil)
        #expect(rig.takeAccount(1) != nil && rig.takeFirm() != nil && rig.takeMarket() != nil)
        #expect(rig.takeFirm() == nil)
    }

    @Test func aQuietAccountIsCutAtOnceAndABusyOneAHundredMillisecondsLater() throws {
        let rig = try Self.rig()
        rig.turn()
        rig.push([.last(0, 101)])
        #expect(rig.turn(after: 200 * Self.millisecond) == 3)  // market, A, firm
        let first = try #require(rig.takeAccount(0)).cutNanoseconds
        rig.push([.last(0, 102)])
        #expect(rig.turn(after: 50 * Self.millisecond) == 0)
        #expect(rig.engine.nextDeadlineNanoseconds <= rig.now + 50 * Self.millisecond)
        #expect(rig.turn(after: 49 * Self.millisecond) == 0)
        #expect(rig.turn(after: 1 * Self.millisecond) == 3)
        let second = try #require(rig.takeAccount(0)).cutNanoseconds
        #expect(second - first == 100 * Self.millisecond)
    }

    @Test func aTickCutsOnlyWhoHoldsTheInstrument() throws {
        let rig = try Self.rig()
        rig.turn()
        for number in 0...1 { _ = rig.takeAccount(number) }
        rig.push([.last(1, 99)])
        rig.turn(after: 200 * Self.millisecond)
        #expect(rig.takeAccount(0) == nil)
        #expect(rig.takeAccount(1) != nil)
    }

    @Test func agesAreThoseOfTheOldestAndNewestTickSinceThePreviousCut() throws {
        let rig = try Self.rig()
        rig.turn()
        rig.now += 200 * Self.millisecond
        rig.push([.last(0, 101)], sent: 5_000)
        rig.turn()
        rig.push([.last(0, 102)], sent: 6_000)
        rig.turn(after: 10 * Self.millisecond)
        rig.push([.last(0, 103), .last(1, 50)], sent: 7_000)
        rig.turn(after: 10 * Self.millisecond)
        rig.push([.last(2, 1)], sent: 8_000)  // held by nobody
        rig.turn(after: 80 * Self.millisecond)
        let account = try #require(rig.takeAccount(0))
        #expect(account.oldestNanoseconds == 6_000 && account.newestNanoseconds == 7_000)
        let market = try #require(rig.takeMarket())
        #expect(market.oldestNanoseconds == 6_000 && market.newestNanoseconds == 8_000)
        let firm = try #require(rig.takeFirm())
        #expect(firm.oldestNanoseconds == 6_000 && firm.newestNanoseconds == 7_000)
    }

    @Test func aClockSetBackDoesNotBringCutsCloser() throws {
        let rig = try Self.rig()
        rig.turn()
        rig.push([.last(0, 101)])
        rig.turn(after: 200 * Self.millisecond)
        let first = try #require(rig.takeAccount(0)).cutNanoseconds
        rig.push([.last(0, 102)])
        rig.now += 150 * Self.millisecond
        _ = rig.engine.drain(limit: 10, nowNanoseconds: rig.now)
        _ = rig.engine.cut(nowNanoseconds: rig.now, wallNanoseconds: rig.wall - 60_000 * Self.millisecond)
        #expect(try #require(rig.takeAccount(0)).cutNanoseconds == first + 100 * Self.millisecond)
    }

    @Test func anInstrumentWithoutTicksTurnsStaleAndItsAccountIsCutToShowIt() throws {
        let rig = try Self.rig()
        rig.turn()
        rig.push([.last(0, 101)])
        rig.turn(after: 200 * Self.millisecond)
        #expect(try #require(rig.takeAccount(0)).status == Double(ValueStatus.ok.rawValue))
        #expect(rig.turn(after: 1_000 * Self.millisecond) == 0)
        #expect(rig.turn(after: 51 * Self.millisecond) == 3)
        let view = try #require(rig.takeAccount(0))
        #expect(view.status == Double(ValueStatus.stale.rawValue))
        #expect(view.newestNanoseconds == nil)
        #expect(view.rows(PositionColumn.price)[0] == 101)
        rig.push([.last(0, 101)])
        rig.turn(after: 200 * Self.millisecond)
        #expect(try #require(rig.takeAccount(0)).status == Double(ValueStatus.ok.rawValue))
    }

    @Test func aGapMakesTheFeedsInstrumentsStaleUntilEachTicksAgain() throws {
        let rig = try Self.rig()
        rig.push([.last(0, 101), .last(1, 50)])
        rig.turn()
        #expect(rig.ring.pushGap())
        rig.push([.last(1, 51)])
        rig.turn(after: 100 * Self.millisecond)
        let statuses = try #require(rig.takeMarket()).rows(QuoteColumn.status).map { ValueStatus(rawValue: UInt8($0)) }
        #expect(statuses == [.stale, .ok, .missing])
        rig.push([.last(0, 101)])
        rig.turn(after: 100 * Self.millisecond)
        #expect(try #require(rig.takeMarket()).rows(QuoteColumn.status)[0] == Double(ValueStatus.ok.rawValue))
    }

    @Test func theDayRollMakesPricesThePriorCloses() throws {
        let rig = try Self.rig()
        rig.push([.last(0, 110)])
        rig.turn()
        let before = try #require(rig.takeAccount(0)).rows(PositionColumn.day)[0]
        #expect(before == 9)
        rig.engine.rollDay()
        #expect(rig.turn(after: 100 * Self.millisecond) == 3)
        #expect(try #require(rig.takeAccount(0)).rows(PositionColumn.day)[0] == 0)
        rig.push([.last(0, 112)])
        rig.turn(after: 100 * Self.millisecond)
        #expect(try #require(rig.takeAccount(0)).rows(PositionColumn.day)[0] == 2)
        #expect(try #require(rig.takeMarket()).rows(QuoteColumn.status)[1] == Double(ValueStatus.missing.rawValue))
    }

    @Test func aHaltKeepsThePrice() throws {
        let rig = try Self.rig()
        rig.push([.last(0, 101)])
        rig.turn()
        rig.push([Tick(instrument: 0, fields: [], status: TradingStatus.halted.rawValue + 1)])
        rig.turn(after: 100 * Self.millisecond)
        let market = try #require(rig.takeMarket())
        #expect(market.rows(QuoteColumn.trading)[0] == Double(TradingStatus.halted.rawValue))
        #expect(market.rows(QuoteColumn.last)[0] == 101)
    }

    @Test func aFullRingRefusesTheWholeBatch() throws {
        let rig = try Self.rig(ringCapacity: 8)
        #expect(rig.push([.last(0, 1), .last(0, 2), .last(0, 3)]))
        #expect(rig.push([.last(0, 4), .last(0, 5), .last(0, 6)]))
        #expect(!rig.push([.last(0, 7)]))
        rig.turn()
        #expect(try #require(rig.takeMarket()).rows(QuoteColumn.last)[0] == 6)
        #expect(rig.push([.last(0, 7)]))
    }

    @Test func anUnchangedStateIsNotPublishedAgain() throws {
        let rig = try Self.rig()
        var channel = EngineChannel(
            index: 0, name: "market", port: rig.engine.marketPort,
            builder: MarketStateBuilder(directory: rig.inputs.directory))
        rig.turn()
        let first = try #require(Self.cut(&channel, now: 1))
        #expect(first.sequence == 1 && first.past.isEmpty && first.carriesChecksum)
        rig.push([.last(0, 101)])
        rig.turn(after: 100 * Self.millisecond)
        let second = try #require(Self.cut(&channel, now: 2))
        #expect(second.sequence == 2 && second.state(at: 1) != nil && !second.carriesChecksum)
        rig.push([.last(0, 101)])
        rig.turn(after: 100 * Self.millisecond)
        let third = Self.cut(&channel, now: 3)
        #expect(third == nil)
    }

    private static func cut(_ channel: inout EngineChannel, now: UInt64) -> ChannelCut? {
        channel.port.take().flatMap { channel.cut(from: $0, isWanted: true, nowNanoseconds: now) }
    }
}
