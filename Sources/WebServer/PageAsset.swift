// SPDX-License-Identifier: Apache-2.0
// A file that a page of the dashboard loads, as it is sent: plain, and compressed once.

import FrameCodec
import HTTPTypes
import Hummingbird
import NIOCore

struct PageAsset: Sendable {
    private static let compressionLevel = 9

    private let type: String
    private let plain: ByteBuffer
    private let compressed: ByteBuffer
    private let entityTag: String

    init(type: String, bytes: [UInt8]) throws {
        self.type = type
        self.plain = ByteBuffer(bytes: bytes)
        self.compressed = ByteBuffer(bytes: try Gzip.compress(bytes, level: Self.compressionLevel))
        self.entityTag = "\"\(Fingerprint.of(bytes))\""
    }

    /// - Parameter isLasting: whether the address names this version of the file, which so lasts.
    func response(to request: Request, isLasting: Bool) -> Response {
        var headers: HTTPFields = [
            .contentType: self.type, .eTag: self.entityTag, .vary: "Accept-Encoding", .xContentTypeOptions: "nosniff",
            .cacheControl: isLasting ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        if request.headers[.ifNoneMatch] == self.entityTag { return Response(status: .notModified, headers: headers) }
        guard request.takesGzip else {
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: self.plain))
        }
        headers[.contentEncoding] = "gzip"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: self.compressed))
    }
}

/// FNV-1a, 64 bits: tells versions of a file apart, no more.
enum Fingerprint {
    static func of(_ bytes: some Sequence<UInt8>) -> String {
        String(bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }
}

extension Request {
    /// Whether `gzip` is among the encodings the client takes (RFC 9110 §12.5.3), other than at quality 0.
    var takesGzip: Bool {
        (self.headers[.acceptEncoding] ?? "").split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { ("1"..."9").contains($0) } }
        }
    }
}
