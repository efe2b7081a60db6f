// SPDX-License-Identifier: Apache-2.0
// Questions who somebody is, and the answers, as bytes (docs/relay.md, "Who it is").

import DeskService
import FrameCodec
import RiskStore

extension IdentityQuestion {
    private enum Code: UInt8 {
        case session, bearer, currentNone, currentSession, currentToken
    }

    package var body: [UInt8] {
        var writer = ByteWriter()
        let (code, text): (Code, String) =
            switch self {
            case .session(let hash): (.session, hash)
            case .bearer(let hash): (.bearer, hash)
            case .current(.none): (.currentNone, "")
            case .current(.session(let first)): (.currentSession, first)
            case .current(.token(let id)): (.currentToken, id)
            }
        writer.byte(code.rawValue)
        writer.string(text)
        return writer.bytes
    }

    package init(body: [UInt8]) throws(FrameDecodeError) {
        var reader = ByteReader(body, 0..<body.count)
        let byte = try reader.byte()
        let text = try reader.string()
        switch Code(rawValue: byte) {
        case .session: self = .session(hash: text)
        case .bearer: self = .bearer(hash: text)
        case .currentNone: self = .current(.none)
        case .currentSession: self = .current(.session(text))
        case .currentToken: self = .current(.token(text))
        case nil: throw .outOfRange(what: "kind of a question", value: UInt64(byte))
        }
    }
}

/// An identity as a gateway is told it; nobody is an empty body.
package enum RelayedIdentity {
    package static func body(_ identity: Identity?) -> [UInt8] {
        guard let identity else { return [] }
        var writer = ByteWriter()
        writer.string(identity.user)
        switch identity.credential {
        case .none:
            writer.byte(0)
            writer.string("")
        case .session(let first):
            writer.byte(1)
            writer.string(first)
        case .token(let id):
            writer.byte(2)
            writer.string(id)
        }
        writer.varint(identity.expiresNanoseconds ?? 0)
        writer.byte(identity.scopes.map { 0x80 | Self.bits($0) } ?? 0)
        writer.byte(Self.bits(identity.rights.house))
        writer.varint(identity.rights.accounts.count)
        for (account, roles) in identity.rights.accounts.sorted(by: { $0.key < $1.key }) {
            writer.string(account)
            writer.byte(Self.bits(roles))
        }
        return writer.bytes
    }

    package static func identity(_ body: [UInt8]) throws(FrameDecodeError) -> Identity? {
        if body.isEmpty { return nil }
        var reader = ByteReader(body, 0..<body.count)
        let user = try reader.string()
        let code = try reader.byte()
        let name = try reader.string()
        let credential: Identity.Credential
        switch code {
        case 0: credential = .none
        case 1: credential = .session(name)
        case 2: credential = .token(name)
        default: throw .outOfRange(what: "kind of a credential", value: UInt64(code))
        }
        let expires = try reader.varint()
        let scopes = try reader.byte()
        let house: Set<AccountRole> = self.set(try reader.byte())
        var accounts: [String: Set<AccountRole>] = [:]
        for _ in 0..<(try reader.count()) {
            let account = try reader.string()
            accounts[account] = self.set(try reader.byte())
        }
        return Identity(
            user: user, credential: credential, expiresNanoseconds: expires == 0 ? nil : expires,
            scopes: scopes & 0x80 == 0 ? nil : self.set(scopes),
            rights: AccessRights(house: house, accounts: accounts))
    }

    /// A bit for each case, in their order.
    private static func bits<Case: CaseIterable & Hashable>(_ cases: Set<Case>) -> UInt8 {
        Case.allCases.enumerated().reduce(0) { cases.contains($1.element) ? $0 | 1 << $1.offset : $0 }
    }

    private static func set<Case: CaseIterable & Hashable>(_ bits: UInt8) -> Set<Case> {
        Set(Case.allCases.enumerated().filter { bits & 1 << $0.offset != 0 }.map(\.element))
    }
}
