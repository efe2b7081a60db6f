// SPDX-License-Identifier: Apache-2.0
// The publisher thread: newest engine views → channel states → numbered cuts for the sink.

import FrameCodec
import Operations
import RiskDomain
import RiskKernel
import Synchronization

/// Reads every channel's newest cut and hands on those that changed, on a thread of its own, `tr-publish`.
///
/// Ownership: the one reader of the engine's exchanges (docs/ownership.md, "account and market snapshots").
public final class PublisherThread: Sendable {
    /// Longest sleep; cuts wake the thread before.
    private static let sleepLimitNanoseconds: UInt64 = 100_000_000

    private struct Channels {
        var channels: [EngineChannel]
        /// What the rows are.
        var plan: BookPlan
        var scenarioSet: Int
        var directoryNumber: UInt64

        /// In the order in which the channels were made: the market, the firm, the accounts.
        mutating func follow(_ book: EngineBook) {
            let hasSameScenarios = book.scenarioSet == self.scenarioSet
            self.scenarioSet = book.scenarioSet
            self.channels[0].follow(
                book.engine.marketPort,
                builder: self.directoryNumber == book.directoryNumber
                    ? nil : MarketStateBuilder(directory: book.inputs.directory))
            self.directoryNumber = book.directoryNumber
            self.channels[1].follow(
                book.engine.firmPort, builder: FirmStateBuilder(plan: book.plan, inputs: book.inputs))
            for (number, account) in book.plan.accounts.enumerated() {
                // Its other columns follow from the account and the symbols.
                let isSame =
                    hasSameScenarios
                    && account.positions.elementsEqual(self.plan.accounts[number].positions) {
                        $0.symbol == $1.symbol
                    }
                self.channels[2 + number].follow(
                    book.engine.accountPort(number),
                    builder: isSame ? nil : AccountStateBuilder(plan: account, inputs: book.inputs))
            }
            self.plan = book.plan
        }
    }

    private let channels: Mutex<Channels>
    /// Books whose engines have taken over, oldest first.
    private let books = Mutex<[EngineBook]>([])
    private let sink: any CutSink
    private let parker = Parker()
    private let wakeCount = Atomic<UInt64>(0)
    private let thread = RoleThread(name: "tr-publish")

    /// From the sending of a cut's newest tick to its state.
    public let stateDelays = DurationHistogram()
    /// Turns of the loop: it moves while the publisher lives.
    public let turnCount = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - catalog: has the book's accounts, and may have others, whose channels nobody here cuts.
    ///   - floor: sequences of all channels are above it.
    public init(book: EngineBook, catalog: ChannelCatalog, sink: any CutSink, floor: UInt64 = 0) {
        func channel(_ index: Int, _ port: EngineViewPort, _ builder: any StateBuilder) -> EngineChannel {
            EngineChannel(index: index, name: catalog.names[index], port: port, builder: builder, floor: floor)
        }
        var channels = [
            channel(
                ChannelCatalog.market, book.engine.marketPort,
                MarketStateBuilder(directory: book.inputs.directory)),
            channel(
                ChannelCatalog.firm, book.engine.firmPort, FirmStateBuilder(plan: book.plan, inputs: book.inputs)),
        ]
        for (number, account) in book.plan.accounts.enumerated() {
            guard let index = catalog.index(ofAccount: account.account.id) else {
                preconditionFailure("the catalog lacks the account \(account.account.id)")
            }
            channels.append(
                channel(
                    index, book.engine.accountPort(number),
                    AccountStateBuilder(plan: account, inputs: book.inputs)))
        }
        self.channels = Mutex(
            Channels(
                channels: channels, plan: book.plan, scenarioSet: book.scenarioSet,
                directoryNumber: book.directoryNumber))
        self.sink = sink
    }

    /// From now on another engine cuts: the one before has made its last cut. Callable from any thread, does not wait.
    public func follow(_ book: EngineBook) {
        self.books.withLock { $0.append(book) }
        self.wake()
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
                self.publishOnce(&channels.channels)
                for book in self.books.withLock({ books in books.takeAll() }) {
                    // What the engine before it cut last has been there since before the book was.
                    self.publishOnce(&channels.channels)
                    channels.follow(book)
                    self.publishOnce(&channels.channels)
                }
                self.turnCount.wrappingAdd(1, ordering: .relaxed)
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
        if cuts.isEmpty { return }
        self.sink.publish(cuts)
        let wall = WallClock.nowNanoseconds
        for newest in cuts.lazy.compactMap(\.newestNanoseconds) { self.stateDelays.observe(from: newest, to: wall) }
    }

    /// Sleeps unless a wake came since `seenCount` was read.
    private func sleep(after seenCount: UInt64) {
        self.parker.sleep(timeoutNanoseconds: Self.sleepLimitNanoseconds) {
            self.wakeCount.load(ordering: .acquiring) != seenCount || self.thread.isStopping
        }
    }
}

extension Array {
    fileprivate mutating func takeAll() -> [Element] {
        defer { self = [] }
        return self
    }
}
