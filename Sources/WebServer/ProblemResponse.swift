// SPDX-License-Identifier: Apache-2.0
// Errors of the HTTP API as problem documents.

import FrameCodec
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TradeDesk

/// An `application/problem+json` answer (RFC 9457) with a stable code.
package struct ProblemResponse: HTTPResponseError {
    package let status: HTTPResponse.Status
    /// Stable, for programs.
    package let code: String
    /// For people.
    package let detail: String
    /// Beside the content's type.
    var headers: HTTPFields = [:]
    /// What is wrong with each field of the request.
    package var errors: [String: String] = [:]
    /// What spoke against an order at the gate.
    var denials: [GateDenial] = []
    /// The nearest known names, by field.
    var suggestions: [String: [String]] = [:]

    static func notFound(_ detail: String) -> ProblemResponse {
        ProblemResponse(status: .notFound, code: "not_found", detail: detail)
    }

    static func forbidden(_ detail: String) -> ProblemResponse {
        ProblemResponse(status: .forbidden, code: "forbidden", detail: detail)
    }

    /// What one node does and several cannot.
    static func notInAFleet(_ detail: String) -> ProblemResponse {
        ProblemResponse(status: .notImplemented, code: "not_in_a_fleet", detail: detail)
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers = self.headers
        headers[.contentType] = Self.contentType
        return Response(
            status: self.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: self.document)))
    }

    static let contentType = "application/problem+json"

    /// The answer's content.
    var document: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", "about:blank")
        json.member("title", self.status.reasonPhrase)
        json.member("status", self.status.code)
        json.member("code", self.code)
        json.member("detail", self.detail)
        if !self.errors.isEmpty {
            json.key("errors")
            json.beginObject()
            for (field, fact) in self.errors.sorted(by: { $0.key < $1.key }) { json.member(field, fact) }
            json.endObject()
        }
        if !self.denials.isEmpty {
            json.key("denials")
            json.beginArray()
            for denial in self.denials {
                json.beginObject()
                json.member("code", denial.code.rawValue)
                if let limit = denial.limit { json.member("limit", limit) }
                if let actual = denial.actual { json.member("actual", actual) }
                json.endObject()
            }
            json.endArray()
        }
        if !self.suggestions.isEmpty {
            json.key("suggestions")
            json.beginObject()
            for (field, names) in self.suggestions.sorted(by: { $0.key < $1.key }) {
                json.key(field)
                json.value(names)
            }
            json.endObject()
        }
        json.endObject()
        return json.bytes
    }
}

/// Turns every error and unknown path into a problem document, and keeps `Connection: close` of refused upgrades.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let problem as ProblemResponse {
            response = try problem.response(from: request, context: context)
        } catch let error as HTTPError {
            response = try Self.problem(of: error, path: request.uri.path).response(from: request, context: context)
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            let problem = ProblemResponse(
                status: .internalServerError, code: "internal", detail: "the request could not be served")
            response = try problem.response(from: request, context: context)
        }
        if request.headers[.connection]?.lowercased() == "close" { response.headers[.connection] = "close" }
        return response
    }

    private static func problem(of error: HTTPError, path: String) -> ProblemResponse {
        switch error.status {
        case .notFound: .notFound("no such path: \(path)")
        case .methodNotAllowed:
            ProblemResponse(status: error.status, code: "method_not_allowed", detail: "not for this path: \(path)")
        default: ProblemResponse(status: error.status, code: "bad_request", detail: error.body ?? "bad request")
        }
    }
}
