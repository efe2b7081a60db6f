// SPDX-License-Identifier: Apache-2.0
// What is refused, with file, line, key, value and hint.

import RiskFiles
import Testing

@Suite struct ConfigurationRefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var yaml: String
        var kind: FileProblem.Kind
        var line: Int?
        var name: String?
        var nearest: String?

        init(
            _ yaml: String, _ kind: FileProblem.Kind, line: Int? = 1, _ name: String? = nil, nearest: String? = nil
        ) {
            self.yaml = yaml
            self.kind = kind
            self.line = line
            self.name = name
            self.nearest = nearest
        }

        var testDescription: String { String(self.yaml.prefix(60)) }
    }

    static let refusals = [
        // unknown keys
        Refusal("http: {}\nrisk:\n  widnow: 5\n", .unknownName, line: 3, "risk.widnow", nearest: "risk.window"),
        Refusal("htpp: {}", .unknownName, "htpp", nearest: "http"),
        Refusal("window: 5", .unknownName, "window", nearest: "risk.window"),
        Refusal(
            "feeds:\n  - {name: a}\n  - name: b\n    endpiont: x\n", .unknownName, line: 4, "feeds.1.endpiont",
            nearest: "feeds.1.endpoint"),
        // wrong types
        Refusal("risk: {window: abc}", .wrongType, "risk.window"),
        Refusal("risk: {window: \"500\"}", .wrongType, "risk.window"),
        Refusal("risk: {window: 1.5}", .wrongType, "risk.window"),
        Refusal("risk: {window: [5]}", .wrongType, "risk.window"),
        Refusal("risk: {window: }", .wrongType, "risk.window"),
        Refusal("risk: {window: 99999999999999999999}", .wrongType, "risk.window"),
        Refusal("log: {level: {}}", .wrongType, "log.level"),
        Refusal("feeds: {name: a}", .wrongType, "feeds"),
        Refusal("feeds: [a]", .wrongType, "feeds.0"),
        Refusal("risk: [1]", .wrongType, "risk"),
        Refusal("risk: {confidences_bp: 9900}", .wrongType, "risk.confidences_bp"),
        Refusal("risk: {confidences_bp: [a]}", .wrongType, "risk.confidences_bp.0"),
        Refusal("- a", .wrongType),
        // ranges
        Refusal("risk: {window: 0}", .outOfRange, "risk.window"),
        Refusal("risk: {window: 5001}", .outOfRange, "risk.window"),
        Refusal("risk: {window: -1}", .outOfRange, "risk.window"),
        Refusal("risk: {confidences_bp: [10000]}", .outOfRange, "risk.confidences_bp.0"),
        Refusal("risk: {confidences_bp: []}", .outOfRange, "risk.confidences_bp"),
        Refusal("risk: {confidences_bp: [9900, 9900]}", .refused, "risk.confidences_bp"),
        Refusal("risk: {horizon_days: 251}", .outOfRange, "risk.horizon_days"),
        Refusal("risk: {base_currency: usd}", .outOfRange, "risk.base_currency"),
        Refusal("risk: {quantile: discret}", .outOfRange, "risk.quantile", nearest: "discrete"),
        Refusal("risk: {quantile: hazan}", .outOfRange, "risk.quantile", nearest: "hazen"),
        Refusal("risk: {expected_shortfall: mean}", .outOfRange, "risk.expected_shortfall", nearest: "tail_mean"),
        Refusal("risk: {horizon_method: root}", .outOfRange, "risk.horizon_method", nearest: "sqrt"),
        Refusal("risk: {valuation_date: 2021-02-29}", .outOfRange, "risk.valuation_date"),
        Refusal("risk: {valuation_date: 2262-01-01}", .outOfRange, "risk.valuation_date"),
        Refusal("models: {age_weighted_lambda: 1}", .outOfRange, "models.age_weighted_lambda"),
        Refusal("models: {age_weighted_lambda: high}", .wrongType, "models.age_weighted_lambda"),
        Refusal("models: {volatility_lambda: \"0.94\"}", .wrongType, "models.volatility_lambda"),
        Refusal("models: {volatility_lambda: 0.4}", .outOfRange, "models.volatility_lambda"),
        Refusal("models: {stressed_days: 0}", .outOfRange, "models.stressed_days"),
        Refusal("models: {interval_level_bp: 10000}", .outOfRange, "models.interval_level_bp"),
        Refusal("models: {worst_scenarios: 0}", .outOfRange, "models.worst_scenarios"),
        Refusal("models: {histogram_bins: 1}", .outOfRange, "models.histogram_bins"),
        Refusal("models: {backtest_days: 5001}", .outOfRange, "models.backtest_days"),
        Refusal(
            "models: {volatility_lamda: 0.9}", .unknownName, "models.volatility_lamda",
            nearest: "models.volatility_lambda"),
        Refusal("risk: {missing_history: drop}", .outOfRange, "risk.missing_history", nearest: "proxy"),
        Refusal("log: {level: warn}", .outOfRange, "log.level", nearest: "warning"),
        Refusal("log: {format: xml}", .outOfRange, "log.format", nearest: "text"),
        Refusal("auth: {secure_cookie: 1}", .outOfRange, "auth.secure_cookie", nearest: "true"),
        Refusal("auth: {session_idle: 0s}", .outOfRange, "auth.session_idle"),
        Refusal("auth: {mode: pasword}", .outOfRange, "auth.mode", nearest: "password"),
        Refusal("feeds: []", .outOfRange, "feeds"),
        Refusal("feeds: [{socket: binds}]", .outOfRange, "feeds.0.socket", nearest: "bind"),
        Refusal("feeds: [{pattern: pub}]", .outOfRange, "feeds.0.pattern", nearest: "sub"),
        Refusal("feeds: [{name: 'a b'}]", .outOfRange, "feeds.0.name"),
        Refusal("feeds: [{ring_capacity: 1000}]", .outOfRange, "feeds.0.ring_capacity"),
        Refusal("feeds: [{receive_hwm: 0}]", .outOfRange, "feeds.0.receive_hwm"),
        Refusal("streaming: {zstd_level: 20}", .outOfRange, "streaming.zstd_level"),
        Refusal("streaming: {deflate_level: 0}", .outOfRange, "streaming.deflate_level"),
        Refusal("streaming: {max_clients: 0}", .outOfRange, "streaming.max_clients"),
        Refusal("engine: {shards: 0}", .outOfRange, "engine.shards"),
        Refusal("engine: {shards: 65}", .outOfRange, "engine.shards"),
        Refusal("trading_day: {roll: \"24:00\"}", .outOfRange, "trading_day.roll"),
        Refusal("trading_day: {roll: 9:00}", .outOfRange, "trading_day.roll"),
        Refusal("trading_day: {zone: Mars/Olympus}", .outOfRange, "trading_day.zone"),
        Refusal("trading_day: {zone: ../../etc/passwd}", .outOfRange, "trading_day.zone"),
        Refusal("data: {history: \"\"}", .outOfRange, "data.history"),
        Refusal("data: {history: \"a\\0b\"}", .outOfRange, "data.history"),
        Refusal("data: {history: []}", .outOfRange, "data.history"),
        Refusal("data: {history: [a.csv, \"\"]}", .outOfRange, "data.history.1"),
        Refusal("data: {history: {a: b}}", .wrongType, "data.history"),
        Refusal("data: {events: \"a\\0b\"}", .outOfRange, "data.events"),
        Refusal("history: {fill_days: 251}", .outOfRange, "history.fill_days"),
        Refusal("history: {calendar: join}", .outOfRange, "history.calendar", nearest: "union"),
        Refusal("history: {min_returns: 0}", .outOfRange, "history.min_returns"),
        Refusal("history: {min_returns: 501}", .refused, "history.min_returns"),
        // durations
        Refusal("feeds: [{silent_after: 5}]", .outOfRange, "feeds.0.silent_after"),
        Refusal("feeds: [{silent_after: 5 s}]", .outOfRange, "feeds.0.silent_after"),
        Refusal("feeds: [{silent_after: -5s}]", .outOfRange, "feeds.0.silent_after"),
        Refusal("feeds: [{silent_after: 9us}]", .outOfRange, "feeds.0.silent_after"),
        Refusal("risk: {stale_after: 999999999999999999h}", .outOfRange, "risk.stale_after"),
        Refusal("risk: {cut_interval: 99ms}", .outOfRange, "risk.cut_interval"),
        // addresses and safety
        Refusal("http: {listen: \"8080\"}", .outOfRange, "http.listen"),
        Refusal("http: {listen: \"127.0.0.1:65536\"}", .outOfRange, "http.listen"),
        Refusal("http: {listen: \"::1:80\"}", .outOfRange, "http.listen"),
        Refusal("http: {listen: \"[::1:80\"}", .outOfRange, "http.listen"),
        Refusal("http: {listen: \"127.0.0.1:-1\"}", .outOfRange, "http.listen"),
        Refusal("http:\n  listen: \"0.0.0.0:80\"\nauth: {mode: none}", .refused, line: 2, "http.listen"),
        Refusal("http: {listen: \"[::]:80\"}\nauth: {mode: none}", .refused, "http.listen"),
        Refusal("http: {listen: \"desk.example:80\"}\nauth: {mode: none}", .refused, "http.listen"),
        Refusal("http: {listen: \"127.0.0.1.evil.example:80\"}\nauth: {mode: none}", .refused, "http.listen"),
        Refusal("feeds: [{endpoint: \"127.0.0.1:5556\"}]", .outOfRange, "feeds.0.endpoint"),
        Refusal("feeds: [{endpoint: \"\"}]", .outOfRange, "feeds.0.endpoint"),
        Refusal("feeds: [{endpoint: \"tcp://127.0.0.1:0\"}]", .outOfRange, "feeds.0.endpoint"),
        Refusal("feeds: [{endpoint: \"epgm://eth0;1.2.3.4:5\"}]", .outOfRange, "feeds.0.endpoint"),
        Refusal("feeds: [{endpoint: \"tcp://10.0.0.5:5556\"}]", .refused, "feeds.0.endpoint"),
        Refusal("feeds: [{endpoint: \"tcp://*:5556\"}]", .refused, "feeds.0.endpoint"),
        Refusal("feeds: [{snapshot_endpoint: \"tcp://10.0.0.5:5\"}]", .refused, "feeds.0.snapshot_endpoint"),
        Refusal("streaming: {allowed_origins: [\"https://a/\"]}", .outOfRange, "streaming.allowed_origins.0"),
        Refusal("streaming: {allowed_origins: [\"*\"]}", .outOfRange, "streaming.allowed_origins.0"),
        // orders and their venue
        Refusal("orders: {per_minute: 0}", .outOfRange, "orders.per_minute"),
        Refusal("orders: {quantity_max: 0}", .outOfRange, "orders.quantity_max"),
        Refusal("orders: {collar_pct: -1}", .outOfRange, "orders.collar_pct"),
        Refusal("orders: {duplicate_window: 2h}", .outOfRange, "orders.duplicate_window"),
        Refusal("venue: {kind: exchange}", .outOfRange, "venue.kind", nearest: "simulated"),
        Refusal("venue: {kind: gateway}", .refused, "venue.kind"),
        Refusal("venue: {endpoint: \"127.0.0.1:5\"}", .outOfRange, "venue.endpoint"),
        Refusal("venue: {endpoint: \"tcp://10.0.0.5:5\"}", .refused, "venue.endpoint"),
        // Kafka
        Refusal("kafka: {brokers: \"localhost\"}", .outOfRange, "kafka.brokers"),
        Refusal("kafka: {brokers: \"a:1,,b:2\"}", .outOfRange, "kafka.brokers"),
        Refusal("kafka: {brokers: \"127.0.0.1:0\"}", .outOfRange, "kafka.brokers"),
        Refusal("kafka: {brokers: \"127.0.0.1:9092,kafka.example:9092\"}", .refused, "kafka.brokers"),
        Refusal(
            "kafka: {brokers: \"kafka.example:9092\", properties: [security.protocol=plaintext]}", .refused,
            "kafka.brokers"),
        Refusal("kafka: {broker: a}", .unknownName, "kafka.broker", nearest: "kafka.brokers"),
        Refusal("kafka: {group: \"a b\"}", .outOfRange, "kafka.group"),
        Refusal("kafka: {rejected_topic: \"\"}", .outOfRange, "kafka.rejected_topic"),
        Refusal("kafka: {rejected_topic: tickrisk.fills}", .refused, "kafka.rejected_topic"),
        Refusal("kafka: {risk_interval: 10ms}", .outOfRange, "kafka.risk_interval"),
        Refusal("kafka: {start: newest}", .outOfRange, "kafka.start", nearest: "latest"),
        Refusal("kafka: {lost_offsets: skip}", .outOfRange, "kafka.lost_offsets", nearest: "stop"),
        Refusal("kafka: {waiting_max: 511}", .outOfRange, "kafka.waiting_max"),
        Refusal("kafka: {properties: [enable.auto.commit=true]}", .outOfRange, "kafka.properties.0"),
        Refusal("kafka: {properties: [sasl.password=x]}", .outOfRange, "kafka.properties.0"),
        Refusal("kafka: {properties: [plugin.library.paths=x]}", .outOfRange, "kafka.properties.0"),
        Refusal("kafka: {properties: [linger.ms]}", .outOfRange, "kafka.properties.0"),
        Refusal("kafka: {sasl_password_file: /nowhere/at/all}", .refused, "kafka.sasl_password_file"),
        Refusal("venue: {fee_rate: 1.5}", .outOfRange, "venue.fee_rate"),
        // duplicates
        Refusal("risk:\n  window: 1\n  quantile: linear\n  window: 2\n", .duplicate, line: 4, "risk.window"),
        Refusal("risk: {}\nlog: {}\nrisk: {}\n", .duplicate, line: 3, "risk"),
        Refusal("feeds: [{name: a}, {name: a}]", .duplicate, "feeds.1.name"),
        Refusal("feeds:\n  - {}\n  - {}\n", .duplicate, line: 3, "feeds.1.name"),
        // YAML itself
        Refusal("risk: [", .syntax, line: nil),
        Refusal("a: b: c", .syntax),
        Refusal("risk: *nowhere", .syntax),
        Refusal("risk: {window: 1}\n---\nrisk: {window: 2}\n", .syntax, line: 2),
        Refusal("risk: !!binary aGk=", .refused),
        Refusal("? [a]\n: b", .wrongType),
    ]

    @Test(arguments: Self.refusals) func aMistakeIsNamedWithItsPlace(refusal: Refusal) throws {
        let error = try #require(try configurationError(refusal.yaml), "it was accepted")
        #expect(error.problems.count == 1, "\(error)")
        let problem = error.problems[0]
        #expect(problem.kind == refusal.kind, "\(error)")
        if let line = refusal.line { #expect(problem.line == line, "\(error)") }
        #expect(problem.name == refusal.name, "\(error)")
        #expect(problem.nearest == refusal.nearest, "\(error)")
        #expect(problem.source.hasSuffix("/t.yaml"))
    }

    @Test func problemsReadAsOneLineEach() throws {
        let yaml = "risk:\n  widnow: 5\n  horizon_days: 0\nfeeds:\n  - silent_after: 5\n"
        let error = try #require(try configurationError(yaml))
        let file = error.problems[0].source
        let expected = """
            \(file):2: unknown key risk.widnow; did you mean risk.window?
            \(file):3: risk.horizon_days is 0; allowed: a whole number from 1 to 250
            \(file):5: feeds.0.silent_after is 5; allowed: a duration with its unit (ns, us, ms, s, m, h) from 10ms to \
            24h, such as 5s
            """
        #expect(error.description == expected)
        #expect(error.problems[2].value == "5")
    }

    @Test func problemsBeyondTheLimitAreCounted() throws {
        let keys = (0..<150).map { "k\($0): 1" }.joined(separator: "\n")
        let error = try #require(try configurationError(keys))
        #expect(error.problems.count == ConfigurationError.problemsMax)
        #expect(error.omittedCount == 50)
        #expect(error.description.hasSuffix("\nand 50 more"))
    }

    @Test(arguments: [
        ("risk.widnow=1", FileProblem.Kind.unknownName, "risk.window" as String?),
        ("nothing", .syntax, nil),
        ("risk.window=x", .wrongType, nil),
        ("risk={}", .unknownName, nil),
        ("feeds.name=a", .unknownName, "feeds.0.name"),
        ("feeds.5.name=a", .outOfRange, nil),
        ("feeds.0.nmae=a", .unknownName, "feeds.0.name"),
        ("risk.confidences_bp=9900", .wrongType, nil),
        ("risk.confidences_bp=[", .syntax, nil),
        ("risk.confidences_bp.9=1", .outOfRange, nil),
        ("risk.confidences_bp.x=1", .unknownName, nil),
        ("log.level.deep=1", .unknownName, nil),
        ("history.min_returns=501", .refused, nil),
    ])
    func aWrongSettingIsNamed(setting: String, kind: FileProblem.Kind, nearest: String?) throws {
        let error = try #require(try configurationError("", settings: [setting]), "it was accepted")
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.problems[0].kind == kind, "\(error)")
        #expect(error.problems[0].source == "--set \(setting)")
        #expect(error.problems[0].nearest == nearest)
    }

    @Test(arguments: [
        ("TICKRISK_RISK_WIDNOW", "TICKRISK_RISK_WINDOW"), ("TICKRISK_FEEDS_ENDPOINT", "TICKRISK_FEEDS_0_ENDPOINT"),
        ("TICKRISK_risk_window", "TICKRISK_RISK_WINDOW"), ("TICKRISK_", nil as String?),
    ])
    func aVariableThatNamesNoKeyIsAnError(name: String, nearest: String?) throws {
        let error = try #require(try configurationError("", environment: [name: "1"]), "it was accepted")
        #expect(error.problems.map(\.kind) == [.unknownName])
        #expect(error.problems[0].name == name)
        if let nearest { #expect(error.problems[0].nearest == nearest) }
    }

    @Test func aWrongValueFromTheEnvironmentNamesTheVariable() throws {
        let error = try #require(try configurationError("", environment: ["TICKRISK_RISK_WINDOW": "0"]))
        #expect(
            error.description
                == "environment TICKRISK_RISK_WINDOW: risk.window is 0; allowed: a whole number from 1 to 5000")
    }

    @Test func aFileThatCannotBeReadIsNamed() throws {
        for path in ["/nowhere/t.yaml", "", "/", "a\0b"] {
            do throws(ConfigurationError) {
                _ = try ConfigurationLoader.load(file: path)
                Issue.record("\(path) was read")
            } catch {
                #expect(error.problems.map(\.kind) == [.unreadable])
                #expect(error.problems[0].source == path)
            }
        }
    }
}
