// SPDX-License-Identifier: Apache-2.0
// Axes of a plot: from values to pixels, and where labels stand.

import Foundation

/// Maps values linearly onto pixels.
struct PlotScale {
    let values: ClosedRange<Double>
    /// Pixel of the least and of the greatest value; the first may be the greater one.
    let pixels: (least: Double, greatest: Double)

    func pixel(_ value: Double) -> Double {
        let span = self.values.upperBound - self.values.lowerBound
        let part = span > 0 ? (value - self.values.lowerBound) / span : 0.5
        return self.pixels.least + part * (self.pixels.greatest - self.pixels.least)
    }

    /// A range around values and 0 whose ends are round, and the round numbers within: about `count` of them.
    static func ticks(covering values: ClosedRange<Double>, count: Int) -> (range: ClosedRange<Double>, at: [Double]) {
        let (low, high) = (min(0, values.lowerBound), max(0, values.upperBound))
        let raw = max((high - low) / Double(max(1, count)), .leastNormalMagnitude * 1e10)
        let power = pow(10, log10(raw).rounded(.down))
        let step = ([1, 2, 5, 10].first { $0 * power >= raw * 0.999_999 } ?? 10) * power
        let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
        let ticks = (Int(first)...max(Int(last), Int(first) + 1)).map { Double($0) * step }
        return (ticks[0]...ticks[ticks.count - 1], ticks)
    }

    /// "1.5 m", "−20 k", "0": short money.
    static func money(_ amount: Double) -> String {
        let (scale, unit) =
            amount.magnitude >= 1e9
            ? (1e9, " bn") : amount.magnitude >= 1e6 ? (1e6, " m") : amount.magnitude >= 1e3 ? (1e3, " k") : (1, "")
        return (amount < 0 ? "−" : "") + String(format: "%g", amount.magnitude / scale) + unit
    }

    /// Positions of the first days of calendar years or months, at most `count` and evenly spaced, with their names.
    static func dateTicks(_ dates: [String], count: Int) -> [(day: Int, label: String)] {
        let years = Self.starts(of: dates, length: 4)
        // Less than two years show months.
        let starts = years.count >= 3 ? years : Self.starts(of: dates, length: 7)
        let every = max(1, (starts.count + count - 1) / count)
        return starts.enumerated().filter { $0.offset.isMultiple(of: every) }.map(\.element)
    }

    /// Where the prefix of the date changes, without the first one, which begins anywhere.
    private static func starts(of dates: [String], length: Int) -> [(day: Int, label: String)] {
        dates.indices.dropFirst().compactMap { day in
            let name = dates[day].prefix(length)
            return name == dates[day - 1].prefix(length) ? nil : (day, String(name))
        }
    }
}
