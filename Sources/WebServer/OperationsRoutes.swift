// SPDX-License-Identifier: Apache-2.0
// What operators and their machines ask: alive, ready, how much.

import FrameCodec
import Hummingbird
import Operations

struct OperationsRoutes: Sendable {
    static let paths: Set<String> = ["/healthz", "/readyz", "/metrics"]

    /// Whether what only warns is told: where there is no `/api/v1/status` that would.
    var tellsWarnings = false
    let readiness: @Sendable () -> Readiness
    let metrics: @Sendable () -> [MetricFamily]

    func add(to router: Router<AppRequestContext>) {
        router.get("/healthz") { _, _ in Response.text("ok\n") }
        router.get("/readyz") { _, _ in self.ready() }
        router.get("/metrics") { _, _ in
            Response.text(MetricFamily.text(self.metrics()), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    private func ready() -> Response {
        let readiness = self.readiness()
        var json = JSONWriter()
        json.beginObject()
        json.member("ready", readiness.isReady)
        json.key("reasons")
        json.value(readiness.missing)
        if self.tellsWarnings {
            json.key("warnings")
            json.value(readiness.warnings)
        }
        json.endObject()
        var response = Response.json(json.bytes)
        response.status = readiness.isReady ? .ok : .serviceUnavailable
        return response
    }
}
