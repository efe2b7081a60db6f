// SPDX-License-Identifier: Apache-2.0
// The names of all keys, for strictness, hints, `--set` and environment variables.

struct SettingKey {
    let name: String
    /// `nil` for a scalar; for a list, its default items as text, onto which single items are set.
    let defaultItems: [String]?
    /// Whether a list of one item may be written as the item.
    let isListOptional: Bool

    init(_ name: String, listOf defaultItems: [String]? = nil, isListOptional: Bool = false) {
        self.name = name
        self.defaultItems = defaultItems
        self.isListOptional = isListOptional
    }
}

struct SettingSection {
    let name: String
    /// Whether it is a list of sections, addressed by index.
    let isRepeated: Bool
    let keys: [SettingKey]

    init(_ name: String, isRepeated: Bool = false, _ keys: [SettingKey]) {
        self.name = name
        self.isRepeated = isRepeated
        self.keys = keys
    }

    func key(_ name: String) -> SettingKey? {
        self.keys.first { $0.name == name }
    }
}

enum ConfigurationSchema {
    static let sections: [SettingSection] = [
        SettingSection(
            "http",
            [
                SettingKey("listen"), SettingKey("allowed_hosts", listOf: []),
                SettingKey("trusted_proxies", listOf: []), SettingKey("max_connections"),
                SettingKey("max_connections_per_address"), SettingKey("header_timeout"),
                SettingKey("response_timeout"), SettingKey("idle_timeout"), SettingKey("page_folder"),
            ]),
        SettingSection(
            "data",
            [
                SettingKey("instruments"), SettingKey("accounts"), SettingKey("positions"),
                SettingKey("history", listOf: ["history.csv"], isListOptional: true), SettingKey("scenarios"),
                SettingKey("events"),
            ]),
        SettingSection("history", [SettingKey("fill_days"), SettingKey("calendar"), SettingKey("min_returns")]),
        SettingSection(
            "feeds", isRepeated: true,
            [
                "name", "endpoint", "socket", "pattern", "topic", "snapshot_endpoint", "silent_after", "receive_hwm",
                "ring_capacity", "curve_secret_key_file", "curve_server_key",
            ].map { SettingKey($0) } + [SettingKey("curve_allowed_keys", listOf: [])]),
        SettingSection(
            "risk",
            [
                SettingKey("base_currency"), SettingKey("window"),
                SettingKey("confidences_bp", listOf: ["9500", "9750", "9900"]), SettingKey("quantile"),
                SettingKey("expected_shortfall"), SettingKey("horizon_days"), SettingKey("horizon_method"),
                SettingKey("missing_history"), SettingKey("stale_after"), SettingKey("cut_interval"),
                SettingKey("valuation_date"),
            ]),
        SettingSection(
            "models",
            [
                "age_weighted_lambda", "volatility_lambda", "stressed_days", "interval_level_bp", "worst_scenarios",
                "histogram_bins", "backtest_days",
            ].map { SettingKey($0) }),
        SettingSection("engine", [SettingKey("shards")]),
        SettingSection(
            "streaming",
            [
                SettingKey("max_clients"), SettingKey("slow_client_timeout"), SettingKey("frame_timeout"),
                SettingKey("allowed_origins", listOf: []),
                SettingKey("zstd_level"), SettingKey("deflate_level"),
            ]),
        SettingSection(
            "store",
            [
                "engine", "directory", "url", "password_file", "schema", "timeout", "outbox_max", "keep_seconds",
                "keep_minutes",
            ].map { SettingKey($0) }),
        SettingSection(
            "orders",
            [
                "per_minute", "quantity_max", "notional_max", "position_notional_max", "concentration_max_pct",
                "leverage_max", "collar_pct", "open_max", "duplicate_window",
            ].map { SettingKey($0) }),
        SettingSection(
            "venue",
            [
                "kind", "seed", "size_per_quote", "slippage_ticks", "fee_rate", "fee_minimum", "endpoint",
                "curve_secret_key_file", "curve_server_key",
            ].map { SettingKey($0) }),
        SettingSection(
            "webhooks", isRepeated: true,
            [
                SettingKey("url"), SettingKey("secret_file"), SettingKey("levels", listOf: ["warn", "critical"]),
                SettingKey("attempts"), SettingKey("timeout"),
            ]),
        SettingSection(
            "kafka",
            [
                "brokers", "client_id", "group", "session_timeout", "partitioner", "fills_topic", "rejected_topic",
                "risk_topic", "vectors_topic", "nodes_topic", "risk_interval", "start", "lost_offsets", "waiting_max",
            ].map { SettingKey($0) } + [
                SettingKey("properties", listOf: []), SettingKey("sasl_password_file"),
                SettingKey("ssl_key_password_file"),
            ]),
        SettingSection("trading_day", [SettingKey("roll"), SettingKey("zone")]),
        SettingSection(
            "auth",
            [
                SettingKey("mode"), SettingKey("session_lifetime"), SettingKey("session_idle"),
                SettingKey("secure_cookie"),
            ]),
        SettingSection("node", ["role", "name", "host", "secret_file"].map { SettingKey($0) }),
        SettingSection(
            "relay",
            [
                "bind", "snapshot_bind", "connect", "snapshot_connect", "api", "silent_after", "hwm",
                "curve_secret_key_file", "curve_server_key",
            ].map { SettingKey($0) } + [SettingKey("curve_allowed_keys", listOf: [])]),
        SettingSection("log", [SettingKey("level"), SettingKey("format")]),
    ]

    static func section(_ name: String) -> SettingSection? { self.sections.first { $0.name == name } }

    /// The key path most like `name` standing in `section` (`nil`: at the top), preferring that section.
    /// - Parameter index: of the repeated section that is meant.
    static func nearest(to name: String, in section: String?, index: Int = 0) -> String {
        var best = (score: Int.max, path: "")
        func offer(_ candidate: String, isNeighbour: Bool, path: String) {
            let score = 2 * NearestName.edits(from: name, to: candidate) + (isNeighbour ? 0 : 1)
            if score < best.score { best = (score, path) }
        }
        for known in self.sections {
            offer(known.name, isNeighbour: section == nil, path: known.name)
            let prefix = known.isRepeated ? "\(known.name).\(index)" : known.name
            for key in known.keys {
                offer(key.name, isNeighbour: section == known.name, path: "\(prefix).\(key.name)")
            }
        }
        return best.path
    }
}
