// SPDX-License-Identifier: Apache-2.0
// Who may come in to a port and what their streams live on: answered here, or by the node a gateway stands before.

/// What the port and its streams ask. ``AccessDesk`` knows by itself; a gateway's desk asks upstream.
public protocol StreamAccess: AnyObject, Sendable {
    /// Whether people sign in; else everybody is ``Identity/local``.
    var isRequired: Bool { get }
    /// Whether what a request shows has to be learned, by ``learn(session:bearer:)``, before it is known.
    var asksElsewhere: Bool { get }

    /// Finds out whom a token shows, if nobody has said so lately; waits for whoever knows.
    func learn(session: String?, bearer: String?) async

    /// - Parameter text: of the session's cookie.
    func identity(session text: String) -> Identity?
    /// - Parameter text: after `Bearer`.
    func identity(bearer text: String) -> Identity?
    /// The same session or token as it is now; `nil` when it has ended.
    func current(_ identity: Identity) -> Identity?

    /// - Parameter rightsChanged: called from any thread whenever ``current(_:)`` may answer otherwise than before.
    /// - Returns: for ``streamClosed(_:)``.
    func streamOpened(_ identity: Identity, rightsChanged: @escaping @Sendable () -> Void) -> UInt64
    func streamClosed(_ number: UInt64)
}

/// Who somebody is, without the token that shows it.
public enum IdentityQuestion: Sendable, Hashable {
    /// The hash of a session's token.
    case session(hash: String)
    /// The hash of a bearer token.
    case bearer(hash: String)
    /// What was known before, which an open stream still uses.
    case current(Identity.Credential)
}

extension AccessDesk {
    public var asksElsewhere: Bool { false }

    /// Knows already.
    public func learn(session: String?, bearer: String?) async {}
}
