// SPDX-License-Identifier: Apache-2.0
// What loads: defaults, all types of values, precedence, lists by index, paths.

import Foundation
import RiskDomain
import RiskFiles
import Testing

@Suite struct ConfigurationLoaderTests {
    /// The defaults but for data paths, which loading makes absolute.
    private func withDefaultData(_ configuration: Configuration) -> Configuration {
        var copy = configuration
        copy.data = Configuration.Data()
        return copy
    }

    private func load(
        _ yaml: String, settings: [String] = [], environment: [String: String] = [:]
    ) throws -> Configuration {
        let folder = try ScratchFolder()
        return try ConfigurationLoader.load(
            file: try folder.write("t.yaml", yaml), settings: settings, environment: environment)
    }

    @Test func defaultsAreThoseOfTheDesign() {
        let configuration = Configuration()
        #expect(configuration.http == Configuration.HTTP(host: "127.0.0.1", port: 8080))
        #expect(configuration.data.scenarios == "scenarios.yaml")
        #expect(configuration.data.history == ["history.csv"] && configuration.data.events == "")
        #expect(configuration.history == Configuration.History(fillDays: 0, calendar: .union))
        #expect(configuration.risk.minimumReturns == 1)
        #expect(configuration.feeds.count == 1)
        let feed = configuration.feeds[0]
        #expect(feed.name == "primary" && feed.endpoint == "tcp://127.0.0.1:5556")
        #expect(feed.socket == .connect && feed.pattern == .sub && feed.topic == "" && feed.snapshotEndpoint == "")
        #expect(feed.silentAfterNanoseconds == 5_000_000_000)
        #expect(feed.receiveHighWaterMark == 1_000 && feed.ringCapacity == 65_536)
        #expect(configuration.risk == RiskConvention())
        #expect(configuration.risk.confidences == [9500, 9750, 9900])
        #expect(configuration.risk.shortfall == .acerbiTasche && configuration.risk.horizonMethod == .squareRoot)
        #expect(configuration.risk.valuationDay == nil)
        let models = configuration.models
        #expect(models.ageWeightedLambda == 0.98 && models.volatilityLambda == 0.94 && models.stressedDays == 250)
        #expect(models.intervalLevel == 9500 && models.worstScenarios == 10 && models.histogramBins == 60)
        #expect(models.backtestDays == 250)
        #expect(configuration.streaming.maxClients == 20_000)
        #expect(configuration.streaming.slowClientTimeoutNanoseconds == 15_000_000_000)
        #expect(configuration.streaming.allowedOrigins.isEmpty)
        #expect(configuration.streaming.zstdLevel == 1 && configuration.streaming.deflateLevel == 1)
        #expect(configuration.store == Configuration.Store(directory: ""))
        #expect(configuration.tradingDay == Configuration.TradingDay(rollMinutes: 0, zone: "UTC"))
        #expect(configuration.authentication == Configuration.Authentication(mode: .password))
        #expect(configuration.authentication.sessionLifetimeNanoseconds == 43_200_000_000_000)
        #expect(configuration.authentication.sessionIdleNanoseconds == 3_600_000_000_000)
        #expect(!configuration.authentication.isCookieSecure)
        #expect(configuration.log.level == .info && configuration.log.format == .text)
    }

    @Test(arguments: ["", "# nothing\n", "risk:\nfeeds:\nhttp: {}\n", "---\n"])
    func absentAndEmptySectionsTakeDefaults(yaml: String) throws {
        #expect(self.withDefaultData(try self.load(yaml)) == Configuration())
    }

    @Test func noFileMeansDefaultsBesideTheWorkingDirectory() throws {
        let configuration = try ConfigurationLoader.load()
        #expect(self.withDefaultData(configuration) == Configuration())
        #expect(configuration.data.history == [FileManager.default.currentDirectoryPath + "/history.csv"])
    }

