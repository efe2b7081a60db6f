// SPDX-License-Identifier: Apache-2.0
// `tickrisk verify`: published numbers, recomputed.

import ArgumentParser
import Foundation
import RiskKernel

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recomputes published results and compares.",
        discussion: """
            Option values and greeks, quantiles, expected shortfall, age weighting, parametric VaR, backtest \
            statistics, P&L and currencies, each by the code that the daemon uses: options by the readable reference \
            and by the kernels. The tolerance is half a unit in the last digit the source prints, unless the table of \
            sources says otherwise. TICKRISK_TIER forces the kernels' instruction set: scalar, avx2, avx512 or neon.

            Example: tickrisk verify --json | jq .misses

            Exit status 1 on any miss, 2 on wrong usage.
            """)

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() throws {
        let tier = try KernelTier(named: ProcessInfo.processInfo.environment["TICKRISK_TIER"])
        let report = VerifyReport(results: PublishedResults.all(tier: tier))
        print(self.json ? report.json : report.text)
        guard report.missCount == 0 else { throw ExitCode.failure }
    }
}
