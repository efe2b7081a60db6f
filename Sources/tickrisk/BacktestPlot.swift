// SPDX-License-Identifier: Apache-2.0
// A backtest drawn: P&L, VaR and exceptions, a panel for each model.

import Foundation
import RiskMath
import RiskReport

/// SVG of a fixed size without scripts, readable on light and on dark.
///
/// ```
/// title
/// legend
/// model   counts            panel of the first model: bars of P&L, line at −VaR, dots where a day lost more
///   ...                     ... one a model, the same money axis
///          dates
/// ```
struct BacktestPlot {
    private static let width = 1_200.0
    private static let left = 76.0
    private static let right = 1_180.0
    private static let top = 84.0
    private static let panelHeight = 260.0
    private static let panelGap = 46.0
    /// Light, and dark where the reader prefers it; without custom properties, which many viewers lack.
    private static let style = """
        text{font:13px system-ui,sans-serif;fill:#5b6675}.t{font-size:18px;font-weight:600;fill:#1c2430}
        .m{font-size:14px;font-weight:600;fill:#1c2430}.n{text-anchor:end}.d{text-anchor:middle}
        .paper{fill:#fff}.rule{stroke:#e3e7ec}.zero{stroke:#8b95a3}.bar{stroke:#8fa3ba;fill:none}
        .var{stroke:#1f4e9e;fill:none;stroke-width:1.5;stroke-linejoin:round}.hit{fill:#d1242f}
        @media(prefers-color-scheme:dark){text{fill:#9aa6b4}.t,.m{fill:#e6eaf0}.paper{fill:#12161c}
        .rule{stroke:#28303a}.zero{stroke:#6b7684}.bar{stroke:#56677c}.var{stroke:#7db2ff}.hit{fill:#ff6b6b}}
        """

    private let outcome: BacktestOutcome

    init(_ outcome: BacktestOutcome) { self.outcome = outcome }

    private var reports: [RollingBacktestReport] { self.outcome.reports }
    private var confidence: Int { self.reports.first?.figures.last?.backtest.confidenceBasisPoints ?? 0 }

    var svg: String {
        let panels = Double(self.reports.count)
        let height = Self.top + panels * (Self.panelHeight + Self.panelGap) + 10
        let money = self.moneyTicks
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(height))" \
            width="\(Int(Self.width))" height="\(Int(height))" role="img" aria-labelledby="title">
            <title id="title">\(Self.escaped(self.heading))</title>
            <style>\(Self.style)</style>
            <rect class="paper" width="100%" height="100%"/>
            <text class="t" x="\(Self.number(Self.left))" y="32">\(Self.escaped(self.heading))</text>
            \(self.legend)

            """
        for (index, report) in self.reports.enumerated() {
            let top = Self.top + Double(index) * (Self.panelHeight + Self.panelGap) + 20
            let scale = PlotScale(values: money.range, pixels: (top + Self.panelHeight - 20, top))
            svg += self.panel(report, scale: scale, ticks: money.at)
        }
        return svg + "</svg>\n"
    }

    private var heading: String {
        "\(self.outcome.title.prefix(1).uppercased())\(self.outcome.title.dropFirst()): daily P&L and "
            + "\(BacktestOutcome.percent(self.confidence)) VaR, \(self.outcome.firstDate) to \(self.outcome.lastDate)"
    }

    private var legend: String {
        let unit = self.outcome.book.currency == BacktestSource.noCurrency ? "" : ", \(self.outcome.book.currency)"
        return """
            <g transform="translate(\(Self.number(Self.left)) 56)"><path class="bar" stroke-width="6" d="M0 -4H18"/>\
            <text x="26">P&amp;L\(Self.escaped(unit))</text>
            <path class="var" d="M96 -4H118"/><text x="126">minus the VaR forecast</text>
            <circle class="hit" cx="302" cy="-4" r="3.5"/><text x="312">exception: a day that lost more</text></g>
            """
    }

    /// One money axis for all panels.
    private var moneyTicks: (range: ClosedRange<Double>, at: [Double]) {
        var (low, high) = (0.0, 0.0)
        for report in self.reports {
            low = min(low, report.pnl.min() ?? 0, -(report.figures.last?.valueAtRisk.max() ?? 0))
            high = max(high, report.pnl.max() ?? 0, -(report.figures.last?.valueAtRisk.min() ?? 0))
        }
        return PlotScale.ticks(covering: low...high, count: 8)
    }

    // MARK: Panels

    private func panel(_ report: RollingBacktestReport, scale: PlotScale, ticks: [Double]) -> String {
        guard let figures = report.figures.last else { return "" }
        let days = PlotScale(
            values: -0.5...(Double(report.dates.count) - 0.5), pixels: (Self.left, Self.right))
        let top = scale.pixels.greatest
        let backtest = figures.backtest
        let counts =
            "\(backtest.exceptions.count) exceptions in \(backtest.observations) days, "
            + String(format: "%.1f", backtest.expectedRate * Double(backtest.observations))
            + " expected: \(backtest.trafficLight.zone.rawValue)"
        return """
            <g><text class="m" x="\(Self.number(Self.left))" y="\(Self.number(top - 10))">\
            \(Self.escaped(report.model.rawValue.replacing("_", with: " ")))</text>
            <text class="n" x="\(Self.number(Self.right))" y="\(Self.number(top - 10))">\(counts)</text>
            \(self.axes(dates: report.dates, days: days, money: scale, ticks: ticks))\
            \(self.marks(report, figures, days: days, money: scale))
            </g>

