// SPDX-License-Identifier: Apache-2.0
// Who asks, and what they may do: every answer and frame is built for one.

import RiskStore

/// What a user may do. `admin` implies every other role, `trade` and `risk` imply `view`; a role on no account is one
/// on every account and the house.
public struct AccessRights: Sendable, Equatable {
    /// With all that they imply.
    package let house: Set<AccountRole>
    package let accounts: [String: Set<AccountRole>]

    public static let all = AccessRights([AccountGrant(user: "", account: nil, role: .admin)])

    public init(_ grants: some Sequence<AccountGrant>) {
        var house: Set<AccountRole> = []
        var accounts: [String: Set<AccountRole>] = [:]
        for grant in grants {
            if let account = grant.account {
                accounts[account, default: []].formUnion(grant.role.implied)
            } else {
                house.formUnion(grant.role.implied)
            }
        }
        self.house = house
        self.accounts = accounts
    }

    package init(house: Set<AccountRole>, accounts: [String: Set<AccountRole>]) {
        self.house = house
        self.accounts = accounts
    }

    /// - Parameter account: `nil` is the house.
    public func include(_ role: AccountRole, account: String?) -> Bool {
        self.house.contains(role) || account.flatMap { self.accounts[$0] }?.contains(role) == true
    }
}

extension AccountRole {
    /// With itself.
    var implied: Set<AccountRole> {
        switch self {
        case .view: [.view]
        case .trade: [.view, .trade]
        case .risk: [.view, .risk]
        case .admin: Set(AccountRole.allCases)
        }
    }
}

extension TokenScope {
    /// Roles a program may use, as far as its user has them.
    var admitted: Set<AccountRole> {
        switch self {
        case .read: AccountRole.view.implied
        case .trade: AccountRole.trade.implied
        case .risk: AccountRole.risk.implied
        case .admin: AccountRole.admin.implied
        }
    }
}

/// A user as one session or token shows them.
public struct Identity: Sendable {
    public enum Credential: Sendable, Hashable {
        /// There is none to show: `auth.mode` is none.
        case none
        /// A session by the hash of its first token, which later tokens share.
        case session(String)
        /// A bearer token by its name.
        case token(String)
    }

    public let user: String
    public let credential: Credential
    /// When the session or token ends, nanoseconds since 1970; `nil` for never.
    public let expiresNanoseconds: UInt64?
    /// Of a token; `nil` where only the user's roles bound.
    public let scopes: Set<TokenScope>?
    package let rights: AccessRights
    private let admitted: Set<AccountRole>

    package init(
        user: String, credential: Credential, expiresNanoseconds: UInt64?, scopes: Set<TokenScope>? = nil,
        rights: AccessRights
    ) {
        self.user = user
        self.credential = credential
        self.expiresNanoseconds = expiresNanoseconds
        self.scopes = scopes
        self.rights = rights
        self.admitted =
            scopes.map { $0.reduce(into: []) { $0.formUnion($1.admitted) } } ?? Set(AccountRole.allCases)
    }

    /// Everybody, where nobody signs in.
    public static let local = Identity(user: "local", credential: .none, expiresNanoseconds: nil, rights: .all)
    /// Somebody who has not signed in.
    public static let nobody = Identity(
        user: "", credential: .none, expiresNanoseconds: nil, scopes: [], rights: AccessRights([]))

    /// - Parameter account: `nil` is the house: the firm's channel, the global kill switch, the users.
    public func may(_ role: AccountRole, account: String?) -> Bool {
        self.admitted.contains(role) && self.rights.include(role, account: account)
    }

    /// All that ``may(_:account:)`` says yes to, in the order of ``AccountRole``.
    public func roles(account: String?) -> [AccountRole] {
        AccountRole.allCases.filter { self.may($0, account: account) }
    }

    /// Whether a token made by this identity could have these scopes without widening what it may do.
    public func covers(_ scopes: Set<TokenScope>) -> Bool {
        scopes.allSatisfy { $0.admitted.isSubset(of: self.admitted) }
    }
}
