// SPDX-License-Identifier: Apache-2.0
// Which requests are served, how long they may take, and how many connections there may be.

import NIOCore
import NIOHTTP1
import Testing
import WebServer

struct RequestPolicyTests {
    private static func refusal(
        _ uri: String = "/", _ headers: [(String, String)] = [("Host", "localhost")], method: HTTPMethod = .GET,
        version: HTTPVersion = .http1_1, isLoopback: Bool = true, allowed: [String] = []
    ) -> RequestRefusal? {
        RequestPolicy(hosts: HostPolicy(isLoopback: isLoopback, allowedHosts: allowed)).refusal(
            of: HTTPRequestHead(version: version, method: method, uri: uri, headers: HTTPHeaders(headers)))
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8080", true), ("127.0.0.1", true), ("127.0.0.1:1", true), ("[::1]:8080", true),
        ("localhost:", true), ("risk.example", true), ("Risk.Example:443", true), ("evil.example", false),
        ("localhost.evil.example", false), ("127.0.0.1.evil.example", false), ("[::2]", false), ("127.0.0.2", false),
    ])
    func onLoopbackOnlyItsNamesAndThoseListedAreServed(host: String, isServed: Bool) {
        #expect(Self.refusal("/", [("Host", host)], allowed: ["risk.example"]) == (isServed ? nil : .foreignHost))
    }

    @Test func elsewhereAnyNameIsServedUntilSomeAreListed() {
        #expect(Self.refusal("/", [("Host", "a.example")], isLoopback: false) == nil)
        #expect(
            Self.refusal("/", [("Host", "a.example")], isLoopback: false, allowed: ["b.example"]) == .foreignHost)
    }

    @Test(arguments: [
        "", " ", "a b", "a/b", "user@localhost", "localhost:x", "localhost:99999", "localhost:80:80", "[::1", "::1",
        "[]", "[::1]x", "localhost,localhost", "[::1%25eth0]",
    ])
    func aHostIsANameAndAPort(host: String) { #expect(Self.refusal("/", [("Host", host)]) == .malformed) }

    @Test func oneHostIsRequired() {
        #expect(Self.refusal("/", []) == .malformed)
        #expect(Self.refusal("/", [("Host", "localhost"), ("host", "localhost")]) == .malformed)
        #expect(Self.refusal("/", [], version: .http1_0) == nil)
    }

    @Test(arguments: ["http://localhost/", "localhost:80", "*", "index.html", ""])
    func targetsAreInOriginForm(target: String) {
        #expect(Self.refusal(target) == .malformed)
        #expect(Self.refusal("*", method: .OPTIONS) == nil)
    }

    @Test func targetsAndFieldsAreLimited() {
        let target = "/" + String(repeating: "a", count: RequestLimits.targetBytesMax)
        #expect(Self.refusal(String(target.dropLast())) == nil)
        #expect(Self.refusal(target) == .targetTooLong)
        let value = String(repeating: "a", count: RequestLimits.fieldBytesMax)
        #expect(Self.refusal("/", [("Host", "localhost"), ("X", value)]) == .headerTooLarge)
    }

    @Test(
        arguments: [
            ("0", nil), ("1", .bodyTooLarge), ("99999999999999999999", .bodyTooLarge), ("-1", .malformed),
            ("+0", .malformed), ("", .malformed), ("0x0", .malformed), ("0, 0", .malformed),
        ] as [(String, RequestRefusal?)])
    func noBodyIsTakenBesideTheAPI(length: String, refusal: RequestRefusal?) {
        let fields = [("Host", "localhost"), ("Content-Length", length)]
        #expect(Self.refusal("/", fields, method: .POST) == refusal)
        #expect(Self.refusal("/api/v1/accounts", fields) == refusal)
    }

    @Test func bodiesOfTheAPIAreLimited() {
        func refusal(_ length: Int) -> RequestRefusal? {
            Self.refusal(
                "/api/v1/accounts/A/what-if", [("Host", "localhost"), ("Content-Length", "\(length)")], method: .POST)
        }
        #expect(refusal(RequestLimits.bodyBytesMax) == nil)
        #expect(refusal(RequestLimits.bodyBytesMax + 1) == .bodyTooLarge)
    }

    @Test func framingIsNeverAmbiguous() {
        let host = ("Host", "localhost")
        let chunked = ("Transfer-Encoding", "chunked")
        #expect(Self.refusal("/", [host, chunked], method: .POST) == .lengthRequired)
        #expect(Self.refusal("/", [host, ("Transfer-Encoding", "gzip, chunked")], method: .POST) == .malformed)
        #expect(Self.refusal("/", [host, chunked, ("Content-Length", "0")], method: .POST) == .malformed)
        #expect(Self.refusal("/", [host, chunked], method: .POST, version: .http1_0) == .malformed)
        #expect(Self.refusal("/", [host, ("Content-Length", "0"), ("Content-Length", "0")]) == .malformed)
    }
}

