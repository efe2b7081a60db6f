// SPDX-License-Identifier: Apache-2.0
// Who has to know that another engine has taken over.

import DeskService
import FramePublisher
import RiskDomain
import RiskKernel
import Synchronization
import TickIngest

/// The publisher follows every engine; who works by the inputs, only those with other scenarios or instruments.
///
/// Ownership: ``follow(_:)`` is called by the one thread that keeps the book.
final class BookFollowers: Sendable {
    private let publisher: PublisherThread
    private let followers = Mutex<[@Sendable (EngineBook) -> Void]>([])
    private let scenarioSet = Mutex(0)

    init(publisher: PublisherThread) { self.publisher = publisher }

    func add(
        venue: DaemonVenue, reports: ReportDesk, instruments: LiveInstruments, orders: OrderDesk, feeds: [FeedThread]
    ) {
        self.followers.withLock { followers in
            // The venue before who sends it orders.
            followers.append { venue.follow($0.inputs) }
            followers.append { reports.follow($0.inputs) }
            followers.append { instruments.follow($0.inputs.directory) }
            followers.append { orders.follow($0.inputs) }
            for feed in feeds {
                followers.append { feed.follow($0.inputs.directory, number: $0.directoryNumber) }
            }
        }
    }

    func follow(_ book: EngineBook) {
        self.publisher.follow(book)
        let isOther = self.scenarioSet.withLock { known in
            defer { known = book.scenarioSet }
            return known != book.scenarioSet
        }
        guard isOther else { return }
        for follower in self.followers.withLock({ $0 }) { follower(book) }
    }
}
