// SPDX-License-Identifier: Apache-2.0
// Changes of users and their rights as journal entries, each with its line in the audit.

/// What is appended for a change, by the daemon and by `tickrisk user`.
public struct AccessChange: Sendable {
    /// Who makes it.
    public var who: String
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(by who: String, timeNanoseconds: UInt64) {
        self.who = who
        self.timeNanoseconds = timeNanoseconds
    }

    public static let nameBytesMax = 64

    /// 1 to 64 letters, digits and `-_.@`, no more, so that a name stands unquoted in logs and paths.
    public static func isName(_ text: String) -> Bool {
        (1...Self.nameBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "@"):
                    true
                default: false
                }
            }
            // Would be taken for a step of a path.
            && text != "." && text != ".."
    }

    public func audit(
        _ what: String, _ subject: String, account: String? = nil, before: String? = nil, after: String? = nil,
        why: String? = nil
    ) -> JournalEntry {
        .audit(
            AuditEntry(
                timeNanoseconds: self.timeNanoseconds, who: self.who, what: what, account: account, subject: subject,
                before: before, after: after, why: why))
    }

    // MARK: Users

    public func add(user name: String, passwordHash: PasswordHash?) -> [JournalEntry] {
        [
            .user(
                UserRecord(
                    name: name, passwordHash: passwordHash?.text, createdNanoseconds: self.timeNanoseconds)),
            self.audit("user.add", name),
        ]
    }

    public func set(passwordHash: PasswordHash, of user: UserRecord) -> [JournalEntry] {
        var user = user
        user.passwordHash = passwordHash.text
        return [.user(user), self.audit("user.password", user.name)]
    }

    public func set(isDisabled: Bool, of user: UserRecord) -> [JournalEntry] {
        var user = user
        user.isDisabled = isDisabled
        return [.user(user), self.audit(isDisabled ? "user.disable" : "user.enable", user.name)]
    }

    /// Replaces all roles of a user; nothing where they are the same.
    public func set(roles after: Set<AccountGrant>, of user: String, before: Set<AccountGrant>) -> [JournalEntry] {
        if before == after { return [] }
        return Self.sorted(before.subtracting(after)).map(JournalEntry.grantRemoved)
            + Self.sorted(after.subtracting(before)).map(JournalEntry.grant)
            + [self.audit("user.roles", user, before: Self.text(before), after: Self.text(after))]
    }

    /// As in "view:ALPHA admin": a role alone is one on everything.
    public static func text(_ grants: Set<AccountGrant>) -> String {
        self.sorted(grants).map { $0.role.rawValue + ($0.account.map { ":\($0)" } ?? "") }.joined(separator: " ")
    }

    /// By account, those on everything first, then by role.
    public static func sorted(_ grants: Set<AccountGrant>) -> [AccountGrant] {
        let places = Dictionary(uniqueKeysWithValues: AccountRole.allCases.enumerated().map { ($1, $0) })
        return grants.sorted {
            ($0.account ?? "", places[$0.role] ?? 0) < ($1.account ?? "", places[$1.role] ?? 0)
        }
    }

    // MARK: Sessions and tokens

    public func end(sessions hashes: [String], of user: String, why: String) -> [JournalEntry] {
        if hashes.isEmpty { return [] }
        return hashes.map { .sessionEnded(tokenHash: $0) } + [self.audit("session.end", user, why: why)]
    }

    public func add(_ token: AccessToken) -> [JournalEntry] {
        let scopes = TokenScope.allCases.filter(token.scopes.contains).map(\.rawValue).joined(separator: " ")
        return [.token(token), self.audit("token.add", "\(token.user)/\(token.id)", after: scopes)]
    }

    public func revoke(_ token: AccessToken) -> [JournalEntry] {
        [.tokenRevoked(id: token.id), self.audit("token.revoke", "\(token.user)/\(token.id)")]
    }
}
