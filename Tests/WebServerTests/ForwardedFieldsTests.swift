// SPDX-License-Identifier: Apache-2.0
// What goes on to the next node, and whom it believes.

import HTTPTypes
import NIOCore
import NIOWebSocket
import Testing
import WebServer

struct ForwardedFieldsTests {
    private static func fields(_ pairs: [(String, String)]) throws -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs { fields.append(HTTPField(name: try #require(.init(name)), value: value)) }
        return fields
    }

    @Test func whatBelongsToAConnectionStaysOnIt() throws {
        let passed = ForwardedFields.passedOn(
            try Self.fields([
                ("Accept", "a"), ("Connection", "X-One, keep-alive"), ("Connection", "x-two"), ("X-One", "1"),
                ("X-Two", "2"), ("Keep-Alive", "5"), ("TE", "trailers"), ("Trailer", "x"), ("Upgrade", "h2c"),
                ("Transfer-Encoding", "chunked"), ("Proxy-Authorization", "p"), ("Proxy-Authenticate", "p"),
                ("X-Tickrisk-Upgrade-Refused", "bad_request"), ("Cookie", "c=1"), ("Set-Cookie", "a"),
                ("Set-Cookie", "b"), ("Tickrisk-Identity", "0 AA=="), ("tickrisk-fleet-secret", "s"),
            ]))
        #expect(
            passed.map { "\($0.name.canonicalName)=\($0.value)" }
                == ["accept=a", "cookie=c=1", "set-cookie=a", "set-cookie=b"])
    }

    @Test func whoAsksReplacesWhatIsShownAndIsOurWordOnly() throws {
        let shown = try Self.fields([
            ("Cookie", "tickrisk_session=1"), ("Authorization", "Bearer 2"), ("Tickrisk-Identity", "theirs"),
            ("Tickrisk-Fleet-Secret", "theirs"), ("Accept", "a"),
        ])
        let ours = try Self.fields([("Tickrisk-Identity", "ours"), ("Tickrisk-Fleet-Secret", "secret")])
        let told = ForwardedFields.request(shown, from: "192.0.2.1", isTrusted: true, identity: ours)
        #expect(told[.cookie] == nil && told[.authorization] == nil && told[.accept] == "a")
        #expect(told[values: FleetIdentity.identityField] == ["ours"])
        #expect(told[values: FleetIdentity.secretField] == ["secret"])
        let asShown = ForwardedFields.request(shown, from: "192.0.2.1", isTrusted: true)
        #expect(asShown[.cookie] == "tickrisk_session=1" && asShown[.authorization] == "Bearer 2")
        #expect(asShown[FleetIdentity.identityField] == nil && asShown[FleetIdentity.secretField] == nil)
    }

    @Test func theAddressOfWhoAsksIsAddedAndWhatItSaysItselfIsNotBelieved() throws {
        let said = try Self.fields([("X-Forwarded-For", "203.0.113.9, 10.0.0.1"), ("Expect", "100-continue")])
        let open = ForwardedFields.request(said, from: "192.0.2.1", isTrusted: false)
        #expect(open[values: ForwardedFields.forwardedFor] == ["192.0.2.1"] && open[.expect] == nil)
        let trusted = ForwardedFields.request(said, from: "192.0.2.1", isTrusted: true)
        #expect(trusted[values: ForwardedFields.forwardedFor] == ["203.0.113.9, 10.0.0.1, 192.0.2.1"])
    }

    @Test(arguments: [
        (["203.0.113.9"], "192.0.2.1", "192.0.2.1"),
        (["203.0.113.9"], "10.0.0.1", "203.0.113.9"),
        (["198.51.100.7, 203.0.113.9"], "10.0.0.1", "203.0.113.9"),
        (["198.51.100.7", "203.0.113.9,10.0.0.2"], "10.0.0.1", "203.0.113.9"),
        ([], "10.0.0.1", "10.0.0.1"),
        (["10.0.0.2"], "10.0.0.1", "10.0.0.2"),
    ])
    func whoAskedIsTheLastThatIsNoTrustedProxy(said: [String], peer: String, client: String) {
        let trusted: Set<String> = ["10.0.0.1", "10.0.0.2"]
        #expect(ForwardedFields.client(said, peer: peer, trusted: trusted) == client)
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 100_000])
    func aFramesPayloadIsFoundAgain(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(ServerFrame.payload(of: ServerFrame.message(.binary, payload)) == payload)
    }
}
