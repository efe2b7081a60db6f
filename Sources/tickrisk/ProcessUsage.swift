// SPDX-License-Identifier: Apache-2.0
// What a process of this machine has used, as /proc tells it.

import Foundation

/// Processor time and memory of a process.
struct ProcessUsage: Sendable {
    /// Of all its threads, since it began.
    let processorSeconds: Double
    let residentBytes: Double

    /// `nil` where there is no such process.
    init?(pid: Int32) {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = stat.lastIndex(of: ")")
        else { return nil }
        // proc(5): after the name, which may hold anything, come state (3), … utime (14), stime (15), … rss (24).
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let pages = Double(fields[21])
        else { return nil }
        self.processorSeconds = (user + system) / ticksPerSecond
        self.residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
