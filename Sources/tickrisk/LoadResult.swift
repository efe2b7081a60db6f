// SPDX-License-Identifier: Apache-2.0
// The outcome of a load run, as a table and as JSON.

import Foundation
import FrameCodec
import Histogram

struct LoadResult {
    private static let percentiles = [50.0, 90, 99, 99.9]
    private static let achievedShare = 0.99
    private static let stormLimitSeconds = 3.0

    let plan: LoadPlan
    let seconds: Double
    let tally: LoadTally
    let published: PublishedTotals
    /// The daemon's metrics at the begin and end of the window, and after all ticks.
    let before: [String: Double]
    let after: [String: Double]
    let final: [String: Double]
    /// Until all clients had a snapshot again; `nil` without a storm.
    let stormSeconds: Double?
    /// Of the daemon's process, at the begin and end of the window; `nil` where it was not named.
    let usage: (before: ProcessUsage, after: ProcessUsage)?

    private func change(_ metric: String) -> Double { (self.after[metric] ?? 0) - (self.before[metric] ?? 0) }

    /// Ticks a second the daemon accepted in the window.
    private var achievedRate: Double { self.change("tickrisk_ticks_total") / self.seconds }
    private var missing: Double { self.final["tickrisk_messages_missing_total"] ?? 0 }
    private var conflated: Double { self.change("tickrisk_ticks_conflated_total") }
    private var skipped: Double { self.change("tickrisk_frames_skipped_total") }

    private var orderRate: Double { Double(self.tally.orders.accepted) / self.seconds }

    /// Whether the offered load arrived whole and every client followed it.
    var isAchieved: Bool {
        self.achievedRate >= Self.achievedShare * self.plan.rate && self.missing == 0 && self.published.refused == 0
            && self.tally.resynchronised == 0 && self.tally.holes == 0 && self.tally.corrupt == 0
            && self.tally.disconnects == 0 && self.tally.frames > 0 && self.tally.verified > 0
            && (self.skipped == 0 || self.hasSlowClients)
            && self.stormSeconds ?? 0 <= Self.stormLimitSeconds
            && self.orderRate >= Self.achievedShare * self.plan.orderRate
    }

    /// Of one core.
    private var daemonCorePercent: Double? {
        self.usage.map { ($0.after.processorSeconds - $0.before.processorSeconds) / self.seconds * 100 }
    }

    /// Bytes of frames for every hundred of JSON that tells the same; `nil` where none was compared.
    private var percentOfJSON: Double? {
        self.tally.jsonBytes == 0 ? nil : Double(self.tally.comparedBytes) / Double(self.tally.jsonBytes) * 100
    }

    private var hasSlowClients: Bool { self.plan.stalledCount + self.plan.tricklingCount > 0 }

    private var facts: [(name: String, value: String)] {
        func number(_ value: Double, _ decimals: Int = 0) -> String {
            value.formatted(.number.precision(.fractionLength(decimals)).locale(Locale(identifier: "en_US")))
        }
        var facts = [
            ("clients", number(Double(self.plan.clientCount))),
            ("encoding", self.plan.encoding.rawValue),
            ("ticks a message", number(Double(self.plan.batch))),
            ("offered ticks/s", number(self.plan.rate)),
            ("achieved ticks/s", number(self.achievedRate)),
            ("messages lost", number(self.missing)),
            ("ticks conflated", number(self.conflated)),
            ("frames/s to clients", number(Double(self.tally.frames) / self.seconds)),
            ("MB/s to clients", number(Double(self.tally.bytes) / self.seconds / 1e6, 1)),
            ("frames skipped", number(self.skipped)),
            ("resynchronised", number(Double(self.tally.resynchronised))),
            ("deltas missing", number(Double(self.tally.holes))),
            ("frames verified / corrupt", "\(self.tally.verified) / \(self.tally.corrupt)"),
            ("states with their hash", number(Double(self.tally.hashes))),
            ("bytes against JSON", self.percentOfJSON.map { number($0, 1) + " %" } ?? "not compared"),
            ("disconnects", number(Double(self.tally.disconnects))),
            ("latest publication", number(Double(self.published.greatestDelayNanoseconds) / 1e6, 2) + " ms late"),
        ]
        if let usage, let daemonCorePercent {
            facts += [
                ("daemon, of one core", number(daemonCorePercent, 1) + " %"),
                ("daemon's memory", number(usage.after.residentBytes / 1e6, 1) + " MB"),
            ]
        }
        if self.hasSlowClients {
            facts += [
                ("never reading / 1 KB a second", "\(self.plan.stalledCount) / \(self.plan.tricklingCount)"),
                ("closed as too slow", number(self.final["tickrisk_slow_clients_closed_total"] ?? 0)),
            ]
        }
        if self.plan.orderRate > 0 {
            let refused = self.tally.orders.refused.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            facts += [
                ("offered orders/s", number(self.plan.orderRate)), ("accepted orders/s", number(self.orderRate)),
                ("orders refused, by status", refused.isEmpty ? "none" : refused.joined(separator: ", ")),
            ]
        }
        if let stormSeconds { facts.append(("all back after a storm", number(stormSeconds, 2) + " s")) }
        return facts + [
            ("verdict", self.isAchieved ? "achieved" : "NOT ACHIEVED")
        ]
    }

