// SPDX-License-Identifier: Apache-2.0
// The port of a gateway of a fleet: what each unit is asked, and what the client gets.

import Fleet
import NIOCore
import NIOHTTP1
import NIOPosix
import Operations
import RiskStore
import ServiceLifecycle
import Synchronization
import Testing
import WebServer

@Suite(.serialized)
struct FleetPortTests {
    private static let cookie = "Cookie: tickrisk_session=\(RelayLoopTests.token)"

    private struct Port {
        let address: SocketAddress
        private let task: Task<Void, any Error>

        init(_ rig: FleetRig) async throws {
            let edge = ServerEdge(
                EdgeSettings(
                    isLoopback: true, allowedHosts: [], connectionsMax: 100, connectionsPerAddressMax: 100,
                    headerNanosecondsMax: 10_000_000_000, responseNanosecondsMax: 10_000_000_000,
                    idleNanosecondsMax: 10_000_000_000, trustedProxies: []), logger: FleetRig.logger)
            let group = MultiThreadedEventLoopGroup.singleton
            let server = GatewayServer(
                fleet: rig.gateway, zone: "UTC", edge: edge, limitNanoseconds: 10_000_000_000, allowedOrigins: [],
                group: group)
            let bound = Mutex<SocketAddress?>(nil)
            let gateway = rig.gateway
            let port = try server.make(
                listener: .address(host: "127.0.0.1", port: 0), group: group,
                readiness: {
                    var readiness = Readiness()
                    gateway.add(to: &readiness)
                    return readiness
                }, metrics: { gateway.families }, logger: FleetRig.logger,
                onListening: { address in bound.withLock { $0 = address } })
            self.task = Task { try await port.run() }
            try await FleetRig.wait("the port") { bound.withLock { $0 } != nil }
            self.address = try #require(bound.withLock { $0 })
        }

        func ask(_ line: String, _ headers: String...) async throws -> String {
            try await OneRequest.send(line, headers, to: self.address)
        }

        func stop() { self.task.cancel() }
    }

    @Test func everyRequestGoesToWhoCanAnswerItAndThePageIsMadeHere() async throws {
        let people = try await ScriptedPort(
            body: #"{"name":"default","symbols":["AAPL"]}"#, headers: ["Set-Cookie": "tickrisk_session=next"])
        let books = try await ScriptedPort(body: "of the unit", headers: ["Tickrisk-Identity": "no business of yours"])
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("port-0", port: people.port)
        let unit = try rig.unit("port-1", port: books.port)
        let port = try await Port(rig)
        defer {
            port.stop()
            people.stop()
            books.stop()
        }
        let warned = try await port.ask("GET /readyz HTTP/1.1")
        #expect(warned.hasPrefix("HTTP/1.1 200") && warned.contains(#""warnings":["silent: partition 1;"#), "\(warned)")
        rig.announce(unit)
        try unit.cut("account:A", to: 1)
        try house.cut("market", to: 1)
        try await FleetRig.wait("states") { rig.newest("account:A") != nil && rig.newest("market") != nil }

        let orders = try await port.ask(
            "GET /api/v1/accounts/A/orders?open=true HTTP/1.1", Self.cookie, "Tickrisk-Fleet-Secret: mine")
        #expect(orders.hasPrefix("HTTP/1.1 200") && orders.hasSuffix("of the unit"), "\(orders)")
        #expect(!orders.lowercased().contains("tickrisk-identity"))
        let asked = try #require(books.asked.first)
        #expect(asked.uri == "/api/v1/accounts/A/orders?open=true" && books.asked.count == 1)
        #expect(asked.headers["Tickrisk-Fleet-Secret"] == [FleetRig.secret.text])
        #expect(asked.headers["Tickrisk-Identity"].count == 1 && asked.headers["Cookie"].isEmpty)
        #expect(people.asked.isEmpty)

        let page = try await port.ask("GET / HTTP/1.1", Self.cookie)
        #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("text/html"), "\(page.prefix(300))")
        #expect(page.contains(#"data-account="A""#) && page.contains("AAPL") && page.contains("tickrisk_session=next"))
        #expect(people.asked.map(\.uri) == ["/api/v1/watchlist"])
        #expect(people.asked[0].headers["Cookie"] == ["tickrisk_session=\(RelayLoopTests.token)"])
        // Nobody is sent to sign in, which the house does.
        _ = try await port.ask("GET / HTTP/1.1", "Tickrisk-Identity: 1 AA==", "Tickrisk-Fleet-Secret: mine")
        #expect(people.asked.map(\.uri) == ["/api/v1/watchlist", "/"])
        #expect(people.asked[1].headers["Tickrisk-Fleet-Secret"].isEmpty)
        #expect(people.asked[1].headers["Tickrisk-Identity"].isEmpty)

        // Every unit has its part of the house's switch, and is told who asks.
        let stopped = try await port.ask("PUT /api/v1/kill-switch HTTP/1.1", Self.cookie, "Content-Length: 0")
        #expect(stopped.hasPrefix("HTTP/1.1 200") && stopped.hasSuffix(#""symbols":["AAPL"]}"#), "\(stopped)")
        for asked in [try #require(people.asked.last), try #require(books.asked.last)] {
            #expect(asked.uri == "/api/v1/kill-switch?scope=partition" && asked.headers["Cookie"].isEmpty)
            #expect(asked.headers["Tickrisk-Fleet-Secret"] == [FleetRig.secret.text])
        }
        #expect(people.asked.count == 3 && books.asked.count == 2)
        // One that does not hear is named.
        unit.stop()
        try await FleetRig.wait("the unit's silence") { !rig.isUp(1, generation: 1) }
        let partly = try await port.ask("PUT /api/v1/kill-switch HTTP/1.1", Self.cookie, "Content-Length: 0")
        #expect(partly.hasPrefix("HTTP/1.1 503") && partly.contains("in_part"), "\(partly)")
        #expect(partly.contains("set for 1 of 2 partitions, not for 1 (partition 1 is silent)"), "\(partly)")
    }
}
