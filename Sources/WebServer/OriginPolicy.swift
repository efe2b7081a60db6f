// SPDX-License-Identifier: Apache-2.0
// Whether a request that changes something came from our own page: what stops other sites from using a browser's
// session (cross-site request forgery). Pure.

package struct OriginPolicy: Sendable {
    /// What a browser says about where a request came from.
    package enum Source: Equatable, Sendable {
        /// A page of this host or of a listed origin.
        case own
        case foreign
        /// No browser, or an old one.
        case unsaid
    }

    private let allowedOrigins: Set<String>

    package init(allowedOrigins: [String]) { self.allowedOrigins = Set(allowedOrigins) }

    /// - Parameters:
    ///   - origin: the field `Origin`; one of two counts as foreign, so give `null` for several.
    ///   - fetchSite: the field `Sec-Fetch-Site`.
    package func source(origin: String?, host: String?, fetchSite: String?) -> Source {
        if let origin {
            if self.allowedOrigins.contains(origin) { return .own }
            guard let host else { return .foreign }
            return origin == "http://\(host)" || origin == "https://\(host)" ? .own : .foreign
        }
        switch fetchSite {
        case nil: return .unsaid
        case "same-origin": return .own
        default: return .foreign
        }
    }
}
