// SPDX-License-Identifier: Apache-2.0
// Sizes and limits of the tick wire (DESIGN.md §4, docs/tick-wire.md).

/// Constants of tick wire v1.
public enum TickWire {
    /// Bytes of a binary header.
    public static let headerBytes = 32
    /// Bytes of a binary record.
    public static let recordBytes = 32
    /// Largest frame a subscriber takes; a larger one costs its peer the connection.
    public static let messageBytesMax = 1 << 20
    /// Ticks that fit a binary message of ``messageBytesMax``.
    public static let ticksPerMessageMax = (messageBytesMax - headerBytes) / recordBytes
    /// Flag: last message of a snapshot.
    public static let lastOfSnapshotFlag: UInt8 = 1

    /// What asks for a snapshot.
    static let snapshotRequest = Array("SNAPSHOT".utf8)
    /// `TKR1` as a little-endian number.
    static let magic: UInt32 = 0x3152_4B54
    /// Highest status code on the wire; 0 is unchanged, else a trading status plus 1.
    static let statusMax: UInt8 = 3
}
