// SPDX-License-Identifier: Apache-2.0
// Days, and what an option has left of them.

import RiskDomain
import Testing

@Suite struct CalendarDayTests {
    @Test func daysCountFrom1970AndReadAsTheyAreWritten() {
        #expect(CalendarDay(iso8601: "1970-01-01")?.daysSince1970 == 0)
        #expect(CalendarDay(iso8601: "2000-03-01")?.daysSince1970 == 11_017)
        #expect(CalendarDay(iso8601: "1969-12-31")?.daysSince1970 == -1)
        for days in stride(from: -719_162, through: 2_932_896, by: 997) {
            let day = CalendarDay(daysSince1970: days)
            #expect(CalendarDay(iso8601: day.description) == day)
        }
    }

    @Test(
        arguments: [
            "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "24-01-01", "2024-01-01 ", "",
            "0000-01-01", "2024/01/01", "２024-01-01",
        ])
    func whatIsNoDayIsNone(text: String) { #expect(CalendarDay(iso8601: text) == nil) }

    @Test func optionsLiveUntilTheEndOfTheirDayInWholeMinutes() {
        let day = CalendarDay(iso8601: "2024-06-21")!
        let terms = OptionTerms(right: .put, strike: 1, expiry: day, underlying: "X", volatility: nil)
        let end = UInt64(day.startNanoseconds) + 86_400_000_000_000
        #expect(terms.minutesToExpiry(atNanoseconds: UInt64(day.startNanoseconds)) == 1_440)
        #expect(terms.minutesToExpiry(atNanoseconds: end - 1) == 1)
        #expect(terms.minutesToExpiry(atNanoseconds: end - 60_000_000_001) == 2)
        #expect(terms.minutesToExpiry(atNanoseconds: end) == 0)
        #expect(terms.yearsToExpiry(atNanoseconds: end - 31_536_000_000_000_000) == 1)
    }
}
