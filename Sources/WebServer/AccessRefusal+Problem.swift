// SPDX-License-Identifier: Apache-2.0
// What did not happen to users and sessions, as problem documents.

import DeskService
import HTTPTypes

extension AccessRefusal {
    var problem: ProblemResponse {
        switch self {
        case .wrongCredentials:
            ProblemResponse(
                status: .unauthorized, code: "wrong_credentials", detail: "unknown user or wrong password",
                headers: [.wwwAuthenticate: "Bearer"])
        case .tooManyAttempts(let seconds):
            ProblemResponse(
                status: .tooManyRequests, code: "too_many_attempts",
                detail: "too many failed sign-ins; wait \(seconds) s", headers: [.retryAfter: String(seconds)])
        case .busy:
            ProblemResponse(
                status: .serviceUnavailable, code: "busy", detail: "too many sign-ins at once",
                headers: [.retryAfter: "1"])
        case .unknownUser(let name): .notFound("no such user: \(name)")
        case .unknownToken(let id): .notFound("no such token: \(id)")
        case .nameTaken(let name):
            ProblemResponse(
                status: .conflict, code: "name_taken", detail: "there is a user \(name), or was; names stay taken")
        case .unknownAccounts(let accounts):
            AccessFields.invalid(
                Dictionary(
                    uniqueKeysWithValues: accounts.map { number, id in
                        ("roles.\(number).account", "no such account: \(FieldText.shown(id))")
                    }))
        case .tooManyTokens(let max):
            ProblemResponse(
                status: .conflict, code: "too_many_tokens", detail: "a user has at most \(max) tokens; revoke one")
        case .beyondOwnScopes:
            .forbidden("a token makes tokens only of its own scopes that end no later than itself")
        case .lastAdministrator:
            ProblemResponse(
                status: .conflict, code: "last_administrator", detail: "nobody would be left who may change users")
        case .store(let error):
            ProblemResponse(status: .serviceUnavailable, code: "store", detail: "nothing was changed: \(error)")
        case .stopping:
            ProblemResponse(status: .serviceUnavailable, code: "stopping", detail: "the daemon is stopping")
        }
    }
}
