// SPDX-License-Identifier: Apache-2.0
// What an account would risk after trades that have not happened.

import FramePublisher
import RiskDomain
import RiskReport
import TradeDesk

public protocol RiskPreview: Sendable {
    /// At the highest confidence, as limits are.
    ///
    /// - Parameters:
    ///   - trades: symbols and signed quantities.
    ///   - held: what the account holds now, by symbol: the published figures may be older.
    /// - Returns: `nil` where that is not known, also where the scenarios do not reach one of the trades.
    func risk(of account: String, trades: [(symbol: String, quantity: Double)], held: [String: Double]) -> GateRisk?
}

/// From the account's newest cut and the market's, by the what-if of the reports.
public struct ReportPreview: RiskPreview {
    private let desk: ReportDesk
    private let cuts: any CutSource

    public init(desk: ReportDesk, cuts: any CutSource) {
        self.desk = desk
        self.cuts = cuts
    }

    public func risk(
        of account: String, trades: [(symbol: String, quantity: Double)], held: [String: Double]
    ) -> GateRisk? {
        let desk = self.desk.pinned
        guard let number = desk.catalog.number(ofAccount: account),
            let cut = self.cuts.newestCut(channel: desk.catalog.index(ofAccountNumber: number)),
            let market = self.cuts.newestCut(channel: ChannelCatalog.market)
        else { return nil }
        let book = desk.book(ofAccount: number, cut: cut)
        var changes = held
        for position in book.positions { changes[position.symbol, default: 0] -= position.quantity }
        for trade in trades { changes[trade.symbol, default: 0] += trade.quantity }
        var hypothetical: [HypotheticalTrade] = []
        for (symbol, quantity) in changes.sorted(by: { $0.key < $1.key }) where quantity != 0 {
            guard let index = desk.inputs.directory.index(ofSymbol: symbol) else { return nil }
            hypothetical.append(HypotheticalTrade(instrument: index, quantity: quantity))
        }
        let result = desk.reporter.whatIf(
            hypothetical, in: book, market: MarketSnapshot(market, inputs: desk.inputs),
            margin: PublishedMargin(used: nil, limit: nil))
        guard result.excluded.isEmpty, let confidence = desk.inputs.convention.confidences.max() else {
            return nil
        }
        return GateRisk(
            valueAtRisk: result.after.valueAtRisk[confidence],
            expectedShortfall: result.after.expectedShortfall[confidence])
    }
}
