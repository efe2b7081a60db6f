// SPDX-License-Identifier: Apache-2.0
// Why a message is not taken in, in words that stay the same.

import DeskService

/// The reason a rejected message bears, and what exactly is wrong where that is known.
package struct FillFault: Error, Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// Not the JSON of the contract.
        case malformed
        /// Of a version this program does not know.
        case unsupportedVersion = "unsupported_version"
        /// The key is not the account, so that the order of its fills is not sure.
        case keyMismatch = "key_mismatch"
        /// Accounts are shared by partition, and its account belongs into another.
        case wrongPartition = "wrong_partition"
    }

    package let reason: String
    package let detail: String

    init(_ reason: Reason, _ detail: String) {
        self.reason = reason.rawValue
        self.detail = detail
    }

    init(_ refusal: StreamFillRefusal) {
        self.reason = refusal.rawValue
        self.detail = ""
    }

    /// Every reason there is.
    package static let reasons = Reason.allCases.map(\.rawValue) + StreamFillRefusal.allCases.map(\.rawValue)
}
