// SPDX-License-Identifier: Apache-2.0
// When trading days end.

import Foundation

/// A time of day in a time zone.
public struct DayRoll: Sendable {
    private let calendar: Calendar
    private let time: DateComponents

    /// - Parameters:
    ///   - minutes: after midnight, 0 to 1,439.
    ///   - zone: IANA name.
    /// - Returns: `nil` for an unknown zone.
    public init?(minutes: Int, zone: String) {
        guard let zone = TimeZone(identifier: zone) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        self.calendar = calendar
        self.time = DateComponents(hour: minutes / 60, minute: minutes % 60, second: 0)
    }

    /// The first roll after a time. A time of day that a change of clocks leaves out rolls at the next one there is;
    /// one that comes twice rolls the first time.
    ///
    /// - Parameter nanoseconds: since 1970.
    public func next(after nanoseconds: UInt64) -> UInt64 {
        let date = Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000))
        let next = self.calendar.nextDate(
            after: date, matching: self.time, matchingPolicy: .nextTime, repeatedTimePolicy: .first)
        return next.map { UInt64($0.timeIntervalSince1970) * 1_000_000_000 } ?? .max
    }
}
