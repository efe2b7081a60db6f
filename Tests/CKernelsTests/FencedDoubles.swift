// SPDX-License-Identifier: Apache-2.0
// Doubles on a 64-byte boundary, with a fence behind them that a write out of bounds breaks.
import Testing

/// `count` doubles, then fences up to `room` and eight more.
final class FencedDoubles {
    let base: UnsafeMutablePointer<Double>
    private let count: Int
    private let allocated: Int

    init(count: Int, room: Int? = nil) {
        self.count = count
        allocated = (room ?? count) + 8
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: allocated * MemoryLayout<Double>.stride, alignment: 64)
        base = memory.bindMemory(to: Double.self, capacity: allocated)
        base.initialize(repeating: KernelCalls.fence, count: allocated)
    }

    deinit { base.deallocate() }

    func fill(_ values: [Double]) {
        base.update(from: values, count: values.count)
    }

    /// The values, after a look at the fences.
    func taken() -> [Double] {
        let fences = UnsafeBufferPointer(start: base + count, count: allocated - count)
        #expect(fences.bits.allSatisfy { $0 == KernelCalls.fence.bitPattern }, "written out of bounds")
        return Array(UnsafeBufferPointer(start: base, count: count))
    }
}
