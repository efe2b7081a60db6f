// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of this process, under the names Prometheus has for it.

import Glibc

public enum ProcessMetrics {
    public static func families() -> [MetricFamily] {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds =
            Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var families = [
            MetricFamily(.counter, "process_cpu_seconds_total", "User and system time used.", seconds),
            MetricFamily(.gauge, "process_max_fds", "File descriptors allowed.", Double(limit.rlim_cur)),
            MetricFamily(
                .gauge, "process_start_time_seconds", "When the process began, since 1970.", Self.startSeconds),
        ]
        if let bytes = Self.residentBytes {
            families.append(MetricFamily(.gauge, "process_resident_memory_bytes", "Memory in RAM.", bytes))
        }
        if let count = Self.openDescriptors {
            families.append(MetricFamily(.gauge, "process_open_fds", "File descriptors in use.", count))
        }
        return families
    }

    /// Taken when first asked; the daemon asks at its start.
    public static let startSeconds: Double = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }()

    private static var residentBytes: Double? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * Double(getpagesize()) }
    }

    private static var openDescriptors: Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // Without the one that looks.
        return Double(count - 1)
    }
}
