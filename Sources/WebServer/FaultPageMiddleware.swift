// SPDX-License-Identifier: Apache-2.0
// What went wrong, as a page that says what to do, for people who came with a browser; programs get problem documents.

import HTTPTypes
import Hummingbird

struct FaultPageMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    let files: PageFiles

    func handle(
        _ request: Request, context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as ProblemResponse where request.isForReading {
            return try self.page(problem.status, detail: problem.detail, to: request)
        } catch let error as HTTPError where request.isForReading && error.status == .notFound {
            return try self.page(error.status, detail: "no such path: \(request.uri.path)", to: request)
        }
    }

    private func page(_ status: HTTPResponse.Status, detail: String, to request: Request) throws -> Response {
        let (title, advice) = Self.words(status)
        var response = try self.files.response(
            "fault", ["title": title, "detail": detail, "advice": advice, "status": "\(status.code)"], to: request,
            status: status)
        if [.serviceUnavailable, .badGateway, .gatewayTimeout].contains(status) { response.headers[.retryAfter] = "2" }
        return response
    }

    /// What happened, and what to do about it.
    static func words(_ status: HTTPResponse.Status) -> (title: String, advice: String) {
        switch status {
        case .notFound:
            ("Not found", "The address may be mistyped, or the account may be none of yours. Go on from the dashboard.")
        case .forbidden:
            ("Not allowed", "Ask who runs this daemon for the right to see it, or sign in as somebody else.")
        case .serviceUnavailable:
            ("Not ready yet", "The daemon is starting or lacks something it needs. Try again in a few seconds.")
        case .badGateway, .gatewayTimeout:
            ("The node is away", "This gateway is up; the node behind it does not answer. Try again in a few seconds.")
        default: ("That did not work", "Go back and try again; if it stays so, tell who runs this daemon.")
        }
    }
}

extension Request {
    /// Whether a person reads the answer: a page was asked for, not data.
    fileprivate var isForReading: Bool {
        guard self.method == .get || self.method == .head else { return false }
        let path = self.uri.path
        guard !path.hasPrefix("/api/"), !path.hasPrefix("/assets/"), path != UpgradePolicy.path else { return false }
        return (self.headers[.accept] ?? "").split(separator: ",").contains { item in
            item.split(separator: ";").first?.filter { !$0.isWhitespace }.lowercased() == "text/html"
        }
    }
}
