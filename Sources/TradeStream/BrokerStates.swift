// SPDX-License-Identifier: Apache-2.0
// How many brokers answer, out of librdkafka's statistics.

import StrictJSON

enum BrokerStates {
    private typealias Malformed = JSONScanner.Malformed

    /// Brokers with an open connection; `nil` where the text says nothing of brokers.
    static func upCount(_ statistics: [UInt8]) -> Int? {
        statistics.withUnsafeBytes { bytes -> Int? in
            guard var scanner = JSONScanner(validating: bytes) else { return nil }
            var count: Int?
            do throws(Malformed) {
                try scanner.eachMember { scanner, name throws(Malformed) in
                    guard name == "brokers" else { return try scanner.skipValue() }
                    var up = 0
                    try scanner.eachMember { scanner, _ throws(Malformed) in
                        if try self.isUp(&scanner) { up += 1 }
                    }
                    count = up
                }
            } catch {
                return nil
            }
            return count
        }
    }

    private static func isUp(_ scanner: inout JSONScanner) throws(Malformed) -> Bool {
        var isUp = false
        try scanner.eachMember { scanner, name throws(Malformed) in
            if name == "state" { isUp = try scanner.stringIfPresent() == "UP" } else { try scanner.skipValue() }
        }
        return isUp
    }
}
