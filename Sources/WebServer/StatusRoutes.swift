// SPDX-License-Identifier: Apache-2.0
// How the daemon does, part by part, for whoever works with it.

import DeskService
import FrameCodec
import Hummingbird
import Operations
import RiskDomain

/// `{"ready":true,"parts":{"risk":{"state":"ok","reasons":[]},…},"house":"active"}`, always 200; `ready` is that of
/// `/readyz`.
struct StatusRoutes: Sendable {
    let readiness: @Sendable () -> Readiness
    let desk: OrderDesk

    func add(to router: Router<AppRequestContext>) {
        router.get("/api/v1/status") { _, _ in self.answer() }
    }

    private func answer() -> Response {
        let readiness = self.readiness()
        var json = JSONWriter()
        json.beginObject()
        json.member("ready", readiness.isReady)
        json.key("parts")
        json.beginObject()
        for part in Readiness.Part.allCases {
            json.key(part.rawValue)
            json.beginObject()
            json.member("state", readiness.state(of: part).rawValue)
            json.key("reasons")
            json.value(readiness.texts(of: part))
            json.endObject()
        }
        json.endObject()
        json.member("house", self.desk.killSwitch(account: nil).state.rawValue)
        json.endObject()
        return .json(json.bytes)
    }
}
