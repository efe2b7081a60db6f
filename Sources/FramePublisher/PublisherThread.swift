// SPDX-License-Identifier: Apache-2.0
// The publisher thread: newest engine views → channel states → numbered cuts for the sink.

import FrameCodec
import RiskDomain
import RiskKernel
import Synchronization

/// Reads every channel's newest cut and hands on those that changed, on a thread of its own, `tr-publish`.
///
/// Ownership: the one reader of the engine's exchanges (docs/ownership.md, "account and market snapshots").
public final class PublisherThread: Sendable {
    /// Longest sleep; cuts wake the thread before.
    private static let sleepLimitNanoseconds: UInt64 = 100_000_000

    private let channels: Mutex<[EngineChannel]>
    private let sink: any CutSink
    private let parker = Parker()
    private let wakeCount = Atomic<UInt64>(0)
    private let thread = RoleThread(name: "tr-publish")

    public init(engine: EngineHandle, plan: BookPlan, inputs: RiskInputs, catalog: ChannelCatalog, sink: any CutSink) {
        var channels = [
            EngineChannel(
                index: ChannelCatalog.market, name: catalog.names[ChannelCatalog.market], port: engine.marketPort,
                builder: MarketStateBuilder(instruments: inputs.instruments)),
            EngineChannel(
                index: ChannelCatalog.firm, name: catalog.names[ChannelCatalog.firm], port: engine.firmPort,
                builder: FirmStateBuilder(plan: plan, inputs: inputs)),
        ]
        for (number, account) in plan.accounts.enumerated() {
            let index = catalog.index(ofAccountNumber: number)
            channels.append(
                EngineChannel(
                    index: index, name: catalog.names[index], port: engine.accountPort(number),
                    builder: AccountStateBuilder(plan: account, inputs: inputs)))
        }
        self.channels = Mutex(channels)
        self.sink = sink
    }

    /// There are new cuts; callable from any thread, does not wait.
    public func wake() {
        self.wakeCount.wrappingAdd(1, ordering: .releasing)
        self.parker.wake()
    }

    public func start() { self.thread.start { self.run() } }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.parker.wake) }

    private func run() {
        // Held for the thread's life: nobody else takes it, the lock only says so to the compiler.
        self.channels.withLock { channels in
            while !self.thread.isStopping {
                let seenCount = self.wakeCount.load(ordering: .acquiring)
                self.publishOnce(&channels)
                self.sleep(after: seenCount)
            }
        }
    }

    /// Takes what is new and publishes what of it changed.
    private func publishOnce(_ channels: inout [EngineChannel]) {
        let now = MonotonicClock.nowNanoseconds
        var cuts: [ChannelCut] = []
        for index in channels.indices {
            guard let view = channels[index].port.take() else { continue }
            let isWanted = self.sink.isWanted(channel: channels[index].index)
            if let cut = channels[index].cut(from: view, isWanted: isWanted, nowNanoseconds: now) {
                cuts.append(cut)
            }
        }
        if !cuts.isEmpty { self.sink.publish(cuts) }
    }

    /// Sleeps unless a wake came since `seenCount` was read.
    private func sleep(after seenCount: UInt64) {
        self.parker.sleep(timeoutNanoseconds: Self.sleepLimitNanoseconds) {
            self.wakeCount.load(ordering: .acquiring) != seenCount || self.thread.isStopping
        }
    }
}
