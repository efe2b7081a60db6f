// SPDX-License-Identifier: Apache-2.0
// Who asks, as gateways tell it to units that know nobody (docs/relay.md, "Fleets"). Pure.

import DeskService
import Foundation
import FrameRelay
import HTTPTypes
import RiskStore

/// A unit's part in a fleet, as far as its port is concerned.
public struct FleetMembership: Sendable {
    /// Whether it knows people: partition 0.
    public var isHouse: Bool
    /// What gateways share with it; `nil` where nobody is believed, or nobody signs in.
    public var secret: SharedSecret?

    public init(isHouse: Bool, secret: SharedSecret?) {
        self.isHouse = isHouse
        self.secret = secret
    }

    /// Who comes in to a unit where people sign in.
    package enum Admission: Sendable {
        /// Somebody a gateway of our house asks for.
        case relayed(Identity)
        /// What is shown decides, as at a node that is alone.
        case byCredential
        /// Nobody, and open to all.
        case open
        /// Nobody.
        case refused
    }

    /// - Parameters:
    ///   - fields: of the request.
    ///   - isSafe: whether its method changes nothing.
    package func admission(_ fields: HTTPFields, path: String, isSafe: Bool, nowNanoseconds now: UInt64) -> Admission {
        if let secret, let identity = FleetIdentity.identity(in: fields, secret: secret, nowNanoseconds: now) {
            return .relayed(identity)
        }
        if self.isHouse { return .byCredential }
        return isSafe && OperationsRoutes.paths.contains(path) ? .open : .refused
    }
}

/// `Tickrisk-Identity: TIME BASE64`: nanoseconds since 1970, and the identity as relays have it. It counts together
/// with `Tickrisk-Fleet-Secret` only.
package enum FleetIdentity {
    package static let identityField = HTTPField.Name("Tickrisk-Identity")!
    package static let secretField = HTTPField.Name("Tickrisk-Fleet-Secret")!
    /// In both directions: clocks differ.
    package static let ageNanosecondsMax: UInt64 = 30_000_000_000

    /// - Parameter account: the only one whose rights are told, so that the field stays short; `nil` for none but the
    ///   house's.
    package static func fields(
        of identity: Identity, account: String?, secret: SharedSecret, nowNanoseconds now: UInt64
    ) -> HTTPFields {
        let body = RelayedIdentity.body(identity.narrowed(to: account))
        return [
            self.identityField: "\(now) \(Data(body).base64EncodedString())", self.secretField: secret.text,
        ]
    }

    /// `nil` where nobody is named by whom we believe.
    package static func identity(
        in fields: HTTPFields, secret: SharedSecret, nowNanoseconds now: UInt64
    ) -> Identity? {
        let (secrets, identities) = (fields[values: self.secretField], fields[values: self.identityField])
        guard secrets.count == 1, identities.count == 1, secret.matches(secrets[0]) else { return nil }
        let parts = identities[0].split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = UInt64(parts[0]), let body = Data(base64Encoded: String(parts[1])),
            max(time, now) - min(time, now) <= self.ageNanosecondsMax,
            let identity = try? RelayedIdentity.identity(Array(body)), !identity.user.isEmpty
        else { return nil }
        if let expires = identity.expiresNanoseconds, expires <= now { return nil }
        return identity
    }
}

extension Identity {
    /// The same person, as far as one account and the house are concerned.
    fileprivate func narrowed(to account: String?) -> Identity {
        Identity(
            user: self.user, credential: self.credential, expiresNanoseconds: self.expiresNanoseconds,
            scopes: self.scopes,
            rights: AccessRights(
                house: self.rights.house, accounts: self.rights.accounts.filter { $0.key == account }))
    }
}
