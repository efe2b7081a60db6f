// SPDX-License-Identifier: Apache-2.0
// What a frame may hold at most; decoders refuse more, whatever a message claims.

/// Limits of binary frames (docs/wire-format.md, "Limits").
public enum FrameLimits {
    /// Header, channel and body together, decompressed.
    public static let plainBytesMax = 64 << 20
    /// Tables, columns, names, keys, cells and texts of lists together.
    public static let itemsMax = 4 << 20
    /// What fits a stored deflate block beside the header.
    public static let channelBytesMax = 65_535 - FrameHeader.byteCount
    public static let decimalsMax = 18
    public static let pathNamesMax = 16
}
