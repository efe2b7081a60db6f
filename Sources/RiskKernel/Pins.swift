// SPDX-License-Identifier: Apache-2.0
// Swift arrays held in place while C reads them.

import CEngine

/// Keeps arrays in place while C reads them.
final class Pins {
    private var arrays: [AnyObject] = []

    func pin<Element>(_ array: [Element]) -> UnsafePointer<Element> {
        let pinned = PinnedArray(array)
        self.arrays.append(pinned)
        return UnsafePointer(pinned.base)
    }
}

/// An array copied to memory that stays where it is.
private final class PinnedArray<Element> {
    let base: UnsafeMutablePointer<Element>
    private let count: Int

    init(_ array: [Element]) {
        self.count = array.count
        self.base = .allocate(capacity: max(array.count, 1))
        self.base.initialize(from: array, count: array.count)
    }

    deinit {
        self.base.deinitialize(count: self.count)
        self.base.deallocate()
    }
}

extension UInt32 {
    /// What the engine's indices say where there is nothing: `TR_NONE`.
    static let none = UInt32.max
}
