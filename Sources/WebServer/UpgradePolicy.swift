// SPDX-License-Identifier: Apache-2.0
// Which requests become a stream: what NIO's upgrader leaves unchecked (RFC 6455 §4.2.1) and DESIGN.md §6 asks.

import Foundation
import FrameCodec
import NIOHTTP1

/// The answer to a request with an `Upgrade` header.
package enum UpgradeDecision: Equatable {
    case accept(FrameEncoding, isNegotiated: Bool)
    /// Not a WebSocket request for the stream: served as plain HTTP.
    case ignore
    case refuse(UpgradeRefusal)
}

/// Raw values travel in a private header to the route that answers.
package enum UpgradeRefusal: String {
    case badRequest = "bad_request"
    case unknownSubprotocol = "unknown_subprotocol"
    case foreignOrigin = "foreign_origin"
    case unsupportedVersion = "unsupported_version"
}

package struct UpgradePolicy: Sendable {
    static let path = "/ws"
    /// The one version of the protocol there is (RFC 6455).
    static let version = "13"

    package let allowedOrigins: [String]

    package init(allowedOrigins: [String]) { self.allowedOrigins = allowedOrigins }

    package func decide(_ head: HTTPRequestHead) -> UpgradeDecision {
        let path = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first
        guard path.map(String.init) == Self.path,
            head.headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" })
        else { return .ignore }
        guard Self.isWellFormed(head) else { return .refuse(.badRequest) }
        guard head.headers["sec-websocket-version"] == [Self.version] else { return .refuse(.unsupportedVersion) }
        guard self.isOriginAllowed(head.headers) else { return .refuse(.foreignOrigin) }
        let offered = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        if offered.isEmpty { return .accept(.json, isNegotiated: false) }
        // The client's order decides.
        guard let encoding = offered.lazy.compactMap(FrameEncoding.init).first else {
            return .refuse(.unknownSubprotocol)
        }
        return .accept(encoding, isNegotiated: true)
    }

    private static func isWellFormed(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        return head.method == .GET && head.version == .http1_1
            && headers[canonicalForm: "upgrade"].count == 1
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && headers["transfer-encoding"].isEmpty && headers["content-length"].allSatisfy { $0 == "0" }
            && headers["host"].count == 1 && headers["sec-websocket-version"].count == 1
            && headers["sec-websocket-key"].count == 1 && Self.isKey(headers.first(name: "sec-websocket-key") ?? "")
            && headers["origin"].count <= 1
    }

    /// Sixteen bytes in canonical base64.
    private static func isKey(_ text: String) -> Bool {
        guard let bytes = Data(base64Encoded: text), bytes.count == 16 else { return false }
        return bytes.base64EncodedString() == text
    }

    /// Browsers name the page's origin; other programs send none and are let in.
    private func isOriginAllowed(_ headers: HTTPHeaders) -> Bool {
        guard let origin = headers.first(name: "origin") else { return true }
        if self.allowedOrigins.contains(origin) { return true }
        guard let host = headers.first(name: "host") else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }
}
