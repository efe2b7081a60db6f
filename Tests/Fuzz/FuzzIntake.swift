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
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIntake(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let ring = TickRing(capacity: 8)!
    let counters = FeedCounters()
    guard let tier = attempt({ () throws(KernelTierError) in try KernelTier(named: nil) }),
        let engine = attempt({ () throws(EngineError) in
            try EngineHandle(inputs: inputs, plan: plan, rings: [ring], tier: tier)
        })
    else { return 0 }
    var intake = FeedIntake(ring: ring, counters: counters, directory: inputs.directory)
    var run = Publisher()
    var now: UInt64 = 1_000_000_000
    var messages: UInt64 = 0
    while !input.isEmpty {
        let operation = input.byte()
        if operation == 0 {
            now += 50_000_000
            _ = engine.drain(limit: 4, nowNanoseconds: now)
            _ = intake.flush()
            _ = engine.cut(nowNanoseconds: now, wallNanoseconds: now)
            continue
        }
        let payload = operation == 1 ? input.message() : run.message(&input)
        messages += 1
        _ = payload.withUnsafeBytes { intake.take($0, receivedNanoseconds: now) }
    }
    require(counters.messages.value == messages, "\(counters.messages.value) of \(messages) messages")
    require(counters.conflated.value <= counters.ticks.value, "more conflated than accepted")
    require(ring.count <= ring.capacity, "\(ring.count) in the ring")
    var rounds = 0
    while engine.drain(limit: 8, nowNanoseconds: now) > 0 || intake.isConflating {
        _ = intake.flush()
        rounds += 1
        require(rounds < 100, "what waits never gets through")
    }
    return 0
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
