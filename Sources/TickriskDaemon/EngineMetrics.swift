// SPDX-License-Identifier: Apache-2.0
// Metrics and readiness of an engine, read from its membership, its units, and what these say of themselves.

import Fleet
import Operations
import Synchronization
import TradeStream
import WebServer

struct EngineMetrics: Sendable {
    let node: String
    let keeper: UnitKeeper
    let membership: PartitionMembership
    let nodes: NodesReader
    let edge: ServerEdge

    /// Turns of every loop that has to live.
    var progress: [UInt64] { [self.membership.turnCount.load(ordering: .relaxed)] }

    /// One line, for `systemctl status`.
    var status: String {
        let readiness = self.readiness
        let state = readiness.isReady ? "serving" : "waits: \(readiness.missing.joined(separator: "; "))"
        let counts = self.membership.counts
        return "\(state); partitions \(counts.partitions.count) of \(counts.partitionCount.map(String.init) ?? "?")"
    }

    /// Whether a unit has said, since it was begun, that it serves.
    private func serving(_ unit: UnitKeeper.Unit) -> UnitAnnouncement? {
        guard unit.processID != nil, let said = self.nodes.directory.unit(partition: unit.partition),
            said.node == self.node, said.state == .serving, said.startedNanoseconds >= unit.begunNanoseconds
        else { return nil }
        return said
    }

    var readiness: Readiness {
        var readiness = Readiness()
        let counts = self.membership.counts
        if let stall = counts.stall { readiness.add(.risk, .unreadies, "no member of the group of fills: \(stall)") }
        if counts.brokersUp == 0 { readiness.add(.risk, .unreadies, "no broker answers") }
        if counts.stall == nil, counts.rebalanceCount == 0 {
            readiness.add(.risk, .unreadies, "the group of fills has not said yet which partitions are ours")
        }
        let units = self.keeper.units
        for unit in units where self.serving(unit) == nil {
            let what = unit.processID == nil ? "has ended and is begun again" : "does not serve yet"
            readiness.add(.risk, .unreadies, "the unit of partition \(unit.partition) \(what)")
        }
        return readiness
    }

    func families() -> [MetricFamily] {
        let counts = self.membership.counts
        let units = self.keeper.units
        func byUnit(_ name: String, _ help: String, _ value: (UnitKeeper.Unit) -> Double?) -> MetricFamily {
            MetricFamily(
                .gauge, name, help,
                units.compactMap { unit in value(unit).map { .init(["partition": "\(unit.partition)"], $0) } })
        }
        return [
            MetricFamily(
                .gauge, "tickrisk_partitions_assigned", "Partitions of fills that are this engine's.",
                Double(counts.partitions.count)),
            byUnit("tickrisk_unit_running", "1 while the unit's process runs.") { $0.processID == nil ? 0 : 1 },
            byUnit("tickrisk_unit_serving", "1 while the unit says that it serves.") {
                self.serving($0) == nil ? 0 : 1
            },
            byUnit("tickrisk_unit_generation", "How often the partition's store was taken over, by partition.") {
                self.serving($0).map { Double($0.generation) }
            },
            MetricFamily(
                .counter, "tickrisk_unit_restarts_total", "Units that were begun again after they ended by themselves.",
                Double(self.keeper.restartCount)),
            MetricFamily(
                .counter, "tickrisk_unit_hangs_total", "Units that stood still and were ended.",
                Double(self.keeper.hangCount)),
            MetricFamily(
                .counter, "tickrisk_kafka_rebalances_total", "Rebalances that gave or took partitions of fills.",
                Double(counts.rebalanceCount)),
            MetricFamily(
                .counter, "tickrisk_partitions_lost_total",
                "Times others may have had our partitions before we let them go.", Double(counts.lossCount)),
            MetricFamily(
                .counter, "tickrisk_membership_restarts_total",
                "Memberships in the group of fills that could do nothing more and were begun anew.",
                Double(counts.restartCount)),
            MetricFamily(
                .gauge, "tickrisk_kafka_brokers_up", "Brokers of fills with an open connection.",
                Double(max(0, counts.brokersUp ?? 0))),
        ] + self.edge.families + ProcessMetrics.families(readiness: self.readiness, kernels: "none")
    }
}
