// SPDX-License-Identifier: Apache-2.0
// A whole book: its accounts and the firm by the reference, and the reports on both.

import RiskDomain
import RiskKernel
import RiskMath
import RiskReport

/// A book at one instant.
struct BookProbe: Decodable {
    struct Mark: Decodable {
        var price: Double
        var isStale: Bool
    }

    var inputs: ProbeInputs
    /// By symbol; what is not in it had no tick.
    var marks: [String: Mark]
    /// Since 1970.
    var cutNanoseconds: UInt64

    func answer() -> ProbeValue {
        guard let tier = try? KernelTier(named: nil) else { return .absent }
        let inputs = self.inputs.riskInputs
        let marks = inputs.instruments.map { instrument in
            self.marks[instrument.symbol].map { PriceMark($0.price, isStale: $0.isStale) }
        }
        let market = PricedMarket(inputs, marks: marks, cutNanoseconds: self.cutNanoseconds)
        let snapshot = MarketSnapshot(
            inputs: inputs, prices: marks.map { $0?.price }, cutNanoseconds: self.cutNanoseconds)
        let accounts = inputs.accounts.map { AccountReference.value(of: $0, at: market) }
        let firm = FirmReference.value(of: accounts, at: market)
        let reporter = BookReporter(inputs: inputs, tier: tier)
        return [
            "dates": ProbeValue(inputs.scenarios.dates),
            "accounts": ProbeValue(each: accounts, name: \.account) { ProbeValue($0) },
            "firm": ProbeValue(firm),
            "reports": ProbeValue(each: accounts, name: \.account) { account in
                ProbeValue(reporter.report(of: self.book(account, at: snapshot)))
            },
            "firm_report": ProbeValue(self.report(on: firm, at: snapshot, by: reporter)),
        ]
    }

    /// The account's cut, as a report reads it.
    private func book(_ account: AccountValuation, at snapshot: MarketSnapshot) -> BookSnapshot {
        let held = snapshot.inputs.positions.filter { $0.account == account.account && $0.quantity != 0 }
        return BookSnapshot(
            name: account.account, currency: account.currency, cutNanoseconds: self.cutNanoseconds,
            positions: held.map { position in
                var holding = snapshot.holding(
                    of: snapshot.inputs.directory.index(ofSymbol: position.symbol)!, quantity: position.quantity,
                    currency: account.currency)
                holding.strategy = position.strategy
                return holding
            },
            scenarioPnL: account.scenarioPnL ?? [])
    }

    private func report(
        on firm: FirmValuation, at snapshot: MarketSnapshot, by reporter: BookReporter
    ) -> BookReport {
        let scenarios = snapshot.inputs.stressScenarios.map(\.name)
        let members = firm.accounts.compactMap { account -> FirmMember? in
            guard account.scenarioPnL?.isEmpty == false,
                let rate = snapshot.rate(from: account.currency, to: firm.currency)
            else { return nil }
            return FirmMember(
                book: self.book(account, at: snapshot), rate: rate,
                groups: [snapshot.inputs.accounts.first { $0.id == account.account }?.group ?? "none"],
                stress: scenarios.map { account.stress[$0] })
        }
        return reporter.report(
            ofFirm: "firm", currency: firm.currency, cutNanoseconds: self.cutNanoseconds, members: members,
            total: firm.scenarioPnL ?? [])
    }
}