    var table: String {
        let width = self.facts.map(\.name.count).max() ?? 0
        var text = self.facts.map { $0.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0.value }
            .joined(separator: "\n")
        text += "\n\n" + "latency, ms".padding(toLength: 28, withPad: " ", startingAt: 0)
        text += (Self.percentiles.map { "p\($0.formatted())" } + ["max"]).map { Self.right($0, 10) }.joined()
        for row in self.rows {
            text += "\n" + row.name.padding(toLength: 28, withPad: " ", startingAt: 0)
            text += Self.milliseconds(row.histogram).map { Self.right(String(format: "%.3f", $0), 10) }.joined()
        }
        return text
    }

    private var rows: [(name: String, histogram: Histogram<UInt64>)] {
        let orders = self.plan.orderRate > 0 ? [("order to answer", self.tally.orders.answers)] : []
        return self.tally.clocks.rows + orders
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func milliseconds(_ histogram: Histogram<UInt64>) -> [Double] {
        guard histogram.totalCount > 0 else { return Array(repeating: 0, count: self.percentiles.count + 1) }
        let values = self.percentiles.map { histogram.valueAtPercentile($0) } + [histogram.maxRecorded]
        return values.map { Double($0) / 1e6 }
    }

    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("clients", self.plan.clientCount)
        json.member("encoding", self.plan.encoding.rawValue)
        json.member("seconds", self.seconds)
        json.member("offered_ticks_per_s", self.plan.rate)
        json.member("achieved_ticks_per_s", self.achievedRate)
        json.member("messages_missing", self.missing)
        json.member("ticks_conflated", self.conflated)
        json.member("frames", self.tally.frames)
        json.member("bytes", self.tally.bytes)
        json.member("frames_skipped", self.skipped)
        json.member("resynchronised", self.tally.resynchronised)
        json.member("deltas_missing", self.tally.holes)
        json.member("frames_verified", self.tally.verified)
        json.member("frames_corrupt", self.tally.corrupt)
        json.member("states_hashed", self.tally.hashes)
        if let percentOfJSON { json.member("percent_of_json", percentOfJSON) }
        if let usage, let daemonCorePercent {
            json.member("daemon_core_percent", daemonCorePercent)
            json.member("daemon_resident_bytes", usage.after.residentBytes)
            json.member("daemon_resident_bytes_before", usage.before.residentBytes)
        }
        json.member("disconnects", self.tally.disconnects)
        if let stormSeconds { json.member("storm_seconds", stormSeconds) }
        if self.plan.orderRate > 0 { json.member("accepted_orders_per_s", self.orderRate) }
        json.member("achieved", self.isAchieved)
        json.key("latency_ms")
        json.beginObject()
        for row in self.rows {
            json.key(row.name.replacing(" ", with: "_"))
            json.beginObject()
            let names = Self.percentiles.map { "p\($0.formatted())" } + ["max"]
            for (name, value) in zip(names, Self.milliseconds(row.histogram)) { json.member(name, value) }
            json.endObject()
        }
        json.endObject()
        json.endObject()
        return json.text + "\n"
    }
}