    @Test func everyKeyIsReadFromTheFile() throws {
        let configuration = try self.load(
            """
            http: {listen: "[::1]:0"}
            data: {instruments: /a/i.csv, accounts: /a/a.csv, positions: /a/p.csv, history: [/a/h.csv, /a/g.csv],
                   scenarios: /a/s.yaml, events: /a/e.csv}
            history: {fill_days: 3, calendar: intersection, min_returns: 100}
            feeds:
              - {name: a, endpoint: "ipc:///run/t", socket: bind, pattern: pull, topic: T,
                 snapshot_endpoint: "inproc://s", silent_after: 250ms, receive_hwm: 7, ring_capacity: 8}
              - {name: b}
            risk: {base_currency: EUR, window: 250, confidences_bp: [9000], quantile: linear, horizon_days: 10,
                   missing_history: proxy, stale_after: 1m, cut_interval: 250000us, horizon_method: overlapping,
                   expected_shortfall: tail_mean, valuation_date: 2020-02-29}
            models: {age_weighted_lambda: 0.5, volatility_lambda: 0.9999, stressed_days: 1, interval_level_bp: 9000,
                     worst_scenarios: 3, histogram_bins: 2, backtest_days: 5000}
            streaming: {max_clients: 5, slow_client_timeout: 2s, allowed_origins: ["https://desk.example:8443"],
                        zstd_level: 3, deflate_level: 9}
            store: {directory: /a/state, keep_seconds: 1h, keep_minutes: 24h, engine: postgres, schema: desk_2,
                    url: "host=/run/postgresql dbname=t", timeout: 2s, outbox_max: 7}
            orders: {per_minute: 7, quantity_max: 500, notional_max: 1e6, collar_pct: 2.5, open_max: 9,
                     position_notional_max: 5e6, concentration_max_pct: 20, leverage_max: 1.5,
                     duplicate_window: 0s}
            venue: {kind: gateway, seed: 5, size_per_quote: 100, slippage_ticks: 2, fee_rate: 0.001, fee_minimum: 1,
                    endpoint: "ipc:///run/orders"}
            trading_day: {roll: 17:05, zone: America/New_York}
            auth: {mode: none, session_lifetime: 24h, session_idle: 5m, secure_cookie: true}
            log: {level: trace, format: json}
            """)
        let expected = Configuration(
            http: .init(host: "::1", port: 0),
            data: .init(
                instruments: "/a/i.csv", accounts: "/a/a.csv", positions: "/a/p.csv",
                history: ["/a/h.csv", "/a/g.csv"], scenarios: "/a/s.yaml", events: "/a/e.csv"),
            history: .init(fillDays: 3, calendar: .intersection),
            feeds: [
                .init(
                    name: "a", endpoint: "ipc:///run/t", socket: .bind, pattern: .pull, topic: "T",
                    snapshotEndpoint: "inproc://s", silentAfterNanoseconds: 250_000_000, receiveHighWaterMark: 7,
                    ringCapacity: 8),
                .init(name: "b"),
            ],
            risk: RiskConvention(
                baseCurrency: "EUR", window: 250, confidences: [9000], quantile: .linear, shortfall: .tailMean,
                horizonDays: 10, horizonMethod: .overlapping, missingHistory: .proxy,
                staleAfterNanoseconds: 60_000_000_000, cutIntervalNanoseconds: 250_000_000,
                valuationDay: CalendarDay(iso8601: "2020-02-29"), minimumReturns: 100),
            models: RiskModelSettings(
                ageWeightedLambda: 0.5, volatilityLambda: 0.9999, stressedDays: 1, intervalLevel: 9000,
                worstScenarios: 3, histogramBins: 2, backtestDays: 5_000),
            streaming: .init(
                maxClients: 5, slowClientTimeoutNanoseconds: 2_000_000_000,
                allowedOrigins: ["https://desk.example:8443"], zstdLevel: 3, deflateLevel: 9),
            store: .init(
                engine: .postgres, directory: "/a/state", url: "host=/run/postgresql dbname=t", schema: "desk_2",
                timeoutNanoseconds: 2_000_000_000, outboxEntriesMax: 7,
                keepSecondsNanoseconds: 3_600_000_000_000, keepMinutesNanoseconds: 86_400_000_000_000),
            orders: .init(
                perMinute: 7, quantityMax: 500, notionalMax: 1e6, positionNotionalMax: 5e6, concentrationPercent: 20,
                leverageMax: 1.5, collarPercent: 2.5, openMax: 9, duplicateNanoseconds: 0),
            venue: .init(
                kind: .gateway, seed: 5, sizePerQuote: 100, slippageTicks: 2, feeRate: 0.001, feeMinimum: 1,
                endpoint: "ipc:///run/orders"),
            tradingDay: .init(rollMinutes: 17 * 60 + 5, zone: "America/New_York"),
            authentication: .init(
                mode: .none, sessionLifetimeNanoseconds: 86_400_000_000_000,
                sessionIdleNanoseconds: 300_000_000_000, isCookieSecure: true),
            log: .init(level: .trace, format: .json))
        #expect(configuration == expected)
    }

    @Test func theCommandLineWinsOverTheEnvironmentOverTheFile() throws {
        let yaml = "risk: {window: 100, horizon_days: 2, quantile: linear}"
        let environment = [
            "TICKRISK_RISK_WINDOW": "200", "TICKRISK_RISK_HORIZON_DAYS": "3", "TICKRISK_TIER": "scalar", "PATH": "/bin",
        ]
        let risk = try self.load(yaml, settings: ["risk.window=299", "risk.window=300"], environment: environment).risk
        #expect(risk.window == 300)
        #expect(risk.horizonDays == 3)
        #expect(risk.quantile == .linear)
    }

