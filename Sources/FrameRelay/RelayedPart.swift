// SPDX-License-Identifier: Apache-2.0
// How an engine's part of the firm travels (docs/relay.md, kind 7): its state, unrounded, and its scenario vector.

import FrameCodec
import FramePublisher
import RiskKernel

package enum RelayedPart {
    package static let name = "firm"

    /// - Precondition: the part's sequence is at most ``RelayMessage/numberMax``.
    package static func message(
        _ part: FirmPart, epoch: UInt64, sentNanoseconds: UInt64, encoder: FrameEncoder
    ) throws(FrameCodecError) -> RelayMessage {
        let head = FrameHead(
            channel: self.name, sequence: part.sequence, cutNanoseconds: part.cutNanoseconds,
            newestNanoseconds: part.newestNanoseconds, oldestNanoseconds: part.oldestNanoseconds)
        let frame = try encoder.snapshot(of: part.state, head: head, encoding: .zstd)
        let weights = part.basis.weights
        var writer = ByteWriter()
        writer.varint(frame.count)
        writer.append(frame)
        self.write(part.state.numbers, to: &writer)
        for count in [weights.includedCount, weights.holderCount, weights.measuredHolderCount] {
            writer.varint(count)
        }
        writer.fixed(weights.pricedGross.bitPattern)
        writer.fixed(weights.coveredGross.bitPattern)
        writer.fixed(part.basis.scenarioDigest)
        self.write(part.scenarioPnL, to: &writer)
        return RelayMessage(
            .part, epoch: epoch, number: part.sequence, sentNanoseconds: sentNanoseconds, name: self.name,
            body: writer.bytes)
    }

    private static func write(_ numbers: [Double], to writer: inout ByteWriter) {
        writer.varint(numbers.count)
        for number in numbers { writer.fixed(number.bitPattern) }
    }

    /// - Parameter decoder: its `firm` is overwritten.
    package static func part(
        _ message: RelayMessage, decoder: FrameDecoder
    ) throws(FrameDecodeError) -> FirmPart {
        guard message.name == self.name else { throw .inconsistentLayout(reason: "a part of another channel") }
        var reader = ByteReader(message.body, 0..<message.body.count)
        let frame = try self.frame(&reader, message, decoder)
        let numbers = try reader.doubles(countMax: frame.state.numbers.count)
        let weights = try self.weights(&reader)
        let digest: UInt64 = try reader.fixed()
        let vector = try reader.doubles(countMax: FirmPart.scenariosMax)
        guard reader.bytesLeft == 0 else {
            throw .limitExceeded(what: "bytes of a part", value: UInt64(message.body.count), limit: 0)
        }
        guard vector.allSatisfy(\.isFinite) else {
            throw .inconsistentLayout(reason: "a scenario without a number")
        }
        return FirmPart(
            sequence: message.number, cutNanoseconds: frame.head.cutNanoseconds,
            newestNanoseconds: frame.head.newestNanoseconds, oldestNanoseconds: frame.head.oldestNanoseconds,
            state: try self.state(frame.state, unrounded: numbers),
            basis: FirmBasis(weights: weights, scenarioDigest: digest), scenarioPnL: vector)
    }

    private static func frame(
        _ reader: inout ByteReader, _ message: RelayMessage, _ decoder: FrameDecoder
    ) throws(FrameDecodeError) -> DecodedFrame {
        let bytes = try reader.raw(Int(clamping: reader.varint()))
        let frame = try decoder.decode(bytes)
        decoder.forget(channel: frame.head.channel)
        guard frame.head.base == nil, frame.head.channel == self.name, frame.head.sequence == message.number,
            message.number > 0
        else { throw .inconsistentLayout(reason: "a part with the frame of another") }
        return frame
    }

    /// The cells as the engine wrote them; choices are those of the frame, which are names there are.
    private static func state(
        _ rounded: ChannelState, unrounded numbers: [Double]
    ) throws(FrameDecodeError) -> ChannelState {
        guard numbers.count == rounded.numbers.count,
            zip(numbers, rounded.numbers).allSatisfy({ $0.isNaN == $1.isNaN })
        else { throw .inconsistentLayout(reason: "a part with the numbers of another") }
        var state = rounded
        state.numbers = numbers
        for (index, table) in rounded.layout.tables.enumerated() {
            for (column, kind) in table.columns.map(\.kind).enumerated() {
                guard case .choice = kind else { continue }
                let offset = rounded.layout.numberOffset(table: index, column: column)
                let cells = offset..<offset + table.rowCount
                state.numbers.replaceSubrange(cells, with: rounded.numbers[cells])
            }
        }
        return state
    }

    private static func weights(_ reader: inout ByteReader) throws(FrameDecodeError) -> FirmWeights {
        var counts: [Int] = []
        for _ in 0..<3 {
            let count = try reader.varint()
            // Each is a part of the one before.
            guard count <= UInt64(counts.last ?? FrameLimits.itemsMax) else {
                throw .outOfRange(what: "accounts of a part", value: count)
            }
            counts.append(Int(count))
        }
        let priced = Double(bitPattern: try reader.fixed())
        let covered = Double(bitPattern: try reader.fixed())
        guard priced.isFinite, covered.isFinite, priced >= 0, covered >= 0 else {
            throw .inconsistentLayout(reason: "a gross exposure that is none")
        }
        return FirmWeights(
            includedCount: counts[0], holderCount: counts[1], measuredHolderCount: counts[2], pricedGross: priced,
            coveredGross: covered)
    }
}
