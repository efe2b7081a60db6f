// SPDX-License-Identifier: Apache-2.0
// The section of the configuration about who is told of alerts.

extension Configuration {
    /// One entry of `webhooks`: a program alerts are posted to.
    public struct Webhook: Sendable, Equatable {
        public enum Level: String, Sendable, CaseIterable { case warn, critical }

        /// `http://host[:port]/path`; https goes through a proxy on this machine.
        public var url: String
        /// File of the secret that signs messages; empty for none.
        public var secretFile: String
        public var secret: Secret?
        /// At least one.
        public var levels: [Level]
        /// How often a message is tried, 1 to 100.
        public var attempts: Int
        /// Of one attempt, 100 ms to 1 min.
        public var timeoutNanoseconds: UInt64

        public init(
            url: String = "", secretFile: String = "", secret: Secret? = nil, levels: [Level] = Level.allCases,
            attempts: Int = 8, timeoutNanoseconds: UInt64 = 5_000_000_000
        ) {
            self.url = url
            self.secretFile = secretFile
            self.secret = secret
            self.levels = levels
            self.attempts = attempts
            self.timeoutNanoseconds = timeoutNanoseconds
        }
    }

    public static let webhooksMax = 16
}

extension ConfigurationReader {
    func webhooks() -> [Configuration.Webhook] {
        self.list("webhooks", countMax: Configuration.webhooksMax).enumerated().map { index, node in
            self.webhook(node, index: index)
        }
    }

    private func webhook(_ node: SettingNode, index: Int) -> Configuration.Webhook {
        guard let schema = ConfigurationSchema.section("webhooks") else { preconditionFailure("no section webhooks") }
        let section = SettingReader(node, section: schema, index: index, log: self.log)
        var webhook = Configuration.Webhook()
        webhook.url = section.text("url", default: "", allowed: "http://host[:port]/path") { text in
            text.hasPrefix("http://") && text.utf8.allSatisfy { 0x21...0x7E ~= $0 } && text.utf8.count <= 1_024
        }
        if webhook.url.isEmpty {
            section.refuse("url", value: "", "a webhook needs one: http://host[:port]/path", orAt: node.origin)
        }
        let levels = section.texts(
            "levels", default: webhook.levels.map(\.rawValue), countMax: Configuration.Webhook.Level.allCases.count,
            allowed: "warn or critical"
        ) { Configuration.Webhook.Level(rawValue: $0) != nil }
        webhook.levels = levels.compactMap(Configuration.Webhook.Level.init)
        if webhook.levels.isEmpty {
            section.refuse("levels", value: "[]", "a webhook without levels is told nothing", orAt: node.origin)
        }
        webhook.attempts = section.whole("attempts", default: webhook.attempts, in: 1...100)
        webhook.timeoutNanoseconds = section.duration(
            "timeout", default: webhook.timeoutNanoseconds, in: 100_000_000...60_000_000_000)
        let path = section.text("secret_file", default: "", allowed: "the path of a file, or \"\"") {
            !$0.utf8.contains(0)
        }
        guard !path.isEmpty else { return webhook }
        webhook.secretFile = FileContent.resolve(path, besideFile: self.file)
        do throws(SecretFileError) {
            webhook.secret = try SecretFile.loadShared(webhook.secretFile)
        } catch {
            section.refuse("secret_file", value: path, "the file \(error.reason)", orAt: node.origin)
        }
        return webhook
    }
}

extension Configuration {
    static func lines(of webhooks: [Webhook]) -> [String] {
        guard !webhooks.isEmpty else { return ["webhooks: []"] }
        return ["webhooks:"]
            + webhooks.flatMap { webhook in
                [
                    "  - url: \(self.quote(webhook.url))", "    secret_file: \(self.quote(webhook.secretFile))",
                    "    levels: [\(webhook.levels.map(\.rawValue).joined(separator: ", "))]",
                    "    attempts: \(webhook.attempts)",
                    "    timeout: \(DurationText.format(nanoseconds: webhook.timeoutNanoseconds))",
                ]
            }
    }
}
