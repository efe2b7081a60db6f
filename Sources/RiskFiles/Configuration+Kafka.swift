// SPDX-License-Identifier: Apache-2.0
// The section of the configuration about Kafka: fills in, risk out.

extension Configuration {
    /// Section `kafka` (docs/trade-stream.md); without brokers there is none of it.
    public struct Kafka: Sendable, Equatable {
        /// Where a partition is begun that was never read.
        public enum Start: String, Sendable, CaseIterable { case earliest, latest }

        /// What is done where the next message is gone.
        public enum LostOffsets: String, Sendable, CaseIterable { case stop, earliest }

        /// Of keys: as librdkafka's `consistent_random`, or as Kafka's own clients.
        public enum Partitioner: String, Sendable, CaseIterable { case crc32, murmur2 }

        /// `host:port`, separated by commas; empty for no Kafka.
        public var brokers = ""
        public var clientID = "tickrisk"
        public var group = "tickrisk"
        /// After so long without a word from it an engine's partitions go to others; 1 s to 30 m.
        public var sessionTimeoutNanoseconds: UInt64 = 6_000_000_000
        /// How whoever publishes fills picks the partition of a key.
        public var partitioner = Partitioner.crc32
        /// Empty where no fills are read.
        public var fillsTopic = "tickrisk.fills"
        public var rejectedTopic = "tickrisk.fills.rejected"
        /// Empty where none is written; so is the next.
        public var riskTopic = "tickrisk.risk"
        public var vectorsTopic = "tickrisk.vectors"
        /// Where the units of a fleet say who has which partition.
        public var nodesTopic = "tickrisk.nodes"
        /// Between two messages of an account, 100 ms to 1 h.
        public var riskIntervalNanoseconds: UInt64 = 1_000_000_000
        public var start = Start.earliest
        public var lostOffsets = LostOffsets.stop
        /// Messages that may wait for the desk, 512 to 1,000,000.
        public var waitingMax = 4_096
        /// `name=value`, for librdkafka.
        public var properties: [String] = []
        /// Empty for none; so is the next.
        public var saslPasswordFile = ""
        public var sslKeyPasswordFile = ""
        public var saslPassword: Secret?
        public var sslKeyPassword: Secret?

        public init() {}

        public var isOn: Bool { !self.brokers.isEmpty }

        /// Name and value of a property as it is written.
        public static func split(_ property: String) -> (name: String, value: String)? {
            guard let equals = property.firstIndex(of: "="), equals > property.startIndex else { return nil }
            return (String(property[..<equals]), String(property[property.index(after: equals)...]))
        }

        /// What the daemon sets itself, what calls back or loads code, and what is a secret.
        static func isReserved(_ name: String) -> Bool {
            let own: Set<String> = [
                "bootstrap.servers", "metadata.broker.list", "client.id", "group.id", "group.instance.id",
                "enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store", "auto.offset.reset",
                "enable.partition.eof", "partition.assignment.strategy", "enable.idempotence", "transactional.id",
                "log.queue", "statistics.interval.ms", "allow.auto.create.topics", "sasl.password", "ssl.key.password",
                "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret", "background_event_cb",
                "opaque", "default_topic_conf",
            ]
            return own.contains(name) || name.hasSuffix("_cb") || ["test.", "plugin."].contains { name.hasPrefix($0) }
        }

        public static let propertiesMax = 64
    }
}

extension ConfigurationReader {
    private static let pathAllowed = "the path of a file, or \"\""

    func kafka() -> Configuration.Kafka {
        let section = self.section("kafka")
        var kafka = Configuration.Kafka()
        kafka.brokers = section.text(
            "brokers", default: "", allowed: "host:port, separated by commas, or \"\"", Self.areBrokers)
        kafka.clientID = section.text("client_id", default: kafka.clientID, allowed: Self.nameAllowed, Self.isName)
        kafka.group = section.text("group", default: kafka.group, allowed: Self.nameAllowed, Self.isName)
        kafka.sessionTimeoutNanoseconds = section.duration(
            "session_timeout", default: kafka.sessionTimeoutNanoseconds, in: 1_000_000_000...1_800_000_000_000)
        kafka.partitioner = section.choice("partitioner", default: kafka.partitioner)
        func topic(_ key: String, _ standard: String, mayBeEmpty: Bool = true) -> String {
            let allowed = mayBeEmpty ? "\(Self.nameAllowed), or \"\"" : Self.nameAllowed
            return section.text(key, default: standard, allowed: allowed) {
                mayBeEmpty && $0.isEmpty || Self.isName($0)
            }
        }
        kafka.fillsTopic = topic("fills_topic", kafka.fillsTopic)
        kafka.rejectedTopic = topic("rejected_topic", kafka.rejectedTopic, mayBeEmpty: false)
        kafka.riskTopic = topic("risk_topic", kafka.riskTopic)
        kafka.vectorsTopic = topic("vectors_topic", kafka.vectorsTopic)
        kafka.nodesTopic = topic("nodes_topic", kafka.nodesTopic, mayBeEmpty: false)
        kafka.riskIntervalNanoseconds = section.duration(
            "risk_interval", default: kafka.riskIntervalNanoseconds, in: 100_000_000...3_600_000_000_000)
        kafka.start = section.choice("start", default: kafka.start)
        kafka.lostOffsets = section.choice("lost_offsets", default: kafka.lostOffsets)
        kafka.waitingMax = section.whole("waiting_max", default: kafka.waitingMax, in: 512...1_000_000)
        kafka.properties = section.texts(
            "properties", default: [], countMax: Configuration.Kafka.propertiesMax,
            allowed: "name=value of a setting of librdkafka that is not the daemon's and no secret"
        ) { text in
            guard let (name, value) = Configuration.Kafka.split(text) else { return false }
            return !Configuration.Kafka.isReserved(name) && !value.isEmpty
        }
        self.check(kafka, section)
        (kafka.saslPasswordFile, kafka.saslPassword) = self.secret("sasl_password_file", section)
        (kafka.sslKeyPasswordFile, kafka.sslKeyPassword) = self.secret("ssl_key_password_file", section)
        return kafka
    }

