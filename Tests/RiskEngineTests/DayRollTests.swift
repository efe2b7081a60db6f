// SPDX-License-Identifier: Apache-2.0
// Trading days end once a day, also when clocks change.

import Foundation
import RiskEngine
import Testing

struct DayRollTests {
    private static func nanoseconds(_ text: String) throws -> UInt64 {
        UInt64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * 1_000_000_000
    }

    @Test(arguments: [
        ("UTC", 0, "2020-02-14T12:00:00Z", "2020-02-15T00:00:00Z"),
        ("UTC", 0, "2020-02-15T00:00:00Z", "2020-02-16T00:00:00Z"),
        ("America/New_York", 17 * 60, "2020-02-14T21:59:59Z", "2020-02-14T22:00:00Z"),
        ("America/New_York", 17 * 60, "2020-02-14T22:00:00Z", "2020-02-15T22:00:00Z"),
        // Clocks go forward on 8 March: 17:00 is an hour earlier in UTC; 02:30 is left out and rolls at 03:00.
        ("America/New_York", 17 * 60, "2020-03-07T22:00:00Z", "2020-03-08T21:00:00Z"),
        ("America/New_York", 150, "2020-03-08T05:00:00Z", "2020-03-08T07:00:00Z"),
        // Clocks go back on 1 November: 01:30 comes twice, the first counts.
        ("America/New_York", 90, "2020-11-01T00:00:00Z", "2020-11-01T05:30:00Z"),
    ])
    func theNextRollIsTheNextSuchTimeInItsZone(zone: String, minutes: Int, after: String, next: String) throws {
        let roll = try #require(DayRoll(minutes: minutes, zone: zone))
        #expect(try roll.next(after: Self.nanoseconds(after)) == Self.nanoseconds(next))
    }

    @Test func anUnknownZoneIsNone() {
        #expect(DayRoll(minutes: 0, zone: "Mars/Olympus") == nil)
    }
}
