// SPDX-License-Identifier: Apache-2.0
// The caller's preferences: read, and replaced as a whole.

import DeskService
import Hummingbird
import RiskStore

struct PreferencesRoutes: Sendable {
    let desk: PreferencesDesk

    func add(to router: Router<AppRequestContext>) {
        router.get("/api/v1/preferences") { _, context in
            await self.answer(context.identity.user)
        }
        router.put("/api/v1/preferences") { request, context in
            let user = context.identity.user
            let content = try PreferencesRequest.content(await request.bytes())
            do throws(StoreError) { try await self.desk.set(content, user: user) } catch {
                throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "not set: \(error)")
            }
            return await self.answer(user)
        }
    }

    private func answer(_ user: String) async -> Response {
        .json(Array(await self.desk.content(user: user).utf8))
    }
}
