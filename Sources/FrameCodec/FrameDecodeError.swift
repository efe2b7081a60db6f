// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a received frame.

/// Why a message was refused. After any of them but ``baseMismatch(channel:base:held:)`` and
/// ``checksumMismatch(channel:expected:actual:)`` the message is not a frame of this protocol; after those two the
/// receiver subscribes to the channel again.
public enum FrameDecodeError: Error, Sendable, Equatable {
    /// Neither a zstd nor a raw deflate stream that begins with a stored header.
    case notAFrame
    /// The magic is not `TKF1`.
    case unknownMagic(UInt32)
    case unknownKind(UInt8)
    case truncated(neededBytes: Int, availableBytes: Int)
    /// More than ``FrameLimits`` allows.
    case limitExceeded(what: String, value: UInt64, limit: UInt64)
    case decompressionFailed(reason: String)
    case varintTooLong
    case invalidUTF8
    /// A count, identifier or value outside its range.
    case outOfRange(what: String, value: UInt64)
    /// Tables that contradict each other or themselves.
    case inconsistentLayout(reason: String)
    /// The state held is not the one the delta applies to; `held` is its sequence, `nil` without one.
    case baseMismatch(channel: String, base: UInt64, held: UInt64?)
    case checksumMismatch(channel: String, expected: UInt32, actual: UInt32)
}

extension FrameDecodeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAFrame: "the message is no binary frame"
        case .unknownMagic(let magic): "the frame's magic is \(magic), not TKF1"
        case .unknownKind(let kind): "the frame's kind \(kind) is unknown"
        case .truncated(let needed, let available): "the frame needs \(needed) bytes where \(available) are left"
        case .limitExceeded(let what, let value, let limit): "\(what): \(value) is above the limit of \(limit)"
        case .decompressionFailed(let reason): "the frame does not decompress: \(reason)"
        case .varintTooLong: "a varint does not fit 64 bits"
        case .invalidUTF8: "a text is not valid UTF-8"
        case .outOfRange(let what, let value): "\(what): \(value) is out of range"
        case .inconsistentLayout(let reason): "the tables are inconsistent: \(reason)"
        case .baseMismatch(let channel, let base, let held):
            "the delta of \(channel) applies to \(base), held is \(held.map(String.init) ?? "nothing"): subscribe again"
        case .checksumMismatch(let channel, let expected, let actual):
            "the state of \(channel) has checksum \(actual), not \(expected): subscribe again"
        }
    }
}
