// SPDX-License-Identifier: Apache-2.0
// What an operator wants to see of a daemon, as text.

import Foundation

/// Pure: samples and readiness in, lines out.
struct DaemonOverview {
    let authority: String
    let reasons: [String]
    let samples: DaemonSamples
    /// Earlier, for rates; `nil` gives those since the start.
    let before: DaemonSamples?
    /// Between the two.
    let seconds: Double

    var text: String {
        let version = self.samples.label("version", of: "tickrisk_build_info") ?? "?"
        let state = self.reasons.isEmpty ? "ready" : "NOT READY"
        var text = "tickriskd \(version) at \(self.authority): \(state), up \(Self.duration(self.uptime))\n"
        for reason in self.reasons { text += "  \(reason)\n" }
        text += "\n" + TextTable.aligned([self.feedHead] + self.feedRows, leading: 2)
        text += "\n" + TextTable.aligned(self.figures, leading: 2)
        text += "\n" + TextTable.aligned([["delays", "p50", "p99"]] + self.delays, leading: 1)
        return text
    }

    private var uptime: Double {
        max(0, Date().timeIntervalSince1970 - self.samples.sum("process_start_time_seconds"))
    }

    private func rate(_ name: String, _ labels: [String: String] = [:]) -> Double {
        let count = self.samples.sum(name, labels) - (self.before?.sum(name, labels) ?? 0)
        return count / max(self.before == nil ? self.uptime : self.seconds, 0.001)
    }

    private func whole(_ name: String, _ labels: [String: String] = [:]) -> String {
        Self.number(self.samples.sum(name, labels))
    }

    private let feedHead = ["feed", "", "ticks/s", "missing", "refused", "conflated", "ring", "ring max"]

    private var feedRows: [[String]] {
        self.samples.values(of: "feed", in: "tickrisk_feed_up").map { feed in
            let labels = ["feed": feed]
            return [
                feed, self.samples.sum("tickrisk_feed_up", labels) > 0 ? "up" : "DOWN",
                Self.number(self.rate("tickrisk_ticks_total", labels)),
                self.whole("tickrisk_messages_missing_total", labels),
                self.whole("tickrisk_ticks_rejected_total", labels),
                self.whole("tickrisk_ticks_conflated_total", labels), self.whole("tickrisk_ring_records", labels),
                self.whole("tickrisk_ring_records_max", labels),
            ]
        }
    }

    private var figures: [[String]] {
        let megabytes = self.samples.sum("process_resident_memory_bytes") / 1_048_576
        let stale = self.samples.sum("tickrisk_instruments", ["status": "stale"])
        let missing = self.samples.sum("tickrisk_instruments", ["status": "missing"])
        let head: [[String]] = [
            ["engine", "cuts/s", Self.number(self.rate("tickrisk_engine_cuts_total"))],
            ["", "instruments stale, missing", "\(Self.number(stale)), \(Self.number(missing))"],
            ["model", "scenarios", self.whole("tickrisk_scenarios")],
        ]
        let tail: [[String]] = [
            ["stream", "clients", self.whole("tickrisk_clients")],
            ["", "frames/s", Self.number(self.rate("tickrisk_frames_sent_total"))],
            ["", "KB/s", Self.number(self.rate("tickrisk_frame_bytes_sent_total") / 1_000)],
            ["", "frames skipped", self.whole("tickrisk_frames_skipped_total")],
            ["orders", "open", self.whole("tickrisk_open_orders")],
            ["", "filled", self.whole("tickrisk_orders_total", ["outcome": "filled"])],
            ["", "denied", self.whole("tickrisk_orders_total", ["outcome": "denied"])],
            ["store", "commits/s", Self.number(self.rate("tickrisk_store_commits_total"))],
            ["process", "memory MB", Self.number(megabytes)],
            ["", "open files", self.whole("process_open_fds")],
            ["", "CPU %", Self.number(100 * self.rate("process_cpu_seconds_total"))],
            ["", "last reload", self.samples.sum("tickrisk_last_reload_successful") > 0 ? "ok" : "REFUSED"],
        ]
        return head + self.model + tail
    }

    /// What is known only of a book with history.
    private var model: [[String]] {
        var rows: [[String]] = []
        if !self.samples.values(of: "zone", in: "tickrisk_backtest_accounts").isEmpty {
            let exceptions = self.whole("tickrisk_backtest_exceptions")
            let expected = Self.number(self.samples.sum("tickrisk_backtest_exceptions_expected"))
            rows.append(["", "losses past VaR, expected", "\(exceptions), \(expected)"])
        }
        if self.samples.has("tickrisk_coverage_percent_min") {
            rows.append(["", "least coverage %", self.whole("tickrisk_coverage_percent_min")])
        }
        return rows
    }

    private var delays: [[String]] {
        [
            ("tick to state", "tickrisk_tick_to_state_seconds"), ("cut to send", "tickrisk_cut_to_send_seconds"),
            ("tick age at send", "tickrisk_tick_age_at_send_seconds"), ("cut", "tickrisk_cut_duration_seconds"),
            ("commit", "tickrisk_store_commit_seconds"),
        ].map { name, metric in
            [name]
                + [0.5, 0.99].map { part in
                    guard let seconds = self.samples.quantile(part, of: metric, since: self.before) else { return "—" }
                    return seconds.isFinite ? "≤ \(Self.number(seconds * 1_000)) ms" : "> 10 s"
                }
        }
    }

    /// Thousands apart; a decimal where it is small.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "—" }
        if value != 0, value.magnitude < 10, value != value.rounded() { return String(format: "%.2g", value) }
        var digits = String(Int64(value.rounded()).magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value.rounded() < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds)
        if whole < 60 { return "\(whole) s" }
        if whole < 3_600 { return "\(whole / 60) min" }
        if whole < 86_400 { return "\(whole / 3_600) h \(whole / 60 % 60) min" }
        return "\(whole / 86_400) d \(whole / 3_600 % 24) h"
    }
}