struct RequestTimelineTests {
    private static func opened() -> RequestTimeline {
        RequestTimeline(
            timeouts: RequestTimeouts(headerNanoseconds: 10, responseNanoseconds: 30, idleNanoseconds: 60),
            openedNanoseconds: 100)
    }

    private static func deadline(_ timeline: RequestTimeline) -> String {
        "\(timeline.deadline.expiry) at \(timeline.deadline.nanoseconds)"
    }

    @Test func aNewConnectionHasUntilItsFirstHeaderEnds() {
        var timeline = Self.opened()
        #expect(Self.deadline(timeline) == "idle at 110")
        timeline.bytesCame(nowNanoseconds: 105)
        timeline.bytesCame(nowNanoseconds: 109)
        #expect(Self.deadline(timeline) == "header at 110", "a trickle puts nothing off")
    }

    @Test func afterAResponseTheNextRequestHasItsOwnTime() {
        var timeline = Self.opened()
        timeline.bytesCame(nowNanoseconds: 101)
        timeline.headerEnded(nowNanoseconds: 102)
        #expect(Self.deadline(timeline) == "response at 132")
        timeline.responseWritten(nowNanoseconds: 120)
        #expect(Self.deadline(timeline) == "idle at 180")
        timeline.bytesCame(nowNanoseconds: 150)
        timeline.bytesCame(nowNanoseconds: 159)
        #expect(Self.deadline(timeline) == "header at 160")
    }

    @Test func everyPipelinedResponseHasItsTime() {
        var timeline = Self.opened()
        timeline.headerEnded(nowNanoseconds: 100)
        timeline.headerEnded(nowNanoseconds: 101)
        timeline.bytesCame(nowNanoseconds: 102)
        #expect(timeline.pendingResponses == 2 && Self.deadline(timeline) == "response at 130")
        timeline.responseWritten(nowNanoseconds: 120)
        #expect(Self.deadline(timeline) == "response at 150")
        timeline.responseWritten(nowNanoseconds: 140)
        #expect(Self.deadline(timeline) == "header at 150")
    }
}

struct ConnectionLedgerTests {
    private static func origin(_ address: String) throws -> ConnectionOrigin {
        ConnectionOrigin(try SocketAddress(ipAddress: address, port: 1))
    }

    @Test func connectionsAreLimitedInAllAndByAddress() throws {
        var ledger = ConnectionLedger(connectionsMax: 3, connectionsPerAddressMax: 2)
        let (one, other) = (try Self.origin("192.0.2.1"), try Self.origin("192.0.2.2"))
        let refusals = [one, one, one, other, other].map { origin in ledger.enter(origin) }
        #expect(refusals == [nil, nil, .address, nil, .total])
        ledger.leave(one)
        let again = [other, one].map { origin in ledger.enter(origin) }
        #expect(again == [nil, .total] && ledger.count == 3)
    }

    @Test func aSubscriberIsAnIPv4AddressOrAnIPv6Network() throws {
        #expect(try Self.origin("2001:db8::1") == Self.origin("2001:db8::ffff:1"))
        #expect(try Self.origin("2001:db8::1") != Self.origin("2001:db8:0:1::1"))
        #expect(try Self.origin("::ffff:192.0.2.1") == Self.origin("192.0.2.1"))
        #expect(try Self.origin("192.0.2.1") != Self.origin("192.0.2.2"))
        #expect(try Self.origin("::1") != Self.origin("0.0.0.1"))
    }

    @Test func descriptorsAreKeptForTheRestOfTheDaemon() {
        #expect(DescriptorLimit.connectionsMax(wanted: 25_000, descriptorsMax: 65_536) == 25_000)
        #expect(
            DescriptorLimit.connectionsMax(wanted: 25_000, descriptorsMax: 1_024) == 1_024 - DescriptorLimit.reserve)
        #expect(DescriptorLimit.connectionsMax(wanted: 25_000, descriptorsMax: 64) == 32)
    }
}