    private func check(_ kafka: Configuration.Kafka, _ section: SettingReader) {
        let topics = [
            kafka.fillsTopic, kafka.rejectedTopic, kafka.riskTopic, kafka.vectorsTopic, kafka.nodesTopic,
        ].filter { !$0.isEmpty }
        if Set(topics).count != topics.count {
            let reason = "fills, rejected fills, risk, vectors and nodes need a topic each"
            section.refuse("rejected_topic", value: kafka.rejectedTopic, reason, orAt: self.root.origin)
        }
        let isLocal = kafka.brokers.split(separator: ",").allSatisfy { NetworkAddress(String($0))?.isLoopback ?? true }
        let isSecure = kafka.properties.contains { property in
            guard let (name, value) = Configuration.Kafka.split(property) else { return false }
            return name == "security.protocol" && ["ssl", "sasl_ssl"].contains(value.lowercased())
        }
        if !isLocal, !isSecure {
            let reason = "outside loopback TLS is required: security.protocol=ssl or sasl_ssl in kafka.properties"
            section.refuse("brokers", value: kafka.brokers, reason, orAt: self.root.origin)
        }
    }

    private func secret(_ key: String, _ section: SettingReader) -> (String, Secret?) {
        let path = section.text(key, default: "", allowed: Self.pathAllowed) { !$0.utf8.contains(0) }
        if path.isEmpty { return ("", nil) }
        let file = FileContent.resolve(path, besideFile: self.file)
        do throws(SecretFileError) {
            return (file, try SecretFile.loadPassword(file))
        } catch {
            section.refuse(key, value: path, "the file \(error.reason)", orAt: self.root.origin)
            return (file, nil)
        }
    }

    private static let nameAllowed = "1 to 249 letters, digits, dots, _ and -"

    private static func isName(_ text: String) -> Bool {
        (1...249).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy { $0.isIdentifierByte || $0 == UInt8(ascii: ".") }
    }

    private static func areBrokers(_ text: String) -> Bool {
        text.isEmpty
            || text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
                NetworkAddress(String($0)).map { $0.port > 0 && !$0.host.contains("*") } ?? false
            }
    }
}

extension Configuration {
    static func lines(of kafka: Kafka) -> [String] {
        [
            "kafka:", "  brokers: \(self.quote(kafka.brokers))", "  client_id: \(self.quote(kafka.clientID))",
            "  group: \(self.quote(kafka.group))",
            "  session_timeout: \(DurationText.format(nanoseconds: kafka.sessionTimeoutNanoseconds))",
            "  partitioner: \(kafka.partitioner.rawValue)", "  fills_topic: \(self.quote(kafka.fillsTopic))",
            "  rejected_topic: \(self.quote(kafka.rejectedTopic))", "  risk_topic: \(self.quote(kafka.riskTopic))",
            "  vectors_topic: \(self.quote(kafka.vectorsTopic))",
            "  nodes_topic: \(self.quote(kafka.nodesTopic))",
            "  risk_interval: \(DurationText.format(nanoseconds: kafka.riskIntervalNanoseconds))",
            "  start: \(kafka.start.rawValue)", "  lost_offsets: \(kafka.lostOffsets.rawValue)",
            "  waiting_max: \(kafka.waitingMax)",
            "  properties: [\(kafka.properties.map(self.quote).joined(separator: ", "))]",
            "  sasl_password_file: \(self.quote(kafka.saslPasswordFile))",
            "  ssl_key_password_file: \(self.quote(kafka.sslKeyPasswordFile))",
        ]
    }
}
