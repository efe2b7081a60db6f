// SPDX-License-Identifier: Apache-2.0
// Where instruments stand in a cut of the market, which may be of other instruments than the reader's.

import FrameCodec
import RiskDomain

/// Rows by instrument index. For a moment after a reload, cuts and inputs are of different directories.
public struct MarketRows: Sendable {
    /// `nil` where the rows are the instruments.
    private let rows: [String: Int]?
    private let directory: InstrumentDirectory

    /// - Parameter layout: of the market channel.
    public init(_ layout: ChannelLayout, directory: InstrumentDirectory) {
        let keys = layout.tables[0].keys
        self.directory = directory
        self.rows =
            keys == directory.symbols
            ? nil : Dictionary(keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// `nil` where the cut does not have the instrument.
    public func row(of instrument: Int) -> Int? {
        guard let rows else { return instrument }
        return rows[self.directory.symbols[instrument]]
    }
}
