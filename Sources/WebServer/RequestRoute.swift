// SPDX-License-Identifier: Apache-2.0
// Where a gateway sends a request.

import HTTPTypes
import Hummingbird

/// A node that answers a request, and what it is told beside it.
package struct ForwardTarget: Sendable {
    package var address: UpstreamAddress
    /// Who asks, where the node cannot know; then what the client shows stays here.
    package var identity: HTTPFields?
}

protocol RequestRoute: Sendable {
    /// - Throws: a ``ProblemResponse`` where no node can answer.
    func target(of request: Request) async throws -> ForwardTarget
}

/// One node answers everything.
struct OneUpstream: RequestRoute {
    let address: UpstreamAddress

    func target(of request: Request) async throws -> ForwardTarget { ForwardTarget(address: self.address) }
}

extension UpstreamAddress {
    /// Of `http://host:port`; an IPv6 address in brackets.
    package init?(url: String) {
        let scheme = "http://"
        guard url.hasPrefix(scheme), let colon = url.lastIndex(of: ":"),
            let port = UInt16(url[url.index(after: colon)...]), port > 0
        else { return nil }
        var host = url[..<colon].dropFirst(scheme.count)
        if host.first == "[" {
            guard host.last == "]" else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains("/"), !host.contains("@") else { return nil }
        self.init(host: String(host), port: Int(port))
    }
}
