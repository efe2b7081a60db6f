// SPDX-License-Identifier: Apache-2.0
// Who is signed in and what they may do: asked at every request, changed one change after another, journal first.

import Logging
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization

/// Users, roles, sessions and tokens of the daemon.
///
/// A question is a look into a dictionary under a lock. Changes wait for the journal, in the order they came; streams
/// whose rights they touch are told at once.
///
/// Ownership: any thread may ask; the book changes under its lock by ``run()`` only, uses and streams aside.
public final class AccessDesk: StreamAccess, Service {
    /// How often sessions that have ended are looked for.
    private static let sweepEvery = Duration.seconds(10)

    struct State {
        var book: AccessBook
        var limit = SignInLimit()
        var watchers: [UInt64: Watcher] = [:]
        var watchersByUser: [String: Set<UInt64>] = [:]
        var lastWatcher: UInt64 = 0
        var follower: (@Sendable (String) -> Void)?
    }

    /// A stream that lives on somebody's rights.
    struct Watcher {
        let identity: Identity
        let rightsChanged: @Sendable () -> Void
    }

    /// Whether people sign in; else everybody is ``Identity/local``.
    public let isRequired: Bool
    let accounts: Set<String>
    let store: any DeskStore
    let logger: Logger
    let passwords = PasswordQueue()
    let state: Mutex<State>
    private let work: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation

    /// - Parameters:
    ///   - isRequired: false makes everybody ``Identity/local``.
    ///   - accounts: those roles may be given on.
    public init(
        isRequired: Bool, settings: AccessSettings, accounts: some Sequence<String>, store: any DeskStore,
        logger: Logger
    ) async throws(StoreError) {
        let now = WallClock.nowNanoseconds
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: now)
        self.isRequired = isRequired
        self.accounts = Set(accounts)
        self.store = store
        self.logger = logger
        self.state = Mutex(State(book: AccessBook(snapshot, settings: settings, nowNanoseconds: now)))
        (self.work, self.continuation) = AsyncStream.makeStream()
    }

    // MARK: Who it is

    /// - Parameter text: of the session's cookie.
    public func identity(session text: String) -> Identity? {
        guard let token = SessionToken(text: text) else { return nil }
        return self.state.withLock {
            $0.book.identity(sessionHash: token.hash, nowNanoseconds: WallClock.nowNanoseconds)
        }
    }

    /// - Parameter text: after `Bearer`.
    public func identity(bearer text: String) -> Identity? {
        guard let token = SessionToken(text: text) else { return nil }
        return self.state.withLock {
            $0.book.identity(bearerHash: token.hash, nowNanoseconds: WallClock.nowNanoseconds)
        }
    }

    /// The same session or token as it is now; `nil` when it has ended.
    public func current(_ identity: Identity) -> Identity? {
        self.state.withLock {
            $0.book.identity(of: identity.credential, nowNanoseconds: WallClock.nowNanoseconds)
        }
    }

    /// Who it is by what a gateway knows: it has no use for tokens.
    public func identity(of question: IdentityQuestion) -> Identity? {
        if !self.isRequired { return .local }
        let now = WallClock.nowNanoseconds
        return self.state.withLock { state in
            switch question {
            case .session(let hash): state.book.identity(sessionHash: hash, nowNanoseconds: now)
            case .bearer(let hash): state.book.identity(bearerHash: hash, nowNanoseconds: now)
            case .current(let credential): state.book.used(credential, nowNanoseconds: now)
            }
        }
    }

    /// - Parameter follower: told the name of everybody whose sessions, tokens or roles have changed, from any thread.
    public func follow(_ follower: @escaping @Sendable (String) -> Void) {
        self.state.withLock { $0.follower = follower }
    }

    // MARK: Streams

    /// A session with an open stream is in use.
    ///
    /// - Parameter rightsChanged: called from any thread whenever ``current(_:)`` may answer otherwise than before.
    /// - Returns: for ``streamClosed(_:)``.
    public func streamOpened(_ identity: Identity, rightsChanged: @escaping @Sendable () -> Void) -> UInt64 {
        self.state.withLock { state in
            state.lastWatcher += 1
            let number = state.lastWatcher
            state.watchers[number] = Watcher(identity: identity, rightsChanged: rightsChanged)
            state.watchersByUser[identity.user, default: []].insert(number)
            state.book.countStream(identity.credential, by: 1, nowNanoseconds: WallClock.nowNanoseconds)
            return number
        }
    }

    public func streamClosed(_ number: UInt64) {
        self.state.withLock { state in
            guard let watcher = state.watchers.removeValue(forKey: number) else { return }
            state.watchersByUser[watcher.identity.user]?.remove(number)
            if state.watchersByUser[watcher.identity.user]?.isEmpty == true {
                state.watchersByUser[watcher.identity.user] = nil
            }
            state.book.countStream(watcher.identity.credential, by: -1, nowNanoseconds: WallClock.nowNanoseconds)
        }
    }

    // MARK: Changes, one after another

    public func run() async throws {
        let continuation = self.continuation
        await withGracefulShutdownHandler {
            await withTaskGroup { tasks in
                tasks.addTask { await self.sweep() }
                for await change in self.work { await change() }
                tasks.cancelAll()
            }
        } onGracefulShutdown: {
            continuation.finish()
        }
    }

    /// Runs a change when those before it are done.
    func inOrder<Answer: Sendable>(
        _ change: @escaping @Sendable () async throws(AccessRefusal) -> Answer
    ) async throws(AccessRefusal) -> Answer {
        let result: Result<Answer, AccessRefusal> = await withCheckedContinuation { answer in
            let outcome = self.continuation.yield {
                do throws(AccessRefusal) { answer.resume(returning: .success(try await change())) } catch {
                    answer.resume(returning: .failure(error))
                }
            }
            if case .terminated = outcome { answer.resume(returning: .failure(.stopping)) }
        }
        return try result.get()
    }

    /// Writes a change down, makes it count, and tells the streams of the user.
    ///
    /// Only within ``inOrder(_:)``.
    func commit(_ entries: [JournalEntry], of user: String) async throws(AccessRefusal) {
        if entries.isEmpty { return }
        do throws(StoreError) { try await self.store.append(entries) } catch { throw .store(error) }
        let now = WallClock.nowNanoseconds
        self.state.withLock { state in
            for entry in entries { state.book.apply(entry, nowNanoseconds: now) }
        }
        self.tell(user)
    }

    private func tell(_ user: String) {
        let (watchers, follower) = self.state.withLock { state in
            ((state.watchersByUser[user] ?? []).compactMap { state.watchers[$0] }, state.follower)
        }
        for watcher in watchers { watcher.rightsChanged() }
        follower?(user)
    }

    /// Takes sessions that have ended by themselves out of the store.
    private func sweep() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.sweepEvery)
            _ = try? await self.inOrder { () throws(AccessRefusal) in try await self.removeOverdue() }
        }
    }

    private func removeOverdue() async throws(AccessRefusal) {
        let hashes = self.state.withLock { $0.book.overdue(nowNanoseconds: WallClock.nowNanoseconds) }
        if hashes.isEmpty { return }
        let entries = hashes.map { JournalEntry.sessionEnded(tokenHash: $0) }
        do throws(StoreError) { try await self.store.append(entries) } catch { throw .store(error) }
        self.state.withLock { state in
            for entry in entries { state.book.apply(entry, nowNanoseconds: WallClock.nowNanoseconds) }
        }
    }
}
