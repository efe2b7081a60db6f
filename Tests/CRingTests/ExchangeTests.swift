// SPDX-License-Identifier: Apache-2.0
// The exchange against its model: what is taken is the last published value, once.
import CPlatform
import CRing
import Testing

/// An exchange of `words` 64-bit words, each word of a value the same number.
private final class ExchangeUnderTest {
    let arena: OpaquePointer
    let exchange: OpaquePointer
    let words: Int

    init(words: Int) throws {
        let valueBytes = words * MemoryLayout<UInt64>.stride
        let bytes = tr_exchange_bytes(valueBytes)
        arena = try #require(tr_arena_create(tr_arena_cost(bytes)))
        exchange = tr_exchange_init(tr_arena_take(arena, bytes), valueBytes)
        self.words = words
    }

    deinit { tr_arena_destroy(arena) }

    /// Writes the back slot without publishing it.
    func write(_ value: UInt64) {
        let back = tr_exchange_back(exchange).bindMemory(to: UInt64.self, capacity: words)
        back.update(repeating: value, count: words)
    }

    func publish(_ value: UInt64) {
        write(value)
        tr_exchange_publish(exchange)
    }

    func take() -> UnsafeBufferPointer<UInt64>? {
        tr_exchange_take(exchange).map { value in
            UnsafeBufferPointer(start: value.bindMemory(to: UInt64.self, capacity: words), count: words)
        }
    }
}

@Suite struct ExchangeTests {
    @Test func nothingIsTakenBeforeTheFirstPublish() throws {
        let under = try ExchangeUnderTest(words: 4)
        #expect(under.take() == nil)
        under.write(1)
        #expect(under.take() == nil)
    }

    @Test func theNewestOfSeveralIsTakenOnce() throws {
        let under = try ExchangeUnderTest(words: 4)
        for value in 1...5 as ClosedRange<UInt64> { under.publish(value) }
        #expect(under.take().map(Array.init) == [5, 5, 5, 5])
        #expect(under.take() == nil)
    }

    @Test func aTakenValueStaysWholeWhileTheWriterGoesOn() throws {
        let under = try ExchangeUnderTest(words: 100)
        under.publish(1)
        let held = try #require(under.take())
        for value in 2...9 as ClosedRange<UInt64> {
            under.publish(value)
            #expect(held.allSatisfy { $0 == 1 })
        }
        under.write(10)
        #expect(held.allSatisfy { $0 == 1 })
        #expect(under.take()?.first == 9)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func randomOperationsAgreeWithTheModel(seed: UInt64) throws {
        var random = RingRandom(seed: seed)
        let under = try ExchangeUnderTest(words: 1 + random.below(40))
        var published: UInt64?
        var held: (value: UInt64, slot: UnsafeBufferPointer<UInt64>)?
        for step in 1...2_000 as ClosedRange<UInt64> {
            let place: Comment = "seed \(seed), step \(step)"
            switch random.below(3) {
            case 0:
                under.write(step)
            case 1:
                under.publish(step)
                published = step
            default:
                let taken = under.take()
                #expect(taken?.first == published, place)
                if let taken, let value = published { held = (value, taken) }
                published = nil
            }
            if let held { #expect(held.slot.allSatisfy { $0 == held.value }, place) }
        }
    }

    @Test(arguments: [0, 1, 8, 127, 128, 129, 10_000])
    func slotsAreAlignedAndApart(valueBytes: Int) throws {
        let bytes = tr_exchange_bytes(valueBytes)
        let arena = try #require(tr_arena_create(tr_arena_cost(bytes)))
        defer { tr_arena_destroy(arena) }
        let memory = tr_arena_take(arena, bytes)
        let exchange = tr_exchange_init(memory, valueBytes)
        var slots: Set<UnsafeMutableRawPointer> = []
        for _ in 0..<4 {
            let back = tr_exchange_back(exchange)
            #expect(UInt(bitPattern: back) % UInt(TR_FALSE_SHARING_RANGE) == 0)
            #expect(back >= memory && back + valueBytes <= memory + bytes)
            slots.insert(back)
            tr_exchange_publish(exchange)
            _ = tr_exchange_take(exchange)
        }
        let places = slots.sorted()
        #expect(valueBytes == 0 || places.count == 3)
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= valueBytes })
    }
}
