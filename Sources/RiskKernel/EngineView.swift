// SPDX-License-Identifier: Apache-2.0
// One published cut, as its one reader sees it.

import CEngine
import CRing

/// The newest cut of a channel, borrowed from the exchange: valid until the next one is taken from the same port.
///
/// Columns are doubles as the engine wrote them: absent is NaN, codes are small integers.
public struct EngineView {
    let view: UnsafePointer<tr_view>
    let layout: tr_view_layout

    public var cutNanoseconds: UInt64 { self.view.pointee.cut_ns }
    /// `nil` where no tick came since the previous cut.
    public var newestNanoseconds: UInt64? { Self.present(self.view.pointee.newest_ns) }
    public var oldestNanoseconds: UInt64? { Self.present(self.view.pointee.oldest_ns) }

    private static func present(_ nanoseconds: UInt64) -> UInt64? { nanoseconds == 0 ? nil : nanoseconds }

    private func cells(_ offset: Int, _ count: Int) -> UnsafeBufferPointer<Double> {
        let cells = UnsafeRawPointer(self.view).advanced(by: MemoryLayout<tr_view>.size)
        return UnsafeBufferPointer(start: cells.assumingMemoryBound(to: Double.self) + offset, count: count)
    }

    // Accounts and the firm.
    public var status: Double { self.cells(self.layout.status, 1)[0] }
    /// Cash, market value, equity, gross, net, unrealised, realised, fees, day, total.
    public var totals: UnsafeBufferPointer<Double> { self.cells(self.layout.totals, TR_TOTAL_COUNT) }
    public var coveragePercent: Double { self.cells(self.layout.coverage, 1)[0] }
    public func valueAtRisk(levels: Int) -> UnsafeBufferPointer<Double> { self.cells(self.layout.`var`, levels) }
    public func expectedShortfall(levels: Int) -> UnsafeBufferPointer<Double> { self.cells(self.layout.es, levels) }
    public func stress(scenarios: Int) -> UnsafeBufferPointer<Double> { self.cells(self.layout.stress, scenarios) }
    /// Used, limit, utilisation in percent, level.
    public var margin: UnsafeBufferPointer<Double> { self.cells(self.layout.margin, TR_MARGIN_COUNT) }
    public var sectorNet: UnsafeBufferPointer<Double> { self.cells(self.layout.sector_net, self.layout.sector_count) }
    public var sectorGross: UnsafeBufferPointer<Double> {
        self.cells(self.layout.sector_gross, self.layout.sector_count)
    }
    /// One column of the greeks in money, by underlying.
    public func greeks(_ column: GreekColumn) -> UnsafeBufferPointer<Double> {
        let count = self.layout.underlying_count
        return self.cells(self.layout.greeks + column.rawValue * count, count)
    }
    /// Account currency per instrument currency by position; empty where all are in the account's currency.
    public var rates: UnsafeBufferPointer<Double> { self.cells(self.layout.rates, self.layout.rate_count) }
    /// One column of the positions in options, in the order of the positions.
    public func options(_ column: OptionColumn) -> UnsafeBufferPointer<Double> {
        let count = self.layout.option_count
        return self.cells(self.layout.options + column.rawValue * count, count)
    }
    /// 1 where excluded: by position of an account, by instrument (`count` of them) for the firm.
    public func excluded(count: Int) -> UnsafeBufferPointer<Double> { self.cells(self.layout.excluded, count) }
    /// Scenario P&L in currency, one a historical scenario.
    public func scenarioPnL(count: Int) -> UnsafeBufferPointer<Double> { self.cells(self.layout.pnl, count) }

    // The firm.
    public var firmWeights: FirmWeights {
        let cells = self.cells(self.layout.weights, TR_WEIGHT_COUNT)
        func count(_ index: Int) -> Int { Int(cells[index]) }
        return FirmWeights(
            includedCount: count(TR_WEIGHT_INCLUDED), holderCount: count(TR_WEIGHT_HOLDERS),
            measuredHolderCount: count(TR_WEIGHT_MEASURED_HOLDERS), pricedGross: cells[TR_WEIGHT_PRICED_GROSS],
            coveredGross: cells[TR_WEIGHT_COVERED_GROSS])
    }

    // All channels.
    public var rowCount: Int { self.layout.row_count }
    public func rows(_ column: PositionColumn) -> UnsafeBufferPointer<Double> { self.column(column.rawValue) }
    public func rows(_ column: AccountColumn) -> UnsafeBufferPointer<Double> { self.column(column.rawValue) }
    public func rows(_ column: QuoteColumn) -> UnsafeBufferPointer<Double> { self.column(column.rawValue) }

    private func column(_ index: Int) -> UnsafeBufferPointer<Double> {
        self.cells(self.layout.rows + index * self.layout.row_count, self.layout.row_count)
    }
}

/// Columns of an account's rows; the order is the engine's (CEngine.h).
public enum PositionColumn: Int, Sendable, CaseIterable {
    case price, marketValue, unrealised, day, status, quantity, averageCost, realised
}
/// Columns of an account's positions in options; greeks per unit of quantity (CKernels.h, `tr_option_greeks`).
public enum OptionColumn: Int, Sendable, CaseIterable { case spot, volatility, delta, gamma, vega, theta, rho }
/// Columns of the greeks in money (CEngine, tr_greeks.c).
public enum GreekColumn: Int, Sendable, CaseIterable { case delta, gamma, vega, theta, rho }
/// Columns of the firm's rows.
public enum AccountColumn: Int, Sendable, CaseIterable { case status, marketValue, day, valueAtRisk, marginLevel }
/// Columns of the market's rows.
public enum QuoteColumn: Int, Sendable, CaseIterable { case bid, ask, last, changePercent, trading, status }

/// The reading end of one channel's exchange.
///
/// Ownership: one reader, the publisher thread (docs/ownership.md, "account and market snapshots").
public struct EngineViewPort: @unchecked Sendable {
    let engine: EngineHandle  // keeps the exchange alive
    let exchange: OpaquePointer
    let layout: tr_view_layout

    /// The newest cut, or `nil` when there was none since the last take. It overwrites what an earlier take returned.
    public func take() -> EngineView? {
        guard let value = tr_exchange_take(self.exchange) else { return nil }
        return EngineView(view: value.assumingMemoryBound(to: tr_view.self), layout: self.layout)
    }
}
