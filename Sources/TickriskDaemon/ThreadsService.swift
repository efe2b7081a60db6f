// SPDX-License-Identifier: Apache-2.0
// The daemon's threads for the life of the process: started before the first client, stopped after the last.

import FramePublisher
import RiskEngine
import ServiceLifecycle
import TickIngest

/// Stops in the direction of the data: no more ticks and holdings, then no more cuts, then no more frames.
struct ThreadsService: Service {
    let feeds: [FeedThread]
    let engine: EngineThread
    let publisher: PublisherThread
    let book: LiveBook
    let reports: ReportThread

    func start() throws {
        self.reports.start()
        self.publisher.start()
        self.engine.start()
        self.book.start()
        for feed in self.feeds { try feed.start() }
    }

    func run() async throws {
        // Cancellation ends the wait too; either way the threads are ended.
        try? await gracefulShutdown()
        for feed in self.feeds { feed.stop() }
        self.book.stop()
        self.engine.stop()
        self.publisher.stop()
        self.reports.stop()
    }
}
