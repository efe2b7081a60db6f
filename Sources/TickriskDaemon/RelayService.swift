// SPDX-License-Identifier: Apache-2.0
// The sending end of a node's relay, as long as the node lives.

import DeskService
import FrameRelay
import ServiceLifecycle
import WebServer

/// Nothing where there are no gateways.
struct RelayService: Service {
    let relay: RelayPublisher?

    /// Frames and events of the hub go out from now on, and who may see what changes with the desk.
    ///
    /// - Parameter run: identifies this run of the node.
    func start(hub: StreamHub, run: UInt64, access: AccessDesk) {
        guard let relay else { return }
        relay.follow(hub, run: run)
        access.follow { relay.relay(rightsChangedOf: $0) }
        relay.start(identities: access)
    }

    func run() async throws {
        try? await gracefulShutdown()
        self.relay?.stop()
    }
}
