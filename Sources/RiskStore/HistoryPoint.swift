// SPDX-License-Identifier: Apache-2.0
// P&L, risk and exposure over time.

/// How long one stored point stands for.
public enum HistoryResolution: Int64, Sendable, CaseIterable {
    // The values are lengths in seconds.
    case second = 1
    case minute = 60
    case day = 86_400

    /// First second of the interval `seconds` (since 1970) lies in; days begin at midnight UTC.
    public func start(of seconds: Int64) -> Int64 {
        let rest = seconds % self.rawValue
        return seconds - (rest < 0 ? rest + self.rawValue : rest)
    }
}

/// What was seen at one moment, or the last of an interval. Money in the account's currency; what was not known is
/// `nil`.
public struct HistoryPoint: Sendable, Equatable {
    /// `nil` is the firm.
    public var account: String?
    /// Seconds since 1970: of the moment, or of the interval's beginning.
    public var seconds: Int64
    public var totalPnL: Double?
    public var dayPnL: Double?
    /// Losses positive.
    public var valueAtRisk: Double?
    public var expectedShortfall: Double?
    public var grossExposure: Double?
    public var netExposure: Double?

    public init(
        account: String?, seconds: Int64, totalPnL: Double? = nil, dayPnL: Double? = nil, valueAtRisk: Double? = nil,
        expectedShortfall: Double? = nil, grossExposure: Double? = nil, netExposure: Double? = nil
    ) {
        self.account = account
        self.seconds = seconds
        self.totalPnL = totalPnL
        self.dayPnL = dayPnL
        self.valueAtRisk = valueAtRisk
        self.expectedShortfall = expectedShortfall
        self.grossExposure = grossExposure
        self.netExposure = netExposure
    }
}

/// An interval of stored history.
public struct HistoryInterval: Sendable, Equatable {
    /// The last observation of the interval, at its beginning's time.
    public var last: HistoryPoint
    /// Over the observations that had one.
    public var totalPnLMin: Double?
    public var totalPnLMax: Double?

    public init(last: HistoryPoint, totalPnLMin: Double?, totalPnLMax: Double?) {
        self.last = last
        self.totalPnLMin = totalPnLMin
        self.totalPnLMax = totalPnLMax
    }
}
