// SPDX-License-Identifier: Apache-2.0
// The state of the `market` channel.

import FrameCodec
import RiskDomain
import RiskKernel

package struct MarketStateBuilder: StateBuilder {
    private let empty: ChannelState
    private static let columns: [(String, ColumnKind, QuoteColumn)] = [
        ("bid", .price, .bid), ("ask", .price, .ask), ("last", .price, .last),
        ("change_pct", .percentage, .changePercent), ("trading", .trading, .trading), ("status", .status, .status),
    ]

    package init(directory: InstrumentDirectory) {
        let table = Table(
            path: "", shape: .rows, columns: Self.columns.map { Column(name: $0.0, kind: $0.1) },
            keys: directory.symbols, priceDecimals: directory.instruments.map { UInt8($0.priceDecimals) })
        self.empty = ChannelState(layout: ChannelLayout(tables: [table]))
    }

    package func state(from view: EngineView) -> ChannelState {
        var state = self.empty
        for (column, definition) in Self.columns.enumerated() {
            state.set(view.rows(definition.2), at: state.layout.numberOffset(table: 0, column: column))
        }
        return state
    }

    package func scenarioPnL(of view: EngineView) -> [Double] { [] }
}
