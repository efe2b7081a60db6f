// SPDX-License-Identifier: Apache-2.0
// Lays bid and ask around a price on an instrument's price grid.

import RiskDomain

/// Rounds to a grid of 10^−priceDecimals and quotes half a spread to each side.
struct SpreadQuote: Sendable {
    /// Grid steps per price unit: 10^priceDecimals.
    private let stepsPerUnit: Double
    private let halfSpread: Double

    /// - Parameter spreadBasisPoints: of the price, finite and ≥ 0.
    init(priceDecimals: Int, spreadBasisPoints: Double) {
        self.stepsPerUnit = (0..<max(0, min(9, priceDecimals))).reduce(1.0) { scale, _ in scale * 10 }
        self.halfSpread = max(0, spreadBasisPoints) / 20_000
    }

    /// The nearest price on the grid, at least one step and at most the highest price the wire accepts.
    func rounded(_ price: Double) -> Double {
        min(Tick.priceLimit, max(1, (price * self.stepsPerUnit).rounded()) / self.stepsPerUnit)
    }

    /// A quote with `last` as given; bid and ask are on the grid, at least a step away where that leaves the bid
    /// positive and the ask within what the wire accepts.
    ///
    /// - Parameter last: positive, at most ``Tick/priceLimit``.
    func tick(instrument: Int, last: Double) -> Tick {
        let lastSteps = (last * self.stepsPerUnit).rounded()
        let half = max(1, (lastSteps * self.halfSpread).rounded())
        let bid = max(min(last, 1 / self.stepsPerUnit), (lastSteps - half) / self.stepsPerUnit)
        let ask = min(Tick.priceLimit, (lastSteps + half) / self.stepsPerUnit)
        return Tick(instrument: UInt32(instrument), fields: [.bid, .ask, .last], bid: bid, ask: ask, last: last)
    }
}
