// SPDX-License-Identifier: Apache-2.0
// How many files the process may have open, and how many of them may be connections.

import Foundation

package enum DescriptorLimit {
    /// Kept for event loops, feeds and files; libzmq ends the process when it gets none.
    package static let reserve = 128

    /// Raises the soft limit of open files to the hard one.
    ///
    /// - Returns: the limit in effect.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return .max }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        let isRaised = setrlimit(resource, &raised) == 0
        return Int(clamping: isRaised ? raised.rlim_cur : limit.rlim_cur)
    }

    /// Half of the descriptors where there are too few for the reserve.
    package static func connectionsMax(wanted: Int, descriptorsMax: Int) -> Int {
        min(wanted, max(descriptorsMax - self.reserve, descriptorsMax / 2))
    }
}
