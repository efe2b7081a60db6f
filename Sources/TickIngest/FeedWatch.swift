// SPDX-License-Identifier: Apache-2.0
// Says once, not a thousand times, that a feed went down, came back, lost messages or started again.

import Logging

struct FeedWatch {
    private static let gapReportNanoseconds: UInt64 = 1_000_000_000

    private let settings: FeedSettings
    private let logger: Logger
    private var wasDown: Bool?
    private var nextGapReportNanoseconds: UInt64 = 0
    private var unreportedMissing: UInt64 = 0

    init(settings: FeedSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    mutating func isDown(lastMessageNanoseconds: UInt64, nowNanoseconds: UInt64) -> Bool {
        let isDown =
            lastMessageNanoseconds == 0
            || nowNanoseconds > lastMessageNanoseconds + self.settings.silentAfterNanoseconds
        if self.wasDown != isDown {
            let metadata: Logger.Metadata = ["feed": "\(self.settings.name)", "endpoint": "\(self.settings.endpoint)"]
            if !isDown {
                self.logger.info("feed up", metadata: metadata)
            } else if self.wasDown == nil {
                self.logger.info("feed waits for its publisher", metadata: metadata)
            } else {
                self.logger.warning("feed down: silent for too long", metadata: metadata)
            }
        }
        self.wasDown = isDown
        return isDown
    }

    mutating func report(_ event: FeedIntake.Event, nowNanoseconds: UInt64) {
        switch event {
        case .contact: break
        case .restart(let missing):
            self.logger.notice(
                "publisher restarted", metadata: ["feed": "\(self.settings.name)", "missing": "\(missing)"])
        case .gap(let missing):
            self.unreportedMissing += missing
            guard nowNanoseconds >= self.nextGapReportNanoseconds else { return }
            self.logger.warning(
                "messages lost",
                metadata: ["feed": "\(self.settings.name)", "missing": "\(self.unreportedMissing)"])
            self.unreportedMissing = 0
            self.nextGapReportNanoseconds = nowNanoseconds + Self.gapReportNanoseconds
        }
    }
}
