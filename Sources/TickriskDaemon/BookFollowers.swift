// SPDX-License-Identifier: Apache-2.0
// Who has to know that another engine has taken over.

import FramePublisher
import RiskDomain
import RiskKernel
import Synchronization

/// The publisher follows every engine; who works by the inputs, only those with other scenarios or terms.
///
/// Ownership: ``follow(_:)`` is called by the one thread that keeps the book.
final class BookFollowers: Sendable {
    private let publisher: PublisherThread
    private let followers = Mutex<[@Sendable (RiskInputs) -> Void]>([])
    private let scenarioSet = Mutex(0)

    init(publisher: PublisherThread) { self.publisher = publisher }

    func add(_ follower: @escaping @Sendable (RiskInputs) -> Void) { self.followers.withLock { $0.append(follower) } }

    func follow(_ book: EngineBook) {
        self.publisher.follow(book)
        let isOther = self.scenarioSet.withLock { known in
            defer { known = book.scenarioSet }
            return known != book.scenarioSet
        }
        guard isOther else { return }
        for follower in self.followers.withLock({ $0 }) { follower(book.inputs) }
    }
}
