// SPDX-License-Identifier: Apache-2.0
// Users, grants, sessions and tokens, and whom a token shows. Pure: time comes in.

import RiskStore

/// How long sessions last.
public struct AccessSettings: Sendable, Equatable {
    /// From sign-in to the end.
    public var lifetimeNanoseconds: UInt64
    /// Without a request and without an open stream.
    public var idleNanoseconds: UInt64
    /// Age at which a session gets a new token.
    public var rotationNanoseconds: UInt64
    /// How long the old token is good after that.
    public var overlapNanoseconds: UInt64

    public init(
        lifetimeNanoseconds: UInt64 = 43_200_000_000_000, idleNanoseconds: UInt64 = 3_600_000_000_000,
        rotationNanoseconds: UInt64 = 3_600_000_000_000, overlapNanoseconds: UInt64 = 60_000_000_000
    ) {
        self.lifetimeNanoseconds = lifetimeNanoseconds
        self.idleNanoseconds = idleNanoseconds
        self.rotationNanoseconds = rotationNanoseconds
        self.overlapNanoseconds = overlapNanoseconds
    }
}

/// The desk's memory of who is who; what the store keeps, and beside it what only matters while the process lives.
package struct AccessBook: Sendable {
    package static let sessionsPerUserMax = 64
    package static let tokensPerUserMax = 64

    /// One sign-in; its tokens follow each other.
    private struct Session {
        let user: String
        var expiresNanoseconds: UInt64
        var usedNanoseconds: UInt64
        var streamCount = 0
        /// Of its tokens that still count.
        var hashes: Set<String>
        /// Of the newest.
        var newest: String
    }

    private let settings: AccessSettings
    package private(set) var users: [String: UserRecord] = [:]
    private var grants: [String: Set<AccountGrant>] = [:]
    private var rights: [String: AccessRights] = [:]
    private var records: [String: SessionRecord] = [:]
    /// By the hash of the first token.
    private var sessions: [String: Session] = [:]
    private var firstHashes: [String: String] = [:]
    package private(set) var tokens: [String: AccessToken] = [:]
    private var tokenIDs: [String: String] = [:]

    /// - Parameter nowNanoseconds: sessions of the process before count as used now.
    package init(_ snapshot: DeskSnapshot, settings: AccessSettings, nowNanoseconds: UInt64) {
        self.settings = settings
        for user in snapshot.users { self.users[user.name] = user }
        for grant in snapshot.grants { self.grants[grant.user, default: []].insert(grant) }
        for user in self.grants.keys { self.updateRights(of: user) }
        for record in snapshot.sessions { self.add(record, nowNanoseconds: nowNanoseconds) }
        for token in snapshot.tokens { self.add(token) }
    }

    // MARK: Who it is

    /// Whose session a token belongs to; counts as a use of it.
    package mutating func identity(sessionHash hash: String, nowNanoseconds now: UInt64) -> Identity? {
        guard let record = self.records[hash], record.expiresNanoseconds > now, let first = self.firstHashes[hash],
            let identity = self.identity(of: .session(first), nowNanoseconds: now)
        else { return nil }
        self.sessions[first]?.usedNanoseconds = now
        return identity
    }

    package func identity(bearerHash hash: String, nowNanoseconds now: UInt64) -> Identity? {
        self.tokenIDs[hash].flatMap { self.identity(of: .token($0), nowNanoseconds: now) }
    }

    /// Who is behind what was known before; `nil` once that has ended.
    package func identity(of credential: Identity.Credential, nowNanoseconds now: UInt64) -> Identity? {
        switch credential {
        case .none: return .local
        case .session(let first):
            guard let session = self.sessions[first], self.isLive(session, nowNanoseconds: now) else { return nil }
            return Identity(
                user: session.user, credential: credential, expiresNanoseconds: session.expiresNanoseconds,
                rights: self.rights[session.user] ?? AccessRights([]))
        case .token(let id):
            guard let token = self.tokens[id], token.expiresNanoseconds.map({ $0 > now }) ?? true,
                self.isEnabled(token.user)
            else { return nil }
            return Identity(
                user: token.user, credential: credential, expiresNanoseconds: token.expiresNanoseconds,
                scopes: token.scopes, rights: self.rights[token.user] ?? AccessRights([]))
        }
    }

    /// As ``identity(of:nowNanoseconds:)``, and counts as a use: a stream elsewhere is open.
    package mutating func used(_ credential: Identity.Credential, nowNanoseconds now: UInt64) -> Identity? {
        let identity = self.identity(of: credential, nowNanoseconds: now)
        if identity != nil, case .session(let first) = credential { self.sessions[first]?.usedNanoseconds = now }
        return identity
    }

    package func isEnabled(_ user: String) -> Bool { self.users[user]?.isDisabled == false }

    package func grants(of user: String) -> Set<AccountGrant> { self.grants[user] ?? [] }

    private func isLive(_ session: Session, nowNanoseconds now: UInt64) -> Bool {
        session.expiresNanoseconds > now && self.isEnabled(session.user)
            && (session.streamCount > 0 || session.usedNanoseconds + self.settings.idleNanoseconds > now)
    }

    /// A session with an open stream is in use.
    package mutating func countStream(_ credential: Identity.Credential, by change: Int, nowNanoseconds now: UInt64) {
        guard case .session(let first) = credential else { return }
        self.sessions[first]?.streamCount += change
        self.sessions[first]?.usedNanoseconds = now
    }

    // MARK: Sessions

    /// The record of a new session, and the tokens that end for it because the user has too many.
    package func opening(
        _ hash: String, of user: String, nowNanoseconds now: UInt64
    ) -> (record: SessionRecord, ended: [String]) {
        let record = SessionRecord(
            tokenHash: hash, user: user, createdNanoseconds: now,
            expiresNanoseconds: now + self.settings.lifetimeNanoseconds)
        let own = self.sessions.values.filter { $0.user == user }
        let surplus = own.count + 1 - Self.sessionsPerUserMax
        guard surplus > 0 else { return (record, []) }
        let oldest = own.sorted { $0.usedNanoseconds < $1.usedNanoseconds }.prefix(surplus)
        return (record, oldest.flatMap(\.hashes).sorted())
    }

    /// Whether the token shown is its session's newest and old enough for a new one.
    package func isRotationDue(_ hash: String, nowNanoseconds now: UInt64) -> Bool {
        guard let record = self.records[hash], let first = self.firstHashes[hash],
            self.sessions[first]?.newest == hash
        else { return false }
        return now >= record.createdNanoseconds + self.settings.rotationNanoseconds
    }

    /// Records of the new token and of the old one, which is good for a while; the session ends when it would have.
    package func rotation(
        from old: String, to new: String, nowNanoseconds now: UInt64
    ) -> (old: SessionRecord, new: SessionRecord)? {
        guard self.isRotationDue(old, nowNanoseconds: now), var record = self.records[old] else { return nil }
        let next = SessionRecord(
            tokenHash: new, user: record.user, createdNanoseconds: now,
            expiresNanoseconds: record.expiresNanoseconds)
        record.expiresNanoseconds = min(record.expiresNanoseconds, now + self.settings.overlapNanoseconds)
        return (record, next)
    }

    package mutating func apply(rotation: (old: SessionRecord, new: SessionRecord)) {
        guard let first = self.firstHashes[rotation.old.tokenHash] else { return }
        self.records[rotation.old.tokenHash] = rotation.old
        self.records[rotation.new.tokenHash] = rotation.new
        self.firstHashes[rotation.new.tokenHash] = first
        self.sessions[first]?.hashes.insert(rotation.new.tokenHash)
        self.sessions[first]?.newest = rotation.new.tokenHash
    }

    /// Tokens of one session.
    package func hashes(ofSession first: String) -> [String] { self.sessions[first]?.hashes.sorted() ?? [] }

    /// Tokens of all sessions of a user.
    package func hashes(ofUser user: String) -> [String] {
        self.sessions.values.filter { $0.user == user }.flatMap(\.hashes).sorted()
    }

    /// Tokens that count no more, because of their age or because nobody used them.
    package func overdue(nowNanoseconds now: UInt64) -> [String] {
        self.records.values.filter { record in
            guard record.expiresNanoseconds > now, let first = self.firstHashes[record.tokenHash],
                let session = self.sessions[first]
            else { return true }
            return !self.isLive(session, nowNanoseconds: now)
        }.map(\.tokenHash).sorted()
    }

    // MARK: What was written down

    package mutating func apply(_ entry: JournalEntry, nowNanoseconds now: UInt64) {
        switch entry {
        case .user(let user): self.users[user.name] = user
        case .grant(let grant):
            self.grants[grant.user, default: []].insert(grant)
            self.updateRights(of: grant.user)
        case .grantRemoved(let grant):
            self.grants[grant.user]?.remove(grant)
            self.updateRights(of: grant.user)
        case .session(let record): self.add(record, nowNanoseconds: now)
        case .sessionEnded(let hash): self.remove(sessionHash: hash)
        case .token(let token): self.add(token)
        case .tokenRevoked(let id):
            if let token = self.tokens.removeValue(forKey: id) { self.tokenIDs[token.tokenHash] = nil }
        default: break
        }
    }

    private mutating func updateRights(of user: String) { self.rights[user] = AccessRights(self.grants[user] ?? []) }

    private mutating func add(_ record: SessionRecord, nowNanoseconds now: UInt64) {
        let hash = record.tokenHash
        self.records[hash] = record
        self.firstHashes[hash] = hash
        self.sessions[hash] = Session(
            user: record.user, expiresNanoseconds: record.expiresNanoseconds, usedNanoseconds: now, hashes: [hash],
            newest: hash)
    }

    private mutating func remove(sessionHash hash: String) {
        self.records[hash] = nil
        guard let first = self.firstHashes.removeValue(forKey: hash) else { return }
        self.sessions[first]?.hashes.remove(hash)
        if self.sessions[first]?.hashes.isEmpty == true { self.sessions[first] = nil }
    }

    private mutating func add(_ token: AccessToken) {
        self.tokens[token.id] = token
        self.tokenIDs[token.tokenHash] = token.id
    }
}
