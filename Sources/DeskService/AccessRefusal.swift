// SPDX-License-Identifier: Apache-2.0
// Why a sign-in or a change of access did not happen.

import RiskStore

public enum AccessRefusal: Error, Sendable, Equatable {
    /// Unknown user, wrong password, disabled user: which of them is not told.
    case wrongCredentials
    case tooManyAttempts(retryAfterSeconds: UInt64)
    /// Too many passwords are being checked.
    case busy
    case unknownUser(String)
    case unknownToken(String)
    /// There is a user of that name, or was once.
    case nameTaken(String)
    /// An account that is not there, by its place among the roles.
    case unknownAccounts([Int: String])
    case tooManyTokens(max: Int)
    /// A token would outdo the one it is made with.
    case beyondOwnScopes
    /// Nobody would be left who may change users.
    case lastAdministrator
    /// Not written down: nothing changed.
    case store(StoreError)
    case stopping
}
