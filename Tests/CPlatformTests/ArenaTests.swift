// SPDX-License-Identifier: Apache-2.0
// The arena hands out aligned, zeroed, separate memory, costs what it says, and refuses absurd sizes.
import CPlatform
import Testing

@Suite struct ArenaTests {
    private static let sizes = [0, 1, 31, 127, 128, 129, 1000, 4096]
    private static let alignment = Int(TR_FALSE_SHARING_RANGE)

    private static func costSum(_ sizes: [Int]) -> Int {
        sizes.reduce(0) { $0 + tr_arena_cost($1) }
    }

    @Test func takesAreAlignedAndZeroed() throws {
        let arena = try #require(tr_arena_create(Self.costSum(Self.sizes)))
        defer { tr_arena_destroy(arena) }
        for size in Self.sizes {
            let memory = tr_arena_take(arena, size)
            #expect(UInt(bitPattern: memory) % UInt(Self.alignment) == 0)
            #expect(UnsafeRawBufferPointer(start: memory, count: size).allSatisfy { $0 == 0 })
        }
    }

    @Test func takesDoNotOverlap() throws {
        let arena = try #require(tr_arena_create(Self.costSum(Self.sizes)))
        defer { tr_arena_destroy(arena) }
        let takes = Self.sizes.map { UnsafeMutableRawBufferPointer(start: tr_arena_take(arena, $0), count: $0) }
        for (index, memory) in takes.enumerated() {
            memory.copyBytes(from: repeatElement(UInt8(index + 1), count: memory.count))
        }
        for (index, memory) in takes.enumerated() {
            #expect(memory.allSatisfy { $0 == UInt8(index + 1) }, "take \(index)")
        }
    }

    @Test func anArenaOfTheSummedCostsIsExactlyUsedUp() throws {
        let arena = try #require(tr_arena_create(Self.costSum(Self.sizes)))
        defer { tr_arena_destroy(arena) }
        #expect(tr_arena_used(arena) == 0)
        var expectedBytes = 0
        for size in Self.sizes {
            _ = tr_arena_take(arena, size)
            expectedBytes += tr_arena_cost(size)
            #expect(tr_arena_used(arena) == expectedBytes)
        }
    }

    @Test func costIsTheNextMultipleOfTheAlignment() {
        #expect(tr_arena_cost(0) == 0)
        #expect(tr_arena_cost(1) == Self.alignment)
        #expect(tr_arena_cost(Self.alignment) == Self.alignment)
        #expect(tr_arena_cost(Self.alignment + 1) == 2 * Self.alignment)
    }

    @Test func anAbsurdSizeIsRefusedAndDoesNotWrapAround() {
        // size_t is Int in Swift: −1 is the largest there is.
        #expect(tr_arena_create(-1) == nil)
        #expect(tr_arena_create(Int.max) == nil)
    }

    @Test func takingMoreThanThereIsTraps() async {
        await #expect(processExitsWith: .failure) {
            let arena = tr_arena_create(Int(TR_FALSE_SHARING_RANGE))!
            _ = tr_arena_take(arena, 1)
            _ = tr_arena_take(arena, 1)
        }
    }
}
