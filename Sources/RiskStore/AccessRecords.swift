// SPDX-License-Identifier: Apache-2.0
// Users, what they may do, and what proves who they are.

/// What a user may do with an account. A role includes no other; the desk says which are needed.
public enum AccountRole: String, Sendable, CaseIterable {
    case view, trade, risk, admin
}

/// What a program's token may be used for, at most; the roles of its user bound it too.
public enum TokenScope: String, Sendable, CaseIterable {
    case read, trade, risk, admin
}

/// A user. Users are disabled, never removed, so that a name in the audit stays one person's.
public struct UserRecord: Sendable, Equatable {
    /// Unique.
    public var name: String
    /// As ``PasswordHash`` gives it; `nil` for a user who cannot sign in.
    public var passwordHash: String?
    public var isDisabled: Bool
    /// Nanoseconds since 1970.
    public var createdNanoseconds: UInt64

    public init(name: String, passwordHash: String?, isDisabled: Bool = false, createdNanoseconds: UInt64) {
        self.name = name
        self.passwordHash = passwordHash
        self.isDisabled = isDisabled
        self.createdNanoseconds = createdNanoseconds
    }
}

/// A role of a user.
public struct AccountGrant: Sendable, Hashable {
    public var user: String
    /// `nil` is every account and the house.
    public var account: String?
    public var role: AccountRole

    public init(user: String, account: String?, role: AccountRole) {
        self.user = user
        self.account = account
        self.role = role
    }
}

/// A browser's session; the token itself is nowhere stored.
public struct SessionRecord: Sendable, Equatable {
    /// ``SessionToken/hash``.
    public var tokenHash: String
    public var user: String
    /// Nanoseconds since 1970.
    public var createdNanoseconds: UInt64
    public var expiresNanoseconds: UInt64

    public init(tokenHash: String, user: String, createdNanoseconds: UInt64, expiresNanoseconds: UInt64) {
        self.tokenHash = tokenHash
        self.user = user
        self.createdNanoseconds = createdNanoseconds
        self.expiresNanoseconds = expiresNanoseconds
    }
}

/// A program's bearer token; the token itself is nowhere stored.
public struct AccessToken: Sendable, Equatable {
    /// What it is called in lists, unique.
    public var id: String
    /// ``SessionToken/hash``.
    public var tokenHash: String
    public var user: String
    public var scopes: Set<TokenScope>
    /// Nanoseconds since 1970.
    public var createdNanoseconds: UInt64
    /// `nil` until revoked.
    public var expiresNanoseconds: UInt64?

    public init(
        id: String, tokenHash: String, user: String, scopes: Set<TokenScope>, createdNanoseconds: UInt64,
        expiresNanoseconds: UInt64?
    ) {
        self.id = id
        self.tokenHash = tokenHash
        self.user = user
        self.scopes = scopes
        self.createdNanoseconds = createdNanoseconds
        self.expiresNanoseconds = expiresNanoseconds
    }
}

/// What a user wants to find again in any browser.
public struct UserPreferences: Sendable, Equatable {
    public var user: String
    /// A JSON object, letter for letter as it was set.
    public var content: String

    public init(user: String, content: String) {
        self.user = user
        self.content = content
    }
}

/// Symbols a user watches, in the user's order.
public struct Watchlist: Sendable, Equatable {
    public var user: String
    public var name: String
    /// Each once.
    public var symbols: [String]

    public init(user: String, name: String, symbols: [String]) {
        self.user = user
        self.name = name
        self.symbols = symbols
    }
}
