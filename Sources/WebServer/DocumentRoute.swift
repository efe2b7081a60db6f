// SPDX-License-Identifier: Apache-2.0
// The description of the HTTP API for programs: OpenAPI, as it is in the repository.

import Hummingbird

enum DocumentRoute {
    static func add(to router: Router<some RequestContext>) throws {
        let document = try PageAsset(type: "application/json", bytes: PackageResources.openapi_json)
        router.get("/api/v1/openapi.json") { request, _ in document.response(to: request, isLasting: false) }
    }
}
