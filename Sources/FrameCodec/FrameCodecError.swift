// SPDX-License-Identifier: Apache-2.0
// What can go wrong while encoding.

/// Why a frame was not encoded, or an encoder not made.
public enum FrameCodecError: Error, Sendable, Equatable {
    case levelOutOfRange(compressor: String, level: Int, allowed: ClosedRange<Int>)
    case channelNameTooLong(bytes: Int, bytesMax: Int)
    case frameTooLarge(plainBytes: Int, plainBytesMax: Int)
    case tooManyItems(count: Int, countMax: Int)
    /// A delta between states of different layouts: send a snapshot.
    case layoutChanged(channel: String)
    case compressionFailed(compressor: String, reason: String)
}

extension FrameCodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .levelOutOfRange(let compressor, let level, let allowed):
            "\(compressor) has no compression level \(level): use \(allowed.lowerBound) to \(allowed.upperBound)"
        case .channelNameTooLong(let bytes, let bytesMax):
            "the channel's name has \(bytes) bytes: at most \(bytesMax) fit a frame"
        case .frameTooLarge(let plainBytes, let plainBytesMax):
            "the frame has \(plainBytes) bytes before compression: at most \(plainBytesMax) are allowed"
        case .tooManyItems(let count, let countMax):
            "the channel's state has \(count) cells, keys and names: at most \(countMax) are allowed"
        case .layoutChanged(let channel):
            "the layout of \(channel) changed: only a snapshot can follow"
        case .compressionFailed(let compressor, let reason):
            "\(compressor) did not compress the frame: \(reason)"
        }
    }
}
