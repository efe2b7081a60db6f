// SPDX-License-Identifier: Apache-2.0
// Messages in any order into a small ring with the engine behind it: no trap, and the counters add up.

import RiskDomain
import RiskKernel
import TickFeed
import TickIngest

private let inputs = RiskInputs(
    instruments: ["A", "B", "C"].enumerated().map {
        Instrument(id: UInt32($0), symbol: $1, name: $1, sector: "S", currency: "USD", allowsNegativePrices: $0 == 2)
    },
    accounts: [Account(id: "X", name: "", currency: "USD", cash: 0, marginLimit: 1000)],
    positions: [Position(account: "X", symbol: "A", quantity: 10, averageCost: 1)],
    history: ClosingHistory(dates: ["1", "2", "3"], closes: ["A": [1, 2, 1.5]]), stressScenarios: [],
    convention: RiskConvention())
private let plan = BookPlan(inputs)

/// ```
/// script: │ operation │ its bytes │ operation │ …     0 drain   1 any message   else a made one: step, ticks
/// ```
///
/// Everything goes through a ring that is often full and one that never is: both end with the same quotes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIntake(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    guard let small = attempt({ try Line(ringCapacity: 8) }), let large = attempt({ try Line(ringCapacity: 1024) })
    else { fatalError("no memory") }
    var run = Publisher()
    var messages: UInt64 = 0
    while !input.isEmpty {
        switch input.byte() {
        case 0: small.drain(limit: 4)
        case let operation:
            let payload = operation == 1 ? input.message() : run.message(&input)
            messages += 1
            small.take(payload)
            large.take(payload)
            large.drain(limit: 1024)
        }
    }
    require(small.counters.messages.value == messages, "\(small.counters.messages.value) of \(messages) messages")
    require(small.counters.ticks.value == large.counters.ticks.value, "other ticks accepted")
    require(large.counters.conflated.value == 0, "conflated though there was room")
    require(small.counters.conflated.value <= small.counters.ticks.value, "more conflated than accepted")
    let quotes = (small.quotes(), large.quotes())
    require(quotes.0 == quotes.1, "\(quotes.0)\n\(quotes.1)")
    return 0
}

/// An intake with its ring and the engine behind it, in which no time passes: only gaps make a quote stale.
private final class Line {
    let counters = FeedCounters()
    private let ring: TickRing
    private let engine: EngineHandle
    private let market: EngineViewPort
    private var intake: FeedIntake
    private let now: UInt64 = 1_000_000_000

    init(ringCapacity: Int) throws {
        self.ring = TickRing(capacity: ringCapacity)!
        self.engine = try EngineHandle(
            inputs: inputs, plan: plan, rings: [self.ring], tier: KernelTier(named: "scalar"))
        self.market = self.engine.marketPort
        self.intake = FeedIntake(ring: self.ring, counters: self.counters, directory: inputs.directory)
    }

    func take(_ payload: [UInt8]) {
        _ = payload.withUnsafeBytes { self.intake.take($0, receivedNanoseconds: self.now) }
    }

    func drain(limit: Int) {
        _ = self.engine.drain(limit: limit, nowNanoseconds: self.now)
        _ = self.intake.flush()
        _ = self.engine.cut(nowNanoseconds: self.now, wallNanoseconds: self.now)
    }

    /// Bits of all quotes once everything has come through.
    func quotes() -> [[UInt64]] {
        var rounds = 0
        while self.ring.count > 0 || self.intake.isConflating {
            self.drain(limit: 8)
            rounds += 1
            require(rounds < 100_000, "what waits never gets through")
        }
        _ = self.engine.cut(nowNanoseconds: self.now * 1000, wallNanoseconds: self.now)
        guard let view = self.market.take() else { return [] }
        return QuoteColumn.allCases.map { view.rows($0).map(\.bitPattern) }
    }
}

/// A publisher that skips, repeats and restarts.
private struct Publisher {
    private var encoder = TickEncoder(directory: inputs.directory)
    private var epoch: UInt64 = 1
    private var sequence: UInt64 = 0

    mutating func message(_ input: inout FuzzInput) -> [UInt8] {
        let step = input.byte()
        if step >= 250 {
            self.epoch = step == 255 ? input.word() : self.epoch &+ 1
            self.sequence = step == 254 ? input.word() : 0
        } else {
            self.sequence = self.sequence &+ UInt64(step % 4)
        }
        let ticks = (0..<input.index(below: 5)).map { _ in
            Tick(
                instrument: UInt32(input.index(below: 3)), fields: Tick.Fields(rawValue: input.byte() & 7),
                status: input.byte() % 5, bid: input.double(), ask: input.double(), last: input.double())
        }
        let kind = MessageKind.allCases[input.index(below: 3)]
        return self.encoder.encode(
            kind: kind, flags: kind == .snapshot ? input.byte() & 1 : 0, epoch: self.epoch, sequence: self.sequence,
            sentNanoseconds: UInt64(step), ticks: kind == .heartbeat ? [] : ticks)
    }
}
