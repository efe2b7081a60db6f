// SPDX-License-Identifier: Apache-2.0
// The only place where binary headers and records are read from and written to raw memory.

import RiskDomain

/// A binary header as its fields stand on the wire, unchecked.
struct WireHeader {
    var magic: UInt32
    var kind: UInt8
    var flags: UInt8
    var count: UInt16
    var epoch: UInt64
    var sequence: UInt64
    var sentNanoseconds: UInt64
}

extension UnsafeRawBufferPointer {
    /// Messages arrive at any alignment.
    @inline(__always)
    private func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Number {
        Number(littleEndian: self.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// `nil` where there are fewer bytes than a header has.
    func wireHeader() -> WireHeader? {
        guard self.count >= TickWire.headerBytes else { return nil }
        return WireHeader(
            magic: self.number(at: 0), kind: self.number(at: 4), flags: self.number(at: 5), count: self.number(at: 6),
            epoch: self.number(at: 8), sequence: self.number(at: 16), sentNanoseconds: self.number(at: 24))
    }

    /// The record as a tick that is not checked and whose `instrument` is still the identifier; absent prices are 0.
    ///
    /// - Precondition: the payload holds more than `record` records.
    @inline(__always)
    func wireRecord(_ record: Int) -> Tick {
        let offset = TickWire.headerBytes + TickWire.recordBytes * record
        let fields = Tick.Fields(rawValue: self.number(at: offset + 4) & 0b111)
        return Tick(
            instrument: self.number(at: offset), fields: fields, status: self.number(at: offset + 5),
            bid: self.price(at: offset + 8, present: fields.contains(.bid)),
            ask: self.price(at: offset + 16, present: fields.contains(.ask)),
            last: self.price(at: offset + 24, present: fields.contains(.last)))
    }

    @inline(__always)
    private func price(at offset: Int, present: Bool) -> Double {
        // Both sides are computed: a select, where a branch would be mispredicted.
        Double(bitPattern: self.number(at: offset) & (present ? UInt64.max : 0))
    }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    private func put(_ number: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
        self.storeBytes(of: number.littleEndian, toByteOffset: offset, as: type(of: number))
    }

    /// - Precondition: there is room for a header.
    func putWireHeader(_ header: WireHeader) {
        self.put(header.magic, at: 0)
        self.put(header.kind, at: 4)
        self.put(header.flags, at: 5)
        self.put(header.count, at: 6)
        self.put(header.epoch, at: 8)
        self.put(header.sequence, at: 16)
        self.put(header.sentNanoseconds, at: 24)
    }

    /// - Precondition: there is room for `record + 1` records after the header.
    @inline(__always)
    func putWireRecord(_ record: Int, id: UInt32, _ tick: Tick) {
        let offset = TickWire.headerBytes + TickWire.recordBytes * record
        self.put(id, at: offset)
        self.put(tick.fields.rawValue, at: offset + 4)
        self.put(tick.status, at: offset + 5)
        self.put(UInt16(0), at: offset + 6)
        self.put(tick.bid.bitPattern, at: offset + 8)
        self.put(tick.ask.bitPattern, at: offset + 16)
        self.put(tick.last.bitPattern, at: offset + 24)
    }
}
