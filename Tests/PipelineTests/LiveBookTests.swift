// SPDX-License-Identifier: Apache-2.0
// Holdings that change under a running engine, as a client reads them: frames of the new layout, deltas after them.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskEngine
import RiskKernel
import RiskSimulation
import Synchronization
import Testing

struct LiveBookTests {
    /// Keeps every cut of every channel, in order.
    private final class Cuts: CutSink {
        private let all = Mutex<[Int: [ChannelCut]]>([:])
        private let parker = Parker()

        func publish(_ cuts: [ChannelCut]) {
            self.all.withLock { all in
                for cut in cuts { all[cut.channel, default: []].append(cut) }
            }
            self.parker.wake()
        }

        func isWanted(channel: Int) -> Bool { true }

        /// A copy made under the lock: the thread sanitizer does not see what orders shared array buffers.
        func cuts(of channel: Int) -> [ChannelCut] {
            self.all.withLock { all in (all[channel] ?? []).map { $0 } }
        }

        /// The first cut of a channel from `start` on that shows something, once it is there.
        func wait(channel: Int, from start: Int = 0, until shows: (ChannelState) -> Bool) throws -> Int {
            var next = start
            let began = ContinuousClock.now
            while ContinuousClock.now - began < .seconds(60) {
                let fresh = self.all.withLock { all in (all[channel] ?? []).dropFirst(next).map { $0 } }
                if let found = fresh.firstIndex(where: { shows($0.state) }) { return next + found }
                next += fresh.count
                self.parker.sleep(timeoutNanoseconds: 100_000_000) {
                    self.all.withLock { $0[channel]?.count ?? 0 } > next
                }
            }
            throw Late()
        }
    }

    private struct Late: Error {}

    /// Everything between a ring and the sink, on its threads.
    private final class Pipeline: Sendable {
        let instruments = SyntheticInstruments.make(count: 12)
        let inputs: RiskInputs
        let ring = TickRing(capacity: 1024)!
        let cuts = Cuts()
        let catalog: ChannelCatalog
        let live: LiveBook
        private let parker = Parker()
        private let publisher: PublisherThread
        private let engine: EngineThread

        init() throws {
            let symbols = self.instruments.map(\.symbol)
            let inputs = RiskInputs(
                instruments: self.instruments,
                accounts: ["A", "B"].map { Account(id: $0, name: $0, currency: "USD", cash: 0, marginLimit: 1e6) },
                positions: ["A", "B"].flatMap { account in
                    symbols.prefix(4).map { Position(account: account, symbol: $0, quantity: 10, averageCost: 100) }
                },
                history: ClosingHistory(
                    dates: ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"],
                    closes: Dictionary(uniqueKeysWithValues: symbols.map { ($0, [100.0, 101, 99, 102]) })),
                stressScenarios: [], convention: RiskConvention())
            self.inputs = inputs
            let book = try EngineBook(
                inputs: inputs, rings: [self.ring], tier: KernelTier(named: nil), shards: 2)
            self.catalog = ChannelCatalog(plan: book.plan)
            let publisher = PublisherThread(book: book, catalog: self.catalog, sink: self.cuts)
            let roll = DayRoll(minutes: 0, zone: "UTC")!
            self.engine = try EngineThread(
                engine: book.engine, dayRoll: roll, parker: self.parker, onCut: publisher.wake)
            self.publisher = publisher
            self.live = LiveBook(book: book, engine: self.engine, onBook: publisher.follow)
        }

        func start() {
            self.publisher.start()
            self.engine.start()
            self.live.start()
        }

        func stop() {
            self.live.stop()
            self.engine.stop()
            self.publisher.stop()
        }

        func push(_ instrument: Int, _ price: Double) {
            let tick = Tick(instrument: UInt32(instrument), fields: .last, last: price)
            let now = WallClock.nowNanoseconds
            while !withUnsafePointer(
                to: tick,
                {
                    self.ring.push(
                        UnsafeBufferPointer(start: $0, count: 1), oldestNanoseconds: now, newestNanoseconds: now)
                })
            {}
            self.engine.wake()
        }

        func account(_ id: String) -> Int { self.catalog.index(ofAccount: id)! }
    }

    private static func cell(_ state: ChannelState, _ path: String, _ column: String, row key: String? = nil) -> Double?
    {
        guard let table = state.layout.table(atPath: path),
            let index = state.layout.column(named: column, inTable: table),
            let row = key.map({ state.layout.tables[table].keys.firstIndex(of: $0) }) ?? 0
        else { return nil }
        let value = state.numbers[state.layout.numberOffset(table: table, column: index) + row]
        return value.isNaN ? nil : value
    }

