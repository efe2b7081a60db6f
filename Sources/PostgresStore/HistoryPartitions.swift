// SPDX-License-Identifier: Apache-2.0
// Which days of history have a partition, and which are made ahead of their points.

import RiskStore

/// Days since 1970 that are known to have one, by resolution in seconds.
struct HistoryPartitions: Sendable {
    /// Days made besides the one that is needed, so that midnight finds its own.
    static let daysAhead: Int64 = 1
    private static let daySeconds: Int64 = 86_400
    /// The coarsest resolution has one for all days.
    private static let resolutions = HistoryResolution.allCases.map(\.rawValue).filter { $0 < Self.daySeconds }

    private var days: [Int64: Set<Int64>] = [:]

    /// What a write of history is executed as, the partitions it needs and nobody made yet first.
    mutating func statements(for write: StoredWrite) -> [(sql: String, arguments: [StoredValue])] {
        if case .trim(let resolution, let before) = write {
            // Whole days go; a point that comes late needs its day made anew.
            let first = Self.day(of: before)
            self.days[resolution] = self.days[resolution]?.filter { $0 >= first }
            return [("SELECT trim_history(?, ?)", [.integer(resolution), .integer(before)])]
        }
        return self.making(write) + [write.statement(.postgres)]
    }

    /// The partitions an interval needs and nobody made yet.
    mutating func making(_ write: StoredWrite) -> [(sql: String, arguments: [StoredValue])] {
        guard case .fold(let values) = write, case .integer(let resolution) = values[0],
            case .integer(let seconds) = values[2], Self.resolutions.contains(resolution)
        else { return [] }
        let day = Self.day(of: seconds)
        guard self.days[resolution]?.contains(day) != true else { return [] }
        return (day...(day + Self.daysAhead)).filter { self.days[resolution, default: []].insert($0).inserted }.map {
            ("SELECT make_history_partition(?, ?)", [.integer(resolution), .integer($0)])
        }
    }

    private static func day(of seconds: Int64) -> Int64 {
        HistoryResolution.day.start(of: seconds) / Self.daySeconds
    }
}
