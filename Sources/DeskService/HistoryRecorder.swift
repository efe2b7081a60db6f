// SPDX-License-Identifier: Apache-2.0
// P&L, risk and exposure of every account and the firm, once a second into the store.

import FramePublisher
import Logging
import RiskKernel
import RiskStore
import ServiceLifecycle

/// Reads the newest cuts at every full second and appends what changed since the one before.
///
/// A store that fails is said once; the stream goes on without history.
public struct HistoryRecorder: Service {
    /// Points that have grown too old are removed so often.
    private static let trimEverySeconds: Int64 = 3_600

    private let source: any CutSource
    private let catalog: ChannelCatalog
    private let store: any DeskStore
    private let retention: HistoryRetention
    private let hasFirm: Bool
    private let logger: Logger

    /// - Parameter hasFirm: whether the firm's is recorded here too.
    public init(
        source: any CutSource, catalog: ChannelCatalog, store: any DeskStore, retention: HistoryRetention,
        hasFirm: Bool = true, logger: Logger
    ) {
        self.source = source
        self.catalog = catalog
        self.store = store
        self.retention = retention
        self.hasFirm = hasFirm
        self.logger = logger
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var sampler = HistorySampler(catalog: self.catalog, hasFirm: self.hasFirm)
            var hasFailed = false
            while !Task.isCancelled {
                let seconds = try await Self.nextSecond()
                var entries = sampler.sample(self.source, atSeconds: seconds).map(JournalEntry.history)
                if seconds % Self.trimEverySeconds == 0 {
                    entries += self.retention.trims(nowSeconds: seconds)
                }
                if entries.isEmpty { continue }
                do throws(StoreError) {
                    try await self.store.append(entries)
                    hasFailed = false
                } catch {
                    if !hasFailed { self.logger.error("history is not recorded", metadata: ["reason": "\(error)"]) }
                    hasFailed = true
                }
            }
        }
    }

    /// Sleeps until a full second has begun and says which.
    private static func nextSecond() async throws -> Int64 {
        let now = WallClock.nowNanoseconds
        let next = now / 1_000_000_000 + 1
        try await Task.sleep(for: .nanoseconds(next * 1_000_000_000 - now))
        return Int64(next)
    }
}
