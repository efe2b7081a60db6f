// SPDX-License-Identifier: Apache-2.0
// Turns the payload of a message into checked ticks.

import RiskDomain

/// Decodes messages in two steps, because the sequence is judged between them (DESIGN.md §4): a duplicate's ticks are
/// neither applied nor counted.
///
/// ```
/// payload ──decodeHead──► head ──(epoch, sequence accepted)──decodeTicks──► batch: ticks + rejected = head.count
/// ```
///
/// Neither step traps or reads outside the payload, whatever the payload holds. A decoder is an immutable value; any
/// thread may use it.
public struct TickDecoder: Sendable {
    package let directory: InstrumentDirectory
    /// By instrument index: the least price it may have.
    private let lowestPrices: [Double]

    public init(directory: InstrumentDirectory) {
        self.directory = directory
        self.lowestPrices = directory.instruments.map {
            $0.allowsNegativePrices ? -Tick.priceLimit : Double.leastNonzeroMagnitude
        }
    }

    /// Checks the framing: header and length, or that the payload is JSON of one of the two forms. What the payload
    /// is, its first byte says: `T` binary, `{` or white space JSON.
    ///
    /// - Returns: the head, or ``RejectReason/framing`` or ``RejectReason/json``.
    public func decodeHead(_ payload: UnsafeRawBufferPointer) -> Result<MessageHead, RejectReason> {
        switch payload.first {
        case UInt8(ascii: "T"): self.decodeBinaryHead(payload)
        case UInt8(ascii: "{"), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
            self.decodeJSONHead(payload)
        default: .failure(.framing)
        }
    }

    /// Checks every tick, each against the reasons in their order; the first that applies counts, once.
    ///
    /// - Parameters:
    ///   - payload: the bytes `head` was decoded from, unchanged.
    ///   - batch: overwritten; its accepted and rejected ticks together are `head.count`.
    public func decodeTicks(_ payload: UnsafeRawBufferPointer, head: MessageHead, into batch: inout TickBatch) {
        batch.begin(head)
        switch head.body {
        case .records: self.decodeRecords(payload, count: head.count, into: &batch)
        case .tickArray(let offset): self.decodeTickArray(payload, at: offset, count: head.count, into: &batch)
        case .priceObject(let offset): self.decodePriceObject(payload, at: offset, count: head.count, into: &batch)
        }
    }

    /// The checks that follow the one for a known instrument.
    ///
    /// - Parameter tick: with the instrument's index; absent prices are finite.
    @inline(__always)
    func fault(in tick: Tick) -> RejectReason? {
        let fields = tick.fields
        guard tick.bid.isFinite, tick.ask.isFinite, tick.last.isFinite else { return .nonFinite }
        let lowest = self.lowestPrices[Int(tick.instrument)]
        let allowed = lowest...Tick.priceLimit
        guard !fields.contains(.bid) || allowed.contains(tick.bid),
            !fields.contains(.ask) || allowed.contains(tick.ask),
            !fields.contains(.last) || allowed.contains(tick.last)
        else { return .priceRange }
        if fields.isSuperset(of: [.bid, .ask]), tick.ask < tick.bid { return .crossed }
        return tick.status > TickWire.statusMax ? .status : nil
    }
}
