// SPDX-License-Identifier: Apache-2.0
// Whom a unit believes that somebody asks for somebody.

import DeskService
import HTTPTypes
import RiskStore
import Testing
import WebServer

struct FleetIdentityTests {
    private static let secret = SharedSecret("correct horse battery staple")
    private static let now: UInt64 = 1_800_000_000_000_000_000
    private static let second: UInt64 = 1_000_000_000
    private static let ann = Identity(
        user: "ann", credential: .session("first"), expiresNanoseconds: Self.now + 60 * Self.second,
        rights: AccessRights([
            AccountGrant(user: "ann", account: "A", role: .trade), AccountGrant(user: "ann", account: "B", role: .view),
        ]))

    private static func fields(_ identity: Identity = Self.ann, secret: SharedSecret = Self.secret) -> HTTPFields {
        FleetIdentity.fields(of: identity, account: "A", secret: secret, nowNanoseconds: Self.now)
    }

    private static func believed(_ fields: HTTPFields, at now: UInt64 = Self.now) -> Identity? {
        FleetIdentity.identity(in: fields, secret: Self.secret, nowNanoseconds: now)
    }

    @Test func whoAsksComesOutAsWhoWentInButForOtherAccounts() throws {
        let identity = try #require(Self.believed(Self.fields()))
        #expect(identity.user == "ann" && identity.credential == .session("first"))
        #expect(identity.expiresNanoseconds == Self.ann.expiresNanoseconds && identity.scopes == nil)
        #expect(identity.may(.trade, account: "A") && !identity.may(.risk, account: "A"))
        #expect(!identity.may(.view, account: "B") && !identity.may(.view, account: nil))
    }

    @Test func aTokensScopesBoundThere() throws {
        let program = Identity(
            user: "ann", credential: .token("7"), expiresNanoseconds: nil, scopes: [.read], rights: .all)
        let identity = try #require(Self.believed(Self.fields(program)))
        #expect(identity.may(.view, account: "A") && !identity.may(.trade, account: "A"))
    }

    @Test func withoutTheSecretNobodyIsNamed() {
        #expect(Self.believed(Self.fields(secret: SharedSecret("correct horse battery stapl3"))) == nil)
        #expect(Self.believed(Self.fields(secret: SharedSecret("correct horse battery staple2"))) == nil)
        var fields = Self.fields()
        fields[FleetIdentity.secretField] = nil
        #expect(Self.believed(fields) == nil)
        fields = Self.fields()
        fields.append(HTTPField(name: FleetIdentity.secretField, value: "other"))
        #expect(Self.believed(fields) == nil)
        fields = Self.fields()
        fields.append(contentsOf: Self.fields().filter { $0.name == FleetIdentity.identityField })
        #expect(Self.believed(fields) == nil)
    }

    @Test func whatWasSaidLongAgoOrWillBeCountsNot() {
        let fields = Self.fields()
        #expect(Self.believed(fields, at: Self.now + 30 * Self.second) != nil)
        #expect(Self.believed(fields, at: Self.now + 30 * Self.second + 1) == nil)
        #expect(Self.believed(fields, at: Self.now - 30 * Self.second) != nil)
        #expect(Self.believed(fields, at: Self.now - 30 * Self.second - 1) == nil)
    }

    @Test func aSessionThatHasEndedCountsNot() {
        var ended = Self.now + Self.second
        let identity = Identity(user: "ann", credential: .session("f"), expiresNanoseconds: ended, rights: .all)
        let fields = Self.fields(identity)
        ended += 1
        #expect(Self.believed(fields) != nil && Self.believed(fields, at: ended) == nil)
    }

    @Test(arguments: [
        "", " ", "1800000000000000000", "1800000000000000000 ", "x AA==", "1800000000000000000 !", "-1 AA==",
    ])
    func whatIsNoIdentityIsNobody(text: String) {
        #expect(
            Self.believed([FleetIdentity.identityField: text, FleetIdentity.secretField: Self.secret.text]) == nil)
    }

    @Test func aSecretShowsNothingOfItself() {
        #expect("\(Self.secret)" == "(secret)" && Mirror(reflecting: Self.secret).children.isEmpty)
    }

    // MARK: Units

    private enum Admitted: Equatable { case relayed(String), byCredential, open, refused }

    private static func admitted(
        _ membership: FleetMembership, _ fields: HTTPFields, path: String = "/api/v1/accounts/A", isSafe: Bool = true
    ) -> Admitted {
        switch membership.admission(fields, path: path, isSafe: isSafe, nowNanoseconds: Self.now) {
        case .relayed(let identity): .relayed(identity.user)
        case .byCredential: .byCredential
        case .open: .open
        case .refused: .refused
        }
    }

    @Test func aUnitThatKnowsNobodyBelievesGatewaysOnly() {
        let unit = FleetMembership(isHouse: false, secret: Self.secret)
        #expect(Self.admitted(unit, Self.fields()) == .relayed("ann"))
        #expect(Self.admitted(unit, Self.fields(), isSafe: false) == .relayed("ann"))
        #expect(Self.admitted(unit, [:]) == .refused)
        #expect(Self.admitted(unit, [.authorization: "Bearer x"]) == .refused)
        for path in ["/healthz", "/readyz", "/metrics"] {
            #expect(Self.admitted(unit, [:], path: path) == .open)
            #expect(Self.admitted(unit, [:], path: path, isSafe: false) == .refused)
        }
        for path in ["/", "/sign-in", "/api/v1/sessions", "/ws", "/api/v1/openapi.json"] {
            #expect(Self.admitted(unit, [:], path: path) == .refused, "\(path)")
        }
    }

    @Test func theHouseKnowsPeopleByWhatTheyShow() {
        let house = FleetMembership(isHouse: true, secret: Self.secret)
        #expect(Self.admitted(house, [:]) == .byCredential)
        #expect(Self.admitted(house, Self.fields(secret: SharedSecret("another secret")), path: "/") == .byCredential)
        #expect(Self.admitted(house, Self.fields()) == .relayed("ann"))
    }

    @Test func withoutASecretNobodyIsBelieved() {
        #expect(Self.admitted(FleetMembership(isHouse: false, secret: nil), Self.fields()) == .refused)
        #expect(Self.admitted(FleetMembership(isHouse: true, secret: nil), Self.fields()) == .byCredential)
    }
}
