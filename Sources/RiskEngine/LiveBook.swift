// SPDX-License-Identifier: Apache-2.0
// The thread that keeps the engine's positions what they are.

import RiskDomain
import RiskKernel
import Synchronization

/// Tells the engine what is held, on a thread of its own, `tr-book`.
///
/// ```
///  desk ── take ──► pending ──► tr-book ──┬─ same symbols ──► command ring ─────────────► engine thread
///        (merges)                         └─ others ──► another engine, built here ──► adopts the one that ran
///                                                                                   └► publisher: new ports, new rows
/// ```
///
/// Ownership: the one producer of commands (docs/ownership.md).
public final class LiveBook: HoldingsSink, Sendable {
    private static let sleepLimitNanoseconds: UInt64 = 100_000_000
    /// How soon a full ring, and an engine for which there was no memory, are tried again.
    private static let ringRetryNanoseconds: UInt64 = 1_000_000
    private static let buildRetryNanoseconds: UInt64 = 1_000_000_000

    private struct Shared {
        var pending = PendingHoldings()
        var strategies: [String: [String: String]] = [:]
        /// The newest inputs to follow.
        var inputs: RiskInputs?
        /// How often there were others.
        var inputsCount: UInt64 = 0
    }

    private let first: Mutex<EngineBook?>
    private let engine: EngineThread
    private let onBook: @Sendable (EngineBook) -> Void
    private let shared: Mutex<Shared>
    private let takeCount = Atomic<UInt64>(0)
    private let parker = Parker()
    private let thread = RoleThread(name: "tr-book")

    /// Commands handed to the engine.
    public let commandCount = Atomic<UInt64>(0)
    /// Engines that took over.
    public let rebuildCount = Atomic<UInt64>(0)
    /// Engines for which there was no memory.
    public let rebuildFailureCount = Atomic<UInt64>(0)
    private let followedCount = Atomic<UInt64>(0)
    /// Holdings of accounts or in instruments that the files do not have.
    public let ignoredCount = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - book: what `engine` was made with.
    ///   - onBook: called on this thread with every book whose engine has taken over; must not wait.
    public init(book: EngineBook, engine: EngineThread, onBook: @escaping @Sendable (EngineBook) -> Void) {
        var shared = Shared()
        for position in book.inputs.positions {
            guard let strategy = position.strategy else { continue }
            shared.strategies[position.account, default: [:]][position.symbol] = strategy
        }
        self.first = Mutex(book)
        self.engine = engine
        self.onBook = onBook
        self.shared = Mutex(shared)
    }

    public func start() { self.thread.start { self.run() } }

    /// Ends the thread and waits for it; what was taken and not told yet is not told.
    public func stop() { self.thread.stop(waking: self.parker.wake) }

    public func take(_ holdings: [AccountHoldings]) {
        self.shared.withLock { shared in
            for account in holdings { shared.pending.merge(account) }
        }
        self.takeCount.wrappingAdd(1, ordering: .releasing)
        self.parker.wake()
    }

    /// Builds an engine with other scenarios, stress and instruments, which goes on where the one that runs stops.
    /// Positions and accounts stay what they are.
    public func follow(_ inputs: RiskInputs) {
        self.shared.withLock { shared in
            shared.inputs = inputs
            shared.inputsCount += 1
        }
        self.takeCount.wrappingAdd(1, ordering: .releasing)
        self.parker.wake()
    }

    /// Whether the engine runs on the newest inputs and every feed counts instruments as it does.
    public var hasFollowed: Bool {
        self.shared.withLock { $0.inputsCount } == self.followedCount.load(ordering: .acquiring)
    }

    /// Strategies by symbol, of the positions of an account that have one; callable from any thread.
    public func strategies(ofAccount id: String) -> [String: String] {
        self.shared.withLock { $0.strategies[id] ?? [:] }
    }

    private func run() {
        guard var book = self.first.withLock({ $0.take() }) else { return }
        var holdings = LiveHoldings(inputs: book.inputs, plan: book.plan)
        var next: EngineBook?
        var inputsCount: UInt64 = 0
        while !self.thread.isStopping {
            let seenCount = self.takeCount.load(ordering: .acquiring)
            if let adopted = next, !self.engine.isTakingOver {
                self.rebuildCount.wrappingAdd(1, ordering: .relaxed)
                self.onBook(adopted)
                self.engine.dropRetired()
                book = adopted
                next = nil
            }
            self.takePending(into: &holdings)
            // Ticks on their way are counted by one directory before, never by two.
            if next == nil, !book.engine.isTranslating {
                if book.scenarioSet == holdings.scenarioSet {
                    self.followedCount.store(inputsCount, ordering: .releasing)
                }
                if let count = self.takeInputs(into: &holdings) { inputsCount = count }
            }
            var timeout = Self.sleepLimitNanoseconds
            // While another engine takes over, changes wait: it knows nothing of what the ring of the old one holds.
            if next == nil { timeout = self.tell(&holdings, book: book, next: &next) }
            let isTakingOver = next != nil
            self.parker.sleep(timeoutNanoseconds: timeout) {
                self.takeCount.load(ordering: .acquiring) != seenCount || self.thread.isStopping
                    || (isTakingOver && !self.engine.isTakingOver)
            }
        }
    }

    private func takePending(into holdings: inout LiveHoldings) {
        let pending = self.shared.withLock { $0.pending.takeAll() }
        if pending.isEmpty { return }
        for account in pending { holdings.take(account) }
        self.ignoredCount.store(UInt64(holdings.ignoredCount), ordering: .relaxed)
        let strategies = pending.compactMap { account in
            holdings.number(ofAccount: account.account).map {
                (account.account, holdings.strategies(ofAccount: $0))
            }
        }
        self.shared.withLock { shared in
            for (account, symbols) in strategies { shared.strategies[account] = symbols }
        }
    }

    /// - Returns: how many there have been with these; `nil` where there are no others.
    private func takeInputs(into holdings: inout LiveHoldings) -> UInt64? {
        let (inputs, count) = self.shared.withLock { ($0.inputs.take(), $0.inputsCount) }
        guard let inputs else { return nil }
        holdings.follow(inputs)
        return count
    }

    /// Takes the next step; returns how long to sleep after it.
    private func tell(_ holdings: inout LiveHoldings, book: EngineBook, next: inout EngineBook?) -> UInt64 {
        switch holdings.nextStep() {
        case .nothing: break
        case .commands(let commands):
            guard book.engine.push(commands) else { return Self.ringRetryNanoseconds }
            holdings.told()
            self.commandCount.wrappingAdd(UInt64(commands.count), ordering: .relaxed)
            self.engine.wake()
        case .rebuild(let inputs):
            do throws(EngineError) {
                let rebuilt = try book.rebuilt(with: inputs, scenarioSet: holdings.scenarioSet)
                holdings.rebuilt(rebuilt.plan)
                next = rebuilt
                self.engine.offer(rebuilt.engine, whenAdopted: self.parker.wake)
            } catch {
                self.rebuildFailureCount.wrappingAdd(1, ordering: .relaxed)
                return Self.buildRetryNanoseconds
            }
        }
        return Self.sleepLimitNanoseconds
    }
}
