// SPDX-License-Identifier: Apache-2.0
// Everything a backtest found, as tables, JSON and CSV.

import Foundation
import FrameCodec
import RiskMath
import RiskReport

struct BacktestOutcome {
    let title: String
    let book: FixedBook
    /// At least one; all of the same days.
    let reports: [RollingBacktestReport]
    let leftOut: [String]

    var firstDate: String { self.reports.first?.dates.first ?? "" }
    var lastDate: String { self.reports.first?.dates.last ?? "" }
    var dayCount: Int { self.reports.first?.dates.count ?? 0 }

    /// "99 %", "97.5 %".
    static func percent(_ basisPoints: Int) -> String { "\(String(format: "%g", Double(basisPoints) / 100)) %" }

    // MARK: Text

    var text: String {
        let gross = String(format: "%.0f", self.book.grossExposure)
        let window = self.reports.first?.window ?? 0
        let head = """
            \(self.title), \(gross) gross, \(self.firstDate) to \(self.lastDate): \(self.dayCount) days, each forecast \
            from the \(window) returns before it

            """
        return head
            + self.reports.map { "\n\($0.model.rawValue)\n" + Self.summary($0) + "\n" + Self.years($0) }.joined()
    }

    private static func summary(_ report: RollingBacktestReport) -> String {
        let head = [
            "VaR", "exceptions", "expected", "light", "P(X <= x)", "Kupiec LR", "p", "independence", "p", "coverage",
            "p",
            "ES Z2", "mean VaR", "mean ES",
        ]
        let rows = report.figures.map { figures in
            let backtest = figures.backtest
            let christoffersen = backtest.christoffersen
            return [
                self.percent(backtest.confidenceBasisPoints), "\(backtest.exceptions.count)",
                String(format: "%.1f", backtest.expectedRate * Double(backtest.observations)),
                backtest.trafficLight.zone.rawValue, self.shown(backtest.trafficLight.cumulativeProbability, 4),
                self.shown(backtest.kupiec?.ratio.statistic, 2), self.shown(backtest.kupiec?.ratio.pValue, 4),
                self.shown(christoffersen?.independence.statistic, 2),
                self.shown(christoffersen?.independence.pValue, 4),
                self.shown(christoffersen?.conditionalCoverage.statistic, 2),
                self.shown(christoffersen?.conditionalCoverage.pValue, 4),
                self.shown(figures.acerbiSzekely?.statistic, 3), self.shown(self.mean(figures.valueAtRisk), 0),
                self.shown(self.mean(figures.expectedShortfall), 0),
            ]
        }
        return TextTable.aligned([head] + rows, leading: 1)
    }

    /// One line a year: exceptions and light at each confidence.
    private static func years(_ report: RollingBacktestReport) -> String {
        let head = ["from", "to", "days"] + report.figures.map { self.percent($0.backtest.confidenceBasisPoints) }
        let rows = (report.figures.first?.years ?? []).enumerated().map { index, year in
            [report.dates[year.days.lowerBound], report.dates[year.days.upperBound - 1], "\(year.days.count)"]
                + report.figures.map { figures in
                    let year = figures.years[index]
                    return "\(year.exceptions) "
                        + year.light.zone.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)
                }
        }
        return TextTable.aligned([head] + rows, leading: 2)
    }

    private static func shown(_ number: Double?, _ decimals: Int) -> String {
        number.map { String(format: "%.\(decimals)f", $0) } ?? "—"
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

    // MARK: Files

    /// A row for each day, model and confidence.
    var csv: String {
        var text = "date,model,confidence_bp,pnl,var,es,exception\n"
        for report in self.reports {
            for figures in report.figures {
                let exceptions = Set(figures.backtest.exceptions)
                for (day, date) in report.dates.enumerated() {
                    text += "\(date),\(report.model.rawValue),\(figures.backtest.confidenceBasisPoints),"
                    text += "\(report.pnl[day]),\(figures.valueAtRisk[day]),\(figures.expectedShortfall[day]),"
                    text += exceptions.contains(day) ? "1\n" : "0\n"
                }
            }
        }
        return text
    }

    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("book", self.title)
        json.member("currency", self.book.currency)
        json.member("gross", self.book.grossExposure)
        json.member("from", self.firstDate)
        json.member("to", self.lastDate)
        json.member("days", self.dayCount)
        json.member("window", self.reports.first?.window ?? 0)
        json.key("left_out")
        json.value(self.leftOut)
        json.key("models")
        json.beginArray()
        for report in self.reports {
            json.beginObject()
            json.member("model", report.model.rawValue)
            json.key("confidences")
            json.beginArray()
            for figures in report.figures { Self.write(figures, of: report, to: &json) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.text
    }

    private static func write(
        _ figures: RollingBacktestReport.Figures, of report: RollingBacktestReport, to json: inout JSONWriter
    ) {
        let backtest = figures.backtest
        json.beginObject()
        json.member("confidence_bp", backtest.confidenceBasisPoints)
        json.member("exceptions", backtest.exceptions.count)
        json.member("expected", backtest.expectedRate * Double(backtest.observations))
        json.member("mean_var", self.mean(figures.valueAtRisk))
        json.member("mean_es", self.mean(figures.expectedShortfall))
        self.write(backtest.trafficLight, to: &json)
        let christoffersen = backtest.christoffersen
        self.write("kupiec", backtest.kupiec?.ratio, to: &json)
        self.write("independence", christoffersen?.independence, to: &json)
        self.write("conditional_coverage", christoffersen?.conditionalCoverage, to: &json)
        json.member("acerbi_szekely_z2", figures.acerbiSzekely?.statistic ?? .nan)
        json.key("exception_dates")
        json.value(backtest.exceptions.map { report.dates[$0] })
        json.key("years")
        json.beginArray()
        for year in figures.years {
            json.beginObject()
            json.member("from", report.dates[year.days.lowerBound])
            json.member("to", report.dates[year.days.upperBound - 1])
            json.member("days", year.days.count)
            json.member("exceptions", year.exceptions)
            self.write(year.light, to: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    private static func write(_ light: TrafficLight, to json: inout JSONWriter) {
        json.member("light", light.zone.rawValue)
        json.member("cumulative_probability", light.cumulativeProbability)
        json.member("multiplier_add_on", light.multiplierAddOn ?? .nan)
    }

    private static func write(_ name: String, _ ratio: LikelihoodRatio?, to json: inout JSONWriter) {
        json.key(name)
        guard let ratio else { return json.null() }
        json.beginObject()
        json.member("statistic", ratio.statistic)
        json.member("p_value", ratio.pValue)
        json.endObject()
    }
}
