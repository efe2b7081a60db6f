// SPDX-License-Identifier: Apache-2.0
// What keeps a checked configuration from running here.

public enum DaemonError: Error, CustomStringConvertible {
    /// The machine's time zone database lacks it.
    case unknownZone(String)
    /// A feed's key is none, or one that everybody knows.
    case unusableKey(feed: String)

    public var description: String {
        switch self {
        case .unknownZone(let name): "unknown time zone \(name): is the time zone database installed?"
        case .unusableKey(let feed): "feed \(feed): its CURVE key is of no use; make one with `tickrisk keys`"
        }
    }
}
