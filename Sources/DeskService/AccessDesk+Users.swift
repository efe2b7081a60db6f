// SPDX-License-Identifier: Apache-2.0
// Users, their roles, and tokens of programs: what administrators and users change.

import RiskKernel
import RiskStore
import Synchronization

/// A user as administrators see them.
public struct UserListing: Sendable, Equatable {
    public let record: UserRecord
    public let grants: Set<AccountGrant>
}

/// A role that is to be given.
public struct RoleGrant: Sendable, Hashable {
    /// `nil` is every account and the house.
    public var account: String?
    public var role: AccountRole

    public init(account: String?, role: AccountRole) {
        self.account = account
        self.role = role
    }
}

extension AccessDesk {
    /// By name.
    public func users() -> [UserListing] {
        self.state.withLock { state in
            state.book.users.values.sorted { $0.name < $1.name }.map {
                UserListing(record: $0, grants: state.book.grants(of: $0.name))
            }
        }
    }

    public func user(_ name: String) throws(AccessRefusal) -> UserListing {
        let user = self.state.withLock { state in
            state.book.users[name].map { UserListing(record: $0, grants: state.book.grants(of: name)) }
        }
        guard let user else { throw .unknownUser(name) }
        return user
    }

    /// - Parameter password: `nil` for a user who has tokens only.
    public func add(
        user name: String, password: String?, roles: [RoleGrant], by who: Identity
    ) async throws(AccessRefusal) {
        try self.check(roles)
        let hash = password == nil ? nil : try await self.hash(password ?? "")
        try await self.inOrder { () throws(AccessRefusal) in
            guard self.state.withLock({ $0.book.users[name] }) == nil else { throw .nameTaken(name) }
            let change = Self.change(by: who)
            let entries =
                change.add(user: name, passwordHash: hash)
                + change.set(roles: Self.grants(roles, of: name), of: name, before: [])
            try await self.commit(entries, of: name)
        }
    }

    /// Ends the user's sessions, for whoever knew the password before.
    public func set(password: String, of name: String, by who: Identity) async throws(AccessRefusal) {
        _ = try self.user(name)
        let hash = try await self.hash(password)
        try await self.inOrder { () throws(AccessRefusal) in
            let change = Self.change(by: who)
            let entries =
                change.set(passwordHash: hash, of: try self.user(name).record)
                + change.end(sessions: self.sessions(of: name), of: name, why: "new password")
            try await self.commit(entries, of: name)
        }
    }

    /// A disabled user has no session; tokens count again once the user is enabled.
    public func set(isDisabled: Bool, of name: String, by who: Identity) async throws(AccessRefusal) {
        try await self.inOrder { () throws(AccessRefusal) in
            let user = try self.user(name)
            if user.record.isDisabled == isDisabled { return }
            if isDisabled { try self.requireAdministrator(besides: name) }
            let change = Self.change(by: who)
            var entries = change.set(isDisabled: isDisabled, of: user.record)
            if isDisabled { entries += change.end(sessions: self.sessions(of: name), of: name, why: "disabled") }
            try await self.commit(entries, of: name)
        }
    }

    /// Replaces all of a user's roles.
    public func set(roles: [RoleGrant], of name: String, by who: Identity) async throws(AccessRefusal) {
        try self.check(roles)
        try await self.inOrder { () throws(AccessRefusal) in
            let user = try self.user(name)
            let after = Self.grants(roles, of: name)
            if !AccessRights(after).include(.admin, account: nil) { try self.requireAdministrator(besides: name) }
            try await self.commit(Self.change(by: who).set(roles: after, of: name, before: user.grants), of: name)
        }
    }

    /// Ends all of a user's sessions.
    public func signOut(user name: String, by who: Identity) async throws(AccessRefusal) {
        try await self.inOrder { () throws(AccessRefusal) in
            _ = try self.user(name)
            let entries = Self.change(by: who).end(sessions: self.sessions(of: name), of: name, why: "signed out")
            try await self.commit(entries, of: name)
        }
    }

    private func hash(_ password: String) async throws(AccessRefusal) -> PasswordHash {
        guard let hash = try await self.passwords.hash(password) else { throw .busy }
        return hash
    }

    private func check(_ roles: [RoleGrant]) throws(AccessRefusal) {
        var unknown: [Int: String] = [:]
        for (number, role) in roles.enumerated() {
            if let account = role.account, !self.accounts.contains(account) { unknown[number] = account }
        }
        if !unknown.isEmpty { throw .unknownAccounts(unknown) }
    }

    /// - Throws: when the user is the last one who may change users.
    private func requireAdministrator(besides name: String) throws(AccessRefusal) {
        let isAdministrator = { (user: UserListing) in
            !user.record.isDisabled && AccessRights(user.grants).include(.admin, account: nil)
        }
        let administrators = self.users().filter(isAdministrator).map(\.record.name)
        if administrators == [name] { throw .lastAdministrator }
    }

    private func sessions(of name: String) -> [String] { self.state.withLock { $0.book.hashes(ofUser: name) } }

    private static func grants(_ roles: [RoleGrant], of name: String) -> Set<AccountGrant> {
        Set(roles.map { AccountGrant(user: name, account: $0.account, role: $0.role) })
    }

    static func change(by who: Identity) -> AccessChange {
        AccessChange(by: who.user, timeNanoseconds: WallClock.nowNanoseconds)
    }

    // MARK: Tokens

    /// A user's own, the newest first.
    public func tokens(of identity: Identity) -> [AccessToken] {
        self.state.withLock { state in
            state.book.tokens.values.filter { $0.user == identity.user }
        }.sorted { ($1.createdNanoseconds, $0.id) < ($0.createdNanoseconds, $1.id) }
    }

    /// A token of the user's own.
    ///
    /// - Throws: where it would be more than the one it is made with, in scope or time.
    public func addToken(
        scopes: Set<TokenScope>, expiresNanoseconds: UInt64?, for identity: Identity
    ) async throws(AccessRefusal) -> (token: AccessToken, secret: SessionToken) {
        if case .token = identity.credential {
            let isWithin = identity.expiresNanoseconds.map { ($0) >= (expiresNanoseconds ?? .max) } ?? true
            guard identity.covers(scopes), isWithin else { throw .beyondOwnScopes }
        }
        return try await self.inOrder { () throws(AccessRefusal) in
            let count = self.tokens(of: identity).count
            guard count < AccessBook.tokensPerUserMax else { throw .tooManyTokens(max: AccessBook.tokensPerUserMax) }
            // Names are of no use to anybody, so half of a random token will do for one.
            let id = String(SessionToken().text.prefix(16))
            let secret = SessionToken()
            let change = Self.change(by: identity)
            let token = AccessToken(
                id: id, tokenHash: secret.hash, user: identity.user, scopes: scopes,
                createdNanoseconds: change.timeNanoseconds, expiresNanoseconds: expiresNanoseconds)
            try await self.commit(change.add(token), of: identity.user)
            return (token, secret)
        }
    }

    /// Ends a token of the user's own; another's is as unknown as none.
    public func revokeToken(_ id: String, of identity: Identity) async throws(AccessRefusal) {
        try await self.inOrder { () throws(AccessRefusal) in
            guard let token = self.state.withLock({ $0.book.tokens[id] }), token.user == identity.user else {
                throw .unknownToken(id)
            }
            try await self.commit(Self.change(by: identity).revoke(token), of: identity.user)
        }
    }
}
