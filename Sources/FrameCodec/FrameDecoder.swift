// SPDX-License-Identifier: Apache-2.0
// Turns received binary frames back into states.

/// A decoded frame.
public struct DecodedFrame: Sendable {
    public var head: FrameHead
    /// The channel's whole state after the frame, its numbers rounded to their decimals.
    public var state: ChannelState
    /// The checksum that was found to hold; `nil` where the frame carried none.
    public var checksum: UInt32?
}

/// Decodes the binary frames of one connection, whatever their channels and compression.
///
/// Keeps each channel's state between frames. A frame that is refused leaves the channel as it was, except after a
/// checksum mismatch: then it is forgotten, and deltas are refused until the next snapshot. Used by one thread at a
/// time; deliberately not `Sendable`.
public final class FrameDecoder {
    private struct Channel {
        var sequence: UInt64
        var state: ChannelIntegers
    }

    private var channels: [String: Channel] = [:]
    private let zstd = ZstdDecompressor()
    private let deflate = DeflateDecompressor()

    public init() {}

    /// Whoever unsubscribes forgets the channel.
    public func forget(channel: String) { self.channels[channel] = nil }

    public func decode(_ message: [UInt8]) throws(FrameDecodeError) -> DecodedFrame {
        let header = try FrameHeader.read(message)
        let channel = header.head.channel
        let held = self.channels[channel]
        if let base = header.head.base, held?.sequence != base {
            throw .baseMismatch(channel: channel, base: base, held: held?.sequence)
        }
        let plain = try self.plain(message, header)
        let start = header.storedBytes
        var reader = ByteReader(plain, start..<start + header.bodyBytes)
        var state: ChannelIntegers
        if header.head.base != nil, let held {
            state = held.state
            try DeltaBody.apply(&reader, to: &state)
        } else {
            state = try SnapshotBody.read(&reader)
        }
        if let expected = header.checksum {
            let actual = StateChecksum.value(layout: state.layout, integers: state.integers, texts: state.texts)
            guard actual == expected else {
                self.channels[channel] = nil
                throw .checksumMismatch(channel: channel, expected: expected, actual: actual)
            }
        }
        self.channels[channel] = Channel(sequence: header.head.sequence, state: state)
        return DecodedFrame(head: header.head, state: state.state, checksum: header.checksum)
    }

    /// The message decompressed: header, channel, body and what may follow it.
    public func plainMessage(_ message: [UInt8]) throws(FrameDecodeError) -> [UInt8] {
        try self.plain(message, FrameHeader.read(message))
    }

    private func plain(_ message: [UInt8], _ header: FrameHeader) throws(FrameDecodeError) -> [UInt8] {
        let expected = header.storedBytes + header.bodyBytes
        let plain =
            message[0] == StoredBlock.zstdStart[0]
            ? try self.zstd.plain(message) : try self.deflate.plain(message, expectedBytes: expected)
        guard plain.count >= expected else { throw .truncated(neededBytes: expected, availableBytes: plain.count) }
        return plain
    }
}
