// SPDX-License-Identifier: Apache-2.0
// Fields that are words of a choice, calendar days or lists of names.

import RiskDomain

/// Each gives `nil` after logging what is wrong.
extension CSVTable {
    /// Days whose nanoseconds since 1970 fit the engine's clock.
    static let clockDays = CalendarDay(daysSince1970: 0)...CalendarDay(year: 2261, month: 12, day: 31)!
    static let calendarDays = CalendarDay(year: 1, month: 1, day: 1)!...CalendarDay(year: 9_999, month: 12, day: 31)!

    /// One of the words of a choice.
    ///
    /// - Parameter fallback: for a column that is absent or blank; `nil` requires a word.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ column: String, default fallback: Choice? = nil
    ) -> Choice? {
        let names = Choice.allCases.map(\.rawValue)
        guard let index = self.index(of: column), !self.isBlank(column) else {
            if fallback == nil { self.reportMissing(column, "allowed: \(names.joined(separator: ", "))") }
            return fallback
        }
        let text = String(decoding: self.bytes(index), as: UTF8.self)
        guard let choice = Choice(rawValue: text) else {
            let fact = "\(FileProblem.shown(text)); allowed: \(names.joined(separator: ", "))"
            self.report(.outOfRange, column, value: text, fact, nearest: NearestName.find(text, among: names))
            return nil
        }
        return choice
    }

    /// A day of the calendar as yyyy-mm-dd.
    func day(_ column: String, in range: ClosedRange<CalendarDay>) -> CalendarDay? {
        guard let index = self.index(of: column), !self.isBlank(column) else {
            self.reportMissing(column, "allowed: a day as yyyy-mm-dd")
            return nil
        }
        let text = String(decoding: self.bytes(index), as: UTF8.self)
        guard let day = CalendarDay(iso8601: text) else {
            let fact = "\"\(FileProblem.shown(text))\" is not a calendar day as yyyy-mm-dd"
            self.report(.wrongType, column, value: text, fact)
            return nil
        }
        guard range.contains(day) else {
            let fact = "\(text); allowed: \(range.lowerBound) to \(range.upperBound)"
            self.report(.outOfRange, column, value: text, fact)
            return nil
        }
        return day
    }

    /// Identifiers separated by semicolons, none twice; absent or blank is none.
    func identifiers(_ column: String, countMax: Int) -> [String]? {
        guard !self.isBlank(column) else { return [] }
        guard let text = self.text(column, bytesMax: countMax * 65) else { return nil }
        let words = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        guard words.count <= countMax, words.allSatisfy(Self.isIdentifier), Set(words).count == words.count else {
            let fact = """
                \(FileProblem.shown(text)); allowed: up to \(countMax) different words separated by semicolons, each \
                1 to 64 bytes without blanks, quotes, commas, backslashes
                """
            self.report(.outOfRange, column, value: text, fact)
            return nil
        }
        return words
    }

    func reportMissing(_ column: String, _ detail: String) {
        self.report(.missing, column, value: "", "nothing is given; \(detail)")
    }
}
