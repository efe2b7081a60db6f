// SPDX-License-Identifier: Apache-2.0
// Whom a gateway asks who somebody is.

import DeskService
import Synchronization

/// What upstream says of somebody.
package enum IdentityAnswer: Sendable {
    /// `nil` is nobody.
    case known(Identity?)
    /// Nothing, in time.
    case silent
}

package protocol IdentityUpstream: AnyObject, Sendable {
    /// - Parameter reply: called once, from any thread.
    func ask(_ question: IdentityQuestion, _ reply: @escaping @Sendable (IdentityAnswer) -> Void)
}

/// The unit of a fleet that knows everybody, whichever that is at the moment.
package final class HouseIdentities: IdentityUpstream {
    private let receiver = Mutex<RelayReceiver?>(nil)

    package init() {}

    package func follow(_ receiver: RelayReceiver?) { self.receiver.withLock { $0 = receiver } }

    /// Who is silent is not waited for.
    package func ask(_ question: IdentityQuestion, _ reply: @escaping @Sendable (IdentityAnswer) -> Void) {
        guard let receiver = self.receiver.withLock({ $0 }), receiver.isLive else { return reply(.silent) }
        receiver.ask(question, reply)
    }
}
