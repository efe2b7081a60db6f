// SPDX-License-Identifier: Apache-2.0
// Where a gateway of a fleet sends requests, and what it says of who asks.

import DeskService
import Fleet
import FrameRelay
import HTTPTypes
import RiskKernel
import RiskStore
import Testing
import WebServer

@Suite(.serialized)
struct FleetRouteTests {
    private static let ann = ShownCredential.cookie(RelayLoopTests.token)

    private static func problem(
        _ route: FleetRoute, _ path: String, _ shown: ShownCredential
    ) async throws -> ProblemResponse? {
        do {
            _ = try await route.target(path, shown: shown)
            return nil
        } catch let problem as ProblemResponse { return problem }
    }

    @Test func anAccountsRequestsGoToItsUnitAndAllOthersToTheHouse() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        try await rig.house("route-0")
        let unit = try rig.unit("route-1")
        rig.announce(unit)
        try await FleetRig.wait("the unit") { rig.isUp(1, generation: 1) }
        let route = FleetRoute(fleet: rig.gateway)
        // Ann may see A, which is the unit's; not B, which is too; X there is not.
        for path in ["/", "/api/v1/accounts", "/api/v1/accounts/D", "/api/v1/accounts/B", "/api/v1/accounts/X/risk"] {
            let target = try await route.target(path, shown: Self.ann)
            #expect(target.address.port == 8_000 && target.identity == nil, "\(path)")
        }
        let target = try await route.target("/api/v1/accounts/A/orders", shown: Self.ann)
        #expect(target.address.port == 8_001)
        let fields = try #require(target.identity)
        let identity = try #require(
            FleetIdentity.identity(in: fields, secret: FleetRig.secret, nowNanoseconds: WallClock.nowNanoseconds))
        #expect(identity.user == "ann" && identity.may(.view, account: "A") && !identity.may(.trade, account: "A"))
        // Nobody knows: the house says so as it does to all.
        for shown in [ShownCredential.none, .malformed, .bearer(RelayLoopTests.token)] {
            #expect(try await route.target("/api/v1/accounts/A", shown: shown).address.port == 8_000)
            #expect(try await route.target("/api/v1/kill-switch", shown: shown).address.port == 8_000)
        }
        for path in ["/api/v1/orders/1", "/api/v1/alerts/1/reset"] {
            let problem = try await Self.problem(route, path, Self.ann)
            #expect(problem?.status.code == 501 && problem?.code == "not_in_a_fleet", "\(path)")
        }
    }

    @Test func whatASilentUnitHasIsToldApartFromTheRest() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("away-0")
        let route = FleetRoute(fleet: rig.gateway)
        let problem = try await Self.problem(route, "/api/v1/accounts/A", Self.ann)
        #expect(problem?.status == .serviceUnavailable && problem?.code == "not_ready")
        // Who may not see it is not told that it is there.
        #expect(try await route.target("/api/v1/accounts/B", shown: Self.ann).address.port == 8_000)
        #expect(try await route.target("/api/v1/accounts/D", shown: Self.ann).address.port == 8_000)
        house.stop()
        try await FleetRig.wait("the silence of the house") { !rig.isUp(0, generation: 1) }
        for path in ["/", "/api/v1/accounts/D", "/api/v1/sessions"] {
            #expect(try await Self.problem(route, path, Self.ann)?.status == .serviceUnavailable, "\(path)")
        }
        #expect(rig.gateway.identitiesUnavailable?.contains("silent") == true)
    }

    @Test func whoWasKnownAMomentAgoNeedsNoHouse() async throws {
        let rig = try FleetRig()
        defer { rig.stop() }
        let house = try await rig.house("cached-0")
        let unit = try rig.unit("cached-1")
        rig.announce(unit)
        try await FleetRig.wait("the unit") { rig.isUp(1, generation: 1) }
        let access = rig.gateway.access
        await access.learn(session: RelayLoopTests.token, bearer: nil)
        rig.announce(house, as: .ended)
        try await FleetRig.wait("the end of the house") { rig.gateway.identitiesUnavailable != nil }
        let target = try await FleetRoute(fleet: rig.gateway).target("/api/v1/accounts/A", shown: Self.ann)
        #expect(target.address.port == 8_001)
        // Who is silent is not waited for.
        let other = String(repeating: "b", count: 64)
        let asked = ContinuousClock.now
        await access.learn(session: other, bearer: nil)
        #expect(ContinuousClock.now - asked < .milliseconds(500) && access.identity(session: other) == nil)
    }
}