    /// Reads all cuts as one client, in both binary encodings; returns which were snapshots.
    private static func read(_ cuts: [ChannelCut]) throws -> [Bool] {
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        var kinds: [Bool] = []
        for encoding in [FrameEncoding.zstd, .deflate] {
            let decoder = FrameDecoder()
            var held: ChannelCut?
            kinds = []
            for cut in cuts {
                let base = held.flatMap { held in cut.state(at: held.sequence).map { (held.sequence, $0) } }
                let head = cut.head(base: base?.0)
                let frame =
                    if let base {
                        try encoder.delta(
                            from: base.1, to: cut.state, head: head, includingChecksum: true, encoding: encoding)
                    } else {
                        try encoder.snapshot(of: cut.state, head: head, encoding: encoding)
                    }
                let shown = try decoder.decode(frame).state
                #expect(shown.layout == cut.state.layout)
                kinds.append(base == nil)
                held = cut
            }
        }
        return kinds
    }

    @Test func tradesShowAtTheNextCutNewSymbolsAsASnapshotAndDeltasGoOn() throws {
        let pipeline = try Pipeline()
        let account = pipeline.account("A")
        let (held, fresh) = (pipeline.instruments[1].symbol, pipeline.instruments[7].symbol)
        func quantity(_ symbol: String) -> (ChannelState) -> Double? {
            { Self.cell($0, "positions", "quantity", row: symbol) }
        }
        pipeline.start()
        defer { pipeline.stop() }
        for instrument in pipeline.instruments.indices { pipeline.push(instrument, 100) }
        let valued = try pipeline.cuts.wait(channel: account) {
            Self.cell($0, "totals", "market_value") == 4 * 10 * 100
        }

        pipeline.live.take([
            AccountHoldings(
                account: "A", cash: -490, fees: -1, dayFees: -1,
                positions: [
                    Holding(
                        symbol: held, quantity: 15, averageCost: 99, overnightQuantity: 10, tradedQuantity: 5,
                        tradedCost: 490)
                ])
        ])
        let traded = try pipeline.cuts.wait(channel: account, from: valued) { quantity(held)($0) == 15 }
        let told = pipeline.cuts.cuts(of: account)[traded].state
        #expect(Self.cell(told, "totals", "cash") == -490 && Self.cell(told, "totals", "fees") == -1)
        // (100 − 102)·10 + (100·5 − 490), and the other three lost two each on ten.
        #expect(Self.cell(told, "totals", "day_pnl") == -71.0)

        pipeline.live.take([
            AccountHoldings(
                account: "A", cash: -790, fees: -1, dayFees: -1,
                positions: [
                    Holding(
                        symbol: fresh, quantity: 3, averageCost: 100, overnightQuantity: 0, tradedQuantity: 3,
                        tradedCost: 300, strategy: "new")
                ])
        ])
        let opened = try pipeline.cuts.wait(channel: account, from: traded) { quantity(fresh)($0) == 3 }
        #expect(quantity(held)(pipeline.cuts.cuts(of: account)[opened].state) == 15)
        #expect(pipeline.live.strategies(ofAccount: "A") == [fresh: "new"])
        pipeline.push(7, 200)
        let moved = try pipeline.cuts.wait(channel: account, from: opened) {
            Self.cell($0, "positions", "price", row: fresh) == 200
        }
        _ = try pipeline.cuts.wait(channel: ChannelCatalog.firm) {
            Self.cell($0, "accounts", "positions", row: "A") == 5 && Self.cell($0, "totals", "cash") == -790
        }

        pipeline.live.take([
            AccountHoldings(
                account: "A", cash: 10,
                positions: [
                    Holding(symbol: fresh, quantity: 3, averageCost: 100, overnightQuantity: 3)
                ], isComplete: true)
        ])
        let closed = try pipeline.cuts.wait(channel: account, from: moved) { quantity(held)($0) == nil }
        let cuts = pipeline.cuts.cuts(of: account)
        let isSnapshot = try Self.read(cuts)
        #expect(isSnapshot[0] && isSnapshot[opened] && isSnapshot[closed])
        #expect(isSnapshot.count { $0 } == 3)
        #expect(cuts.map(\.sequence) == (1...UInt64(cuts.count)).map { $0 })
        for (earlier, later) in zip(cuts, cuts.dropFirst()) {
            #expect(later.cutNanoseconds >= earlier.cutNanoseconds + 100_000_000)
        }
        #expect(try Self.read(pipeline.cuts.cuts(of: pipeline.account("B"))).count { $0 } == 1)
    }

