// SPDX-License-Identifier: Apache-2.0
// Which requests become a stream.

import FrameCodec
import NIOHTTP1
import Testing
import WebServer

struct UpgradePolicyTests {
    private static func head(
        _ changes: [String: String?] = [:], method: HTTPMethod = .GET, uri: String = "/ws"
    ) -> HTTPRequestHead {
        var headers: [String: String?] = [
            "Host": "risk.example:8080", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        ]
        headers.merge(changes) { $1 }
        return HTTPRequestHead(
            version: .http1_1, method: method, uri: uri,
            headers: HTTPHeaders(headers.compactMap { name, value in value.map { (name, $0) } }))
    }

    private static func decide(_ head: HTTPRequestHead, allowed: [String] = []) -> UpgradeDecision {
        UpgradePolicy(allowedOrigins: allowed).decide(head)
    }

    @Test func withoutASubprotocolTheStreamIsJSON() {
        #expect(Self.decide(Self.head()) == .accept(.json, isNegotiated: false))
    }

    @Test func theFirstKnownSubprotocolOfTheClientWins() {
        let offered = Self.head(["Sec-WebSocket-Protocol": "chat, tickrisk.v1.deflate, tickrisk.v1.zstd"])
        #expect(Self.decide(offered) == .accept(.deflate, isNegotiated: true))
        #expect(Self.decide(Self.head(["Sec-WebSocket-Protocol": "chat"])) == .refuse(.unknownSubprotocol))
    }

    @Test(arguments: [
        ("http://risk.example:8080", true), ("https://risk.example:8080", true), ("https://desk.example", true),
        ("http://evil.example", false), ("http://risk.example", false), ("null", false),
    ])
    func anOriginIsTheSameHostOrListed(origin: String, isAllowed: Bool) {
        let decision = Self.decide(Self.head(["Origin": origin]), allowed: ["https://desk.example"])
        #expect(decision == (isAllowed ? .accept(.json, isNegotiated: false) : .refuse(.foreignOrigin)))
    }

    @Test func otherPathsAndOtherUpgradesAreNotOurs() {
        #expect(Self.decide(Self.head(uri: "/")) == .ignore)
        #expect(Self.decide(Self.head(["Upgrade": "h2c"])) == .ignore)
        #expect(Self.decide(Self.head(uri: "/ws?token=1")) == .accept(.json, isNegotiated: false))
    }

    @Test(arguments: ["Host", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"])
    func anIncompleteHandshakeIsRefused(missing: String) {
        #expect(Self.decide(Self.head([missing: nil as String?])) == .refuse(.badRequest))
    }

    @Test func onlyABodylessGetUpgrades() {
        #expect(Self.decide(Self.head(method: .POST)) == .refuse(.badRequest))
        #expect(Self.decide(Self.head(["Content-Length": "5"])) == .refuse(.badRequest))
    }

    @Test func thereIsOneVersion() {
        #expect(Self.decide(Self.head(["Sec-WebSocket-Version": "8"])) == .refuse(.unsupportedVersion))
        #expect(Self.decide(Self.head(["Sec-WebSocket-Version": "13, 8"])) == .refuse(.unsupportedVersion))
    }

    @Test(arguments: [
        "", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZWU=",
        "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
    ])
    func aKeyIsSixteenBytesInBase64(key: String) {
        #expect(Self.decide(Self.head(["Sec-WebSocket-Key": key])) == .refuse(.badRequest))
    }
}
