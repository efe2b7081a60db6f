// SPDX-License-Identifier: Apache-2.0
// An engine driven by hand: ticks in, one drain and one cut timed, VaR read back.

import RiskDomain
import RiskKernel

/// The engine of one book, at a time of its own that makes everything dirty due.
package final class CutRun {
    /// What one repetition took and did.
    package struct Repetition {
        package var ticks: Int
        /// Accounts, the firm and the market.
        package var cuts: Int
        package var drainNanoseconds: UInt64
        package var cutNanoseconds: UInt64
        /// Which prices it used.
        package var priceSet: Int
        /// Sum of the VaRs of all accounts and the firm at all confidences.
        package var checksum: Double
    }

    package let book: BenchmarkBook
    package let engine: EngineHandle
    private let ring: TickRing
    private let crew: EngineCrew?
    private let accountPorts: [EngineViewPort]
    private let firmPort: EngineViewPort
    private let levels: Int
    private var now: UInt64 = 1_000_000_000_000
    private var repetitions = 0
    /// By account, then the firm; by confidence.
    package private(set) var valueAtRisk: [Double]

    private static let wallOffset: UInt64 = 1_700_000_000_000_000_000
    private static let ringCapacity = 1 << 16

    /// - Parameter shards: threads that cut, the caller's among them.
    package init(_ book: BenchmarkBook, tier: KernelTier, shards: Int = 1) throws(CommandError) {
        self.book = book
        self.ring = TickRing(capacity: Self.ringCapacity)!
        do {
            self.engine = try EngineHandle(
                inputs: book.inputs, plan: book.plan, rings: [self.ring], tier: tier, shards: shards)
        } catch {
            throw .noEngine(error)
        }
        self.crew = shards > 1 ? EngineCrew(size: shards) : nil
        self.crew?.start()
        let engine = self.engine
        self.accountPorts = book.plan.accounts.indices.map { engine.accountPort($0) }
        self.firmPort = engine.firmPort
        self.levels = book.inputs.convention.confidences.count
        self.valueAtRisk = [Double](repeating: .nan, count: (self.accountPorts.count + 1) * self.levels)
        _ = self.run(ticking: book.ticking[100]!)
    }

    deinit { self.crew?.stop() }

    /// Sends each of the instruments one tick and cuts what that makes dirty. The ring is filled before the clock runs,
    /// which is the ingest thread's part, and the views are read after it, which is the publisher's.
    package func run(ticking: [UInt32]) -> Repetition {
        let priceSet = self.send(ticking)
        let begin = MonotonicClock.nowNanoseconds
        let drained = self.drain()
        let middle = MonotonicClock.nowNanoseconds
        let cuts = self.cut()
        let end = MonotonicClock.nowNanoseconds
        precondition(drained == ticking.count + 1, "the ring held a header and every tick")
        return Repetition(
            ticks: ticking.count, cuts: cuts, drainNanoseconds: middle - begin, cutNanoseconds: end - middle,
            priceSet: priceSet, checksum: self.collect())
    }

    // MARK: The parts of a run

    /// Puts a tick of each of the instruments into the ring, an interval after the last; answers which prices.
    @discardableResult
    package func send(_ ticking: [UInt32]) -> Int {
        let priceSet = self.repetitions % BenchmarkBook.priceSets
        self.repetitions += 1
        self.now += self.book.inputs.convention.cutIntervalNanoseconds
        self.push(ticking, prices: self.book.prices[priceSet])
        return priceSet
    }

    /// Records taken from the ring.
    package func drain() -> Int { self.engine.drain(limit: Self.ringCapacity, nowNanoseconds: self.now) }

    /// Channels cut.
    package func cut() -> Int {
        self.engine.cut(crew: self.crew, nowNanoseconds: self.now, wallNanoseconds: self.now + Self.wallOffset)
    }

    /// Reads what was cut and sums all VaRs.
    package func collect() -> Double {
        self.readValueAtRisk()
        return self.valueAtRisk.reduce(0, +)
    }

    private func push(_ ticking: [UInt32], prices: [Double]) {
        let ticks = ticking.map { instrument in
            let price = prices[Int(instrument)]
            return Tick(
                instrument: instrument, fields: [.bid, .ask, .last], bid: price * 0.9999, ask: price * 1.0001,
                last: price)
        }
        let sent = self.now + Self.wallOffset
        let isPushed = ticks.withUnsafeBufferPointer {
            self.ring.push($0, oldestNanoseconds: sent, newestNanoseconds: sent)
        }
        precondition(isPushed, "the ring has room for every instrument")
    }

    /// What was not cut keeps its value.
    private func readValueAtRisk() {
        for (number, port) in (self.accountPorts + [self.firmPort]).enumerated() {
            guard let view = port.take() else { continue }
            for (level, value) in view.valueAtRisk(levels: self.levels).enumerated() {
                self.valueAtRisk[number * self.levels + level] = value
            }
        }
    }

    package func writeValueAtRisk(to path: String) throws(CommandError) {
        try NumpyFile.write(self.valueAtRisk, shape: [self.accountPorts.count + 1, self.levels], to: path)
    }
}
