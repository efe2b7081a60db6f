// SPDX-License-Identifier: Apache-2.0
// Which settings make an engine of a fleet, and what it cannot do without.

import Foundation
import RiskFiles
import Testing

@Suite struct EngineSettingsTests {
    private static let brokers = "kafka: {brokers: '127.0.0.1:9092'}"
    private static let secret = "a-secret-that-all-nodes-have"

    private func load(_ yaml: String, in folder: ScratchFolder) throws -> Configuration {
        let secret = try folder.write("fleet.secret", Self.secret)
        chmod(secret, 0o600)
        return try ConfigurationLoader.load(file: try folder.write("t.yaml", yaml))
    }

    @Test func anEngineReadsBackEqual() throws {
        let folder = try ScratchFolder()
        let configuration = try self.load(
            """
            node: {role: engine, name: risk-1.example, host: 127.0.0.2, secret_file: fleet.secret}
            kafka:
              brokers: "127.0.0.1:9092"
              nodes_topic: nodes
              partitioner: murmur2
              session_timeout: 10s
            store: {directory: state}
            """, in: folder)
        let node = configuration.node
        #expect(node.role == .engine && node.name == "risk-1.example" && node.effectiveName == node.name)
        #expect(node.host == "127.0.0.2" && node.isHostLoopback)
        #expect(node.secret == Secret(Self.secret))
        #expect(configuration.kafka.nodesTopic == "nodes" && configuration.kafka.partitioner == .murmur2)
        #expect(configuration.kafka.sessionTimeoutNanoseconds == 10_000_000_000)
        let again = try folder.write("again.yaml", configuration.effectiveYAML)
        #expect(try ConfigurationLoader.load(file: again) == configuration)
        #expect(!configuration.effectiveYAML.contains(Self.secret))
    }

    @Test func aNodeThatIsNotNamedHasTheNameOfItsHost() throws {
        let node = try ConfigurationLoader.load().node
        #expect(node.role == .all && node.name.isEmpty && !node.effectiveName.isEmpty && node.isHostLoopback)
    }

    @Test(arguments: [
        ("auth: {mode: none}\nstore: {directory: a}", "kafka.brokers"),
        (
            "auth: {mode: none}\nstore: {directory: a}\nkafka: {brokers: '127.0.0.1:1', fills_topic: ''}",
            "kafka.fills_topic"
        ),
        ("auth: {mode: none}\n\(brokers)", "store.directory"),
        ("store: {directory: a}\n\(brokers)", "node.secret_file"),
        ("auth: {mode: none}\nstore: {directory: a}\nnode: {role: engine, host: 192.0.2.1}\n\(brokers)", "node.host"),
        ("auth: {mode: none}\nstore: {directory: a}\nnode: {role: engine, host: '*'}\n\(brokers)", "node.host"),
        ("auth: {mode: none}\nstore: {directory: a}\nnode: {role: engine, host: 0.0.0.0}\n\(brokers)", "node.host"),
        (
            "auth: {mode: none}\nstore: {directory: a}\n\(brokers)\n"
                + "relay: {bind: 'ipc://a', snapshot_bind: 'ipc://b'}", "relay.bind"
        ),
        ("auth: {mode: none}\nstore: {directory: a}\n\(brokers)\nrelay: {connect: 'ipc://a'}", "relay.connect"),
        ("auth: {mode: none}\nstore: {directory: a}\n\(brokers)\nfeeds: [{socket: bind}]", "feeds.0.socket"),
        ("auth: {mode: none}\nstore: {directory: a}\n\(brokers)\nfeeds: [{pattern: pull}]", "feeds.0.pattern"),
        (
            "auth: {mode: none}\nstore: {directory: a}\n\(brokers)\n"
                + "venue: {kind: gateway, endpoint: 'tcp://127.0.0.1:5'}", "venue.kind"
        ),
        ("node: {role: engine, name: 'a b'}", "node.name"),
        ("node: {role: engine, secret_file: /nowhere/at/all}", "node.secret_file"),
        ("kafka: {nodes_topic: ''}", "kafka.nodes_topic"),
        ("kafka: {nodes_topic: tickrisk.fills}", "kafka.rejected_topic"),
        ("kafka: {partitioner: random}", "kafka.partitioner"),
        ("kafka: {session_timeout: 10ms}", "kafka.session_timeout"),
    ])
    func whatAnEngineCannotDoWithoutIsRefusedByName(yaml: String, key: String) throws {
        let folder = try ScratchFolder()
        let text =
            yaml.contains("node:") || !yaml.contains("auth") && !yaml.contains("store")
            ? yaml
            : "node: {role: engine}\n" + yaml
        let error = try #require(throws: ConfigurationError.self, "\(text)") { try self.load(text, in: folder) }
        #expect(error.problems.contains { $0.name == key }, "\(text): \(error)")
    }

    @Test func anotherSecretInTheSameFileIsAChange() throws {
        let folder = try ScratchFolder()
        let before = try self.load("node: {secret_file: fleet.secret}", in: folder)
        var after = before
        after.node.secret = Secret("another-that-all-nodes-have")
        #expect(after.changedKeys(from: before) == ["node.secret_file"])
    }
}
