// SPDX-License-Identifier: Apache-2.0
// One partition of a fleet's accounts as a node of its own: what of configuration and data is its part.

import Fleet
import RiskDomain
import RiskFiles
import RiskKernel
import TradeStream

/// Which partition, as on the command line: `3/8`.
public struct UnitPlace: Sendable, Equatable {
    public let partition: Int
    /// Of the topic of fills.
    public let count: Int

    /// - Parameter text: `P/N`, P from 0 to N − 1, N at most ``UnitNumbers/partitionsMax``.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Int(parts[0]), let count = Int(parts[1]),
            (1...UnitNumbers.partitionsMax).contains(count), (0..<count).contains(partition)
        else { return nil }
        self.partition = partition
        self.count = count
    }

    init(partition: Int, count: Int) {
        self.partition = partition
        self.count = count
    }

    var text: String { "\(self.partition)/\(self.count)" }
}

/// A unit does what a node does, with the accounts of its partition, their store, and ports of the kernel's choice.
public struct FleetUnit: Sendable {
    let share: PartitionShare
    /// All of the data files, in their order.
    let accounts: [Account]

    /// - Parameters:
    ///   - place: as on the command line.
    ///   - whole: configuration and data of the engine.
    /// - Throws: ``DaemonError``.
    public init(_ place: String, of whole: DaemonSource.Loaded) throws {
        guard let place = UnitPlace(place) else { throw DaemonError.noPlace(place) }
        guard whole.configuration.node.role == .engine else { throw DaemonError.notAnEngine }
        self.share = PartitionShare(
            partition: place.partition, count: place.count, hash: PartitionHash(whole.configuration.kafka.partitioner))
        self.accounts = whole.data.inputs.accounts
    }

    var partition: Int { self.share.partition }

    /// Whether it keeps what belongs to no account.
    var isHouse: Bool { self.partition == UnitAnnouncement.house }

    /// The part of what was loaded, now or again.
    public func part(of whole: DaemonSource.Loaded) -> DaemonSource.Loaded {
        (self.part(of: whole.configuration), whole.data.keeping(accounts: self.share.has))
    }

    /// Where the unit's configuration and data come from, now and again.
    public func part(of source: DaemonSource) -> DaemonSource { DaemonSource { self.part(of: try source.load()) } }

    private func part(of whole: Configuration) -> Configuration {
        var part = whole
        let host = whole.node.host
        part.http.host = host
        part.http.port = 0
        part.relay.bind = "tcp://\(host):*"
        part.relay.snapshotBind = part.relay.bind
        part.store.directory = "\(whole.store.directory)/p\(self.partition)"
        part.store.schema = "\(whole.store.schema)_p\(self.partition)"
        // Of this machine alone; the partition may go on on another.
        part.store.outboxEntriesMax = 0
        part.kafka.clientID = "\(whole.kafka.clientID)-p\(self.partition)"
        return part
    }

    /// - Parameter own: accounts of the store.
    /// - Throws: where some belong into another partition: there are more or fewer of them than there were.
    func check(_ own: [Account]) throws(FleetError) {
        let foreign = own.map(\.id).filter { !self.share.has($0) }
        if let first = foreign.first { throw .foreignAccount(first, count: self.share.count) }
    }

    /// Channels of the unit: the house's are of everybody, in the order of the files.
    ///
    /// - Parameter own: accounts of the store.
    func channelAccounts(own: [Account]) -> [Account] {
        guard self.isHouse else { return own }
        let known = Dictionary(own.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let listed = Set(self.accounts.map(\.id))
        return self.accounts.map { known[$0.id] ?? $0 } + own.filter { !listed.contains($0.id) }
    }
}
