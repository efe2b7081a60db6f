// SPDX-License-Identifier: Apache-2.0
// The kernels at the sizes of an account: 200 positions, 500 scenarios, three confidences.

import Benchmark
import CKernels
import CPlatform
import RiskSimulation

private let positions = 200
private let scenarios = 500
private let stride = 504
/// The worst of 500 scenarios that VaR and ES at 95, 97.5 and 99 % read.
private let tailWanted = 25

/// Aligned, zeroed memory; kept as long as the process.
private func memory<Element>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
    let bytes = UnsafeMutableRawPointer.allocate(
        byteCount: count * MemoryLayout<Element>.stride, alignment: Int(TR_CACHE_LINE))
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
    return bytes.bindMemory(to: Element.self, capacity: count)
}

/// One account's inputs and outputs.
private final class KernelAccount {
    let kernels = tr_kernels_of(tr_tier_detect())!
    private let rows = memory(positions * stride, of: Double.self)
    private let row = memory(positions, of: UInt32.self)
    private let value = memory(positions * 8, of: Double.self)
    private let out = memory(stride, of: Double.self)
    private let smallest = memory(scenarios, of: Double.self)
    private let option = memory(1, of: tr_option.self)
    private let spots = memory(scenarios, of: Double.self)

    init() {
        var random = SplitMix64(seed: 11)
        for index in 0..<positions * stride { self.rows[index] = 0.02 * random.nextApproximateNormal() }
        for index in 0..<positions {
            self.row[index] = UInt32(index)
            for column in 0..<8 { self.value[column * positions + index] = 90 + 20 * random.nextApproximateNormal() }
        }
        for index in 0..<scenarios { self.spots[index] = 100 * (1 + 0.02 * random.nextApproximateNormal()) }
        var terms = tr_option_terms()
        terms.strike = 100
        terms.rate = 0.03
        tr_option_prepare(&terms, 0.25, 0.5, self.option)
        _ = self.scenario()
    }

    private func column(_ number: Int) -> UnsafeMutablePointer<Double> { self.value + number * positions }

    func mark() -> Double {
        var input = tr_mark_input(
            count: positions, instrument: self.row, quantity: self.column(0), average_cost: self.column(1),
            multiplier: self.column(2), fx: self.column(3), margin_rate: self.column(4), overnight: self.column(0),
            traded_quantity: self.column(5), traded_cost: self.column(6), price: self.column(7),
            prior_close: self.column(1))
        var output = tr_mark_output(
            market_value: self.out, unrealised: self.out + positions, day: self.smallest, sums: tr_mark_sums())
        self.kernels.pointee.mark(&input, &output)
        return output.sums.net + output.sums.day
    }

    func scenario() -> Double {
        self.kernels.pointee.weighted_rows(
            self.rows, stride, self.row, self.column(0), positions, scenarios, self.out)
        return self.out[0] + self.out[scenarios - 1]
    }

    func tail() -> Double {
        self.kernels.pointee.tail(self.spots, scenarios, tailWanted, self.smallest)
        return self.smallest[0] + self.smallest[tailWanted - 1]
    }

    func options() -> Double {
        self.kernels.pointee.option_values(self.option, self.spots, scenarios, self.smallest)
        return self.smallest[0] + self.smallest[scenarios - 1]
    }
}

func registerKernels() {
    let cases: [(String, (KernelAccount) -> Double)] = [
        ("mark-200-positions", { $0.mark() }), ("scenario-200-positions-500", { $0.scenario() }),
        ("tail-25-of-500", { $0.tail() }), ("option-values-500", { $0.options() }),
    ]
    for (name, body) in cases {
        Measurement.register(name, repetitions: .kilo, prepare: { KernelAccount() }, body: body)
    }
}
