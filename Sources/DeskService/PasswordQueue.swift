// SPDX-License-Identifier: Apache-2.0
// Passwords are hashed on threads of their own: few at once, and only so many may wait.

import Foundation
import RiskStore
import Synchronization

/// Hashing takes a tenth of a second and 64 MiB, so it happens neither on an event loop nor on a thread of the
/// cooperative pool.
final class PasswordQueue: Sendable {
    private static let atOnce = 2
    /// At work and waiting.
    private static let countMax = 16

    private let count = Atomic(0)
    private let operations: OperationQueue

    init() {
        self.operations = OperationQueue()
        self.operations.name = "passwords"
        self.operations.maxConcurrentOperationCount = Self.atOnce
        // Hashes what an unknown user is compared with, so that the first one to try does not take longer.
        self.operations.addOperation { PasswordHash.checkNobody("nobody") }
    }

    /// Whether a password fits; takes as long without a hash.
    func check(_ password: String, against hash: PasswordHash?) async throws(AccessRefusal) -> Bool {
        try await self.run {
            if let hash { return hash.matches(password) }
            PasswordHash.checkNobody(password)
            return false
        }
    }

    /// `nil` when the memory cannot be had.
    func hash(_ password: String) async throws(AccessRefusal) -> PasswordHash? {
        try await self.run { PasswordHash(hashing: password) }
    }

    private func run<Answer: Sendable>(
        _ work: @escaping @Sendable () -> Answer
    ) async throws(AccessRefusal) -> Answer {
        guard self.count.wrappingAdd(1, ordering: .relaxed).newValue <= Self.countMax else {
            self.count.wrappingSubtract(1, ordering: .relaxed)
            throw .busy
        }
        defer { self.count.wrappingSubtract(1, ordering: .relaxed) }
        return await withCheckedContinuation { answer in
            self.operations.addOperation { answer.resume(returning: work()) }
        }
    }
}
