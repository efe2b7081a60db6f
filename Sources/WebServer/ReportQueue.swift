// SPDX-License-Identifier: Apache-2.0
// Costly questions are answered one after another, and only so many may wait.

import HTTPTypes
import Synchronization

/// One worker for reports, grids and what-ifs, so that they take at most one core from the stream.
actor ReportQueue {
    /// Beyond this a client is told to come again.
    static let waitingMax = 64

    private let waiting = Atomic(0)

    /// - Throws: a ``ProblemResponse`` when too many wait, or what the work throws.
    nonisolated func answer<Answer: Sendable>(_ work: @Sendable () throws -> Answer) async throws -> Answer {
        guard self.waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.waitingMax else {
            self.waiting.wrappingSubtract(1, ordering: .relaxed)
            throw ProblemResponse(
                status: .serviceUnavailable, code: "busy", detail: "too many questions at once",
                headers: [.retryAfter: "1"])
        }
        defer { self.waiting.wrappingSubtract(1, ordering: .relaxed) }
        return try await self.run(work)
    }

    private func run<Answer: Sendable>(_ work: @Sendable () throws -> Answer) throws -> Answer { try work() }
}
