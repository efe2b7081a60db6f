// SPDX-License-Identifier: Apache-2.0
// Any bytes as HTTP requests: the decision on their upgrade is total, and none that misses a duty is accepted.

import NIOCore
import NIOEmbedded
import NIOHTTP1
import WebServer

private let policy = UpgradePolicy(allowedOrigins: ["https://desk.example"])

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHandshake(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    _ = try? channel.writeInbound(ByteBuffer(bytes: UnsafeRawBufferPointer(start: start, count: count)))
    while let part = (try? channel.readInbound(as: HTTPServerRequestPart.self)) ?? nil {
        guard case .head(let head) = part, case .accept = policy.decide(head) else { continue }
        require(head.method == .GET && head.version == .http1_1, "\(head)")
        require(head.headers["sec-websocket-version"] == ["13"], "\(head)")
        require(head.headers["sec-websocket-key"].count == 1 && head.headers["host"].count == 1, "\(head)")
        require(head.headers["transfer-encoding"].isEmpty, "\(head)")
        if let origin = head.headers.first(name: "origin") {
            let isSame = head.headers["host"].contains { origin == "http://\($0)" || origin == "https://\($0)" }
            require(isSame || policy.allowedOrigins.contains(origin), "\(head)")
        }
    }
    return 0
}
