// SPDX-License-Identifier: Apache-2.0
// The stored beginning of every binary frame, which is read without decompressing.

/// Header and channel of a binary frame (docs/wire-format.md, "A message").
public struct FrameHeader: Sendable, Equatable {
    public var head: FrameHead
    /// CRC-32 of the state after this frame; `nil` where the frame carries none.
    public var checksum: UInt32?
    /// Bytes of the decompressed body.
    public var bodyBytes: Int

    /// Bytes of the header without the channel's name.
    public static let byteCount = 56
    private static let magic: UInt32 = 0x3146_4B54  // "TKF1"
    private static let resumedFlag: UInt8 = 1
    private static let checksumFlag: UInt8 = 2

    /// Reads the header of a zstd or deflate message.
    public static func read(_ message: UnsafeRawBufferPointer) throws(FrameDecodeError) -> FrameHeader {
        let content = try StoredBlock.content(of: message)
        return try self.read(stored: UnsafeRawBufferPointer(rebasing: message[content]))
    }

    public static func read(_ message: some Collection<UInt8>) throws(FrameDecodeError) -> FrameHeader {
        let read = message.withContiguousStorageIfAvailable { bytes in
            Result { () throws(FrameDecodeError) in try self.read(UnsafeRawBufferPointer(bytes)) }
        }
        if let read { return try read.get() }
        return try self.read(Array(message))
    }

    /// Reads header and channel as they are stored.
    static func read(stored bytes: UnsafeRawBufferPointer) throws(FrameDecodeError) -> FrameHeader {
        guard bytes.count >= self.byteCount else {
            throw .truncated(neededBytes: self.byteCount, availableBytes: bytes.count)
        }
        func fixed<Integer: FixedWidthInteger>(_ offset: Int, as type: Integer.Type) -> Integer {
            Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        let magic = fixed(0, as: UInt32.self)
        guard magic == self.magic else { throw .unknownMagic(magic) }
        guard bytes[4] <= 1 else { throw .unknownKind(bytes[4]) }
        let channelEnd = self.byteCount + Int(fixed(6, as: UInt16.self))
        guard bytes.count >= channelEnd else {
            throw .truncated(neededBytes: channelEnd, availableBytes: bytes.count)
        }
        guard let channel = String(validating: bytes[self.byteCount..<channelEnd], as: UTF8.self) else {
            throw .invalidUTF8
        }
        let bodyBytes = fixed(52, as: UInt32.self)
        guard bodyBytes <= FrameLimits.plainBytesMax - channelEnd else {
            throw .limitExceeded(
                what: "bytes of the body", value: UInt64(bodyBytes), limit: UInt64(FrameLimits.plainBytesMax))
        }
        let newest = fixed(32, as: UInt64.self)
        let oldest = fixed(40, as: UInt64.self)
        let head = FrameHead(
            channel: channel, sequence: fixed(8, as: UInt64.self),
            base: bytes[4] == 0 ? nil : fixed(16, as: UInt64.self), cutNanoseconds: fixed(24, as: UInt64.self),
            newestNanoseconds: newest == 0 ? nil : newest, oldestNanoseconds: oldest == 0 ? nil : oldest,
            resumed: bytes[4] == 0 && bytes[5] & self.resumedFlag != 0)
        let checksum = bytes[5] & self.checksumFlag != 0 ? fixed(48, as: UInt32.self) : nil
        return FrameHeader(head: head, checksum: checksum, bodyBytes: Int(bodyBytes))
    }

    /// Bytes of header and channel.
    var storedBytes: Int { Self.byteCount + self.head.channel.utf8.count }

    /// Appends header and channel as they are stored.
    ///
    /// - Precondition: ``checkLimits()`` did not throw.
    func write(into writer: inout ByteWriter) {
        let isSnapshot = self.head.base == nil
        let resumed = isSnapshot && self.head.resumed
        writer.fixed(Self.magic)
        writer.byte(isSnapshot ? 0 : 1)
        writer.byte((resumed ? Self.resumedFlag : 0) | (self.checksum == nil ? 0 : Self.checksumFlag))
        writer.fixed(UInt16(self.head.channel.utf8.count))
        writer.fixed(self.head.sequence)
        writer.fixed(self.head.base ?? self.head.sequence)
        writer.fixed(self.head.cutNanoseconds)
        writer.fixed(self.head.newestNanoseconds ?? 0)
        writer.fixed(self.head.oldestNanoseconds ?? 0)
        writer.fixed(self.checksum ?? 0)
        writer.fixed(UInt32(self.bodyBytes))
        writer.utf8(self.head.channel)
    }

    func checkLimits() throws(FrameCodecError) {
        let channelBytes = self.head.channel.utf8.count
        guard channelBytes <= FrameLimits.channelBytesMax else {
            throw .channelNameTooLong(bytes: channelBytes, bytesMax: FrameLimits.channelBytesMax)
        }
        guard self.storedBytes + self.bodyBytes <= FrameLimits.plainBytesMax else {
            throw .frameTooLarge(
                plainBytes: self.storedBytes + self.bodyBytes, plainBytesMax: FrameLimits.plainBytesMax)
        }
    }
}
