// SPDX-License-Identifier: Apache-2.0
// Turns an engine view into a channel state.

import FrameCodec
import RiskDomain
import RiskKernel

/// Knows the layout of one channel and where a view's columns go in it.
package protocol StateBuilder: Sendable {
    func state(from view: EngineView) -> ChannelState
    /// Scenario P&L of the view; empty where the channel has none.
    func scenarioPnL(of view: EngineView) -> [Double]
    /// What the firm's figures rest on; `nil` where the channel is not the firm's.
    func basis(of view: EngineView) -> FirmBasis?
}

extension StateBuilder {
    package func basis(of view: EngineView) -> FirmBasis? { nil }
}

extension ColumnKind {
    static let money = ColumnKind.decimal(2)
    static let percentage = ColumnKind.decimal(4)
    static let wholeNumber = ColumnKind.decimal(0)
    static let quantity = ColumnKind.decimal(6)
    /// Rates, volatilities and greeks per unit.
    static let factor = ColumnKind.decimal(8)
    static let status = ColumnKind.choice(ValueStatus.allCases.map(\.name))
    static let trading = ColumnKind.choice(TradingStatus.allCases.map(\.name))
    static let marginLevel = ColumnKind.choice(MarginLevel.allCases.map(\.name))
}

extension Table {
    /// A table without price columns, from pairs of name and kind.
    init(_ path: String, _ shape: TableShape, _ columns: KeyValuePairs<String, ColumnKind>, keys: [String] = []) {
        self.init(
            path: path, shape: shape, columns: columns.map { Column(name: $0.key, kind: $0.value) }, keys: keys,
            priceDecimals: [])
    }
}

extension ChannelState {
    /// Copies a column of a view to consecutive rows.
    mutating func set(_ values: UnsafeBufferPointer<Double>, at offset: Int) {
        self.numbers.withUnsafeMutableBufferPointer { numbers in
            for (row, value) in values.enumerated() { numbers[offset + row] = value }
        }
    }
}
