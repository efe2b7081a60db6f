// SPDX-License-Identifier: Apache-2.0
// Histories of several files, blanks carried forward, and the report of what became of them.

import RiskDomain
import RiskFiles
import Testing

@Suite struct HistorySetTests {
    private func set(_ first: String, _ more: String...) -> DataSet {
        var set = DataSet()
        set.history = first
        set.moreHistory = more
        return set
    }

    /// Two calendars that share the first and the last day.
    private var twoCalendars: DataSet {
        self.set(
            "date,AAA\n2020-01-01,1\n2020-01-02,2\n2020-01-06,3\n",
            "date,BBB\n2020-01-01,10\n2020-01-03,20\n2020-01-06,30\n")
    }

    @Test func datesOfSeveralFilesAreUnited() throws {
        let history = try self.twoCalendars.loadWithReport().inputs.history
        #expect(history.dates == ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06"])
        #expect(history.closes["AAA"]?.map { $0.isNaN ? -1 : $0 } == [1, 2, -1, 3])
        #expect(history.closes["BBB"]?.map { $0.isNaN ? -1 : $0 } == [10, -1, 20, 30])
    }

    @Test func theIntersectionDropsAndCountsDatesNotInEveryFile() throws {
        let configuration = Configuration(history: .init(calendar: .intersection))
        let loaded = try self.twoCalendars.loadWithReport(configuration)
        #expect(
            loaded.inputs.history
                == ClosingHistory(
                    dates: ["2020-01-01", "2020-01-06"], closes: ["AAA": [1, 3], "BBB": [10, 30]]))
        #expect(loaded.historyReport.datesDropped == 2)
        #expect(loaded.historyReport.withoutHistory.isEmpty)
        let apart = self.set("date,AAA\n2020-01-01,1\n", "date,BBB\n2020-01-02,1\n")
        #expect(try apart.problems(configuration) == ["history.csv - refused"])
    }

    @Test func aSymbolInTwoFilesIsRefused() throws {
        let set = self.set("date,AAA\n2020-01-01,1\n", "date,BBB,AAA\n2020-01-01,1,1\n")
        #expect(try set.problems() == ["more0.csv:1 AAA duplicate"])
    }

    @Test(arguments: ["date,BBB\n2020-01-02,1\n2020-01-01,1\n", "date,CCC\n2020-01-01,1\n", ""])
    func aProblemOfALaterFileIsTold(text: String) throws {
        let problems = try self.set("date,AAA\n2020-01-01,1\n", text).problems()
        #expect(problems.count == 1 && problems[0].hasPrefix("more0.csv:"), "\(problems)")
    }

    @Test(arguments: [
        (0, [-1.0, 1, -1, -1, -1, 2, -1], 0), (1, [-1, 1, 1, -1, -1, 2, 2], 2), (2, [-1, 1, 1, 1, -1, 2, 2], 3),
        (3, [-1, 1, 1, 1, 1, 2, 2], 4), (250, [-1, 1, 1, 1, 1, 2, 2], 4),
    ])
    func blanksAreCarriedOverAtMostTheDaysAsked(days: Int, expected: [Double], count: Int) throws {
        let rows = ["", "1", "", "", "", "2", ""].enumerated().map { "2020-01-0\($0 + 1),\($1),5\n" }
        let set = self.set("date,AAA,BBB\n" + rows.joined())
        let loaded = try set.loadWithReport(Configuration(history: .init(fillDays: days)))
        #expect(loaded.inputs.history.closes["AAA"]?.map { $0.isNaN ? -1 : $0 } == expected)
        #expect(loaded.historyReport.closesFilled == (count == 0 ? [:] : ["AAA": count]))
    }

    @Test(arguments: ["nan", "NaN", "inf", "-inf", "#N/A", "N/A", "null", "-", " "])
    func whatIsNoNumberIsRefusedWithItsRow(text: String) throws {
        let set = self.set("date,AAA,BBB\n2020-01-01,1,1\n2020-01-02,\(text),1\n")
        #expect(try set.problems() == ["history.csv:3 AAA wrongType"])
    }

    @Test func theReportNamesTheFirstRowThatLeavesASymbolWithoutHistory() throws {
        var set = self.set(
            "date,AAA,BBB\n2020-01-01,,1\n2020-01-02,,2\n2020-01-03,1,\n2020-01-06,2,\n2020-01-07,3,0\n",
            "date,DDD\n2020-01-01,1\n2020-01-02,1\n2020-01-03,1\n2020-01-06,1\n")
        set.instruments += "\n5,CCC,C,Tech,USD,1,1,1\n6,DDD,D,Tech,USD,1,1,1\n"
        let loaded = try set.loadWithReport(Configuration(risk: RiskConvention(window: 3)))
        let report = loaded.historyReport
        #expect(report.withoutHistory.map(\.symbol) == ["AAA", "BBB", "CCC", "DDD"])
        #expect(loaded.inputs.scenarios.rows.allSatisfy { $0 == nil })
        let folder = report.files[0].path.dropLast("history.csv".count)
        #expect(
            report.lines.map { $0.replacing(folder, with: "") } == [
                "history.csv: 5 rows of 2 symbols, 2020-01-01 to 2020-01-07",
                "more0.csv: 4 rows of 1 symbols, 2020-01-01 to 2020-01-06",
                "AAA is without history: blank on 2020-01-02 at history.csv:3",
                "BBB is without history: blank on 2020-01-03 at history.csv:4",
                "CCC is without history: no file has a column of it",
                "DDD is without history: blank on 2020-01-07 as more0.csv has no such date",
            ])
        // What stands before the window does no harm, and what is filled is no gap.
        let filled = try set.loadWithReport(
            Configuration(history: .init(fillDays: 2), risk: RiskConvention(window: 1)))
        #expect(filled.historyReport.withoutHistory.map(\.symbol) == ["BBB", "CCC"])
        guard case .notPositive("2020-01-07", _, line: 6) = filled.historyReport.withoutHistory[0].reason else {
            Issue.record("\(filled.historyReport.withoutHistory[0])")
            return
        }
    }

    @Test func fewerReturnsThanTheLeastAreNoHistory() throws {
        let set = self.set("date,AAA,BBB\n2020-01-01,1,1\n2020-01-02,2,1\n2020-01-03,3,1\n")
        let enough = try set.loadWithReport(Configuration(risk: RiskConvention(minimumReturns: 2)))
        #expect(enough.inputs.scenarios.rows[0] == [1, 0.5])
        #expect(enough.historyReport.withoutHistory.isEmpty)
        let tooFew = try set.loadWithReport(Configuration(risk: RiskConvention(minimumReturns: 3)))
        #expect(tooFew.inputs.scenarios.count == 2 && tooFew.inputs.scenarios.rows == [nil, nil])
        #expect(
            tooFew.historyReport.lines.last == "BBB is without history: 2 returns where history.min_returns is 3")
    }

    @Test func theReportStaysShortHoweverManyAreWithoutHistory() throws {
        var set = DataSet()
        set.instruments += "\n" + (0..<30).map { "\(100 + $0),S\($0),n,s,USD,1,1,1\n" }.joined()
        let lines = try set.loadWithReport().historyReport.lines
        #expect(lines.count == 22)
        #expect(lines.last == "and 12 more")
    }
}
