// SPDX-License-Identifier: Apache-2.0
// By which sockets frames travel from node to node.

extension Configuration {
    /// Section `relay`: frames for gateways, and a gateway's upstream.
    public struct Relay: Sendable, Equatable {
        /// Where frames are published for gateways, with ``snapshotBind``; empty for nowhere. ZeroMQ endpoints,
        /// restricted as those of feeds.
        public var bind: String
        /// Where gateways ask.
        public var snapshotBind: String
        /// ``bind`` and ``snapshotBind`` of a gateway's upstream.
        public var connect: String
        public var snapshotConnect: String
        /// Key `api`: where the upstream's pages and API are; `nil` for a node that is no gateway.
        public var api: Address?
        /// Silence after which the upstream is away; 1 s to 1 h.
        public var silentAfterNanoseconds: UInt64
        /// Key `hwm`: messages that may wait on each side, 100 to 1,000,000.
        public var highWaterMark: Int
        public var curve: Curve?

        /// `http://host:port`.
        public struct Address: Sendable, Equatable {
            public var host: String
            public var port: Int

            public init(host: String, port: Int) {
                self.host = host
                self.port = port
            }

            public var text: String { "http://" + NetworkAddress(host: self.host, port: self.port).text }

            /// `nil` for another grammar.
            init?(_ text: String) {
                guard text.hasPrefix("http://"), let address = NetworkAddress(String(text.dropFirst(7))),
                    address.port > 0, !address.host.contains("*")
                else { return nil }
                self.init(host: address.host, port: address.port)
            }

            public var isLoopback: Bool { NetworkAddress(host: self.host, port: self.port).isLoopback }
        }

        public init(
            bind: String = "", snapshotBind: String = "", connect: String = "", snapshotConnect: String = "",
            api: Address? = nil, silentAfterNanoseconds: UInt64 = 3_000_000_000, highWaterMark: Int = 10_000,
            curve: Curve? = nil
        ) {
            self.bind = bind
            self.snapshotBind = snapshotBind
            self.connect = connect
            self.snapshotConnect = snapshotConnect
            self.api = api
            self.silentAfterNanoseconds = silentAfterNanoseconds
            self.highWaterMark = highWaterMark
            self.curve = curve
        }

        /// Whether there are gateways behind this node.
        public var isPublished: Bool { !self.bind.isEmpty }
    }
}

extension ConfigurationReader {
    /// - Parameter hasBrokers: whether a gateway can look for a fleet.
    func relay(of role: Configuration.Node.Role, hasBrokers: Bool) -> Configuration.Relay {
        let section = self.section("relay")
        var relay = Configuration.Relay()
        let hasKeys = !section.text("curve_secret_key_file", default: "", allowed: "") { _ in true }.isEmpty
        func endpoint(_ key: String) -> String {
            let text = section.text(key, default: "", allowed: "tcp://host:port or ipc://path, or \"\"") {
                $0.isEmpty || FeedEndpoint.check($0) != .malformed
            }
            if !text.isEmpty, FeedEndpoint.check(text) == .beyondThisMachine, !hasKeys {
                let reason = "outside loopback and ipc CURVE keys are required: curve_secret_key_file"
                section.refuse(key, value: text, reason, orAt: self.root.origin)
            }
            return text
        }
        relay.bind = endpoint("bind")
        relay.snapshotBind = endpoint("snapshot_bind")
        relay.connect = endpoint("connect")
        relay.snapshotConnect = endpoint("snapshot_connect")
        let api = section.text("api", default: "", allowed: "http://host:port, or \"\"") {
            $0.isEmpty || Configuration.Relay.Address($0) != nil
        }
        relay.api = Configuration.Relay.Address(api)
        relay.silentAfterNanoseconds = section.duration(
            "silent_after", default: relay.silentAfterNanoseconds, in: 1_000_000_000...3_600_000_000_000)
        relay.highWaterMark = section.whole("hwm", default: relay.highWaterMark, in: 100...1_000_000)
        self.check(relay, role, hasBrokers: hasBrokers, section)
        relay.curve = CurveReader(section: section, node: self.node(ofSection: "relay"), file: self.file).read(
            // The units of engines listen to each other.
            connects: role != .all, binds: relay.isPublished || role == .engine)
        return relay
    }

    private func check(
        _ relay: Configuration.Relay, _ role: Configuration.Node.Role, hasBrokers: Bool, _ section: SettingReader
    ) {
        func refuse(_ key: String, _ value: String, _ reason: String) {
            section.refuse(key, value: value, reason, orAt: self.root.origin)
        }
        /// Keys of one upstream.
        func refuseUpstream(_ reason: String) {
            if !relay.connect.isEmpty { refuse("connect", relay.connect, reason) }
            if !relay.snapshotConnect.isEmpty { refuse("snapshot_connect", relay.snapshotConnect, reason) }
            if let api = relay.api { refuse("api", api.text, reason) }
        }
        if relay.bind.isEmpty != relay.snapshotBind.isEmpty {
            let missing = relay.bind.isEmpty ? "bind" : "snapshot_bind"
            refuse(missing, "", "gateways need both: where frames are published, and where they ask for what they miss")
        }
        switch role {
        case .gateway where hasBrokers:
            refuseUpstream("a gateway has one upstream or, with kafka.brokers, a fleet: not both")
            if relay.isPublished {
                refuse("bind", relay.bind, "a gateway of a fleet has none behind it: let them join the fleet too")
            }
        case .gateway:
            if relay.connect.isEmpty {
                refuse("connect", "", "a gateway needs its upstream's relay.bind, or kafka.brokers to join a fleet")
            }
            if relay.snapshotConnect.isEmpty {
                refuse("snapshot_connect", "", "a gateway needs its upstream's relay.snapshot_bind")
            }
            if relay.api == nil { refuse("api", "", "a gateway needs its upstream's http.listen") }
        case .all, .engine:
            if role == .engine, relay.isPublished {
                refuse("bind", relay.bind, "the units of an engine choose ports of their own and announce them")
            }
            refuseUpstream("only a node of the role gateway has an upstream")
        }
    }
}

extension Configuration {
    static func lines(of relay: Relay) -> [String] {
        [
            "relay:", "  bind: \(self.quote(relay.bind))", "  snapshot_bind: \(self.quote(relay.snapshotBind))",
            "  connect: \(self.quote(relay.connect))",
            "  snapshot_connect: \(self.quote(relay.snapshotConnect))",
            "  api: \(self.quote(relay.api?.text ?? ""))",
            "  silent_after: \(DurationText.format(nanoseconds: relay.silentAfterNanoseconds))",
            "  hwm: \(relay.highWaterMark)",
            "  curve_secret_key_file: \(self.quote(relay.curve?.secretKeyFile ?? ""))",
            "  curve_server_key: \(self.quote(relay.curve?.serverKey ?? ""))",
            "  curve_allowed_keys: [\((relay.curve?.allowedKeys ?? []).map(self.quote).joined(separator: ", "))]",
        ]
    }
}
