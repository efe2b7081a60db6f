// SPDX-License-Identifier: Apache-2.0
// Margin used against its limit, and the level that follows, with hysteresis.

import RiskDomain

/// The margin level of an account or of the firm.
///
/// ```
///          ≥ 80 %            ≥ 95 %
///     ┌──────────────► warn ──────────► critical
///     ok ◄──────────── warn ◄────────── critical
///     ▲       < 75 %          < 90 %       │
///     └────────────────────────────────────┘ < 75 %       ok goes to critical at once at ≥ 95 %
/// ```
public enum MarginLevelRule {
    /// `used / limit · 100`; absent without both and for a limit of 0.
    public static func utilisationPercent(used: Double?, limit: Double?) -> Double? {
        guard let used, let limit, limit > 0 else { return nil }
        return used / limit * 100
    }

    /// - Parameters:
    ///   - level: the level so far; `unknown` counts as `ok`.
    ///   - used: `Σ |MV_i|·margin_rate_i`; `nil` where nothing held has a value.
    ///   - limit: `nil` where none was set.
    public static func next(level: MarginLevel, used: Double?, limit: Double?) -> MarginLevel {
        guard let used, let limit else { return .unknown }
        guard let utilisation = Self.utilisationPercent(used: used, limit: limit) else {
            return used > 0 ? .critical : .ok
        }
        return Self.next(level: level, utilisationPercent: utilisation)
    }

    public static func next(level: MarginLevel, utilisationPercent utilisation: Double) -> MarginLevel {
        let criticalFrom: Double = level == .critical ? 90 : 95
        let warnFrom: Double = level == .critical || level == .warn ? 75 : 80
        if utilisation >= criticalFrom { return .critical }
        return utilisation >= warnFrom ? .warn : .ok
    }
}
