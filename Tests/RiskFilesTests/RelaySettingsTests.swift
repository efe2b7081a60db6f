// SPDX-License-Identifier: Apache-2.0
// Which relay settings make a node or a gateway, and which make neither.

import Foundation
import RiskFiles
import Testing

@Suite struct RelaySettingsTests {
    private static let publicKey = "sL1+jl2l(]Tze7t]RhSUnuSF?Wew4a=Tefw!gx@G"
    private static let secretKey = "H#>LI^=dZL+h.m]9McP.yRX#AK#F{0/gZ}=<(z*I"

    private static let fleetSecret = "correct-horse-battery-staple"

    private func load(_ yaml: String, in folder: ScratchFolder) throws -> Configuration {
        let key = try folder.write("secret.key", Self.secretKey)
        chmod(key, 0o600)
        // A header field could not carry it as it is.
        chmod(try folder.write("blank.secret", "sixteen bytes and\tmore"), 0o600)
        chmod(try folder.write("fleet.secret", Self.fleetSecret), 0o600)
        let text = yaml.replacingOccurrences(of: "KEY", with: "'\(Self.publicKey)'")
        return try ConfigurationLoader.load(file: try folder.write("t.yaml", text))
    }

    @Test func aNodeIsAloneUnlessItIsToldOtherwise() throws {
        let configuration = try ConfigurationLoader.load()
        #expect(configuration.node.role == .all && !configuration.relay.isPublished)
        #expect(configuration.relay == Configuration.Relay() && configuration.http.trustedProxies == [])
    }

    @Test func aGatewayBehindAGatewayReadsBackEqual() throws {
        let folder = try ScratchFolder()
        let configuration = try self.load(
            """
            node: {role: gateway}
            http: {trusted_proxies: [192.0.2.7, "2001:db8::7"]}
            relay:
              bind: "tcp://192.0.2.1:5570"
              snapshot_bind: "tcp://192.0.2.1:5571"
              connect: "tcp://192.0.2.2:5570"
              snapshot_connect: "tcp://192.0.2.2:5571"
              api: "http://[2001:db8::2]:8080"
              silent_after: 10s
              hwm: 500
              curve_secret_key_file: secret.key
              curve_server_key: KEY
              curve_allowed_keys: [KEY]
            """, in: folder)
        #expect(configuration.node.role == .gateway && configuration.relay.isPublished)
        #expect(configuration.relay.api == .init(host: "2001:db8::2", port: 8080))
        #expect(configuration.relay.silentAfterNanoseconds == 10_000_000_000)
        #expect(configuration.relay.highWaterMark == 500)
        #expect(configuration.http.trustedProxies == ["192.0.2.7", "2001:db8::7"])
        let again = try folder.write("again.yaml", configuration.effectiveYAML)
        #expect(try ConfigurationLoader.load(file: again) == configuration)
        #expect(!configuration.effectiveYAML.contains(Self.secretKey))
    }

    @Test func aGatewayWithBrokersHasAFleetAndReadsBackEqual() throws {
        let folder = try ScratchFolder()
        let configuration = try self.load(
            """
            node: {role: gateway, secret_file: fleet.secret}
            kafka: {brokers: "localhost:9092", partitioner: murmur2}
            relay: {silent_after: 2s, hwm: 500}
            """, in: folder)
        #expect(configuration.kafka.isOn && configuration.relay.api == nil && !configuration.relay.isPublished)
        #expect(configuration.kafka.partitioner == .murmur2)
        #expect(configuration.node.secret?.text == Self.fleetSecret)
        #expect(!configuration.effectiveYAML.contains(Self.fleetSecret))
        let again = try folder.write("again.yaml", configuration.effectiveYAML)
        #expect(try ConfigurationLoader.load(file: again) == configuration)
        var after = configuration
        after.node.secret = Secret("another")
        #expect(after.changedKeys(from: configuration) == ["node.secret_file"])
    }

    @Test(arguments: [
        ("node: {role: gateway}", "relay.connect"),
        ("node: {role: gateway}\nrelay: {connect: 'ipc://a', snapshot_connect: 'ipc://b'}", "relay.api"),
        ("node: {role: gateway}\nrelay: {connect: 'ipc://a', api: 'http://localhost:1'}", "relay.snapshot_connect"),
        ("relay: {bind: 'ipc://a'}", "relay.snapshot_bind"),
        ("relay: {snapshot_bind: 'ipc://a'}", "relay.bind"),
        ("relay: {connect: 'ipc://a'}", "relay.connect"),
        ("relay: {api: 'http://localhost:1'}", "relay.api"),
        ("relay: {api: 'https://localhost:1'}", "relay.api"),
        ("relay: {bind: 'udp://a', snapshot_bind: 'ipc://b'}", "relay.bind"),
        ("relay: {bind: 'tcp://0.0.0.0:5570', snapshot_bind: 'ipc://b'}", "relay.bind"),
        ("relay: {bind: 'tcp://*:5570', snapshot_bind: 'ipc://b'}", "relay.bind"),
        ("relay: {curve_server_key: KEY}", "relay.curve_server_key"),
        (
            "relay: {bind: 'ipc://a', snapshot_bind: 'ipc://b', curve_secret_key_file: secret.key}",
            "relay.curve_allowed_keys"
        ),
        ("relay: {silent_after: 10ms}", "relay.silent_after"),
        ("relay: {hwm: 0}", "relay.hwm"),
        ("http: {trusted_proxies: [proxy.example]}", "http.trusted_proxies.0"),
        ("node: {role: master}", "node.role"),
        (
            "node: {role: gateway}\nkafka: {brokers: 'localhost:9092'}\nrelay: {connect: 'ipc://a'}", "relay.connect"
        ),
        (
            "node: {role: gateway}\nkafka: {brokers: 'localhost:9092'}\nrelay: {api: 'http://localhost:1'}",
            "relay.api"
        ),
        (
            "node: {role: gateway}\nkafka: {brokers: 'localhost:9092'}\nrelay: {snapshot_connect: 'ipc://b'}",
            "relay.snapshot_connect"
        ),
        (
            "node: {role: gateway}\nkafka: {brokers: 'localhost:9092'}\n"
                + "relay: {bind: 'ipc://a', snapshot_bind: 'ipc://b'}", "relay.bind"
        ),
        ("node: {secret_file: nowhere}", "node.secret_file"),
        ("node: {secret_file: blank.secret}", "node.secret_file"),
        ("kafka: {partitioner: md5}", "kafka.partitioner"),
    ])
    func whatDoesNotBelongTogetherIsRefusedByName(yaml: String, key: String) throws {
        let folder = try ScratchFolder()
        let error = try #require(throws: ConfigurationError.self, "\(yaml)") { try self.load(yaml, in: folder) }
        #expect(error.problems.contains { $0.name == key }, "\(yaml): \(error)")
    }

    @Test func anotherKeyInTheSameFileIsAChange() throws {
        let folder = try ScratchFolder()
        let yaml = """
            relay:
              {bind: 'ipc://a', snapshot_bind: 'ipc://b', curve_secret_key_file: secret.key, curve_allowed_keys: [KEY]}
            """
        let before = try self.load(yaml, in: folder)
        var after = before
        after.relay.curve?.secretKey = Secret("other")
        #expect(after.changedKeys(from: before) == ["relay.curve_secret_key_file"])
        after = before
        after.relay.highWaterMark = 1_000
        #expect(after.changedKeys(from: before) == ["relay.hwm"])
    }
}
