// SPDX-License-Identifier: Apache-2.0
// Which end of a P&L distribution a figure measures.

/// An end of a P&L distribution. Figures of either are positive for what the end is named after.
public enum Tail: String, Sendable, CaseIterable {
    /// What a book may lose; a figure is positive for a loss.
    case loss
    /// What a book may gain, the loss of the opposite book; a figure is positive for a gain.
    case gain

    /// The vector whose losses this tail measures: the P&L itself, or that of the opposite book.
    ///
    /// One formula then serves both tails.
    public func losing(_ pnl: [Double]) -> [Double] {
        self == .loss ? pnl : pnl.map { 0 - $0 }
    }
}
