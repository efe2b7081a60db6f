// SPDX-License-Identifier: Apache-2.0
// The instruments there are now, for who looks them up by what people type.

import RiskDomain
import Synchronization

/// Callable from any thread. Whoever needs both takes one ``now`` for both.
public final class LiveInstruments: Sendable {
    public struct Listing: Sendable {
        public let directory: InstrumentDirectory
        public let search: InstrumentSearch

        init(_ directory: InstrumentDirectory) {
            self.directory = directory
            self.search = InstrumentSearch(directory.instruments)
        }
    }

    private let listing: Mutex<Listing>

    public init(_ directory: InstrumentDirectory) { self.listing = Mutex(Listing(directory)) }

    public var now: Listing { self.listing.withLock { $0 } }

    /// A reload has other instruments, or other names of them.
    public func follow(_ directory: InstrumentDirectory) {
        let listing = Listing(directory)
        self.listing.withLock { $0 = listing }
    }
}
