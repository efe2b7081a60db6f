// SPDX-License-Identifier: Apache-2.0
// What the log says of a book at the start.

import Logging
import RiskDomain
import RiskKernel

extension Daemon {
    /// Says what is served, and what of it will have no value and why.
    func reportBook(plan: BookPlan, tier: KernelTier) {
        self.logger.info(
            "book loaded",
            metadata: [
                "instruments": "\(self.inputs.instruments.count)", "accounts": "\(plan.accounts.count)",
                "positions": "\(self.inputs.positions.count)", "returns": "\(self.inputs.scenarios.count)",
                "kernels": "\(tier.name)",
            ])
        for scenario in self.inputs.stressScenarios {
            let unreached = scenario.unreached(among: self.inputs.instruments, history: self.inputs.history)
            if unreached.isEmpty { continue }
            self.logger.warning(
                "a replay has no closes for some instruments: they stand still in it",
                metadata: ["scenario": "\(scenario.name)", "symbols": "\(unreached.joined(separator: ","))"])
        }
        for account in plan.accounts {
            for (row, pair) in account.pairs.enumerated() where plan.pairs[pair].path == nil {
                self.logger.warning(
                    "position has no value: no quoted pairs lead from its currency to the account's",
                    metadata: [
                        "account": "\(account.account.id)", "symbol": "\(account.positions[row].symbol)",
                        "from": "\(plan.pairs[pair].from)", "to": "\(plan.pairs[pair].to)",
                    ])
            }
            if plan.pairs[account.firmPair].path == nil {
                self.logger.warning(
                    "account is left out of the firm: no quoted pairs lead to the base currency",
                    metadata: ["account": "\(account.account.id)", "currency": "\(account.account.currency)"])
            }
        }
    }
}
