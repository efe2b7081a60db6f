// SPDX-License-Identifier: Apache-2.0
// Users in the store of a daemon that is not running.

import RiskDomain
import RiskKernel
import RiskStore

struct StoredUsers: UserBook {
    /// Who changes something here, as the audit knows it.
    private static let who = "tickrisk user"

    private let store: any StoredDesk

    init(_ location: StoreLocation) throws {
        do { self.store = try location.store() } catch let error as StoreError {
            throw Failure("\(location.text): \(error)")
        } catch let error as Failure {
            throw Failure("\(error), or give --url and a token to ask it")
        }
    }

    func close() async throws { try await self.store.close() }

    private var change: AccessChange { AccessChange(by: Self.who, timeNanoseconds: WallClock.nowNanoseconds) }

    private func snapshot() async throws -> DeskSnapshot {
        try await self.store.snapshot(ordersSinceNanoseconds: WallClock.nowNanoseconds)
    }

    private static func user(_ name: String, in snapshot: DeskSnapshot) throws -> UserRecord {
        if let user = snapshot.users.first(where: { $0.name == name }) { return user }
        throw Failure("no such user: \(name)")
    }

    private static func hash(_ password: String) throws -> PasswordHash {
        guard let hash = PasswordHash(hashing: password) else {
            throw Failure("a password has 1 to \(PasswordHash.passwordBytesMax) bytes")
        }
        return hash
    }

    private static func grants(
        _ roles: [RoleText], of name: String, in snapshot: DeskSnapshot
    ) throws -> Set<AccountGrant> {
        var grants: Set<AccountGrant> = []
        for role in roles {
            if let account = role.account, !snapshot.accounts.contains(where: { $0.id == account }) {
                throw Failure("no such account in the store: \(account); a daemon's first start writes them there")
            }
            guard let known = AccountRole(rawValue: role.role) else { throw Failure("no such role: \(role.role)") }
            grants.insert(AccountGrant(user: name, account: role.account, role: known))
        }
        return grants
    }

    // MARK: Users

    func add(user name: String, password: String?, roles: [RoleText]) async throws {
        let snapshot = try await self.snapshot()
        guard AccessChange.isName(name) else {
            throw Failure("a name has 1 to \(AccessChange.nameBytesMax) letters, digits, - _ . and @")
        }
        guard !snapshot.users.contains(where: { $0.name == name }) else {
            throw Failure("there is a user \(name), or was; names stay taken")
        }
        let grants = try Self.grants(roles, of: name, in: snapshot)
        let change = self.change
        try await self.store.append(
            change.add(user: name, passwordHash: try password.map(Self.hash))
                + change.set(roles: grants, of: name, before: []))
    }

    func set(password: String, of name: String) async throws {
        let snapshot = try await self.snapshot()
        let user = try Self.user(name, in: snapshot)
        let change = self.change
        try await self.store.append(
            change.set(passwordHash: try Self.hash(password), of: user)
                + Self.end(sessionsOf: name, in: snapshot, why: "new password", change))
    }

    func set(isDisabled: Bool, of name: String) async throws {
        let snapshot = try await self.snapshot()
        let user = try Self.user(name, in: snapshot)
        if user.isDisabled == isDisabled { return }
        let change = self.change
        var entries = change.set(isDisabled: isDisabled, of: user)
        if isDisabled { entries += Self.end(sessionsOf: name, in: snapshot, why: "disabled", change) }
        try await self.store.append(entries)
    }

    private static func end(
        sessionsOf name: String, in snapshot: DeskSnapshot, why: String, _ change: AccessChange
    ) -> [JournalEntry] {
        change.end(sessions: snapshot.sessions.filter { $0.user == name }.map(\.tokenHash), of: name, why: why)
    }

    func set(roles: [RoleText], of name: String) async throws {
        let snapshot = try await self.snapshot()
        _ = try Self.user(name, in: snapshot)
        let entries = self.change.set(
            roles: try Self.grants(roles, of: name, in: snapshot), of: name,
            before: Set(snapshot.grants.filter { $0.user == name }))
        if !entries.isEmpty { try await self.store.append(entries) }
    }

    func users() async throws -> [ListedUser] {
        let snapshot = try await self.snapshot()
        return snapshot.users.sorted { $0.name < $1.name }.map { user in
            ListedUser(
                name: user.name, isDisabled: user.isDisabled, hasPassword: user.passwordHash != nil,
                roles: AccessChange.sorted(Set(snapshot.grants.filter { $0.user == user.name })).map {
                    RoleText(role: $0.role.rawValue, account: $0.account)
                })
        }
    }

    // MARK: Tokens

    func addToken(of name: String?, scopes: [String], expiresNanoseconds: UInt64?) async throws -> NewToken {
        guard let name else { throw Failure("with --store the user must be named: tickrisk user token add NAME") }
        _ = try Self.user(name, in: try await self.snapshot())
        let secret = SessionToken()
        let change = self.change
        let token = AccessToken(
            id: String(SessionToken().text.prefix(16)), tokenHash: secret.hash, user: name,
            scopes: Set(scopes.compactMap(TokenScope.init)), createdNanoseconds: change.timeNanoseconds,
            expiresNanoseconds: expiresNanoseconds)
        try await self.store.append(change.add(token))
        return NewToken(id: token.id, secret: secret.text)
    }

    func tokens(of name: String?) async throws -> [ListedToken] {
        try await self.snapshot().tokens.filter { name == nil || $0.user == name }
            .sorted { ($0.user, $0.createdNanoseconds, $0.id) < ($1.user, $1.createdNanoseconds, $1.id) }
            .map { token in
                ListedToken(
                    id: token.id, user: token.user,
                    scopes: TokenScope.allCases.filter(token.scopes.contains).map(\.rawValue),
                    expiresNanoseconds: token.expiresNanoseconds)
            }
    }

    func revokeToken(_ id: String) async throws {
        guard let token = try await self.snapshot().tokens.first(where: { $0.id == id }) else {
            throw Failure("no such token: \(id)")
        }
        try await self.store.append(self.change.revoke(token))
    }
}
