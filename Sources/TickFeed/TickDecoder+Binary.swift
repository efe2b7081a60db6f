// SPDX-License-Identifier: Apache-2.0
// The binary form of a message.

import RiskDomain

extension TickDecoder {
    func decodeBinaryHead(_ payload: UnsafeRawBufferPointer) -> Result<MessageHead, RejectReason> {
        guard let header = payload.wireHeader(), header.magic == TickWire.magic,
            let kind = MessageKind(rawValue: header.kind),
            header.flags & ~TickWire.lastOfSnapshotFlag == 0,
            payload.count == TickWire.headerBytes + TickWire.recordBytes * Int(header.count),
            kind != .heartbeat || header.count == 0
        else { return .failure(.framing) }
        return .success(
            MessageHead(
                kind: kind, isLastOfSnapshot: kind == .snapshot && header.flags != 0, count: Int(header.count),
                epoch: header.epoch, sequence: header.sequence, sentNanoseconds: header.sentNanoseconds,
                body: .records))
    }

    /// - Precondition: the payload's length is that of `count` records, as its head was checked to be.
    func decodeRecords(_ payload: UnsafeRawBufferPointer, count: Int, into batch: inout TickBatch) {
        precondition(count == 0 || payload.count == TickWire.headerBytes + TickWire.recordBytes * count)
        batch.ticks.reserveCapacity(count)
        for record in 0..<count {
            var tick = payload.wireRecord(record)
            guard let index = self.directory.index(ofID: tick.instrument) else {
                batch.rejected.add(.unknownInstrument)
                continue
            }
            tick.instrument = UInt32(truncatingIfNeeded: index)
            if let reason = self.fault(in: tick) {
                batch.rejected.add(reason)
            } else {
                batch.ticks.append(tick)
            }
        }
    }
}
