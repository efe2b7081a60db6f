// SPDX-License-Identifier: Apache-2.0
// The description of the HTTP API for programs: OpenAPI, as it is in the repository.

import Hummingbird

enum DocumentRoute {
    private static let document = PageAsset(
        "openapi.json", "application/json", PackageResources.openapi_json)

    static func add(to router: Router<some RequestContext>) {
        router.get("/api/v1/\(self.document.name)") { request, _ in self.document.response(to: request) }
    }
}
