// SPDX-License-Identifier: Apache-2.0
// A page as it is answered: filled, compressed, under the strict policy.

import FrameCodec
import HTTPTypes
import Hummingbird
import NIOCore

extension PageFiles {
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func response(
        _ template: String, _ values: [String: Any], to request: Request, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        let text = try self.page(template, values)
        var bytes = Array(text.utf8)
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .vary: "Accept-Encoding",
            .contentSecurityPolicy: Self.contentSecurityPolicy, .xContentTypeOptions: "nosniff",
        ]
        headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        if request.takesGzip {
            // The page is made for each reader: the quickest level.
            bytes = try Gzip.compress(bytes, level: 1)
            headers[.contentEncoding] = "gzip"
        }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