            """
    }

    /// Lines and labels of money to the left and of dates below.
    private func axes(dates: [String], days: PlotScale, money: PlotScale, ticks: [Double]) -> String {
        var axes = ""
        for tick in ticks {
            let y = money.pixel(tick)
            let kind = tick == 0 ? "zero" : "rule"
            axes += """
                <path class="\(kind)" d="M\(Self.number(Self.left)) \(Self.number(y))H\(Self.number(Self.right))"/>\
                <text class="n" x="\(Self.number(Self.left - 8))" y="\(Self.number(y + 4))">\
                \(PlotScale.money(tick))</text>

                """
        }
        let (top, bottom) = (money.pixels.greatest, money.pixels.least)
        for tick in PlotScale.dateTicks(dates, count: 12) {
            let x = Self.number(days.pixel(Double(tick.day) - 0.5))
            axes += """
                <path class="rule" d="M\(x) \(Self.number(top))V\(Self.number(bottom + 5))"/>\
                <text class="d" x="\(x)" y="\(Self.number(bottom + 20))">\(tick.label)</text>

                """
        }
        return axes
    }

    /// Days that share a column of pixels are one bar from the least to the greatest of them.
    private func marks(
        _ report: RollingBacktestReport, _ figures: RollingBacktestReport.Figures, days: PlotScale, money: PlotScale
    ) -> String {
        let dayWidth = (Self.right - Self.left) / Double(report.dates.count)
        let daysPerColumn = max(1, Int((1 / dayWidth).rounded(.up)))
        var (bars, line) = ("", "")
        for first in stride(from: 0, to: report.dates.count, by: daysPerColumn) {
            let column = first..<min(first + daysPerColumn, report.dates.count)
            let x = Self.number(days.pixel(Double(column.lowerBound + column.upperBound - 1) / 2))
            let (least, greatest) = (report.pnl[column].min() ?? 0, report.pnl[column].max() ?? 0)
            bars += "M\(x) \(Self.number(money.pixel(max(0, greatest))))V\(Self.number(money.pixel(min(0, least))))"
            let limit = figures.valueAtRisk[column].reduce(0, +) / Double(column.count)
            line += "\(line.isEmpty ? "M" : "L")\(x) \(Self.number(money.pixel(-limit)))"
        }
        let width = Self.number(min(12, max(1, dayWidth * Double(daysPerColumn) * 0.8)))
        let radius = Self.number(min(3.5, max(2, dayWidth)))
        let hits = figures.backtest.exceptions.map { day in
            let (x, y) = (days.pixel(Double(day)), money.pixel(report.pnl[day]))
            let loss = PlotScale.money(report.pnl[day].rounded())
            return """
                <circle class="hit" cx="\(Self.number(x))" cy="\(Self.number(y))" r="\(radius)">\
                <title>\(report.dates[day]): \(loss)</title></circle>

                """
        }
        return """
            <path class="bar" stroke-width="\(width)" d="\(bars)"/>
            <path class="var" d="\(line)"/>
            \(hits.joined())
            """
    }

    private static func number(_ value: Double) -> String {
        let text = String(format: "%.1f", value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
