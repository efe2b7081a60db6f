// SPDX-License-Identifier: Apache-2.0
// Threads that cut accounts beside the engine thread.

import CEngine
import CRing
import Synchronization

/// The helpers of one engine thread, `tr-engine-1` and so on, asleep between cuts.
///
/// Ownership: handed out by the thread that cuts, its leader; started before the first cut and stopped after the last.
public final class EngineCrew: @unchecked Sendable {
    let crew: OpaquePointer
    private let threads: [RoleThread]

    /// The leader and its helpers.
    public var size: Int { self.threads.count + 1 }

    /// - Parameter size: 2 to 64.
    /// - Returns: `nil` when memory is short.
    public init?(size: Int) {
        precondition(2...Int(TR_SHARDS_MAX) ~= size, "a crew is of 2 to \(TR_SHARDS_MAX)")
        guard let crew = tr_crew_create(size - 1) else { return nil }
        self.crew = crew
        self.threads = (1..<size).map { RoleThread(name: "tr-engine-\($0)") }
    }

    deinit { tr_crew_destroy(self.crew) }

    public func start() {
        for (number, thread) in self.threads.enumerated() {
            thread.start { tr_crew_help(self.crew, number) }
        }
    }

    /// Lets the helpers end and waits for them.
    public func stop() {
        tr_crew_dismiss(self.crew)
        for thread in self.threads { thread.join() }
    }
}
