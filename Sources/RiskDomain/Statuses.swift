// SPDX-License-Identifier: Apache-2.0
// The words that go with numbers; raw values are the codes shared with the engine and the binary frames.

/// How far a number can be trusted (DESIGN.md §5).
public enum ValueStatus: UInt8, Sendable, CaseIterable {
    case ok, stale, partial, missing

    public var name: String { ["ok", "stale", "partial", "missing"][Int(self.rawValue)] }

    /// Status of a total over parts; `ok` for no parts.
    public static func ofTotal(_ parts: some Sequence<ValueStatus>) -> ValueStatus {
        var count = 0
        var missing = 0
        var worst = ValueStatus.ok
        for part in parts {
            count += 1
            if part == .missing { missing += 1 }
            worst = max(worst, part)
        }
        if count > 0, missing == count { return .missing }
        return worst == .missing ? .partial : worst
    }
}

extension ValueStatus: Comparable {
    public static func < (left: ValueStatus, right: ValueStatus) -> Bool { left.rawValue < right.rawValue }
}

/// Trading state of an instrument, as its publisher says.
public enum TradingStatus: UInt8, Sendable, CaseIterable {
    case trading, halted, closed

    public var name: String { ["trading", "halted", "closed"][Int(self.rawValue)] }
}

/// How much of its margin an account uses (DESIGN.md §5).
public enum MarginLevel: UInt8, Sendable, CaseIterable {
    case ok, warn, critical, unknown

    public var name: String { ["ok", "warn", "critical", "unknown"][Int(self.rawValue)] }
}
