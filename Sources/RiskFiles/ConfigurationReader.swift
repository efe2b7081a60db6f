// SPDX-License-Identifier: Apache-2.0
// Reads the sections of a setting tree into a configuration: every default, range and cross-check is here.

import Foundation
import RiskDomain

struct ConfigurationReader {
    let file: String?
    let log: ProblemLog
    let root: SettingNode
    private var sections: [String: SettingNode] = [:]

    private static let millisecond: UInt64 = 1_000_000
    private static let hour: UInt64 = 3_600_000_000_000

    init(_ root: SettingNode, file: String?, log: ProblemLog) {
        self.file = file
        self.log = log
        self.root = root
        if root.isNull { return }
        guard case .mapping(let entries) = root.content else {
            let fact = "the configuration is \(root.shown); allowed: sections such as http and feeds"
            log.add(.wrongType, at: root.origin, value: root.shown, fact)
            return
        }
        for entry in entries {
            if ConfigurationSchema.section(entry.key) != nil {
                self.sections[entry.key] = entry.value
            } else {
                let name = FileProblem.shown(entry.key)
                log.add(
                    .unknownName, at: entry.keyOrigin, name: name, "unknown key \(name)",
                    nearest: ConfigurationSchema.nearest(to: entry.key, in: nil))
            }
        }
    }

    /// The configuration; to be used only when nothing was logged.
    func read() -> Configuration {
        var configuration = Configuration()
        configuration.data = self.data()
        configuration.feeds = self.feeds()
        configuration.risk = self.risk()
        configuration.history = self.history(&configuration.risk)
        configuration.models = self.models()
        configuration.engine = self.engine()
        configuration.streaming = self.streaming()
        configuration.store = self.store()
        configuration.orders = self.orders()
        configuration.venue = self.venue()
        configuration.webhooks = self.webhooks()
        configuration.kafka = self.kafka()
        configuration.tradingDay = self.tradingDay()
        configuration.authentication = self.authentication()
        configuration.node = self.nodeRole()
        configuration.relay = self.relay(
            of: configuration.node.role, hasBrokers: configuration.kafka.isOn)
        let log = self.section("log")
        configuration.log.level = log.choice("level", default: configuration.log.level)
        configuration.log.format = log.choice("format", default: configuration.log.format)
        configuration.http = self.http(authentication: configuration.authentication)
        self.checkEngine(configuration)
        return configuration
    }

    func section(_ name: String) -> SettingReader {
        guard let section = ConfigurationSchema.section(name) else { preconditionFailure("no section \(name)") }
        return SettingReader(self.sections[name], section: section, log: self.log)
    }

    /// Where a section begins; where it is absent, the whole.
    func node(ofSection name: String) -> SettingNode { self.sections[name] ?? self.root }

    private func http(authentication: Configuration.Authentication) -> Configuration.HTTP {
        let section = self.section("http")
        let standard = NetworkAddress(host: Configuration.HTTP().host, port: Configuration.HTTP().port)
        let allowed = "host:port such as 127.0.0.1:8080 or [::1]:8080, port 0 to 65535"
        let text = section.text("listen", default: standard.text, allowed: allowed) { NetworkAddress($0) != nil }
        let address = NetworkAddress(text) ?? standard
        if authentication.mode == .none, !address.isLoopback {
            let reason = """
                auth.mode none grants everything and is refused outside loopback; allowed: 127.0.0.1, [::1], localhost
                """
            section.refuse("listen", value: text, reason, orAt: self.root.origin)
        }
        var http = Configuration.HTTP(host: address.host, port: address.port)
        http.allowedHosts = section.texts(
            "allowed_hosts", default: [], countMax: Configuration.HTTP.allowedHostsMax,
            allowed: "a host name or address without a port, such as risk.example or [fd00::1]",
            NetworkAddress.isHost)
        http.maxConnections = section.whole("max_connections", default: http.maxConnections, in: 1...1_000_000)
        http.maxConnectionsPerAddress = section.whole(
            "max_connections_per_address", default: http.maxConnectionsPerAddress, in: 1...1_000_000)
        http.trustedProxies = section.texts(
            "trusted_proxies", default: [], countMax: Configuration.HTTP.trustedProxiesMax,
            allowed: "an IPv4 or IPv6 address such as 192.0.2.7 or 2001:db8::7", NetworkAddress.isAddress)
        let range = 100 * Self.millisecond...Self.hour
        http.headerTimeoutNanoseconds = section.duration(
            "header_timeout", default: http.headerTimeoutNanoseconds, in: range)
        http.responseTimeoutNanoseconds = section.duration(
            "response_timeout", default: http.responseTimeoutNanoseconds, in: range)
        http.idleTimeoutNanoseconds = section.duration("idle_timeout", default: http.idleTimeoutNanoseconds, in: range)
        let folder = section.text("page_folder", default: "", allowed: "the path of a folder, or \"\"") { _ in true }
        http.pageFolder = folder.isEmpty ? "" : FileContent.resolve(folder, besideFile: self.file)
        return http
    }

