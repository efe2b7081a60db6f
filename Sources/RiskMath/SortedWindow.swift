// SPDX-License-Identifier: Apache-2.0
// The newest values of a series, kept in ascending order while the window slides.

/// A bag of values in ascending order; adding and removing move at most as many values as it holds.
struct SortedWindow: Sendable {
    private(set) var ascending: [Double]

    init(_ values: some Sequence<Double>) {
        self.ascending = values.sorted()
    }

    /// Replaces one value, which must be there, by another.
    mutating func replace(_ old: Double, by new: Double) {
        let place = self.firstIndex(notBelow: old)
        precondition(place < self.ascending.count && self.ascending[place] == old, "\(old) is not in the window")
        self.ascending.remove(at: place)
        self.ascending.insert(new, at: self.firstIndex(notBelow: new))
    }

    private func firstIndex(notBelow value: Double) -> Int {
        var (low, high) = (0, self.ascending.count)
        while low < high {
            let middle = (low + high) / 2
            if self.ascending[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
