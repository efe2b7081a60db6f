// SPDX-License-Identifier: Apache-2.0
// The trade stream of a configuration, and what operators see of it.

import DeskService
import FramePublisher
import Operations
import RiskDomain
import RiskFiles
import TradeStream
import WebServer

extension KafkaSettings {
    init(_ kafka: Configuration.Kafka) {
        func topic(_ name: String) -> String? { name.isEmpty ? nil : name }
        var properties = kafka.properties.compactMap(Configuration.Kafka.split).map { Property($0.name, $0.value) }
        if let password = kafka.saslPassword { properties.append(Property("sasl.password", password.text)) }
        if let password = kafka.sslKeyPassword { properties.append(Property("ssl.key.password", password.text)) }
        self.init(
            brokers: kafka.brokers, clientID: kafka.clientID, group: kafka.group, properties: properties,
            fillsTopic: topic(kafka.fillsTopic), rejectedTopic: kafka.rejectedTopic,
            riskTopic: topic(kafka.riskTopic), vectorsTopic: topic(kafka.vectorsTopic),
            intervalNanoseconds: kafka.riskIntervalNanoseconds, beginsAtFirst: kafka.start == .earliest,
            skipsLost: kafka.lostOffsets == .earliest, waitingMax: kafka.waitingMax, nodesTopic: kafka.nodesTopic,
            sessionTimeoutNanoseconds: kafka.sessionTimeoutNanoseconds)
    }
}

extension Daemon {
    /// Without brokers nothing of librdkafka is made.
    func tradeStream(desk: OrderDesk, hub: StreamHub, epoch: UInt64, reports: ReportDesk) throws -> TradeStream {
        let kafka = self.configuration.kafka
        var settings = kafka.isOn ? KafkaSettings(kafka) : nil
        settings?.share = self.unit?.share
        return try TradeStream(
            settings: settings, desk: desk, cuts: hub, catalog: hub.catalog,
            epoch: epoch, dates: { reports.inputs.scenarios.dates }, logger: self.logger)
    }
}

extension TradeStream {
    /// Positions lack what is not read; risk that nobody is told of is only a warning.
    func add(to readiness: inout Readiness) {
        if let fills = self.fills {
            if let stall = fills.stall { readiness.add(.risk, .unreadies, "fills are not read: \(stall)") }
            for text in fills.lost.sorted(by: { $0.key < $1.key }).map(\.value) {
                readiness.add(.risk, .unreadies, "fills are missing: \(text)")
            }
            if fills.brokersUp == 0 { readiness.add(.risk, .unreadies, "no broker of fills answers") }
        }
        if self.risk?.brokersUp == 0 { readiness.add(.risk, .warns, "risk is not sent: no broker answers") }
    }

    /// Without Kafka they have no samples.
    var families: [MetricFamily] {
        Self.counters(of: self.fills) + Self.gauges(of: self.fills) + Self.families(of: self.risk)
    }

    private static func single(
        _ kind: MetricFamily.Kind, _ name: String, _ help: String, _ value: UInt64?
    ) -> MetricFamily {
        MetricFamily(kind, name, help, value.map { [.init([:], Double($0))] } ?? [])
    }

    private static func counters(of fills: FillCounts?) -> [MetricFamily] {
        let rejected = fills?.rejectedCounts.sorted { $0.key < $1.key } ?? []
        return [
            self.single(
                .counter, "tickrisk_kafka_fills_accepted_total", "Fills read from Kafka and booked.",
                fills?.acceptedCount),
            self.single(
                .counter, "tickrisk_kafka_fills_repeated_total", "Fills read from Kafka that were booked before.",
                fills?.repeatedCount),
            MetricFamily(
                .counter, "tickrisk_kafka_fills_rejected_total", "Messages read from Kafka and rejected, by reason.",
                rejected.map { .init(["reason": $0.key], Double($0.value)) }),
            self.single(
                .counter, "tickrisk_kafka_rejections_lost_total",
                "Rejected messages no broker took; they stand in the log.", fills?.unplacedCount),
            self.single(
                .counter, "tickrisk_kafka_rebalances_total", "Rebalances that gave or took partitions of fills.",
                fills?.rebalanceCount),
            self.single(
                .counter, "tickrisk_kafka_pauses_total", "Times fills were paused because the desk did not follow.",
                fills?.pauseCount),
        ]
    }

    private static func gauges(of fills: FillCounts?) -> [MetricFamily] {
        let partitions = fills?.partitions.sorted { $0.key < $1.key } ?? []
        func byPartition(
            _ name: String, _ help: String, _ value: (FillCounts.Partition) -> Int64?
        ) -> MetricFamily {
            MetricFamily(
                .gauge, name, help,
                partitions.compactMap { number, partition in
                    value(partition).map { .init(["partition": "\(number)"], Double($0)) }
                })
        }
        return [
            byPartition("tickrisk_kafka_lag_messages", "Messages of a partition that are written and not booked.") {
                $0.lag
            },
            byPartition("tickrisk_kafka_position", "Offset of the next message of a partition to be booked.") {
                $0.position
            },
            self.single(
                .gauge, "tickrisk_kafka_partitions", "Partitions of fills that are read here.",
                fills.map { UInt64($0.partitions.count) }),
            self.single(
                .gauge, "tickrisk_kafka_reading", "0 while fills are not read: the store, or an offset that is gone.",
                fills.map { $0.stall == nil && $0.lost.isEmpty ? 1 : 0 }),
            self.single(
                .gauge, "tickrisk_kafka_brokers_up", "Brokers of fills with an open connection.",
                fills.map { UInt64(max(0, $0.brokersUp ?? 0)) }),
        ]
    }

    private static func families(of risk: RiskCounts?) -> [MetricFamily] {
        let topics = risk?.topics.sorted { $0.key < $1.key } ?? []
        func byTopic(_ name: String, _ help: String, _ value: (RiskCounts.Topic) -> UInt64) -> MetricFamily {
            MetricFamily(.counter, name, help, topics.map { .init(["topic": $0.key], Double(value($0.value))) })
        }
        return [
            byTopic("tickrisk_kafka_produced_total", "Messages of risk a broker has.") { $0.producedCount },
            byTopic("tickrisk_kafka_produce_failures_total", "Messages of risk no broker took.") { $0.failedCount },
            byTopic("tickrisk_kafka_conflated_total", "Risk replaced by newer risk before a broker had it.") {
                $0.conflatedCount
            },
        ]
    }
}
