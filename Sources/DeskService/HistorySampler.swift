// SPDX-License-Identifier: Apache-2.0
// Which points of history there are at a second: of each channel that was cut since the one before.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskStore

/// Pure but for the cuts it is given.
struct HistorySampler {
    private struct Subject {
        /// `nil` for the firm.
        var account: String?
        var channel: Int
        /// Of the cut sampled last.
        var sequence: UInt64 = 0
    }

    private var subjects: [Subject]

    /// - Parameter hasFirm: whether there are points of the firm.
    init(catalog: ChannelCatalog, hasFirm: Bool = true) {
        self.subjects =
            (hasFirm ? [Subject(account: nil, channel: ChannelCatalog.firm)] : [])
            + catalog.accounts.enumerated().map { number, account in
                Subject(account: account.id, channel: catalog.index(ofAccountNumber: number))
            }
    }

    /// - Parameter seconds: since 1970; the points' time.
    mutating func sample(_ source: some CutSource, atSeconds seconds: Int64) -> [HistoryPoint] {
        var points: [HistoryPoint] = []
        for index in self.subjects.indices {
            let subject = self.subjects[index]
            guard let cut = source.newestCut(channel: subject.channel), cut.sequence != subject.sequence else {
                continue
            }
            self.subjects[index].sequence = cut.sequence
            points.append(HistoryPoint(cut.state, account: subject.account, seconds: seconds))
        }
        return points
    }
}

extension HistoryPoint {
    /// What a state of an account or of the firm shows; VaR and ES at the highest confidence.
    init(_ state: ChannelState, account: String?, seconds: Int64) {
        func total(_ column: String) -> Double? {
            guard let table = state.layout.table(atPath: "totals"),
                let index = state.layout.column(named: column, inTable: table)
            else { return nil }
            return Self.present(state.numbers[state.layout.numberOffset(table: table, column: index)])
        }
        func highest(_ path: String) -> Double? {
            guard let table = state.layout.table(atPath: path), let last = state.layout.tables[table].keys.indices.last
            else { return nil }
            return Self.present(state.numbers[state.layout.numberOffset(table: table, column: 0) + last])
        }
        self.init(
            account: account, seconds: seconds, totalPnL: total("total_pnl"), dayPnL: total("day_pnl"),
            valueAtRisk: highest("risk.var"), expectedShortfall: highest("risk.es"),
            grossExposure: total("gross_exposure"), netExposure: total("net_exposure"))
    }

    private static func present(_ value: Double) -> Double? { value.isNaN ? nil : value }
}
