// SPDX-License-Identifier: Apache-2.0
// Durations as the configuration writes them: a whole number and a unit.

/// `250us`, `100ms`, `5s`, `1m`, `24h`; a bare number is no duration.
public enum DurationText {
    /// Largest first; suffix and nanoseconds.
    private static let units: [(suffix: String, nanoseconds: UInt64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000),
        ("ns", 1),
    ]

    /// Nanoseconds, or `nil` for another grammar or more than 64 bits hold.
    public static func parse(_ text: String) -> UInt64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count)
        guard let unit = self.units.first(where: { $0.suffix == suffix }),
            let count = DecimalNumber.parseWhole(digits.utf8)
        else { return nil }
        let (nanoseconds, overflow) = UInt64(count).multipliedReportingOverflow(by: unit.nanoseconds)
        return overflow ? nil : nanoseconds
    }

    /// In the largest unit that divides it, so that it reads back equal.
    static func format(nanoseconds: UInt64) -> String {
        if nanoseconds == 0 { return "0s" }
        for unit in self.units where nanoseconds.isMultiple(of: unit.nanoseconds) {
            return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
        }
        return "\(nanoseconds)ns"
    }
}
