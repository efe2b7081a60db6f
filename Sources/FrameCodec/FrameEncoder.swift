// SPDX-License-Identifier: Apache-2.0
// Turns states into frames.

/// Encodes snapshots and deltas, one at a time.
///
/// Owns the compression contexts and all buffers, so that a binary frame costs one allocation: the result. Belongs to
/// the publisher and stays on its thread; deliberately not `Sendable`.
public final class FrameEncoder {
    private var zstd: ZstdCompressor
    private var deflate: DeflateCompressor
    private var body = ByteWriter()
    private var start = ByteWriter()
    private var deltaBody = DeltaBody()
    private var integers: [Int64] = []

    /// - Parameters:
    ///   - zstdLevel: from libzstd's least (negative) to 22.
    ///   - deflateLevel: 0 to 9.
    public init(zstdLevel: Int, deflateLevel: Int) throws(FrameCodecError) {
        self.zstd = try ZstdCompressor(level: zstdLevel)
        self.deflate = try DeflateCompressor(level: deflateLevel)
    }

    /// The whole state. `head.base` is ignored; binary frames carry a checksum.
    public func snapshot(
        of state: ChannelState, head: FrameHead, encoding: FrameEncoding
    ) throws(FrameCodecError) -> [UInt8] {
        var head = head
        head.base = nil
        guard encoding.isBinary else { return JSONFrame.text(head: head) { $0.data(of: state) } }
        let items = state.layout.itemCount + state.listItemCount
        guard items <= FrameLimits.itemsMax else {
            throw .tooManyItems(count: items, countMax: FrameLimits.itemsMax)
        }
        ChannelIntegers.quantise(state, into: &self.integers)
        self.body.removeAll()
        SnapshotBody.write(layout: state.layout, integers: self.integers, texts: state.texts, into: &self.body)
        let checksum = StateChecksum.value(layout: state.layout, integers: self.integers, texts: state.texts)
        return try self.message(FrameHeader(head: head, checksum: checksum, bodyBytes: self.body.bytes.count), encoding)
    }

    /// What changed between two states of one layout.
    ///
    /// - Parameters:
    ///   - head: its base is the sequence of `base`; `resumed` is ignored.
    ///   - includingChecksum: of binary frames.
    /// - Precondition: `head.base` is not `nil`.
    public func delta(
        from base: ChannelState, to state: ChannelState, head: FrameHead, includingChecksum: Bool,
        encoding: FrameEncoding
    ) throws(FrameCodecError) -> [UInt8] {
        precondition(head.base != nil, "a delta needs the sequence it applies to")
        guard base.layout == state.layout else { throw .layoutChanged(channel: head.channel) }
        guard encoding.isBinary else { return JSONFrame.text(head: head) { $0.mergePatch(from: base, to: state) } }
        self.body.removeAll()
        self.deltaBody.write(from: base, to: state, into: &self.body)
        var checksum: UInt32?
        if includingChecksum {
            ChannelIntegers.quantise(state, into: &self.integers)
            checksum = StateChecksum.value(layout: state.layout, integers: self.integers, texts: state.texts)
        }
        return try self.message(FrameHeader(head: head, checksum: checksum, bodyBytes: self.body.bytes.count), encoding)
    }

    private func message(_ header: FrameHeader, _ encoding: FrameEncoding) throws(FrameCodecError) -> [UInt8] {
        try header.checkLimits()
        let isZstd = encoding == .zstd
        self.start.removeAll()
        StoredBlock.writeStart(
            isZstd ? .zstd : .deflate, storedBytes: header.storedBytes, bodyBytes: header.bodyBytes, into: &self.start)
        header.write(into: &self.start)
        return isZstd
            ? try self.zstd.message(start: self.start.bytes, body: self.body.bytes)
            : try self.deflate.message(start: self.start.bytes, body: self.body.bytes)
    }
}
