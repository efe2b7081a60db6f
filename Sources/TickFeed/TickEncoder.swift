// SPDX-License-Identifier: Apache-2.0
// Writes binary messages: the publishing half of the tick wire.

import RiskDomain

/// Encodes messages into one reused buffer; after it has grown to the largest message it allocates nothing.
public struct TickEncoder: Sendable {
    /// The message encoded last. Whoever keeps a copy across the next call makes that call allocate.
    public private(set) var bytes: [UInt8] = []
    private let ids: [UInt32]

    /// - Parameter ids: identifiers on the wire by instrument index.
    public init(ids: [UInt32]) { self.ids = ids }

    public init(directory: InstrumentDirectory) { self.init(ids: directory.instruments.map(\.id)) }

    /// Encodes one message.
    ///
    /// - Parameters:
    ///   - flags: ``TickWire/lastOfSnapshotFlag`` or 0.
    ///   - epoch: the publisher's start, nanoseconds since 1970.
    ///   - sequence: of the message in the epoch, from 0; shared by ticks and heartbeats.
    ///   - sentNanoseconds: since 1970; a load generator puts the time it intended.
    ///   - ticks: at most 65,535 (subscribers take ``TickWire/ticksPerMessageMax``), none in a heartbeat; `instrument`
    ///     is an index of the directory. Values are written as they are.
    /// - Returns: ``bytes``.
    @discardableResult
    public mutating func encode(
        kind: MessageKind = .ticks, flags: UInt8 = 0, epoch: UInt64, sequence: UInt64, sentNanoseconds: UInt64,
        ticks: some Collection<Tick>
    ) -> [UInt8] {
        let header = WireHeader(
            magic: TickWire.magic, kind: kind.rawValue, flags: flags, count: UInt16(ticks.count), epoch: epoch,
            sequence: sequence, sentNanoseconds: sentNanoseconds)
        let contiguous: Void? = ticks.withContiguousStorageIfAvailable { self.write(header, $0) }
        if contiguous == nil { Array(ticks).withUnsafeBufferPointer { self.write(header, $0) } }
        return self.bytes
    }

    /// A heartbeat: it takes a sequence and carries no tick.
    @discardableResult
    public mutating func encodeHeartbeat(epoch: UInt64, sequence: UInt64, sentNanoseconds: UInt64) -> [UInt8] {
        self.encode(
            kind: .heartbeat, epoch: epoch, sequence: sequence, sentNanoseconds: sentNanoseconds,
            ticks: EmptyCollection())
    }

    private mutating func write(_ header: WireHeader, _ ticks: UnsafeBufferPointer<Tick>) {
        let size = TickWire.headerBytes + TickWire.recordBytes * ticks.count
        if self.bytes.count > size { self.bytes.removeLast(self.bytes.count - size) }
        if self.bytes.count < size { self.bytes.append(contentsOf: repeatElement(0, count: size - self.bytes.count)) }
        let ids = self.ids
        self.bytes.withUnsafeMutableBytes { buffer in
            buffer.putWireHeader(header)
            for (record, tick) in ticks.enumerated() {
                buffer.putWireRecord(record, id: ids[Int(tick.instrument)], tick)
            }
        }
    }
}
