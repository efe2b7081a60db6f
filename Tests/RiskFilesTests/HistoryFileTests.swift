// SPDX-License-Identifier: Apache-2.0
// The history's dates, closes and columns.

import RiskDomain
import RiskFiles
import Testing

@Suite struct HistoryFileTests {
    private func load(
        _ text: String, unknownColumns: HistoryFile.UnknownColumns = .refuse
    ) throws -> ClosingHistory {
        let folder = try ScratchFolder()
        let path = try folder.write("h.csv", text)
        return try HistoryFile.load(path, symbols: ["AAA", "BBB"], unknownColumns: unknownColumns)
    }

    @Test(arguments: [
        "2020-1-02", "2020-13-01", "2020-00-10", "2020-04-31", "2021-02-29", "1900-02-29", "2020-02-00", "20200101",
        "2020/01/01", "", "0000-01-01", "-020-01-01", "2020--1-01", "2020-01-01T", "２０２０-01-01", "2020-01--1",
    ])
    func onlyCalendarDaysAreDates(date: String) throws {
        let error = #expect(throws: DataFileError.self) { try self.load("date,AAA\n\(date),1\n") }
        #expect(error?.problems.map(\.kind) == [.wrongType])
        #expect(error?.problems.first?.line == 2)
        #expect(error?.problems.first?.name == "date")
    }

    @Test(arguments: ["2000-02-29", "2020-02-29", "1999-12-31", "9999-01-01"])
    func leapDaysAndYearEndsAreDates(date: String) throws {
        #expect(try self.load("date,AAA\n\(date),1\n").dates == [date])
    }

    @Test(arguments: ["2020-01-02", "2020-01-01", "2019-12-31"])
    func datesAscendStrictly(second: String) throws {
        let error = #expect(throws: DataFileError.self) { try self.load("date,AAA\n2020-01-02,1\n\(second),2\n") }
        #expect(error?.problems.map(\.line) == [3])
        let expected = "column date: \(second) does not follow 2020-01-02; dates ascend strictly"
        #expect(error?.problems.first?.message == expected)
    }

    @Test func theColumnOfDatesMayBeCapitalised() throws {
        #expect(try self.load("Date,AAA\n2020-01-02,1\n").dates == ["2020-01-02"])
        #expect(throws: DataFileError.self) { try self.load("DATE,AAA\n2020-01-02,1\n") }
        #expect(throws: DataFileError.self) { try self.load("date,Date,AAA\n2020-01-02,2020-01-02,1\n") }
    }

    @Test func columnsOfUnknownSymbolsAreRefusedOrSkipped() throws {
        let text = "date,AAA,CCC\n2020-01-02,1,x\n"
        let error = #expect(throws: DataFileError.self) { try self.load(text) }
        #expect(error?.problems.map(\.kind) == [.unknownName])
        #expect(error?.problems.first?.name == "CCC")
        #expect(error?.problems.first?.nearest != nil)
        let skipped = try self.load(text, unknownColumns: .skip)
        #expect(skipped == ClosingHistory(dates: ["2020-01-02"], closes: ["AAA": [1]]))
    }

    @Test(arguments: [
        ("", FileProblem.Kind.missing), ("date,AAA\n", .missing), ("date\n2020-01-01\n", .missing),
        ("day,AAA\n2020-01-01,1\n", .missing), ("date,AAA,AAA\n2020-01-01,1,1\n", .duplicate),
        ("date,AAA\n2020-01-01,1,2\n", .syntax), ("date,AAA\n2020-01-01,1e13\n", .wrongType),
    ])
    func aFileWithoutSoundClosesIsRefused(text: String, kind: FileProblem.Kind) throws {
        let error = #expect(throws: DataFileError.self) { try self.load(text) }
        #expect(error?.problems.map(\.kind) == [kind])
    }
}