    @Test func instrumentsComeGoAndMoveWhileTicksAreOnTheirWay() throws {
        let pipeline = try Pipeline()
        let market = ChannelCatalog.market
        pipeline.start()
        defer { pipeline.stop() }
        for instrument in pipeline.instruments.indices { pipeline.push(instrument, 100 + Double(instrument)) }
        _ = try pipeline.cuts.wait(channel: market) {
            Self.cell($0, "", "last", row: pipeline.instruments[11].symbol) == 111
        }
        let gone = pipeline.instruments[9].symbol
        let new = Instrument(id: 999, symbol: "NEW", name: "New", sector: "Energy", currency: "USD")
        let kept = pipeline.instruments.filter { $0.symbol != gone }
        let inputs = RiskInputs(
            instruments: [new] + kept.reversed(), accounts: pipeline.inputs.accounts, positions: [],
            history: pipeline.inputs.history, stressScenarios: [], convention: RiskConvention())
        pipeline.live.follow(inputs)
        let changed = try pipeline.cuts.wait(channel: market) { $0.layout.tables[0].keys == inputs.directory.symbols }
        let state = pipeline.cuts.cuts(of: market)[changed].state
        for (index, instrument) in pipeline.instruments.enumerated() where instrument.symbol != gone {
            #expect(Self.cell(state, "", "last", row: instrument.symbol) == 100 + Double(index))
        }
        #expect(Self.cell(state, "", "last", row: "NEW") == nil && !pipeline.live.hasFollowed)

        // The feed has not heard of it: its 2 is the symbol that was third before, and its 9 is nobody.
        pipeline.push(9, 1)
        pipeline.push(2, 222)
        let third = pipeline.instruments[2].symbol
        _ = try pipeline.cuts.wait(channel: market, from: changed) { Self.cell($0, "", "last", row: third) == 222 }
        #expect(pipeline.ring.pushDirectory(1))
        pipeline.push(0, 333)
        let quoted = try pipeline.cuts.wait(channel: market, from: changed) {
            Self.cell($0, "", "last", row: "NEW") == 333
        }
        let began = ContinuousClock.now
        while !pipeline.live.hasFollowed, ContinuousClock.now - began < .seconds(60) { pipeline.live.take([]) }
        #expect(pipeline.live.hasFollowed)
        #expect(Self.cell(pipeline.cuts.cuts(of: market)[quoted].state, "", "last", row: third) == 222)
        let account = pipeline.account("A")
        _ = try pipeline.cuts.wait(channel: account) { Self.cell($0, "positions", "price", row: third) == 222 }
        #expect(try Self.read(pipeline.cuts.cuts(of: market)).count { $0 } == 2)
    }

    /// Ticks, trades in what is held, and symbols that come and go, all at once.
    @Test func whatIsToldLastIsShownLastHoweverOftenTheBookChanges() throws {
        let pipeline = try Pipeline()
        let symbols = pipeline.instruments.map(\.symbol)
        pipeline.start()
        defer { pipeline.stop() }
        let isDone = Atomic(false)
        let ticker = RoleThread(name: "ticker")
        ticker.start {
            var number = 0
            while !isDone.load(ordering: .acquiring) {
                pipeline.push(number % symbols.count, 100 + Double(number % 7))
                number += 1
            }
        }
        defer {
            isDone.store(true, ordering: .releasing)
            ticker.join()
        }
        var random = SplitMix64(seed: 11)
        for turn in 1...400 {
            let account = ["A", "B"][random.nextIndex(below: 2)]
            // Now and then the book is said anew with other symbols; else a trade in one of the first four.
            let isComplete = turn % 40 == 0
            let traded = isComplete ? symbols.filter { _ in random.nextIndex(below: 2) == 0 } : [symbols[turn % 4]]
            pipeline.live.take([
                AccountHoldings(
                    account: account, cash: Double(turn),
                    positions: traded.map {
                        Holding(symbol: $0, quantity: Double(turn), averageCost: 100, overnightQuantity: Double(turn))
                    }, isComplete: isComplete)
            ])
            if turn % 20 == 0 {
                let channel = pipeline.account(account)
                _ = try pipeline.cuts.wait(channel: channel) { Self.cell($0, "totals", "cash") == Double(turn) }
            }
        }
        #expect(pipeline.live.rebuildCount.load(ordering: .relaxed) > 0)
        #expect(pipeline.live.commandCount.load(ordering: .relaxed) > 0)
        for account in ["A", "B"] {
            let cuts = pipeline.cuts.cuts(of: pipeline.account(account))
            _ = try Self.read(cuts)
            for (earlier, later) in zip(cuts, cuts.dropFirst()) {
                #expect(later.cutNanoseconds >= earlier.cutNanoseconds + 100_000_000)
            }
        }
    }
}
