// SPDX-License-Identifier: Apache-2.0
// A gateway's desk of who may come in: asks upstream, remembers for a moment, and follows what open streams live on.

import DeskService
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization

/// What it was told counts until upstream says otherwise, for ``rememberNanoseconds`` at the door, and for open streams
/// until the next look, which also keeps their sessions in use.
///
/// Ownership: any thread; everything is under one lock held for a look into a dictionary.
public final class RemoteAccess: StreamAccess, IdentitySource, Service {
    private static let rememberNanoseconds: UInt64 = 5_000_000_000
    private static let rememberedMax = 10_000
    private static let lookEvery = Duration.seconds(20)

    private struct Remembered: Sendable {
        var identity: Identity?
        var untilNanoseconds: UInt64
    }

    private struct Watcher: Sendable {
        var identity: Identity
        var rightsChanged: @Sendable () -> Void
    }

    private struct State: Sendable {
        var isRequired = true
        var remembered: [IdentityQuestion: Remembered] = [:]
        /// What was said last of the credentials that streams live on.
        var current: [Identity.Credential: Identity?] = [:]
        var watchers: [UInt64: Watcher] = [:]
        var numbers: [Identity.Credential: Set<UInt64>] = [:]
        var last: UInt64 = 0
    }

    private let upstream: any IdentityUpstream
    private let state = Mutex(State())

    package init(asking upstream: any IdentityUpstream) { self.upstream = upstream }

    public var isRequired: Bool { self.state.withLock { $0.isRequired } }
    public var asksElsewhere: Bool { true }

    /// Another run of the upstream, which may know others.
    package func begin(isRequired: Bool) {
        self.state.withLock { state in
            state.isRequired = isRequired
            state.remembered = [:]
        }
    }

    /// Upstream says that somebody's sessions, tokens or roles have changed.
    package func rightsChanged(user: String) {
        let credentials = self.state.withLock { state in
            state.remembered = state.remembered.filter { $0.value.identity?.user != user }
            return Set(state.watchers.values.lazy.filter { $0.identity.user == user }.map(\.identity.credential))
        }
        for credential in credentials { self.look(credential) }
    }

    // MARK: At the door

    public func learn(session: String?, bearer: String?) async {
        guard self.isRequired, let question = Self.question(session: session, bearer: bearer),
            self.remembered(question) == nil
        else { return }
        let answer = await withCheckedContinuation { continuation in
            self.upstream.ask(question) { continuation.resume(returning: $0) }
        }
        guard case .known(let identity) = answer else { return }
        self.remember(identity, question)
    }

    private static func question(session: String?, bearer: String?) -> IdentityQuestion? {
        if let bearer { return SessionToken(text: bearer).map { .bearer(hash: $0.hash) } }
        return session.flatMap { SessionToken(text: $0) }.map { .session(hash: $0.hash) }
    }

    private func remember(_ identity: Identity?, _ question: IdentityQuestion) {
        let until = MonotonicClock.nowNanoseconds + Self.rememberNanoseconds
        self.state.withLock { state in
            if state.remembered.count >= Self.rememberedMax { state.remembered = [:] }
            state.remembered[question] = Remembered(identity: identity, untilNanoseconds: until)
        }
    }

    private func remembered(_ question: IdentityQuestion) -> Remembered? {
        let now = MonotonicClock.nowNanoseconds
        return self.state.withLock { state in
            state.remembered[question].flatMap { $0.untilNanoseconds > now ? $0 : nil }
        }
    }

    public func identity(session text: String) -> Identity? { self.identity(session: text, bearer: nil) }
    public func identity(bearer text: String) -> Identity? { self.identity(session: nil, bearer: text) }

    private func identity(session: String?, bearer: String?) -> Identity? {
        if !self.isRequired { return .local }
        return Self.question(session: session, bearer: bearer).flatMap { self.remembered($0)?.identity }
    }

    // MARK: Streams

    public func current(_ identity: Identity) -> Identity? {
        if !self.isRequired { return .local }
        return self.state.withLock { $0.current[identity.credential] ?? identity }
    }

    public func streamOpened(_ identity: Identity, rightsChanged: @escaping @Sendable () -> Void) -> UInt64 {
        let number = self.state.withLock { state in
            state.last += 1
            state.watchers[state.last] = Watcher(identity: identity, rightsChanged: rightsChanged)
            state.numbers[identity.credential, default: []].insert(state.last)
            if state.current[identity.credential] == nil {
                state.current.updateValue(identity, forKey: identity.credential)
            }
            return state.last
        }
        // What changed between the door and here was said to nobody.
        self.look(identity.credential)
        return number
    }

    public func streamClosed(_ number: UInt64) {
        self.state.withLock { state in
            guard let watcher = state.watchers.removeValue(forKey: number) else { return }
            let credential = watcher.identity.credential
            state.numbers[credential]?.remove(number)
            if state.numbers[credential]?.isEmpty == true {
                state.numbers[credential] = nil
                state.current.removeValue(forKey: credential)
            }
        }
    }

    /// Asks again whom a credential shows, and tells its streams. Silence changes nothing: with an upstream that stays
    /// silent all streams end.
    private func look(_ credential: Identity.Credential) {
        self.upstream.ask(.current(credential)) { answer in
            guard case .known(let identity) = answer else { return }
            let told = self.state.withLock { state -> [@Sendable () -> Void] in
                guard let numbers = state.numbers[credential] else { return [] }
                state.current.updateValue(identity, forKey: credential)
                return numbers.compactMap { state.watchers[$0]?.rightsChanged }
            }
            for rightsChanged in told { rightsChanged() }
        }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.lookEvery)
                if Task.isCancelled || !self.isRequired { continue }
                for credential in self.state.withLock({ Array($0.numbers.keys) }) { self.look(credential) }
            }
        }
    }

    // MARK: For gateways behind this one

    public func answer(_ question: IdentityQuestion, _ reply: @escaping @Sendable (Identity?) -> Void) {
        self.upstream.ask(question) { answer in
            if case .known(let identity) = answer { reply(identity) }
        }
    }
}

extension AccessDesk: IdentitySource {
    public func answer(_ question: IdentityQuestion, _ reply: @escaping @Sendable (Identity?) -> Void) {
        reply(self.identity(of: question))
    }
}
