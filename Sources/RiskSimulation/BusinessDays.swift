// SPDX-License-Identifier: Apache-2.0
// Dates for invented histories.

/// Mondays to Fridays as ISO dates, ascending from Monday, 3 January 2000.
enum BusinessDays {
    static func first(_ count: Int) -> [String] {
        var (year, month, day) = (2000, 1, 3)
        return (0..<count).map { index in
            let date = "\(year)-\(Self.twoDigits(month))-\(Self.twoDigits(day))"
            for _ in 0..<(index % 5 == 4 ? 3 : 1) {
                day += 1
                if day > Self.length(ofMonth: month, year: year) { (month, day) = (month + 1, 1) }
                if month > 12 { (year, month) = (year + 1, 1) }
            }
            return date
        }
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
