// SPDX-License-Identifier: Apache-2.0
// Lets pages of the listed origins read the API; without an entry nothing is allowed.

import HTTPTypes
import Hummingbird

/// Answers preflights and marks answers (Fetch standard, "CORS protocol"); credentials are not shared.
struct CrossOriginMiddleware<Context: RequestContext>: RouterMiddleware {
    private static var preflightSeconds: Int { 600 }

    let allowedOrigins: Set<String>

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], self.allowedOrigins.contains(origin) else {
            return try await next(request, context)
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return Response(
                status: .noContent,
                headers: [
                    .accessControlAllowOrigin: origin,
                    .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE",
                    .accessControlAllowHeaders: "Authorization, Content-Type", .vary: "Origin",
                    .accessControlMaxAge: String(Self.preflightSeconds),
                ])
        }
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.vary] = "Origin"
        return response
    }
}
