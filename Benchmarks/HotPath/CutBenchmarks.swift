// SPDX-License-Identifier: Apache-2.0
// Cuts of the books of BenchmarkBook: drain and cut together, whatever is dirty.

import Benchmark
import BenchmarkBooks
import RiskKernel

/// Books are large: one of a kind, however many benchmarks cut it.
private nonisolated(unsafe) var runs: [BenchmarkBook.Kind: CutRun] = [:]

private func run(_ kind: BenchmarkBook.Kind) -> CutRun {
    if let run = runs[kind] { return run }
    let run = try! CutRun(BenchmarkBook(kind), tier: try! KernelTier(named: nil))
    runs[kind] = run
    return run
}

func registerCuts() {
    let cases: [(BenchmarkBook.Kind, Int)] = [
        (.spread, 100), (.spread, 10), (.spread, 1), (.shared, 100), (.european, 100), (.american, 100),
    ]
    for (kind, percent) in cases {
        let share = kind == .spread ? "-\(percent)-percent" : ""
        Measurement.register(
            "cut-\(kind.rawValue)\(share)", prepare: { run(kind) },
            arrange: { $0.send($0.book.ticking[percent]!) },
            body: { Double($0.drain() + $0.cut()) },
            finish: { run, answer in
                precondition(answer > 0, "something was due")
                return run.collect()
            })
    }
}
