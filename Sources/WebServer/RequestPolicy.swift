// SPDX-License-Identifier: Apache-2.0
// Which requests are served at all, before any route sees them: what NIO's parser leaves open (RFC 9112). Pure.

import HTTPTypes
import NIOHTTP1

/// Limits of a request; what exceeds one is refused and its connection closed.
package enum RequestLimits {
    package static let targetBytesMax = 4_096
    package static let fieldBytesMax = 8_192
    package static let headerBytesMax = 16_384
    package static let fieldsMax = 64
    /// Of a request that changes or computes something in the API; no other takes a body.
    package static let bodyBytesMax = 65_536

    static func bodyBytesMax(of head: HTTPRequestHead) -> Int {
        let isTaken = [.POST, .PUT, .PATCH].contains(head.method) && head.uri.hasPrefix("/api/")
        return isTaken ? self.bodyBytesMax : 0
    }
}

/// Why a request is not served.
package enum RequestRefusal: Equatable, Sendable, CaseIterable {
    case malformed, foreignHost, targetTooLong, headerTooLarge, bodyTooLarge, lengthRequired, unsupportedVersion,
        timedOut

    package var status: Int { Int(self.problem.status.code) }

    var problem: ProblemResponse {
        switch self {
        case .malformed:
            ProblemResponse(status: .badRequest, code: "malformed_request", detail: "not a well-formed request")
        case .foreignHost:
            ProblemResponse(
                status: .misdirectedRequest, code: "foreign_host",
                detail: "this server does not answer to that name; http.allowed_hosts lists those it does")
        case .targetTooLong:
            ProblemResponse(
                status: .uriTooLong, code: "target_too_long",
                detail: "the target may have \(RequestLimits.targetBytesMax) bytes")
        case .headerTooLarge:
            ProblemResponse(
                status: .requestHeaderFieldsTooLarge, code: "header_too_large",
                detail: """
                    a header may have \(RequestLimits.fieldsMax) fields of \(RequestLimits.fieldBytesMax) bytes each, \
                    \(RequestLimits.headerBytesMax) in all
                    """)
        case .bodyTooLarge:
            ProblemResponse(
                status: .contentTooLarge, code: "body_too_large",
                detail: "a body may have \(RequestLimits.bodyBytesMax) bytes where one is taken at all")
        case .lengthRequired:
            ProblemResponse(
                status: .lengthRequired, code: "length_required",
                detail: "bodies come with Content-Length, not in chunks")
        case .unsupportedVersion:
            ProblemResponse(
                status: .httpVersionNotSupported, code: "unsupported_version", detail: "this server speaks HTTP/1.1")
        case .timedOut:
            ProblemResponse(status: .requestTimeout, code: "timed_out", detail: "the request did not come in time")
        }
    }
}

package struct RequestPolicy: Sendable {
    private let hosts: HostPolicy

    package init(hosts: HostPolicy) { self.hosts = hosts }

    /// - Returns: `nil` for a request that may be served.
    package func refusal(of head: HTTPRequestHead) -> RequestRefusal? {
        if head.uri.utf8.count > RequestLimits.targetBytesMax { return .targetTooLong }
        let isOriginForm = head.uri.utf8.first == UInt8(ascii: "/")
        guard isOriginForm || head.method == .OPTIONS && head.uri == "*" else { return .malformed }
        for field in head.headers where field.name.utf8.count + field.value.utf8.count > RequestLimits.fieldBytesMax {
            return .headerTooLarge
        }
        return self.refusal(ofHost: head) ?? Self.refusal(ofBody: head)
    }

    private func refusal(ofHost head: HTTPRequestHead) -> RequestRefusal? {
        let fields = head.headers["host"]
        // HTTP/1.0 knows no Host, and no browser speaks it.
        if fields.isEmpty && head.version == .http1_0 { return nil }
        guard fields.count == 1, let name = HostPolicy.name(inHost: fields[0]) else { return .malformed }
        return self.hosts.allows(name) ? nil : .foreignHost
    }

    private static func refusal(ofBody head: HTTPRequestHead) -> RequestRefusal? {
        let lengths = head.headers["content-length"]
        let codings = head.headers["transfer-encoding"]
        if !codings.isEmpty {
            let isPlainlyChunked = codings.count == 1 && codings[0].lowercased() == "chunked"
            return isPlainlyChunked && lengths.isEmpty && head.version != .http1_0 ? .lengthRequired : .malformed
        }
        guard lengths.count <= 1 else { return .malformed }
        guard let text = lengths.first else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return .malformed
        }
        return (Int(text) ?? .max) > RequestLimits.bodyBytesMax(of: head) ? .bodyTooLarge : nil
    }

    /// What NIO's parser objects to.
    ///
    /// - Parameter isInFirstLine: whether it does so before the end of the request's first line.
    static func refusal(of error: HTTPParserError, isInFirstLine: Bool) -> RequestRefusal {
        switch error {
        case .headerOverflow: isInFirstLine ? .targetTooLong : .headerTooLarge
        case .invalidVersion: .unsupportedVersion
        default: .malformed
        }
    }
}