    @Test func settingsReachIntoFeedsByIndexAndAppendTheNext() throws {
        let environment = [
            "TICKRISK_FEEDS_0_ENDPOINT": "tcp://localhost:1", "TICKRISK_FEEDS_1_NAME": "second",
            "TICKRISK_FEEDS_2_NAME": "third", "TICKRISK_FEEDS_1_SNAPSHOT_ENDPOINT": "ipc://snap",
        ]
        let settings = ["feeds.2.topic=a=b #c", "feeds.3.name=x"]
        let feeds = try self.load("", settings: settings, environment: environment).feeds
        #expect(feeds.map(\.name) == ["primary", "second", "third", "x"])
        #expect(feeds[0].endpoint == "tcp://localhost:1")
        #expect(feeds[1].snapshotEndpoint == "ipc://snap")
        #expect(feeds[2].topic == "a=b #c")
        let changes = ["feeds.0.topic=", "feeds.0.pattern=pull"]
        let changed = try self.load("feeds: [{name: a, topic: x}]", settings: changes)
        #expect(changed.feeds == [Configuration.Feed(name: "a", pattern: .pull, topic: "")])
    }

    @Test func listsAreSetWholeOrByItem() throws {
        #expect(try self.load("", settings: ["risk.confidences_bp=[9000, 9900]"]).risk.confidences == [9000, 9900])
        let environment = ["TICKRISK_RISK_CONFIDENCES_BP_0": "9400", "TICKRISK_STREAMING_ALLOWED_ORIGINS": "[]"]
        let both = try self.load("", settings: ["risk.confidences_bp.3=9990"], environment: environment)
        #expect(both.risk.confidences == [9400, 9750, 9900, 9990])
    }

    @Test func theHistoryIsOnePathOrAListOfThem() throws {
        func history(_ yaml: String, _ settings: [String], _ environment: [String: String] = [:]) throws -> [String] {
            try self.load(yaml, settings: settings, environment: environment).data.history
        }
        #expect(try history("", ["data.history=/x: y #1.csv"]) == ["/x: y #1.csv"])
        #expect(try history("", ["data.history=[/x.csv, /y.csv]"]) == ["/x.csv", "/y.csv"])
        #expect(try history("data: {history: /a}", ["data.history.1=/b"]) == ["/a", "/b"])
        #expect(try history("data: {history: [/a, /b]}", ["data.history.0=/c"]) == ["/c", "/b"])
        #expect(try history("data: {history: [/a, /b]}", ["data.history=/c"]) == ["/c"])
        let environment = ["TICKRISK_DATA_HISTORY_1": "/b", "TICKRISK_DATA_HISTORY": "/a"]
        #expect(try history("", [], environment) == ["/a", "/b"])
        #expect(try self.load("", environment: ["TICKRISK_HISTORY_FILL_DAYS": "2"]).history.fillDays == 2)
    }

    @Test func relativeDataPathsAreSeenFromTheFile() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("t.yaml", "data: {accounts: ./sub/a.csv, history: /h.csv}")
        let data = try ConfigurationLoader.load(file: file, settings: ["data.positions=p.csv"]).data
        #expect(data.accounts == "\(folder.path)/sub/a.csv")
        #expect(data.history == ["/h.csv"])
        #expect(data.positions == "\(folder.path)/p.csv")
        #expect(data.instruments == "\(folder.path)/instruments.csv")
    }

    @Test func aFewAliasesAreFollowed() throws {
        let feeds = try self.load("feeds: [{name: a, silent_after: &t 7s}, {name: b, silent_after: *t}]").feeds
        #expect(feeds.map(\.silentAfterNanoseconds) == [7_000_000_000, 7_000_000_000])
    }

    @Test func theEffectiveConfigurationLoadsBackEqual() throws {
        let configurations = [
            try self.load(""),
            try self.load(
                """
                http: {listen: "[::1]:0"}
                data: {accounts: 'we "quote" \\ it: #.csv', history: [/a, "[b", ": c"], events: e.csv}
                history: {fill_days: 250, calendar: intersection, min_returns: 500}
                feeds:
                  - {name: a, endpoint: "ipc:///run/t", socket: bind, pattern: pull, topic: "x: y",
                     silent_after: 1500ms}
                  - {name: b, snapshot_endpoint: "tcp://[::1]:9", ring_capacity: 2, receive_hwm: 1}
                risk: {confidences_bp: [1, 9999], missing_history: proxy, stale_after: 10001us, cut_interval: 1m,
                       quantile: weibull, valuation_date: 1999-12-31, horizon_method: overlapping}
                models: {age_weighted_lambda: 0.995, volatility_lambda: 0.5}
                engine: {shards: 64}
                streaming: {allowed_origins: ["http://a", "https://[::1]:8443"], slow_client_timeout: 1h}
                trading_day: {roll: "23:59", zone: Europe/Berlin}
                log: {level: critical, format: json}
                """),
        ]
        for configuration in configurations {
            #expect(try self.load(configuration.effectiveYAML) == configuration)
        }
    }
}
