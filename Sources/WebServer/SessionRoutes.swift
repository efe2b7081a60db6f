// SPDX-License-Identifier: Apache-2.0
// Signing in and out, and who one is.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskKernel
import RiskStore

struct SessionRoutes: Sendable {
    let access: AccessDesk
    let catalog: ChannelCatalog
    let settings: SignInSettings

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.post("sessions") { request, context in
            guard self.access.isRequired else { throw AccessRoutes.nobodySignsIn }
            let body = try await request.bytes()
            return try await self.signIn(SignInRequest(body), from: context.peerAddress)
        }
        group.get("sessions") { _, context in self.answer(context.identity) }
        group.delete("sessions") { _, context in
            guard self.access.isRequired else { throw AccessRoutes.nobodySignsIn }
            return try await self.signOut(context.identity)
        }
    }

    private func signIn(_ form: SignInRequest, from address: String) async throws -> Response {
        let signIn: SignIn
        do throws(AccessRefusal) {
            signIn = try await self.access.signIn(user: form.user, password: form.password, from: address)
        } catch { throw error.problem }
        var response = self.answer(signIn.identity)
        response.status = .created
        let expires = signIn.identity.expiresNanoseconds ?? .max
        response.headers[.setCookie] = SessionCookie.field(
            token: signIn.token.text, secondsLeft: (expires - min(expires, WallClock.nowNanoseconds)) / 1_000_000_000,
            isSecure: self.settings.isCookieSecure)
        return response
    }

    private func signOut(_ identity: Identity) async throws -> Response {
        let hadSession: Bool
        do throws(AccessRefusal) { hadSession = try await self.access.signOut(identity) } catch { throw error.problem }
        guard hadSession else {
            throw ProblemResponse(
                status: .conflict, code: "no_session", detail: "a token is revoked under tokens, not signed out")
        }
        return Response(
            status: .noContent,
            headers: [.setCookie: SessionCookie.removal(isSecure: self.settings.isCookieSecure)])
    }

    /// Who one is, the accounts one may see with what one may do there, and what one may do in the house.
    private func answer(_ identity: Identity) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("user", identity.user)
        if let expires = identity.expiresNanoseconds { json.member("expires_ns", expires) }
        json.key("accounts")
        json.beginArray()
        for account in self.catalog.accounts where identity.may(.view, account: account.id) {
            json.beginObject()
            json.member("id", account.id)
            json.key("roles")
            json.value(identity.roles(account: account.id).map(\.rawValue))
            json.endObject()
        }
        json.endArray()
        json.key("roles")
        json.value(identity.roles(account: nil).map(\.rawValue))
        json.endObject()
        return .json(json.bytes)
    }
}

/// What the routes of sign-in, users and tokens share.
enum AccessRoutes {
    static let nobodySignsIn = ProblemResponse(
        status: .conflict, code: "nobody_signs_in", detail: "auth.mode is none: everybody may do everything")
}
