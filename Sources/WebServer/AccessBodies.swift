// SPDX-License-Identifier: Apache-2.0
// The bodies that sign in, make users and give roles and tokens.

import DeskService
import HTTPTypes
import RiskStore

/// The members of one JSON object, read one by one; what is wrong with them is collected by field.
struct AccessFields {
    private let members: [String: RequestJSON]
    private var errors: [String: String] = [:]

    /// - Parameters:
    ///   - names: all there may be.
    ///   - example: shown where the body is no such object at all.
    init(_ bytes: [UInt8], names: Set<String>, example: String) throws {
        self.members = try RequestJSON.members(bytes, like: example)
        for name in self.members.keys where !names.contains(name) { self.errors[FieldText.shown(name)] = "not known" }
    }

    static func invalid(_ errors: [String: String]) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid",
            detail: errors.count == 1 ? "1 field is wrong" : "\(errors.count) fields are wrong", errors: errors)
    }

    func has(_ name: String) -> Bool { self.members[name] != nil }

    mutating func note(_ field: String, _ fact: String) { self.errors[field] = fact }

    mutating func text(_ name: String, isNeeded: Bool = true) -> String? {
        switch self.members[name] {
        case .text(let text): return text
        case nil: if isNeeded { self.note(name, "is needed") }
        default: self.note(name, "must be a string")
        }
        return nil
    }

    mutating func flag(_ name: String) -> Bool? {
        switch self.members[name] {
        case .flag(let flag): return flag
        case nil: break
        default: self.note(name, "must be true or false")
        }
        return nil
    }

    /// Whole, 0 to 2⁶³ − 1.
    mutating func whole(_ name: String) -> UInt64? {
        switch self.members[name] {
        case .number(let literal):
            if literal.utf8.first != UInt8(ascii: "-"), let number = UInt64(literal), number <= UInt64(Int64.max) {
                return number
            }
            self.note(name, "must be a whole number from 0 to \(Int64.max)")
        case nil: break
        default: self.note(name, "must be a number")
        }
        return nil
    }

    /// The items of a list; empty where it is absent or wrong.
    mutating func items(_ name: String, max: Int, isNeeded: Bool) -> [RequestJSON] {
        switch self.members[name] {
        case .array(let items) where items.count <= max: return items
        case .array: self.note(name, "at most \(max)")
        case nil: if isNeeded { self.note(name, "is needed") }
        default: self.note(name, "must be a list")
        }
        return []
    }

    /// - Throws: when anything is wrong.
    func finish() throws { if !self.errors.isEmpty { throw Self.invalid(self.errors) } }
}

