// SPDX-License-Identifier: Apache-2.0
// A part of the firm is read as it was written, to the last bit, and nothing else is.

import FrameCodec
import FramePublisher
import FrameRelay
import RiskKernel
import Testing

struct RelayedPartTests {
    private static func message(_ part: FirmPart) throws -> RelayMessage {
        try RelayedPart.message(
            part, epoch: 17, sentNanoseconds: 99, encoder: FrameEncoder(zstdLevel: 1, deflateLevel: 1))
    }

    private static func read(_ message: RelayMessage) throws -> FirmPart {
        try RelayedPart.part(message, decoder: FrameDecoder())
    }

    @Test func aPartIsReadAsItWasWritten() throws {
        let part = PartScript.part()
        let message = try Self.message(part)
        #expect(message.kind == .part && message.number == 3 && message.name == "firm")
        let read = try Self.read(try #require(RelayMessage(message.bytes)))
        #expect(read.sequence == 3 && read.cutNanoseconds == 40)
        #expect(read.newestNanoseconds == 30 && read.oldestNanoseconds == 20)
        #expect(read.state.layout == part.state.layout && read.state.texts == part.state.texts)
        #expect(zip(read.state.numbers, part.state.numbers).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
        #expect(read.basis == part.basis)
        #expect(read.scenarioPnL == part.scenarioPnL)
    }

    @Test func aTornPartIsRefusedWhereverItIsTorn() throws {
        let message = try Self.message(PartScript.part())
        for count in message.body.indices {
            var torn = message
            torn.body = Array(message.body.prefix(count))
            #expect(throws: FrameDecodeError.self, "\(count) bytes") { try Self.read(torn) }
        }
        var long = message
        long.body.append(0)
        #expect(throws: FrameDecodeError.self) { try Self.read(long) }
    }

    @Test func aPartIsOfItsNumberAndOfTheFirm() throws {
        var message = try Self.message(PartScript.part())
        message.number = 4
        #expect(throws: FrameDecodeError.self) { try Self.read(message) }
        message.number = 3
        message.name = "market"
        #expect(throws: FrameDecodeError.self) { try Self.read(message) }
    }

    @Test func scenariosAreFiniteAndNotMoreThanAWindowMayHave() throws {
        var part = PartScript.part()
        part.scenarioPnL = Array(repeating: 0.5, count: FirmPart.scenariosMax)
        #expect(try Self.read(try Self.message(part)).scenarioPnL == part.scenarioPnL)
        part.scenarioPnL.append(0.5)
        #expect(throws: FrameDecodeError.self) { try Self.read(try Self.message(part)) }
        for value in [Double.nan, .infinity] {
            part.scenarioPnL = [0, value]
            #expect(throws: FrameDecodeError.self) { try Self.read(try Self.message(part)) }
        }
    }

    @Test(arguments: [(1, 2, 1), (2, 1, 2), (FrameLimits.itemsMax + 1, 0, 0)])
    func weightsThatContradictEachOtherAreRefused(included: Int, holders: Int, measured: Int) throws {
        var part = PartScript.part()
        part.basis.weights.includedCount = included
        part.basis.weights.holderCount = holders
        part.basis.weights.measuredHolderCount = measured
        #expect(throws: FrameDecodeError.self) { try Self.read(try Self.message(part)) }
    }

    @Test func aGrossThatIsNoneIsRefused() throws {
        for value in [Double.nan, .infinity, -1] {
            var part = PartScript.part()
            part.basis.weights.coveredGross = value
            #expect(throws: FrameDecodeError.self) { try Self.read(try Self.message(part)) }
        }
    }

    /// The frame has the names there are; the numbers behind it may say anything.
    @Test func aChoiceIsThatOfTheFrame() throws {
        let part = PartScript.part()
        var message = try Self.message(part)
        let numbers = part.state.numbers.flatMap { number in
            withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
        }
        let start = try #require(
            message.body.indices.first { message.body[$0...].starts(with: numbers) })
        // The first number is the status.
        message.body.replaceSubrange(
            start..<start + 8, with: withUnsafeBytes(of: (1e6).bitPattern.littleEndian) { Array($0) })
        #expect(try Self.read(message).state.numbers[0] == 1)
        // And nothing is where the frame has something.
        message.body.replaceSubrange(
            start..<start + 8, with: withUnsafeBytes(of: Double.nan.bitPattern.littleEndian) { Array($0) })
        #expect(throws: FrameDecodeError.self) { try Self.read(message) }
    }
}
