// SPDX-License-Identifier: Apache-2.0
// Everything a backtest of one book and confidence says.

/// Forecasts, exceptions and tests. Days are indices into the P&L vector tested.
public struct BacktestReport: Sendable, Equatable {
    public let confidenceBasisPoints: Int
    /// Values each forecast is made of.
    public let window: Int
    /// The days that have a forecast: all but the first `window`.
    public let days: Range<Int>
    /// Forecast for each of the days, positive = loss.
    public let valueAtRisk: [Double]
    /// Forecast for each of the days, positive = loss.
    public let expectedShortfall: [Double]
    /// Days whose loss was strictly greater than VaR, ascending.
    public let exceptions: [Int]
    /// Over all days.
    public let trafficLight: TrafficLight
    /// Over the newest 250 days; `nil` where there are fewer.
    public let trafficLightOfLastYear: TrafficLight?
    public let kupiec: KupiecTest
    /// `nil` with a single day.
    public let christoffersen: ChristoffersenTest?
    /// `nil` where an ES forecast is not above 0.
    public let acerbiSzekely: AcerbiSzekelyZ2?
}
