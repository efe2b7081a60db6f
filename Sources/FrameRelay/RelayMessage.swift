// SPDX-License-Identifier: Apache-2.0
// A relay's message as bytes (docs/relay.md): a header, a name, a body.

import FrameCodec

/// What a message is; the raw value is its code on the wire.
package enum RelayKind: UInt8, Sendable, CaseIterable {
    /// Published, or in an answer.
    case hello = 0
    case frame, event, beat, access, channel, identity, part
    /// Questions.
    case askHello = 32
    case askChannels, askIdentity
}

/// One message. Integers are little-endian.
package struct RelayMessage: Sendable, Equatable {
    package static let headerBytes = 32
    /// A frame whose plain form is as large as frames may be, compressed not at all.
    package static let messageBytesMax = FrameLimits.plainBytesMax + (1 << 16)
    /// So that counting on never overflows.
    package static let numberMax: UInt64 = 1 << 62
    private static let magic: UInt32 = 0x314C_5254  // "TRL1"

    package var kind: RelayKind
    /// Which run of the node; what it numbers begins anew with it.
    package var epoch: UInt64
    /// What it counts depends on the kind.
    package var number: UInt64
    package var sentNanoseconds: UInt64
    package var name: String
    package var body: [UInt8]

    package init(
        _ kind: RelayKind, epoch: UInt64, number: UInt64 = 0, sentNanoseconds: UInt64, name: String = "",
        body: [UInt8] = []
    ) {
        self.kind = kind
        self.epoch = epoch
        self.number = number
        self.sentNanoseconds = sentNanoseconds
        self.name = name
        self.body = body
    }

    /// - Precondition: the name has at most 65,535 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerBytes + self.name.utf8.count + self.body.count)
        func put<Integer: FixedWidthInteger>(_ value: Integer) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        put(Self.magic)
        put(self.kind.rawValue)
        put(UInt8(0))
        put(UInt16(self.name.utf8.count))
        put(self.epoch)
        put(self.number)
        put(self.sentNanoseconds)
        bytes.append(contentsOf: self.name.utf8)
        bytes.append(contentsOf: self.body)
        return bytes
    }

    /// `nil` for what is no message of this version.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerBytes, bytes.count <= Self.messageBytesMax else { return nil }
        func get<Integer: FixedWidthInteger>(_ offset: Int, as type: Integer.Type) -> Integer {
            Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        let nameEnd = Self.headerBytes + Int(get(6, as: UInt16.self))
        guard get(0, as: UInt32.self) == Self.magic, let kind = RelayKind(rawValue: bytes[4]), bytes[5] == 0,
            bytes.count >= nameEnd,
            let name = String(validating: bytes[Self.headerBytes..<nameEnd], as: UTF8.self)
        else { return nil }
        self.kind = kind
        self.epoch = get(8, as: UInt64.self)
        self.number = get(16, as: UInt64.self)
        self.sentNanoseconds = get(24, as: UInt64.self)
        self.name = name
        self.body = Array(bytes[nameEnd...])
        guard self.number <= Self.numberMax else { return nil }
    }

    package init?(_ bytes: [UInt8]) {
        guard let message = bytes.withUnsafeBytes({ RelayMessage($0) }) else { return nil }
        self = message
    }
}

/// What frames are published under: a letter, and for those of one channel its name and a zero byte, so that no
/// channel's topic begins another's.
package enum RelayTopic {
    package static let beat = Array("b".utf8)
    package static let access = Array("a".utf8)
    package static let events = Array("e".utf8)
    /// An engine's part of the firm.
    package static let parts = Array("v".utf8)
    /// All accounts' states.
    package static let accounts = Array("zaccount:".utf8)

    package static func frames(of channel: String, deflate: Bool) -> [UInt8] {
        [UInt8(ascii: deflate ? "d" : "z")] + channel.utf8 + [0]
    }
}
