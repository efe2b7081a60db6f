// SPDX-License-Identifier: Apache-2.0
// The user a new store begins with, so that somebody can sign in and make the others.

import RiskStore

public enum FirstUser {
    public static let name = "admin"

    /// Makes an administrator where the store has no user.
    ///
    /// - Returns: the password, which is nowhere else; `nil` where there are users.
    public static func make(in store: any DeskStore, timeNanoseconds: UInt64) async throws(StoreError) -> String? {
        guard try await store.snapshot(ordersSinceNanoseconds: timeNanoseconds).users.isEmpty else { return nil }
        // 128 bits.
        let password = String(SessionToken().text.prefix(32))
        guard let hash = PasswordHash(hashing: password) else {
            throw .unreadable(reason: "no memory for a password's hash")
        }
        let change = AccessChange(by: "daemon", timeNanoseconds: timeNanoseconds)
        let everything = AccountGrant(user: Self.name, account: nil, role: .admin)
        try await store.append(
            change.add(user: Self.name, passwordHash: hash)
                + change.set(roles: [everything], of: Self.name, before: []))
        return password
    }
}
