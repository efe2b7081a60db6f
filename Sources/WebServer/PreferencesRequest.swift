// SPDX-License-Identifier: Apache-2.0
// The body that sets preferences: any object, within limits.

import DeskService
import HTTPTypes

/// `{"palette":"dark","layout":{…}}`: what the names mean is the page's business.
package enum PreferencesRequest {
    /// Objects and lists within each other, the body's own object counted.
    package static let depthMax = 8

    /// - Returns: the body as it came.
    /// - Throws: a ``ProblemResponse``: 413 for too many bytes, 400 for what is no JSON object or too deep, 422 with
    ///   the name that came twice.
    package static func content(_ bytes: [UInt8]) throws -> String {
        guard bytes.count <= PreferencesDesk.bytesMax else {
            throw ProblemResponse(
                status: .contentTooLarge, code: "body_too_large",
                detail: "preferences may have \(PreferencesDesk.bytesMax) bytes, these have \(bytes.count)")
        }
        _ = try RequestJSON.members(
            bytes, like: #"{"palette":"dark"}, with objects and lists at most \#(Self.depthMax) deep"#,
            depthMax: Self.depthMax)
        // UTF-8: the parser has checked it.
        return String(decoding: bytes, as: UTF8.self)
    }
}
