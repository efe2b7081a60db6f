// SPDX-License-Identifier: Apache-2.0
// Users and their roles, for administrators; tokens, for everybody their own.

import DeskService
import FrameCodec
import HTTPTypes
import Hummingbird
import RiskKernel
import RiskStore

struct UserRoutes: Sendable {
    let access: AccessDesk

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("users") { _, context -> Response in
            try context.identity.requireHouse(.admin)
            return .json(Self.list(self.access.users()))
        }
        group.post("users") { request, context in
            let who = try Self.administrator(context)
            let form = try NewUserRequest(await request.bytes())
            try await Self.refusable { () throws(AccessRefusal) in
                try await self.access.add(user: form.name, password: form.password, roles: form.roles, by: who)
            }
            return try self.answer(form.name, status: .created)
        }
        group.patch("users/:name") { request, context in
            let who = try Self.administrator(context)
            let name = try context.parameters.require("name")
            let form = try UserChangeRequest(await request.bytes())
            try await Self.refusable { () throws(AccessRefusal) in
                // First what may be refused.
                if let isDisabled = form.isDisabled {
                    try await self.access.set(isDisabled: isDisabled, of: name, by: who)
                }
                if let password = form.password { try await self.access.set(password: password, of: name, by: who) }
            }
            return try self.answer(name)
        }
        group.delete("users/:name") { _, context in
            let who = try Self.administrator(context)
            let name = try context.parameters.require("name")
            try await Self.refusable { () throws(AccessRefusal) in
                try await self.access.set(isDisabled: true, of: name, by: who)
            }
            return Response(status: .noContent)
        }
        group.put("users/:name/roles") { request, context in
            let who = try Self.administrator(context)
            let name = try context.parameters.require("name")
            let roles = try RolesRequest.roles(await request.bytes())
            try await Self.refusable { () throws(AccessRefusal) in
                try await self.access.set(roles: roles, of: name, by: who)
            }
            return try self.answer(name)
        }
        group.post("users/:name/sign-out") { _, context in
            let who = try Self.administrator(context)
            let name = try context.parameters.require("name")
            try await Self.refusable { () throws(AccessRefusal) in
                try await self.access.signOut(user: name, by: who)
            }
            return Response(status: .noContent)
        }
        self.addTokens(to: group)
    }

    private static func administrator(_ context: AppRequestContext) throws -> Identity {
        try context.identity.requireHouse(.admin)
        return context.identity
    }

    private static func refusable<Answer>(
        _ work: () async throws(AccessRefusal) -> Answer
    ) async throws -> Answer {
        do throws(AccessRefusal) { return try await work() } catch { throw error.problem }
    }

    // MARK: Tokens

    private func addTokens(to group: RouterGroup<AppRequestContext>) {
        group.get("tokens") { _, context -> Response in
            .json(Self.list(self.access.tokens(of: context.identity)))
        }
        group.post("tokens") { request, context in
            guard self.access.isRequired else { throw AccessRoutes.nobodySignsIn }
            let form = try TokenRequest(
                await request.bytes(), nowNanoseconds: WallClock.nowNanoseconds)
            let made = try await Self.refusable { () throws(AccessRefusal) in
                try await self.access.addToken(
                    scopes: form.scopes, expiresNanoseconds: form.expiresNanoseconds, for: context.identity)
            }
            var json = JSONWriter()
            json.token(made.token, secret: made.secret)
            var response = Response.json(json.bytes)
            response.status = .created
            return response
        }
        group.delete("tokens/:id") { _, context in
            let id = try context.parameters.require("id")
            try await Self.refusable { () throws(AccessRefusal) in
                try await self.access.revokeToken(id, of: context.identity)
            }
            return Response(status: .noContent)
        }
    }

    // MARK: Answers

    private func answer(_ name: String, status: HTTPResponse.Status = .ok) throws -> Response {
        let user: UserListing
        do throws(AccessRefusal) { user = try self.access.user(name) } catch { throw error.problem }
        var json = JSONWriter()
        json.user(user)
        var response = Response.json(json.bytes)
        response.status = status
        return response
    }

    private static func list(_ users: [UserListing]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("users")
        json.beginArray()
        for user in users { json.user(user) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static func list(_ tokens: [AccessToken]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("tokens")
        json.beginArray()
        for token in tokens { json.token(token, secret: nil) }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func user(_ user: UserListing) {
        self.beginObject()
        self.member("name", user.record.name)
        self.member("disabled", user.record.isDisabled)
        self.member("has_password", user.record.passwordHash != nil)
        self.member("created_ns", user.record.createdNanoseconds)
        self.key("roles")
        self.beginArray()
        for grant in AccessChange.sorted(user.grants) {
            self.beginObject()
            self.key("account")
            if let account = grant.account { self.value(account) } else { self.null() }
            self.member("role", grant.role.rawValue)
            self.endObject()
        }
        self.endArray()
        self.endObject()
    }

    /// - Parameter secret: what the program shows; told once.
    fileprivate mutating func token(_ token: AccessToken, secret: SessionToken?) {
        self.beginObject()
        self.member("id", token.id)
        if let secret { self.member("token", secret.text) }
        self.key("scopes")
        self.value(TokenScope.allCases.filter(token.scopes.contains).map(\.rawValue))
        self.member("created_ns", token.createdNanoseconds)
        if let expires = token.expiresNanoseconds { self.member("expires_ns", expires) }
        self.endObject()
    }
}