    private func data() -> Configuration.Data {
        let section = self.section("data")
        func path(_ key: String, _ standard: String) -> String {
            let given = section.text(key, default: standard, allowed: "the path of a file") { !$0.isEmpty }
            return FileContent.resolve(given, besideFile: self.file)
        }
        let standard = Configuration.Data()
        let given = section.text("events", default: standard.events, allowed: "the path of a file, or \"\"") { _ in true
        }
        let events = given.isEmpty ? "" : FileContent.resolve(given, besideFile: self.file)
        return Configuration.Data(
            instruments: path("instruments", standard.instruments), accounts: path("accounts", standard.accounts),
            positions: path("positions", standard.positions),
            history: section.textOrTexts(
                "history", default: standard.history, countMax: Configuration.Data.historyMax,
                allowed: "the path of a file"
            ) { !$0.isEmpty }.map { FileContent.resolve($0, besideFile: self.file) },
            scenarios: path("scenarios", standard.scenarios), events: events)
    }

    /// - Parameter risk: gets the key that is a convention.
    private func history(_ risk: inout RiskConvention) -> Configuration.History {
        let section = self.section("history")
        var history = Configuration.History()
        history.fillDays = section.whole("fill_days", default: history.fillDays, in: 0...250)
        history.calendar = section.choice("calendar", default: history.calendar)
        risk.minimumReturns = section.whole("min_returns", default: risk.minimumReturns, in: 1...5_000)
        if risk.minimumReturns > risk.window {
            let reason = "risk.window has only \(risk.window), so nothing would have history"
            section.refuse("min_returns", value: "\(risk.minimumReturns)", reason, orAt: self.root.origin)
        }
        return history
    }

    /// The entries of a repeated section; none where it is absent or something was logged.
    func list(_ name: String, countMin: Int = 0, countMax: Int) -> [SettingNode] {
        guard let node = self.sections[name], !node.isNull else { return [] }
        guard case .sequence(let items) = node.content else {
            let fact = "\(name) is \(node.shown); allowed: a list of sections, each opened by a dash"
            self.log.add(.wrongType, at: node.origin, name: name, value: node.shown, fact)
            return []
        }
        guard (countMin...countMax).contains(items.count) else {
            let fact = "\(name) has \(items.count) entries; allowed: \(countMin) to \(countMax)"
            self.log.add(.outOfRange, at: node.origin, name: name, fact)
            return []
        }
        return items
    }

    private func feeds() -> [Configuration.Feed] {
        guard let node = self.sections["feeds"], !node.isNull else { return [Configuration.Feed()] }
        let items = self.list("feeds", countMin: 1, countMax: Configuration.feedsMax)
        var feeds: [Configuration.Feed] = []
        var firstIndex: [String: Int] = [:]
        for (index, item) in items.enumerated() {
            let feed = self.feed(item, index: index)
            if let first = firstIndex[feed.name] {
                let fact = "feeds.\(index).name \(feed.name) is taken by feeds.\(first); give it a name of its own"
                self.log.add(.duplicate, at: item.origin, name: "feeds.\(index).name", value: feed.name, fact)
            } else {
                firstIndex[feed.name] = index
            }
            feeds.append(feed)
        }
        return feeds
    }

