// SPDX-License-Identifier: Apache-2.0
// Nobody gets past without being known, but to what is open to all; cookies count only for our own pages.

import DeskService
import HTTPTypes
import Hummingbird
import RiskKernel
import RiskStore

/// Settings of sign-in at the port.
public struct SignInSettings: Sendable {
    /// Whether cookies are for https only.
    public var isCookieSecure: Bool
    /// `nil` for a node that is alone.
    public var fleet: FleetMembership?

    public init(isCookieSecure: Bool, fleet: FleetMembership? = nil) {
        self.isCookieSecure = isCookieSecure
        self.fleet = fleet
    }

    /// Whether only gateways can say who asks.
    var knowsNobody: Bool { self.fleet?.isHouse == false }
}

struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    static let signInPath = "/sign-in"
    static let sessionsPath = "/api/v1/sessions"

    /// Paths anybody may read.
    private static let openPaths: Set<String> = [
        "/healthz", "/readyz", "/metrics", "/favicon.ico", "/api/v1/openapi.json", Self.signInPath,
    ]
    /// What the page to sign in on loads, and nothing that belongs to anybody.
    private static let openFolder = "/assets/"
    private static let safeMethods: Set<HTTPRequest.Method> = [.get, .head, .options]

    let access: AccessDesk
    let origins: OriginPolicy
    let settings: SignInSettings

    func handle(
        _ request: Request, context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let path = request.uri.path
        let isSafe = Self.safeMethods.contains(request.method)
        if !self.access.isRequired {
            if !isSafe, self.source(of: request) == .foreign { throw Self.foreignOrigin }
            context.identity = .local
            return try await next(request, context)
        }
        let admission = self.settings.fleet?.admission(
            request.headers, path: path, isSafe: isSafe, nowNanoseconds: WallClock.nowNanoseconds)
        switch admission {
        case .relayed(let identity):
            context.identity = identity
            // The gateway passes on what the browser says of where it comes from.
            if !isSafe, case .session = identity.credential { try self.requireOwnPage(request) }
            return try await next(request, context)
        case .open: return try await next(request, context)
        case .refused: throw Self.unauthenticated(.none)
        case .byCredential, nil: break
        }
        let shown = request.shownCredential
        if let identity = self.access.identity(shown) {
            context.identity = identity
            if !isSafe, case .session = identity.credential { try self.requireOwnPage(request) }
        } else if path == Self.sessionsPath, request.method == .post {
            // Else another site could sign its visitor in as somebody.
            if self.source(of: request) == .foreign { throw Self.foreignOrigin }
        } else if !(isSafe && Self.isOpen(path)) {
            return try self.refuse(request, shown)
        }
        var response = try await next(request, context)
        if case .cookie(let text) = shown { await self.renew(text, context.identity, &response) }
        return response
    }

    // MARK: Not known

    private static func isOpen(_ path: String) -> Bool {
        self.openPaths.contains(path) || path.hasPrefix(self.openFolder)
    }

    private func refuse(_ request: Request, _ shown: ShownCredential) throws -> Response {
        let path = request.uri.path
        let isForPrograms = path.hasPrefix("/api/") || path == UpgradePolicy.path
        if !isForPrograms, request.method == .get || request.method == .head {
            return Response(status: .seeOther, headers: [.location: Self.signInPath, .cacheControl: "no-store"])
        }
        throw Self.unauthenticated(shown)
    }

    static func unauthenticated(_ shown: ShownCredential) -> ProblemResponse {
        var problem = ProblemResponse(status: .unauthorized, code: "unauthenticated", detail: "sign in first")
        problem.headers = [.wwwAuthenticate: "Bearer", .cacheControl: "no-store"]
        if case .bearer = shown { problem.headers[.wwwAuthenticate] = #"Bearer error="invalid_token""# }
        return problem
    }

    // MARK: Other sites

    private func source(of request: Request) -> OriginPolicy.Source {
        let origins = request.headers[values: .origin]
        return self.origins.source(
            origin: origins.count > 1 ? "null" : origins.first, host: request.head.authority,
            fetchSite: request.headers[Self.fetchSite])
    }

    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!

    /// A browser shows its cookie whoever makes it ask.
    private func requireOwnPage(_ request: Request) throws {
        guard self.source(of: request) == .own else { throw Self.foreignOrigin }
        let hasBody = request.headers[.contentLength].map { $0 != "0" } ?? false
        if hasBody, !request.hasJSONBody {
            throw ProblemResponse(
                status: .unsupportedMediaType, code: "unsupported_media_type",
                detail: "a body is application/json")
        }
    }

    private static let foreignOrigin = ProblemResponse(
        status: .forbidden, code: "foreign_origin",
        detail: "a session changes things from this host's own pages only; programs use bearer tokens")

    // MARK: New tokens for old

    private func renew(_ text: String, _ identity: Identity, _ response: inout Response) async {
        guard case .session = identity.credential, response.headers[.setCookie] == nil,
            let renewed = await self.access.rotated(session: text)
        else { return }
        let left = renewed.expiresNanoseconds - min(renewed.expiresNanoseconds, WallClock.nowNanoseconds)
        response.headers[.setCookie] = SessionCookie.field(
            token: renewed.token.text, secondsLeft: left / 1_000_000_000, isSecure: self.settings.isCookieSecure)
    }
}

extension StreamAccess {
    /// Finds out whom this shows, where somebody else knows.
    func learn(_ shown: ShownCredential) async {
        switch shown {
        case .cookie(let text): await self.learn(session: text, bearer: nil)
        case .bearer(let text): await self.learn(session: nil, bearer: text)
        case .none, .malformed: break
        }
    }

    /// Whoever shows this; `nil` for nobody known.
    func identity(_ shown: ShownCredential) -> Identity? {
        if !self.isRequired { return .local }
        return switch shown {
        case .cookie(let text): self.identity(session: text)
        case .bearer(let text): self.identity(bearer: text)
        case .none, .malformed: nil
        }
    }
}

extension Request {
    var shownCredential: ShownCredential {
        ShownCredential(authorization: self.headers[values: .authorization], cookies: self.headers[values: .cookie])
    }

    /// `application/json`, whatever its parameters.
    private var mediaType: String? {
        self.headers[.contentType]?.split(separator: ";").first.map {
            $0.lowercased().filter { $0 != " " && $0 != "\t" }
        }
    }

    fileprivate var hasJSONBody: Bool { self.mediaType == "application/json" }
}
