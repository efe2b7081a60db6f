// SPDX-License-Identifier: Apache-2.0
// Where ticks wait while the ring is full: one per instrument, the latest of each field.

import RiskDomain

/// Bounded by the number of instruments, so a slow engine costs freshness and never memory.
struct ConflationTable {
    private var pending: [Tick]
    private var isPending: [Bool]
    private var isBeforeGap: [Bool]
    /// Instruments pending, in order of arrival.
    private var order: [UInt32] = []
    private(set) var hasGap = false
    private(set) var oldestNanoseconds: UInt64 = 0
    private(set) var newestNanoseconds: UInt64 = 0

    init(instrumentCount: Int) {
        let none = Tick(instrument: 0, fields: [])
        self.pending = Array(repeating: none, count: instrumentCount)
        self.isPending = Array(repeating: false, count: instrumentCount)
        self.isBeforeGap = Array(repeating: false, count: instrumentCount)
        self.order.reserveCapacity(instrumentCount)
    }

    var isEmpty: Bool { self.order.isEmpty && !self.hasGap }

    /// - Returns: how many ticks replaced one that waited.
    mutating func add(_ ticks: [Tick], sentNanoseconds: UInt64) -> Int {
        if self.order.isEmpty { self.oldestNanoseconds = sentNanoseconds }
        self.newestNanoseconds = sentNanoseconds
        var replaced = 0
        for tick in ticks {
            let index = Int(tick.instrument)
            self.isBeforeGap[index] = false
            if self.isPending[index] {
                self.merge(tick, at: index)
                replaced += 1
            } else {
                self.isPending[index] = true
                self.pending[index] = tick
                self.order.append(tick.instrument)
            }
        }
        return replaced
    }

    /// Messages were lost now: what waits is from before.
    mutating func addGap() {
        self.hasGap = true
        for instrument in self.order { self.isBeforeGap[Int(instrument)] = true }
    }

    private mutating func merge(_ tick: Tick, at index: Int) {
        if tick.fields.contains(.bid) { self.pending[index].bid = tick.bid }
        if tick.fields.contains(.ask) { self.pending[index].ask = tick.ask }
        if tick.fields.contains(.last) { self.pending[index].last = tick.last }
        if tick.status != 0 { self.pending[index].status = tick.status }
        self.pending[index].fields.formUnion(tick.fields)
    }

    /// The waiting ticks from before the gap, at most `limit`.
    func ticksBeforeGap(limit: Int) -> [Tick] { self.select(limit: limit) { self.isBeforeGap[$0] } }

    /// The waiting ticks, at most `limit`.
    func ticks(limit: Int) -> [Tick] { self.select(limit: limit) { _ in true } }

    private func select(limit: Int, where isIncluded: (Int) -> Bool) -> [Tick] {
        Array(self.order.lazy.map(Int.init).filter(isIncluded).map { self.pending[$0] }.prefix(limit))
    }

    /// These have reached the ring.
    mutating func remove(_ ticks: [Tick]) {
        for tick in ticks {
            self.isPending[Int(tick.instrument)] = false
            self.isBeforeGap[Int(tick.instrument)] = false
        }
        self.order.removeAll { !self.isPending[Int($0)] }
    }

    /// What waits, counted by another directory; ticks of instruments that are gone are, too.
    ///
    /// - Parameter indices: by index before: the index now, `nil` for gone.
    mutating func translate(_ indices: [Int?], instrumentCount: Int) {
        var next = ConflationTable(instrumentCount: instrumentCount)
        next.hasGap = self.hasGap
        next.oldestNanoseconds = self.oldestNanoseconds
        next.newestNanoseconds = self.newestNanoseconds
        for before in self.order.map(Int.init) {
            guard let index = indices[before] else { continue }
            next.pending[index] = self.pending[before]
            next.pending[index].instrument = UInt32(index)
            next.isPending[index] = true
            next.isBeforeGap[index] = self.isBeforeGap[before]
            next.order.append(UInt32(index))
        }
        self = next
    }

    mutating func removeGap() { self.hasGap = false }
}
