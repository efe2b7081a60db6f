// SPDX-License-Identifier: Apache-2.0
// What a node is among others: who cuts, who passes on, and what an engine of a fleet needs.

import Foundation

extension Configuration {
    /// Section `node`.
    public struct Node: Sendable, Equatable {
        public enum Role: String, Sendable, CaseIterable {
            /// Ticks in, risk out, store, orders, port: everything.
            case all
            /// One of several that share the accounts by partition of the topic of fills (docs/fleet.md).
            case engine
            /// A port for the frames of another node, or of a fleet of engines.
            case gateway
        }

        public var role: Role
        /// What others know this node by; empty for the name of its host.
        public var name: String
        /// Of ``Role/engine``: the IPv4 address its units bind to, and others reach them by.
        public var host: String
        /// Empty for none.
        public var secretFile: String
        /// What nodes of a fleet know each other by.
        public var secret: Secret?

        public init(
            role: Role = .all, name: String = "", host: String = "127.0.0.1", secretFile: String = "",
            secret: Secret? = nil
        ) {
            self.role = role
            self.name = name
            self.host = host
            self.secretFile = secretFile
            self.secret = secret
        }

        /// ``name``, or the host's.
        public var effectiveName: String {
            if !self.name.isEmpty { return self.name }
            let host = ProcessInfo.processInfo.hostName
            return host.isEmpty ? "node" : String(host.prefix(Self.nameBytesMax))
        }

        /// Whether only this machine can reach ``host``.
        public var isHostLoopback: Bool { NetworkAddress(host: self.host, port: 0).isLoopback }

        static let nameBytesMax = 253
    }
}

extension ConfigurationReader {
    func nodeRole() -> Configuration.Node {
        let section = self.section("node")
        var node = Configuration.Node()
        node.role = section.choice("role", default: node.role)
        node.name = section.text(
            "name", default: node.name,
            allowed: "at most \(Configuration.Node.nameBytesMax) letters, digits, dots, _ and -"
        ) { text in
            text.utf8.count <= Configuration.Node.nameBytesMax
                && text.utf8.allSatisfy { $0.isIdentifierByte || $0 == UInt8(ascii: ".") }
        }
        node.host = section.text("host", default: node.host, allowed: "an IPv4 address of this machine") {
            NetworkAddress.isAddress($0) && !$0.contains(":") && $0 != "0.0.0.0"
        }
        let path = section.text("secret_file", default: "", allowed: "the path of a file, or \"\"") {
            !$0.utf8.contains(0)
        }
        if !path.isEmpty {
            node.secretFile = FileContent.resolve(path, besideFile: self.file)
            do throws(SecretFileError) {
                let secret = try SecretFile.loadShared(node.secretFile)
                // It travels in a header field.
                if secret.text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
                    node.secret = secret
                } else {
                    let reason = "the file holds more than letters, digits and punctuation of ASCII"
                    section.refuse("secret_file", value: path, reason, orAt: self.root.origin)
                }
            } catch {
                section.refuse("secret_file", value: path, "the file \(error.reason)", orAt: self.root.origin)
            }
        }
        return node
    }

    /// What an engine of a fleet needs of the other sections, and what contradicts it.
    func checkEngine(_ configuration: Configuration) {
        guard configuration.node.role == .engine else { return }
        func refuse(_ name: String, _ key: String, _ value: String, _ reason: String) {
            self.section(name).refuse(key, value: value, reason, orAt: self.root.origin)
        }
        let kafka = configuration.kafka
        if !kafka.isOn { refuse("kafka", "brokers", "", "engines share their accounts by the partitions of Kafka") }
        if kafka.fillsTopic.isEmpty {
            refuse("kafka", "fills_topic", "", "its partitions are what engines share their accounts by")
        }
        if configuration.store.directory.isEmpty, configuration.store.engine == .sqlite {
            let reason = "a partition goes on from its store: engine postgres, or a directory that all engines have"
            refuse("store", "directory", "", reason)
        }
        let node = configuration.node
        if node.secret == nil, configuration.authentication.mode == .password {
            refuse("node", "secret_file", node.secretFile, "gateways tell engines by it who somebody is")
        }
        if !node.isHostLoopback {
            if configuration.relay.curve == nil {
                let reason = "outside loopback CURVE keys are required: relay.curve_secret_key_file"
                refuse("node", "host", node.host, reason)
            }
            if configuration.authentication.mode == .none {
                refuse("node", "host", node.host, "auth.mode none grants everything and is refused outside loopback")
            }
        }
        if configuration.venue.kind != .simulated {
            refuse("venue", "kind", configuration.venue.kind.rawValue, "one gateway of orders serves one store")
        }
        self.checkFeeds(ofEngine: configuration)
    }

    /// Several processes read a feed of an engine.
    private func checkFeeds(ofEngine configuration: Configuration) {
        for (index, feed) in configuration.feeds.enumerated() {
            func refuse(_ key: String, _ value: String, _ reason: String) {
                let fact = "feeds.\(index).\(key) is \(value): \(reason)"
                let origin = self.node(ofSection: "feeds").origin
                self.log.add(.refused, at: origin, name: "feeds.\(index).\(key)", value: value, fact)
            }
            if feed.socket == .bind {
                refuse("socket", "bind", "the units of an engine connect, since they cannot all bind; allowed: connect")
            }
            if feed.pattern == .pull {
                refuse("pattern", "pull", "each unit of an engine needs every tick; allowed: sub")
            }
        }
    }
}

extension Configuration {
    static func lines(of node: Node) -> [String] {
        [
            "node:", "  role: \(node.role.rawValue)", "  name: \(self.quote(node.name))",
            "  host: \(self.quote(node.host))",
            "  secret_file: \(self.quote(node.secretFile))",
        ]
    }
}
