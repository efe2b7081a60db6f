// SPDX-License-Identifier: Apache-2.0
// Where streams come in: whom they belong to, and the hub they get, if there is one.

import DeskService

struct StreamDoor: Sendable {
    /// Beside the own host.
    let allowedOrigins: [String]
    let access: any StreamAccess
    /// `nil` while nothing can be streamed.
    let hub: @Sendable () -> StreamHub?

    init(allowedOrigins: [String], access: any StreamAccess, hub: @escaping @Sendable () -> StreamHub?) {
        self.allowedOrigins = allowedOrigins
        self.access = access
        self.hub = hub
    }
}