    private func feed(_ node: SettingNode, index: Int) -> Configuration.Feed {
        guard let schema = ConfigurationSchema.section("feeds") else { preconditionFailure("no section feeds") }
        let section = SettingReader(node, section: schema, index: index, log: self.log)
        var feed = Configuration.Feed()
        feed.name = section.text("name", default: feed.name, allowed: "1 to 64 letters, digits, _ and -") {
            (1...64).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isIdentifierByte)
        }
        let allowed = "tcp://host:port, ipc://path or inproc://name"
        let hasKeys = !section.text("curve_secret_key_file", default: "", allowed: "") { _ in true }.isEmpty
        func endpoint(_ key: String, _ standard: String, mayBeEmpty: Bool) -> String {
            let text = section.text(key, default: standard, allowed: mayBeEmpty ? "\(allowed), or \"\"" : allowed) {
                mayBeEmpty && $0.isEmpty || FeedEndpoint.check($0) != .malformed
            }
            if FeedEndpoint.check(text) == .beyondThisMachine, !hasKeys {
                let reason = "outside loopback, ipc and inproc CURVE keys are required: curve_secret_key_file"
                section.refuse(key, value: text, reason, orAt: node.origin)
            }
            return text
        }
        feed.endpoint = endpoint("endpoint", feed.endpoint, mayBeEmpty: false)
        feed.socket = section.choice("socket", default: feed.socket)
        feed.pattern = section.choice("pattern", default: feed.pattern)
        feed.topic = section.text("topic", default: feed.topic, allowed: "text of at most 255 bytes") {
            $0.utf8.count <= 255
        }
        feed.snapshotEndpoint = endpoint("snapshot_endpoint", feed.snapshotEndpoint, mayBeEmpty: true)
        feed.silentAfterNanoseconds = section.duration(
            "silent_after", default: feed.silentAfterNanoseconds, in: 10 * Self.millisecond...24 * Self.hour)
        feed.receiveHighWaterMark = section.whole(
            "receive_hwm", default: feed.receiveHighWaterMark, in: 1...1_000_000)
        feed.ringCapacity = section.whole(
            "ring_capacity", default: feed.ringCapacity, in: 2...1 << 26, allowed: "a power of two from 2 to \(1 << 26)"
        ) { $0.nonzeroBitCount == 1 }
        feed.curve = CurveReader(section: section, node: node, file: self.file).read(for: feed)
        return feed
    }

    private func engine() -> Configuration.Engine {
        var engine = Configuration.Engine()
        engine.shards = self.section("engine").whole("shards", default: engine.shards, in: 1...64)
        return engine
    }

    private func streaming() -> Configuration.Streaming {
        let section = self.section("streaming")
        var streaming = Configuration.Streaming()
        streaming.maxClients = section.whole("max_clients", default: streaming.maxClients, in: 1...1_000_000)
        streaming.slowClientTimeoutNanoseconds = section.duration(
            "slow_client_timeout", default: streaming.slowClientTimeoutNanoseconds,
            in: 100 * Self.millisecond...Self.hour)
        streaming.frameTimeoutNanoseconds = section.duration(
            "frame_timeout", default: streaming.frameTimeoutNanoseconds, in: 100 * Self.millisecond...Self.hour)
        streaming.allowedOrigins = section.texts(
            "allowed_origins", default: [], countMax: Configuration.Streaming.allowedOriginsMax,
            allowed: "an origin such as https://desk.example or https://desk.example:8443, in lower case",
            WebOrigin.isValid)
        streaming.zstdLevel = section.whole("zstd_level", default: streaming.zstdLevel, in: 1...19)
        streaming.deflateLevel = section.whole("deflate_level", default: streaming.deflateLevel, in: 1...9)
        return streaming
    }

    private func authentication() -> Configuration.Authentication {
        let section = self.section("auth")
        var authentication = Configuration.Authentication()
        authentication.mode = section.choice("mode", default: authentication.mode)
        authentication.sessionLifetimeNanoseconds = section.duration(
            "session_lifetime", default: authentication.sessionLifetimeNanoseconds,
            in: 1_000 * Self.millisecond...720 * Self.hour)
        authentication.sessionIdleNanoseconds = section.duration(
            "session_idle", default: authentication.sessionIdleNanoseconds,
            in: 1_000 * Self.millisecond...720 * Self.hour)
        authentication.isCookieSecure = section.flag("secure_cookie", default: authentication.isCookieSecure)
        return authentication
    }

    private func tradingDay() -> Configuration.TradingDay {
        let section = self.section("trading_day")
        var day = Configuration.TradingDay()
        let standard = RollTime.format(minutes: day.rollMinutes)
        let text = section.text("roll", default: standard, allowed: "\"HH:MM\" from \"00:00\" to \"23:59\"") {
            RollTime.minutes($0) != nil
        }
        day.rollMinutes = RollTime.minutes(text) ?? day.rollMinutes
        day.zone = section.text("zone", default: day.zone, allowed: "an IANA time zone such as America/New_York") {
            $0.utf8.count <= 64 && $0.utf8.allSatisfy { $0.isIdentifierByte || "/+".utf8.contains($0) }
                && TimeZone(identifier: $0) != nil
        }
        return day
    }
}
