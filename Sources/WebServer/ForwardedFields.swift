// SPDX-License-Identifier: Apache-2.0
// Which header fields go on to the next node, and what is added of who asked (RFC 9110 §7.6.1). Pure.

import HTTPTypes

package enum ForwardedFields {
    package static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    /// Addresses in the field that are looked at.
    private static let addressesMax = 16

    /// Of a connection, not of a message.
    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]
    /// What nodes of one house say to each other, and nobody else may.
    private static let ours: Set<String> = [
        FleetIdentity.identityField.canonicalName, FleetIdentity.secretField.canonicalName,
    ]

    /// What of a message's fields goes on.
    package static func passedOn(_ fields: HTTPFields) -> HTTPFields {
        let named = fields[values: .connection].flatMap { $0.split(separator: ",") }.map {
            $0.filter { !$0.isWhitespace }.lowercased()
        }
        var passed = HTTPFields()
        for field in fields {
            let name = field.name.canonicalName
            guard !self.hopByHop.contains(name), !self.ours.contains(name), !named.contains(name),
                !name.hasPrefix("x-tickrisk-")
            else { continue }
            passed.append(field)
        }
        return passed
    }

    /// A request's fields for the next node.
    ///
    /// - Parameters:
    ///   - peer: address of whoever sent it.
    ///   - isTrusted: whether what the peer says of those before it is believed.
    ///   - identity: who asks, in the place of what the client shows.
    package static func request(
        _ fields: HTTPFields, from peer: String, isTrusted: Bool, identity: HTTPFields? = nil
    ) -> HTTPFields {
        var passed = self.passedOn(fields)
        passed[.expect] = nil
        passed[.connection] = "close"
        let before = isTrusted ? passed[values: self.forwardedFor] : []
        passed[self.forwardedFor] = (before + [peer]).joined(separator: ", ")
        if let identity {
            passed[.authorization] = nil
            passed[.cookie] = nil
            passed.append(contentsOf: identity)
        }
        return passed
    }

    /// Who asked: the last address on the way that is not a trusted proxy.
    ///
    /// - Parameters:
    ///   - fields: of `X-Forwarded-For`.
    ///   - peer: whoever is at the other end of the connection.
    package static func client(_ fields: [String], peer: String, trusted: Set<String>) -> String {
        guard trusted.contains(peer) else { return peer }
        let way = fields.flatMap { $0.split(separator: ",") }.map { String($0.filter { !$0.isWhitespace }) }
        var client = peer
        for address in way.suffix(self.addressesMax).reversed() {
            client = address
            if !trusted.contains(address) { break }
        }
        return client
    }
}
