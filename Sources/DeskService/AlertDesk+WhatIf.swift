// SPDX-License-Identifier: Apache-2.0
// How much of their limits accounts would use: after trades that have not happened, and where prices have moved.

import FrameCodec
import RiskDomain
import RiskReport
import TradeDesk

/// A limit beside the smallest move of prices that reaches it.
public struct LimitBreach: Sendable, Equatable {
    public var limit: RiskLimit
    /// Where it is critical; where it warns, if it is never critical.
    public var threshold: Double
    /// `nil` where no move reaches it.
    public var found: ReverseStress?
}

extension AlertDesk {
    /// The limits of an account beside what they would be compared with; no trade sends an order.
    ///
    /// - Parameters:
    ///   - state: what the account shows now.
    ///   - result: of the trades, by the same cut.
    ///   - instruments: in index order, of the inputs that the result is by.
    public func uses(
        of account: String, in state: ChannelState, after result: WhatIf, instruments: [Instrument]
    ) -> [LimitUse] {
        let figures = HypotheticalFigures(ChannelFigures(state: state), after: result, instruments: instruments)
        return self.uses(of: account, equity: figures.equity, figure: figures.value)
    }

    /// What it takes to reach each limit that prices move at once, margin's first.
    ///
    /// - Parameters:
    ///   - state: what the account shows now.
    ///   - book: what it holds by the same cut.
    ///   - underlying: symbol of what moves; `nil` for everything.
    public func breaches(
        of account: String, in state: ChannelState, book: BookSnapshot, reporter: BookReporter, underlying: String?
    ) -> [LimitBreach] {
        let shown = ChannelFigures(state: state)
        let instruments = reporter.inputs.instruments
        var search = ReverseStressSearch(reporter, book: book, underlying: underlying)
        let hasMargin = shown.value(of: .marginUtilisation, part: nil) != nil
        let limits = (hasMargin ? [RiskLimit.margin] : []) + self.limits(of: account)
        return limits.compactMap { limit in
            guard StressedFigures.metrics.contains(limit.metric), let threshold = limit.threshold else { return nil }
            let found = search.smallestMove { stressed in
                let figures = StressedFigures(shown, book: book, stressed: stressed, instruments: instruments)
                let value =
                    limit.metric == .drawdown
                    ? self.drawdown(of: account, equity: figures.equity)
                    : figures.value(of: limit.metric, part: limit.part)
                return value.map { $0 >= threshold } ?? false
            }
            return LimitBreach(limit: limit, threshold: threshold, found: found)
        }
    }
}
