// SPDX-License-Identifier: Apache-2.0
// Who has which partition, as far as it was told.

import Synchronization

/// The newest announcement of every partition: of two generations the greater counts, whoever speaks last.
///
/// May be used from any thread.
public final class FleetDirectory: Sendable {
    /// Called with what has become the newest of its partition, on the thread that brought it; must not wait.
    public typealias Listener = @Sendable (UnitAnnouncement) -> Void

    private struct State {
        var units: [Int: UnitAnnouncement] = [:]
        var heard: [Int: UInt64] = [:]
        var listeners: [Listener] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Known partitions, in order.
    public var units: [UnitAnnouncement] {
        self.state.withLock { $0.units.values.sorted { $0.partition < $1.partition } }
    }

    public func unit(partition: Int) -> UnitAnnouncement? { self.state.withLock { $0.units[partition] } }

    /// 0 before anything was told.
    public var partitionCount: Int { self.state.withLock { $0.units.values.map(\.partitionCount).max() ?? 0 } }

    /// When a partition was last heard of, by the clock of ``take(_:nowNanoseconds:)``.
    public func heardNanoseconds(partition: Int) -> UInt64? { self.state.withLock { $0.heard[partition] } }

    /// The listener is told what is known first.
    public func listen(_ listener: @escaping Listener) {
        let known = self.state.withLock { state in
            state.listeners.append(listener)
            return state.units.values.sorted { $0.partition < $1.partition }
        }
        for unit in known { listener(unit) }
    }

    /// - Returns: whether it is of the greatest generation known.
    @discardableResult
    public func take(_ said: UnitAnnouncement, nowNanoseconds now: UInt64) -> Bool {
        let listeners: [Listener]? = self.state.withLock { state in
            let known = state.units[said.partition]
            if let known, known.generation > said.generation { return nil }
            state.units[said.partition] = said
            state.heard[said.partition] = now
            return state.listeners
        }
        guard let listeners else { return false }
        for listener in listeners { listener(said) }
        return true
    }
}
