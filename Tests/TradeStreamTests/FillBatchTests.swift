// SPDX-License-Identifier: Apache-2.0
// How far a batch has come: never behind a message that is neither booked nor in its place.

import DeskService
import Fleet
import RiskSimulation
import RiskStore
import Testing
import TradeStream

@Suite struct FillBatchTests {
    static func message(_ partition: Int32, _ offset: Int64, isFill: Bool = true) -> StreamMessage {
        let text = FillDecoderTests.text(["fill_id": "\"\(partition)-\(offset)\""])
        return StreamMessage(
            partition: StreamPartition(topic: "t", number: partition), offset: offset, key: Array("ALPHA".utf8),
            value: isFill ? Array(text.utf8) : [0x7B])
    }

    @Test func positionsStopAtTheFirstRejectionOfEachPartition() {
        let batch = FillBatch([
            Self.message(0, 10), Self.message(1, 5, isFill: false), Self.message(0, 11), Self.message(0, 14),
            Self.message(1, 6), Self.message(2, 0),
        ])
        #expect(batch.fills.map(\.id) == ["0-10", "0-11", "0-14", "1-6", "2-0"])
        let outcomes: [StreamFillOutcome] = [.accepted, .refused(.conflict), .accepted, .accepted, .repeated]
        #expect(
            batch.positions(after: outcomes) == [
                StreamPosition(topic: "t", partition: 0, offset: 11),
                StreamPosition(topic: "t", partition: 2, offset: 1),
            ])
        #expect(batch.rejections(after: outcomes).map(\.fault.reason) == ["malformed", "conflict"])
        #expect(batch.rejections(after: outcomes).map(\.message.offset) == [5, 11])
        #expect(batch.endPositions.map(\.offset) == [15, 7, 1])
        let left = batch.removing([StreamPartition(topic: "t", number: 0)])
        #expect(left.messages.map(\.offset) == [5, 6, 0] && left.fills.map(\.id) == ["1-6", "2-0"])
    }

    @Test func aFillInAnotherPartitionThanItsAccountsIsRejected() {
        let share = PartitionShare(
            partition: PartitionHash.crc32.partition(of: "ALPHA", count: 4), count: 4, hash: .crc32)
        let own = Int32(share.partition)
        let other = (own + 1) % 4
        let batch = FillBatch(
            [Self.message(own, 0), Self.message(other, 0), Self.message(other, 1, isFill: false)], share: share)
        #expect(batch.fills.map(\.id) == ["\(own)-0"])
        let rejections = batch.rejections(after: [.accepted])
        #expect(rejections.map(\.fault.reason) == ["wrong_partition", "malformed"])
        #expect(rejections[0].fault.detail == "the account belongs into partition \(own) of 4 by crc32")
        // What is left after partitions went is judged as before.
        let left = batch.removing([StreamPartition(topic: "t", number: own)])
        #expect(left.fills.isEmpty && left.rejections(after: []).count == 2)
        #expect(share.has("ALPHA") && !PartitionShare(partition: Int(other), count: 4, hash: .crc32).has("ALPHA"))
    }

    /// Against a walk over the messages of each partition.
    @Test(arguments: UInt64(1)...20)
    func nothingBeforeAPositionIsOpen(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var offsets: [Int32: Int64] = [:]
        let messages = (0..<200).map { _ -> StreamMessage in
            let partition = Int32(random.nextIndex(below: 5))
            offsets[partition, default: 0] += Int64(1 + random.nextIndex(below: 3))
            return Self.message(partition, offsets[partition]!, isFill: random.nextIndex(below: 30) > 0)
        }
        let batch = FillBatch(messages)
        let outcomes = batch.fills.map { _ -> StreamFillOutcome in
            if random.nextIndex(below: 50) == 0 { return .refused(.unknownSymbol) }
            return random.nextIndex(below: 3) == 0 ? .repeated : .accepted
        }
        let rejected = Set(
            batch.rejections(after: outcomes).map(\.message).map { "\($0.partition.number)/\($0.offset)" })
        let positions = batch.positions(after: outcomes)
        for number in Int32(0)..<5 {
            let own = messages.filter { $0.partition.number == number }
            let done = own.prefix { !rejected.contains("\(number)/\($0.offset)") }
            let position = positions.first { $0.partition == number }?.offset
            #expect(position == done.last.map { $0.offset + 1 }, "seed \(seed)")
            #expect(batch.endPositions.first { $0.partition == number }?.offset == own.last.map { $0.offset + 1 })
        }
    }
}