/// `{"user":"ann","password":"…"}`
package struct SignInRequest: Sendable, Equatable {
    package let user: String
    package let password: String

    package init(_ bytes: [UInt8]) throws {
        var fields = try AccessFields(
            bytes, names: ["user", "password"], example: #"{"user":"ann","password":"…"}"#)
        let user = fields.text("user")
        let password = fields.text("password")
        try fields.finish()
        self.user = user ?? ""
        self.password = password ?? ""
    }
}

/// A password somebody is to have from now on.
enum NewPassword {
    static let bytesMin = 8

    static func fault(_ password: String) -> String? {
        (self.bytesMin...PasswordHash.passwordBytesMax).contains(password.utf8.count)
            ? nil : "must have \(self.bytesMin) to \(PasswordHash.passwordBytesMax) bytes"
    }
}

/// `{"name":"ann","password":"…","roles":[{"account":"ALPHA","role":"view"}]}`; without a password a user has tokens
/// only, and roles may be given later.
package struct NewUserRequest: Sendable, Equatable {
    package let name: String
    package let password: String?
    package let roles: [RoleGrant]

    package init(_ bytes: [UInt8]) throws {
        var fields = try AccessFields(
            bytes, names: ["name", "password", "roles"],
            example: #"{"name":"ann","password":"…","roles":[{"account":"ALPHA","role":"view"}]}"#)
        let name = fields.text("name")
        if let name, !AccessChange.isName(name) {
            fields.note("name", "must have 1 to \(AccessChange.nameBytesMax) letters, digits, - _ . and @")
        }
        self.password = fields.text("password", isNeeded: false)
        if let password, let fault = NewPassword.fault(password) { fields.note("password", fault) }
        self.roles = RolesRequest.roles(&fields, isNeeded: false)
        try fields.finish()
        self.name = name ?? ""
    }
}

/// `{"password":"…","disabled":false}`, one of them or both.
package struct UserChangeRequest: Sendable, Equatable {
    package let password: String?
    package let isDisabled: Bool?

    package init(_ bytes: [UInt8]) throws {
        var fields = try AccessFields(
            bytes, names: ["password", "disabled"], example: #"{"password":"…"} or {"disabled":true}"#)
        self.password = fields.text("password", isNeeded: false)
        if let password, let fault = NewPassword.fault(password) { fields.note("password", fault) }
        self.isDisabled = fields.flag("disabled")
        if !fields.has("password"), !fields.has("disabled") {
            fields.note("password", "password, disabled or both are needed")
        }
        try fields.finish()
    }
}

/// `{"roles":[{"account":"ALPHA","role":"view"},{"account":null,"role":"risk"}]}`; null is every account and the house.
package enum RolesRequest {
    package static let rolesMax = 1_000

    package static func roles(_ bytes: [UInt8]) throws -> [RoleGrant] {
        var fields = try AccessFields(
            bytes, names: ["roles"], example: #"{"roles":[{"account":"ALPHA","role":"view"}]}"#)
        let roles = self.roles(&fields, isNeeded: true)
        try fields.finish()
        return roles
    }

    static func roles(_ fields: inout AccessFields, isNeeded: Bool) -> [RoleGrant] {
        var roles: [RoleGrant] = []
        for (number, item) in fields.items("roles", max: self.rolesMax, isNeeded: isNeeded).enumerated() {
            let place = "roles.\(number)"
            guard case .object(let members) = item else {
                fields.note(place, "must be an object")
                continue
            }
            for name in members.keys where !["account", "role"].contains(name) {
                fields.note("\(place).\(FieldText.shown(name))", "not known")
            }
            var account: String?
            switch members["account"] {
            case .text(let id): account = id
            case .null: break
            default: fields.note("\(place).account", "an account, or null for all of them and the house")
            }
            guard case .text(let word) = members["role"], let role = AccountRole(rawValue: word) else {
                let words = AccountRole.allCases.map(\.rawValue).joined(separator: ", ")
                fields.note("\(place).role", "one of \(words)")
                continue
            }
            roles.append(RoleGrant(account: account, role: role))
        }
        return roles
    }
}

/// `{"scopes":["read"],"expires_ns":1893456000000000000}`; without a time it is good until revoked.
package struct TokenRequest: Sendable, Equatable {
    package let scopes: Set<TokenScope>
    package let expiresNanoseconds: UInt64?

    package init(_ bytes: [UInt8], nowNanoseconds: UInt64) throws {
        var fields = try AccessFields(
            bytes, names: ["scopes", "expires_ns"],
            example: #"{"scopes":["read"],"expires_ns":1893456000000000000}"#)
        var scopes: Set<TokenScope> = []
        let items = fields.items("scopes", max: TokenScope.allCases.count, isNeeded: true)
        for (number, item) in items.enumerated() {
            guard case .text(let word) = item, let scope = TokenScope(rawValue: word) else {
                let words = TokenScope.allCases.map(\.rawValue).joined(separator: ", ")
                fields.note("scopes.\(number)", "one of \(words)")
                continue
            }
            scopes.insert(scope)
        }
        if fields.has("scopes"), items.isEmpty { fields.note("scopes", "one or more scopes") }
        self.expiresNanoseconds = fields.whole("expires_ns")
        if let expiresNanoseconds, expiresNanoseconds <= nowNanoseconds {
            fields.note("expires_ns", "must be in the future, nanoseconds since 1970")
        }
        try fields.finish()
        self.scopes = scopes
    }
}
