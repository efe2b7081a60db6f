// SPDX-License-Identifier: Apache-2.0
// Which unit of a fleet answers a request: the one that has the account, else the house.

import DeskService
import Fleet
import FrameRelay
import Hummingbird
import RiskKernel
import RiskStore

package struct FleetRoute: RequestRoute {
    private let fleet: FleetHub

    package init(fleet: FleetHub) { self.fleet = fleet }

    func target(of request: Request) async throws -> ForwardTarget {
        try await self.target(request.uri.path, shown: request.shownCredential)
    }

    package func target(_ path: String, shown: ShownCredential) async throws -> ForwardTarget {
        let path = FleetPath(path)
        if let refusal = path.refusal {
            // Who is nobody is told that first.
            guard await self.identity(shown) != nil else { return try self.house() }
            throw refusal
        }
        guard let account = path.account, let partition = self.fleet.partition(ofAccount: account),
            partition != UnitAnnouncement.house,
            // An account one may not see answers as one that does not exist: the house says so of both.
            let identity = await self.identity(shown), identity.may(.view, account: account)
        else { return try self.house() }
        return try self.target(ofPartition: partition, for: identity, account: account)
    }

    /// A unit, and who asks it.
    ///
    /// - Parameter account: the only one it is about; `nil` where it is about the house.
    func target(ofPartition partition: Int, for identity: Identity, account: String? = nil) throws -> ForwardTarget {
        guard let address = self.fleet.address(ofPartition: partition) else {
            throw GatewayMiddleware.notReady(
                "partition \(partition)\(account == nil ? "" : ", which has the account,") is silent")
        }
        guard self.fleet.access.isRequired else { return ForwardTarget(address: address) }
        guard let secret = self.fleet.secret else { throw GatewayMiddleware.notReady("node.secret_file is not set") }
        return ForwardTarget(
            address: address,
            identity: FleetIdentity.fields(
                of: identity, account: account, secret: secret, nowNanoseconds: WallClock.nowNanoseconds))
    }

    func house() throws -> ForwardTarget {
        guard let address = self.fleet.address(ofPartition: UnitAnnouncement.house) else {
            throw GatewayMiddleware.notReady("the house, partition \(UnitAnnouncement.house), is silent")
        }
        return ForwardTarget(address: address)
    }

    /// The house says who it is, or has said so a moment ago.
    func identity(_ shown: ShownCredential) async -> Identity? {
        await self.fleet.access.learn(shown)
        return self.fleet.access.identity(shown)
    }
}

/// A path as the units' routes see it. Pure.
package struct FleetPath {
    private let parts: [Substring]

    package init(_ path: String) { self.parts = path.split(separator: "/") }

    /// Of `/api/v1/accounts/ID` and everything below it.
    package var account: String? {
        guard self.parts.count >= 4, self.isBelow("accounts") else { return nil }
        return String(self.parts[3])
    }

    private func isBelow(_ resource: String) -> Bool {
        self.parts.count >= 3 && self.parts[0] == "api" && self.parts[1] == "v1" && self.parts[2] == resource
    }

    /// What follows `/api/v1/`; "" elsewhere.
    package var resource: String {
        self.parts.starts(with: ["api", "v1"]) ? self.parts.dropFirst(2).joined(separator: "/") : ""
    }

    /// What no unit could do for all of them, or none could tell whose it is.
    package var refusal: ProblemResponse? {
        if self.parts.count >= 4, self.isBelow("orders") {
            return .notInAFleet(
                "each node numbers its own orders: name the account, as in /api/v1/accounts/ID/orders/NUMBER")
        }
        if self.parts.count >= 4, self.isBelow("alerts") {
            return .notInAFleet(
                "each node numbers its own alerts: name the account, as in /api/v1/accounts/ID/alerts/NUMBER/…")
        }
        return nil
    }
}
