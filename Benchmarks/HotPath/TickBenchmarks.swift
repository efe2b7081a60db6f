// SPDX-License-Identifier: Apache-2.0
// A message of 128 ticks: decoded, and taken through intake, ring and engine.

import Benchmark
import BenchmarkBooks
import RiskDomain
import RiskKernel
import RiskSimulation
import TickFeed
import TickIngest

private let ticksPerMessage = 128

/// A message of ticks of a synthetic market, and what decodes it.
private final class DecodedMessage {
    let bytes: [UInt8]
    let decoder: TickDecoder
    var batch = TickBatch(capacity: ticksPerMessage)

    init() {
        let instruments = SyntheticInstruments.make(count: ticksPerMessage)
        let directory = InstrumentDirectory(instruments)
        var market = SyntheticMarket(count: ticksPerMessage, seed: 7)
        var ticks = Array(repeating: Tick(instrument: 0, fields: []), count: ticksPerMessage)
        precondition(market.next(into: &ticks) == ticksPerMessage)
        var encoder = TickEncoder(directory: directory)
        self.bytes = encoder.encode(epoch: 1, sequence: 0, sentNanoseconds: 1, ticks: ticks)
        self.decoder = TickDecoder(directory: directory)
    }

    func decode() -> Double {
        self.bytes.withUnsafeBytes { payload in
            guard case .success(let head) = self.decoder.decodeHead(payload) else { preconditionFailure("no head") }
            self.decoder.decodeTicks(payload, head: head, into: &self.batch)
        }
        precondition(self.batch.ticks.count == ticksPerMessage, "every tick is accepted")
        return self.batch.ticks.reduce(0) { $0 + $1.last }
    }
}

/// An engine without accounts that takes ticks from its ring.
private final class DrainedEngine {
    private let ring = TickRing(capacity: 1 << 10)!
    private let engine: EngineHandle
    private let ticks: [Tick]
    private var now: UInt64 = 1_000_000_000

    init() {
        let book = SyntheticBook(
            instruments: ticksPerMessage, accounts: 1, positionsPerAccount: ticksPerMessage, scenarios: 8, seed: 7)
        let inputs = book.makeInputs(convention: RiskConvention(window: 8))
        self.engine = try! EngineHandle(
            inputs: inputs, plan: BookPlan(inputs), rings: [self.ring], tier: try! KernelTier(named: nil))
        self.ticks = (0..<UInt32(ticksPerMessage)).map {
            Tick(instrument: $0, fields: [.bid, .ask, .last], bid: 99, ask: 101, last: 100)
        }
    }

    func step() -> Double {
        self.now += 1_000
        let isPushed = self.ticks.withUnsafeBufferPointer {
            self.ring.push($0, oldestNanoseconds: self.now, newestNanoseconds: self.now)
        }
        precondition(isPushed, "the ring has room")
        let drained = self.engine.drain(limit: ticksPerMessage + 1, nowNanoseconds: self.now)
        precondition(drained == ticksPerMessage + 1, "the header and every tick")
        return Double(drained)
    }
}

func registerTicks() {
    Measurement.register(
        "tick-decode-128", repetitions: .kilo, prepare: { DecodedMessage() }, body: { $0.decode() })
    Measurement.register(
        "engine-step-128-ticks", repetitions: .kilo, prepare: { DrainedEngine() },
        body: { $0.step() })
}
