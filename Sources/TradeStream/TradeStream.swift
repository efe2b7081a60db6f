// SPDX-License-Identifier: Apache-2.0
// Fills in, risk out, over Kafka: the two threads, for the life of the process.

import DeskService
import FramePublisher
import Logging
import RiskStore
import ServiceLifecycle
import Synchronization

/// Without settings nothing of librdkafka exists.
public final class TradeStream: Service {
    private let reader: FillReader?
    private let sender: RiskSender?

    /// Takes the settings and makes the clients, which connect by themselves.
    ///
    /// - Parameters:
    ///   - settings: `nil` for no Kafka.
    ///   - epoch: of the process; sequences of cuts are its own.
    ///   - dates: of the scenarios that run.
    /// - Throws: where librdkafka does not take a setting.
    public init(
        settings: KafkaSettings?, desk: OrderDesk, cuts: any CutSource, catalog: ChannelCatalog, epoch: UInt64,
        dates: @escaping @Sendable () -> [String], logger: Logger
    ) throws(KafkaError) {
        if let settings, let topic = settings.fillsTopic {
            let target = FillTarget(
                book: { fills, positions throws(DeskRefusal) in try await desk.book(fills, positions: positions) },
                positions: { () throws(StoreError) in
                    try await desk.streamPositions().filter { $0.topic == topic }
                })
            self.reader = try FillReader(settings: settings, topic: topic, target: target, logger: logger)
        } else {
            self.reader = nil
        }
        if let settings, settings.isProducing {
            let source = RiskSender.Source(cuts: cuts, catalog: catalog, epoch: epoch, dates: dates)
            self.sender = try RiskSender(settings: settings, source: source, logger: logger)
        } else {
            self.sender = nil
        }
    }

    /// `nil` where no fills are read.
    public var fills: FillCounts? { self.reader?.counts.withLock { $0 } }

    /// `nil` where nothing is written.
    public var risk: RiskCounts? { self.sender?.counts.withLock { $0 } }

    /// From the opening of the desk to its end.
    public func run() async throws {
        self.reader?.start()
        self.sender?.start()
        try? await gracefulShutdown()
        self.reader?.stop()
        self.sender?.stop()
    }
}
