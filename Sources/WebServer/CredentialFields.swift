// SPDX-License-Identifier: Apache-2.0
// What a request shows to be known: a bearer token (RFC 6750) or the session's cookie (RFC 6265). Pure.

/// The session's cookie, as it is set and as it comes back.
package enum SessionCookie {
    package static let name = "tickrisk_session"

    /// The field that gives a browser its token: for this host alone, out of reach of scripts, never sent from other
    /// sites' pages.
    package static func field(token: String, secondsLeft: UInt64, isSecure: Bool) -> String {
        "\(Self.name)=\(token); Path=/; Max-Age=\(secondsLeft); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    /// The field that takes it away.
    package static func removal(isSecure: Bool) -> String {
        Self.field(token: "", secondsLeft: 0, isSecure: isSecure)
    }

    /// The token in the request's `Cookie` fields; `nil` for none or several.
    package static func token(in fields: [String]) -> String? {
        let values = fields.flatMap { $0.split(separator: ";") }.compactMap { pair -> String? in
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == Self.name else { return nil }
            return String(parts[1])
        }
        return values.count == 1 ? values[0] : nil
    }
}

/// A credential as it was shown; whether it is any good is the desk's to say.
package enum ShownCredential: Equatable, Sendable {
    case none
    case cookie(String)
    case bearer(String)
    /// An `Authorization` field that holds no bearer token.
    case malformed

    /// A bearer token counts before a cookie: what a program says on purpose before what a browser always says.
    package init(authorization: [String], cookies: [String]) {
        guard let field = authorization.first else {
            self = SessionCookie.token(in: cookies).map { .cookie($0) } ?? .none
            return
        }
        let parts = field.split(separator: " ")
        if authorization.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" {
            self = .bearer(String(parts[1]))
        } else {
            self = .malformed
        }
    }
}
