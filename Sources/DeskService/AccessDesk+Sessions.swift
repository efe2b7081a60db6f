// SPDX-License-Identifier: Apache-2.0
// Signing in and out, and new tokens for old sessions.

import Logging
import RiskKernel
import RiskStore
import Synchronization

/// A session that has just begun.
public struct SignIn: Sendable {
    /// For the browser, and for nobody else.
    public let token: SessionToken
    public let identity: Identity
}

extension AccessDesk {
    /// Begins a session.
    ///
    /// - Parameter address: where the request came from, as the limit of failures counts it.
    /// - Throws: ``AccessRefusal``; unknown users, wrong passwords and disabled users are one answer after one time.
    public func signIn(
        user name: String, password: String, from address: String
    ) async throws(AccessRefusal) -> SignIn {
        // The limit of failures knows no dates: who sets the clock neither opens nor closes it.
        let begun = MonotonicClock.nowNanoseconds
        // A name that cannot be one is not remembered letter by letter.
        let isName = AccessChange.isName(name)
        let keys: [SignInLimit.Key] = [.user(isName ? name : ""), .address(address)]
        let (wait, user) = self.state.withLock { state in
            let wait = state.limit.begin(keys, nowNanoseconds: begun)
            return (wait, state.book.users[name])
        }
        if let wait { throw .tooManyAttempts(retryAfterSeconds: wait) }
        let hash = user.flatMap { $0.isDisabled ? nil : $0.passwordHash }.flatMap(PasswordHash.init(text:))
        let fits: Bool
        do {
            fits = try await self.passwords.check(password, against: hash)
        } catch {
            self.state.withLock { $0.limit.succeeded(keys, begunNanoseconds: begun) }
            throw error
        }
        guard fits, let user, let hash else {
            let change = AccessChange(
                by: isName ? name : "(no name)", timeNanoseconds: WallClock.nowNanoseconds)
            let entry = change.audit("session.refuse", isName ? name : "(no name)", why: "from \(address)")
            do throws(StoreError) { try await self.store.append([entry]) } catch {
                self.logger.error("sign-in not audited", metadata: ["reason": "\(error)"])
            }
            throw .wrongCredentials
        }
        self.state.withLock { $0.limit.succeeded(keys, begunNanoseconds: begun) }
        let stronger = hash.isWeaker() ? try await self.passwords.hash(password) : nil
        return try await self.open(user, stronger: stronger, from: address)
    }

    /// - Parameters:
    ///   - user: as the password was checked against.
    ///   - stronger: a hash of more cost for the same password.
    private func open(
        _ user: UserRecord, stronger: PasswordHash?, from address: String
    ) async throws(AccessRefusal) -> SignIn {
        try await self.inOrder { () throws(AccessRefusal) in
            let now = WallClock.nowNanoseconds
            let token = SessionToken()
            let hash = token.hash
            // Disabled, or with another password, since it was checked.
            guard self.state.withLock({ $0.book.users[user.name] }) == user else { throw .wrongCredentials }
            let (record, ended) = self.state.withLock { $0.book.opening(hash, of: user.name, nowNanoseconds: now) }
            let change = AccessChange(by: user.name, timeNanoseconds: now)
            var entries = change.end(sessions: ended, of: user.name, why: "too many")
            if let stronger { entries += change.set(passwordHash: stronger, of: user) }
            entries += [.session(record), change.audit("session.begin", user.name, why: "from \(address)")]
            try await self.commit(entries, of: user.name)
            guard
                let identity = self.state.withLock({ $0.book.identity(sessionHash: hash, nowNanoseconds: now) })
            else { throw .wrongCredentials }
            return SignIn(token: token, identity: identity)
        }
    }

    /// Ends the session; false where the identity has none.
    public func signOut(_ identity: Identity) async throws(AccessRefusal) -> Bool {
        guard case .session(let first) = identity.credential else { return false }
        return try await self.inOrder { () throws(AccessRefusal) in
            let hashes = self.state.withLock { $0.book.hashes(ofSession: first) }
            let change = AccessChange(by: identity.user, timeNanoseconds: WallClock.nowNanoseconds)
            try await self.commit(
                change.end(sessions: hashes, of: identity.user, why: "signed out"), of: identity.user)
            return true
        }
    }

    /// A new token for a session whose token has grown old; `nil` while it has not, and for the one before.
    ///
    /// - Parameter text: of the session's cookie.
    public func rotated(session text: String) async -> (token: SessionToken, expiresNanoseconds: UInt64)? {
        guard let old = SessionToken(text: text)?.hash else { return nil }
        let isDue = self.state.withLock {
            $0.book.isRotationDue(old, nowNanoseconds: WallClock.nowNanoseconds)
        }
        guard isDue else { return nil }
        return try? await self.inOrder { () throws(AccessRefusal) in
            let token = SessionToken()
            let rotation = self.state.withLock {
                $0.book.rotation(from: old, to: token.hash, nowNanoseconds: WallClock.nowNanoseconds)
            }
            guard let rotation else { return nil }
            do throws(StoreError) {
                try await self.store.append([.session(rotation.old), .session(rotation.new)])
            } catch { throw .store(error) }
            self.state.withLock { $0.book.apply(rotation: rotation) }
            return (token, rotation.new.expiresNanoseconds)
        }
    }
}
