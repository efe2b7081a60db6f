// SPDX-License-Identifier: Apache-2.0
// Prints a configuration as the YAML that loads back to an equal one.

import RiskDomain

extension Configuration {
    /// Every key with its value in effect. Of a secret only the path of its file is shown.
    ///
    /// Relative data paths, which only a configuration made in code has, are written as they are.
    public var effectiveYAML: String {
        var lines = Self.lines(of: self.http)
        lines += Self.lines(of: self.data)
        lines += [
            "history:", "  fill_days: \(self.history.fillDays)", "  calendar: \(self.history.calendar.rawValue)",
            "  min_returns: \(self.risk.minimumReturns)",
        ]
        lines.append("feeds:")
        lines += self.feeds.flatMap(Self.lines)
        lines += Self.lines(of: self.risk) + Self.lines(of: self.models)
        let origins = self.streaming.allowedOrigins.map(Self.quote).joined(separator: ", ")
        lines += [
            "engine:", "  shards: \(self.engine.shards)",
            "streaming:", "  max_clients: \(self.streaming.maxClients)",
            "  slow_client_timeout: \(DurationText.format(nanoseconds: self.streaming.slowClientTimeoutNanoseconds))",
            "  frame_timeout: \(DurationText.format(nanoseconds: self.streaming.frameTimeoutNanoseconds))",
            "  allowed_origins: [\(origins)]", "  zstd_level: \(self.streaming.zstdLevel)",
            "  deflate_level: \(self.streaming.deflateLevel)",
        ]
        lines += Self.lines(of: self.store)
        lines += Self.lines(of: self.orders) + Self.lines(of: self.venue) + Self.lines(of: self.webhooks)
        lines += Self.lines(of: self.kafka)
        lines += [
            "trading_day:", "  roll: \(Self.quote(RollTime.format(minutes: self.tradingDay.rollMinutes)))",
            "  zone: \(Self.quote(self.tradingDay.zone))",
            "auth:", "  mode: \(self.authentication.mode.rawValue)",
            "  session_lifetime: "
                + DurationText.format(nanoseconds: self.authentication.sessionLifetimeNanoseconds),
            "  session_idle: \(DurationText.format(nanoseconds: self.authentication.sessionIdleNanoseconds))",
            "  secure_cookie: \(self.authentication.isCookieSecure)",
        ]
        lines += Self.lines(of: self.node) + Self.lines(of: self.relay)
        lines += [
            "log:", "  level: \(self.log.level.rawValue)", "  format: \(self.log.format.rawValue)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of http: HTTP) -> [String] {
        [
            "http:", "  listen: \(self.quote(http.listen))",
            "  allowed_hosts: [\(http.allowedHosts.map(self.quote).joined(separator: ", "))]",
            "  trusted_proxies: [\(http.trustedProxies.map(self.quote).joined(separator: ", "))]",
            "  max_connections: \(http.maxConnections)",
            "  max_connections_per_address: \(http.maxConnectionsPerAddress)",
            "  header_timeout: \(DurationText.format(nanoseconds: http.headerTimeoutNanoseconds))",
            "  response_timeout: \(DurationText.format(nanoseconds: http.responseTimeoutNanoseconds))",
            "  idle_timeout: \(DurationText.format(nanoseconds: http.idleTimeoutNanoseconds))",
            "  page_folder: \(self.quote(http.pageFolder))",
        ]
    }

    private static func lines(of data: Data) -> [String] {
        let paths = data.history.map(self.quote)
        let history = paths.count == 1 ? paths[0] : "[\(paths.joined(separator: ", "))]"
        return [
            "data:", "  instruments: \(self.quote(data.instruments))", "  accounts: \(self.quote(data.accounts))",
            "  positions: \(self.quote(data.positions))", "  history: \(history)",
            "  scenarios: \(self.quote(data.scenarios))", "  events: \(self.quote(data.events))",
        ]
    }

    private static func lines(of feed: Feed) -> [String] {
        [
            "  - name: \(self.quote(feed.name))", "    endpoint: \(self.quote(feed.endpoint))",
            "    socket: \(feed.socket.rawValue)", "    pattern: \(feed.pattern.rawValue)",
            "    topic: \(self.quote(feed.topic))", "    snapshot_endpoint: \(self.quote(feed.snapshotEndpoint))",
            "    silent_after: \(DurationText.format(nanoseconds: feed.silentAfterNanoseconds))",
            "    receive_hwm: \(feed.receiveHighWaterMark)", "    ring_capacity: \(feed.ringCapacity)",
            "    curve_secret_key_file: \(self.quote(feed.curve?.secretKeyFile ?? ""))",
            "    curve_server_key: \(self.quote(feed.curve?.serverKey ?? ""))",
            "    curve_allowed_keys: [\((feed.curve?.allowedKeys ?? []).map(self.quote).joined(separator: ", "))]",
        ]
    }

    private static func lines(of risk: Risk) -> [String] {
        [
            "risk:", "  base_currency: \(self.quote(risk.baseCurrency))", "  window: \(risk.window)",
            "  confidences_bp: [\(risk.confidences.map(String.init).joined(separator: ", "))]",
            "  quantile: \(risk.quantile.rawValue)", "  expected_shortfall: \(risk.shortfall.rawValue)",
            "  horizon_days: \(risk.horizonDays)", "  horizon_method: \(risk.horizonMethod.rawValue)",
            "  missing_history: \(risk.missingHistory.rawValue)",
            "  stale_after: \(DurationText.format(nanoseconds: risk.staleAfterNanoseconds))",
            "  cut_interval: \(DurationText.format(nanoseconds: risk.cutIntervalNanoseconds))",
            "  valuation_date: \(self.quote(risk.valuationDay?.description ?? ""))",
        ]
    }

    private static func lines(of models: Models) -> [String] {
        [
            "models:", "  age_weighted_lambda: \(models.ageWeightedLambda)",
            "  volatility_lambda: \(models.volatilityLambda)", "  stressed_days: \(models.stressedDays)",
            "  interval_level_bp: \(models.intervalLevel)", "  worst_scenarios: \(models.worstScenarios)",
            "  histogram_bins: \(models.histogramBins)", "  backtest_days: \(models.backtestDays)",
        ]
    }

    /// A double-quoted YAML scalar.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if scalar.isControl {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

extension Configuration.HTTP {
    /// `host:port`, an IPv6 address in brackets.
    public var listen: String { NetworkAddress(host: self.host, port: self.port).text }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { NetworkAddress(host: self.host, port: self.port).isLoopback }
}
