// SPDX-License-Identifier: Apache-2.0
// Which unit of a fleet has which channel, and where a unit's channels stand in the catalog of all. Pure.

import Fleet
import FramePublisher
import RiskDomain

/// Accounts, and their risk, are their partitions'; the market, the firm and its risk are the house's.
package struct FleetChannels: Sendable {
    /// The house's: all accounts.
    package let catalog: ChannelCatalog
    package let partitionCount: Int
    private let hash: PartitionHash
    /// By channel.
    private let partitions: [Int]

    /// - Parameters:
    ///   - catalog: of the house.
    ///   - partitionCount: at least 1.
    package init(catalog: ChannelCatalog, partitionCount: Int, hash: PartitionHash) {
        self.catalog = catalog
        self.partitionCount = partitionCount
        self.hash = hash
        var partitions = Array(repeating: UnitAnnouncement.house, count: catalog.count)
        for (number, account) in catalog.accounts.enumerated() {
            let partition = hash.partition(of: account.id, count: partitionCount)
            partitions[catalog.index(ofAccountNumber: number)] = partition
            partitions[catalog.index(ofRiskNumber: number)] = partition
        }
        self.partitions = partitions
    }

    /// `nil` for an account that nobody has.
    package func partition(ofAccount id: String) -> Int? {
        self.catalog.index(ofAccount: id).map { self.partitions[$0] }
    }

    /// Channels a partition speaks for.
    package func channels(of partition: Int) -> [Int] {
        self.partitions.indices.filter { self.partitions[$0] == partition }
    }

    /// By channel of a unit's own catalog, its place in ``catalog``; `nil` for what is another's to say.
    package func places(of unit: ChannelCatalog, partition: Int) -> [Int?] {
        unit.names.map { name in
            self.catalog.index(of: name).flatMap { self.partitions[$0] == partition ? $0 : nil }
        }
    }

    /// An account a unit says it has and that is not of its partition: keys are hashed otherwise there, or it is
    /// another node at an address that has changed hands. The house lists all accounts.
    package func stranger(in accounts: [RelayHello.Account], partition: Int) -> String? {
        if partition == UnitAnnouncement.house { return nil }
        return accounts.first { self.hash.partition(of: $0.id, count: self.partitionCount) != partition }?.id
    }
}
