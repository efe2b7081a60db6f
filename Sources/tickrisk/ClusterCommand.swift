// SPDX-License-Identifier: Apache-2.0
// `tickrisk cluster status`: who has which partition of a fleet, and how far behind each is.

import ArgumentParser
import Fleet
import Foundation
import Logging
import RiskFiles
import RiskKernel
import TradeStream

struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Looks at a fleet of engines.", subcommands: [ClusterStatusCommand.self])
}

struct ClusterStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says who has which partition, where, since which generation, and how far behind it is.",
        discussion: "Ends with 0 where every partition is served, 1 where one is not or nobody says anything.")

    /// Nobody who is asked gets longer.
    private static let limit = Duration.seconds(10)

    @Option(help: "Brokers, host:port separated by commas; kafka.brokers of a node.")
    var brokers: String?
    @Option(help: "The topic of nodes; kafka.nodes_topic of a node.")
    var topic = Configuration.Kafka().nodesTopic
    @Option(help: "Configuration file of a node of the fleet, in place of the other two.")
    var config: String?
    @Flag(help: "Writes a JSON object.")
    var json = false

    func validate() throws {
        guard (self.brokers == nil) != (self.config == nil) else {
            throw ValidationError("one of --brokers and --config says where the fleet is")
        }
    }

    func run() async throws {
        let reader = try NodesReader(
            settings: try self.settings(), directory: FleetDirectory(),
            logger: Logger(label: "tickrisk") { _ in SwiftLogNoOpLogHandler() })
        reader.start()
        defer { reader.stop() }
        guard await reader.catchUp(within: Self.limit) else {
            throw Failure("no broker lets us read the topic of nodes; hint: brokers, and the topic's name")
        }
        let directory = reader.directory
        var rows: [FleetRow] = []
        for partition in 0..<directory.partitionCount {
            rows.append(
                await FleetRow(
                    partition: partition, directory.unit(partition: partition), now: WallClock.nowNanoseconds))
        }
        print(self.json ? try FleetRow.json(rows) : FleetRow.text(rows), terminator: "")
        if rows.isEmpty || rows.contains(where: { $0.state != .serving }) { throw ExitCode(1) }
    }

    private func settings() throws -> KafkaSettings {
        guard let config else { return KafkaSettings(brokers: self.brokers ?? "", nodesTopic: self.topic) }
        let kafka = try ConfigurationLoader.load(
            file: config, environment: ProcessInfo.processInfo.environment
        ).kafka
        guard kafka.isOn else { throw Failure("\(config) names no kafka.brokers") }
        var properties = kafka.properties.compactMap(Configuration.Kafka.split).map {
            KafkaSettings.Property($0.name, $0.value)
        }
        if let password = kafka.saslPassword { properties.append(.init("sasl.password", password.text)) }
        if let password = kafka.sslKeyPassword { properties.append(.init("ssl.key.password", password.text)) }
        return KafkaSettings(
            brokers: kafka.brokers, clientID: kafka.clientID, group: kafka.group, properties: properties,
            nodesTopic: kafka.nodesTopic)
    }
}
