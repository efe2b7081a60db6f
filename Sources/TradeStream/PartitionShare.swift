// SPDX-License-Identifier: Apache-2.0
// The part of all accounts that is kept here: those whose keys hash to one partition.

import Fleet

public struct PartitionShare: Sendable, Equatable {
    public var partition: Int
    /// Of the topic of fills.
    public var count: Int
    public var hash: PartitionHash

    /// - Parameters:
    ///   - partition: from 0.
    ///   - count: above `partition`.
    public init(partition: Int, count: Int, hash: PartitionHash) {
        self.partition = partition
        self.count = count
        self.hash = hash
    }

    public func has(_ account: String) -> Bool { self.hash.partition(of: account, count: self.count) == self.partition }

    /// - Parameter partition: where a fill of the account was read.
    func check(_ account: String, partition: Int32) throws(FillFault) {
        let right = self.hash.partition(of: account, count: self.count)
        guard right != partition else { return }
        throw FillFault(
            .wrongPartition, "the account belongs into partition \(right) of \(self.count) by \(self.hash.rawValue)")
    }
}
