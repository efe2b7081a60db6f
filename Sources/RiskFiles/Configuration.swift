// SPDX-License-Identifier: Apache-2.0
// The daemon's configuration as values: every key of the file with its default (DESIGN.md §8).

import RiskDomain

/// What the daemon is told at start. Immutable once loaded; a reload makes a new value.
public struct Configuration: Sendable, Equatable {
    public var http: HTTP
    public var data: Data
    public var history: History
    /// 1 to ``feedsMax``, names unique. Indices are those of `--set feeds.0.…`.
    public var feeds: [Feed]
    public var risk: Risk
    public var models: Models
    public var engine: Engine
    public var streaming: Streaming
    public var store: Store
    public var orders: Orders
    public var venue: Venue
    /// At most ``webhooksMax``.
    public var webhooks: [Webhook]
    public var kafka: Kafka
    public var tradingDay: TradingDay
    public var authentication: Authentication
    public var node: Node
    public var relay: Relay
    public var log: Log

    public static let feedsMax = 16

    public init(
        http: HTTP = HTTP(), data: Data = Data(), history: History = History(), feeds: [Feed] = [Feed()],
        risk: Risk = Risk(), models: Models = Models(), engine: Engine = Engine(),
        streaming: Streaming = Streaming(),
        store: Store = Store(), orders: Orders = Orders(), venue: Venue = Venue(), webhooks: [Webhook] = [],
        kafka: Kafka = Kafka(), tradingDay: TradingDay = TradingDay(),
        authentication: Authentication = Authentication(), node: Node = Node(), relay: Relay = Relay(),
        log: Log = Log()
    ) {
        self.http = http
        self.data = data
        self.history = history
        self.feeds = feeds
        self.risk = risk
        self.models = models
        self.engine = engine
        self.streaming = streaming
        self.store = store
        self.orders = orders
        self.venue = venue
        self.webhooks = webhooks
        self.kafka = kafka
        self.tradingDay = tradingDay
        self.authentication = authentication
        self.node = node
        self.relay = relay
        self.log = log
    }

    /// Section `risk`: the conventions every number published names.
    public typealias Risk = RiskConvention
    /// Section `models`.
    public typealias Models = RiskModelSettings

    /// Section `http`.
    public struct HTTP: Sendable, Equatable {
        /// IPv4 or IPv6 address or name to listen on, without brackets.
        public var host: String
        /// 0 to 65,535; 0 lets the kernel choose.
        public var port: Int

        /// Names answered to besides those of loopback, without ports; at most 64.
        public var allowedHosts: [String]
        /// Open at a time, 1 to 1,000,000; as far as the limit of open files lets.
        public var maxConnections: Int
        /// Of them from one IPv4 address or IPv6 /64, 1 to 1,000,000.
        public var maxConnectionsPerAddress: Int
        /// For the header of a request, 100 ms to 1 h.
        public var headerTimeoutNanoseconds: UInt64
        /// For a client to take a response, 100 ms to 1 h.
        public var responseTimeoutNanoseconds: UInt64
        /// Between two requests of a connection, 100 ms to 1 h.
        public var idleTimeoutNanoseconds: UInt64
        /// Addresses of proxies whose `X-Forwarded-For` is believed; at most 64.
        public var trustedProxies: [String] = []
        /// Folder that the dashboard's files are read from at every request; empty for those built in.
        public var pageFolder = ""

        public static let allowedHostsMax = 64
        public static let trustedProxiesMax = 64

        public init(
            host: String = "127.0.0.1", port: Int = 8080, allowedHosts: [String] = [], maxConnections: Int = 25_000,
            maxConnectionsPerAddress: Int = 10_000, headerTimeoutNanoseconds: UInt64 = 10_000_000_000,
            responseTimeoutNanoseconds: UInt64 = 30_000_000_000, idleTimeoutNanoseconds: UInt64 = 60_000_000_000
        ) {
            self.host = host
            self.port = port
            self.allowedHosts = allowedHosts
            self.maxConnections = maxConnections
            self.maxConnectionsPerAddress = maxConnectionsPerAddress
            self.headerTimeoutNanoseconds = headerTimeoutNanoseconds
            self.responseTimeoutNanoseconds = responseTimeoutNanoseconds
            self.idleTimeoutNanoseconds = idleTimeoutNanoseconds
        }
    }

    /// Section `engine`.
    public struct Engine: Sendable, Equatable {
        /// Threads that cut accounts, 1 to 64.
        public var shards = 1

        public init() {}
    }

    /// Section `trading_day`.
    public struct TradingDay: Sendable, Equatable {
        /// Key `roll`, written "HH:MM": minutes after midnight at which the day rolls, 0 to 1,439.
        public var rollMinutes: Int
        /// IANA name of the time zone ``rollMinutes`` is in.
        public var zone: String

        public init(rollMinutes: Int = 0, zone: String = "UTC") {
            self.rollMinutes = rollMinutes
            self.zone = zone
        }
    }

    /// Section `auth`.
    public struct Authentication: Sendable, Equatable {
        public enum Mode: String, Sendable, CaseIterable {
            /// People sign in, programs show tokens.
            case password
            /// Everybody may do everything; refused outside loopback.
            case none
        }

        public var mode: Mode
        /// From sign-in to the end of a session; 1 s to 30 days.
        public var sessionLifetimeNanoseconds: UInt64
        /// Without a request and without an open stream; 1 s to 30 days.
        public var sessionIdleNanoseconds: UInt64
        /// Key `secure_cookie`: whether browsers show the session over https only.
        public var isCookieSecure: Bool

        public init(
            mode: Mode = .password, sessionLifetimeNanoseconds: UInt64 = 43_200_000_000_000,
            sessionIdleNanoseconds: UInt64 = 3_600_000_000_000, isCookieSecure: Bool = false
        ) {
            self.mode = mode
            self.sessionLifetimeNanoseconds = sessionLifetimeNanoseconds
            self.sessionIdleNanoseconds = sessionIdleNanoseconds
            self.isCookieSecure = isCookieSecure
        }
    }

    /// Section `log`.
    public struct Log: Sendable, Equatable {
        /// Least severe messages written; names as in swift-log.
        public enum Level: String, Sendable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }

        public enum Format: String, Sendable, CaseIterable {
            case text, json
        }

        public var level: Level
        public var format: Format

        public init(level: Level = .info, format: Format = .text) {
            self.level = level
            self.format = format
        }
    }
}
