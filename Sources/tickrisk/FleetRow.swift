// SPDX-License-Identifier: Apache-2.0
// One partition of a fleet, as it is shown.

import Fleet
import Foundation

struct FleetRow: Encodable, Equatable {
    enum State: String, Encodable {
        /// Its unit says so.
        case serving
        /// Its unit says nothing any more.
        case silent
        /// Its unit has ended, and no other has begun yet.
        case ended
        /// Nobody ever had it.
        case missing
    }

    /// A unit says each second that it is there.
    private static let silentAfterNanoseconds: UInt64 = 3_000_000_000

    var partition: Int
    var state: State
    var node: String?
    var generation: Int64?
    var accounts: Int?
    /// Messages of the partition that are written and not booked; `nil` where the unit does not say.
    var lag: Int64?
    /// Since the unit said something.
    var ageMilliseconds: UInt64?
    var api: String?

    private enum CodingKeys: String, CodingKey {
        case partition, state, node, generation, accounts, lag, api
        case ageMilliseconds = "age_ms"
    }

    /// Every member is there, `null` where nobody knows it.
    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encode(self.partition, forKey: .partition)
        try row.encode(self.state, forKey: .state)
        try row.encode(self.node, forKey: .node)
        try row.encode(self.generation, forKey: .generation)
        try row.encode(self.accounts, forKey: .accounts)
        try row.encode(self.lag, forKey: .lag)
        try row.encode(self.ageMilliseconds, forKey: .ageMilliseconds)
        try row.encode(self.api, forKey: .api)
    }

    /// - Parameter now: since 1970.
    init(partition: Int, _ said: UnitAnnouncement?, now: UInt64) async {
        self.partition = partition
        guard let said else {
            self.state = .missing
            return
        }
        let age = now - min(now, said.sentNanoseconds)
        switch said.state {
        case .ended: self.state = .ended
        case .serving: self.state = age < Self.silentAfterNanoseconds ? .serving : .silent
        }
        self.node = said.node
        self.generation = said.generation
        self.accounts = said.accountCount
        self.ageMilliseconds = age / 1_000_000
        self.api = said.api
        if self.state == .serving { self.lag = await Self.lag(said) }
    }

    /// As the unit has it, which knows where it is.
    private static func lag(_ said: UnitAnnouncement) async -> Int64? {
        guard let address = try? StreamAddress(url: said.api),
            let answer = try? await DaemonProbe(address: address, authorization: nil).answer("/metrics"),
            answer.status == 200
        else { return nil }
        let samples = DaemonSamples(text: String(decoding: answer.body, as: UTF8.self))
        let name = "tickrisk_kafka_lag_messages"
        return samples.has(name) ? Int64(samples.sum(name, ["partition": "\(said.partition)"])) : nil
    }

    static func text(_ rows: [FleetRow]) -> String {
        guard !rows.isEmpty else { return "no unit has said anything yet\n" }
        func shown(_ value: (some CustomStringConvertible)?) -> String { value.map(\.description) ?? "-" }
        let header = ["partition", "state", "node", "api", "generation", "accounts", "lag", "age"]
        let table = TextTable.aligned(
            [header]
                + rows.map { row in
                    [
                        "\(row.partition)", row.state.rawValue, shown(row.node), shown(row.api), shown(row.generation),
                        shown(row.accounts), shown(row.lag),
                        row.ageMilliseconds.map { "\(Double($0 / 100) / 10) s" } ?? "-",
                    ]
                }, leading: 4)
        let served = rows.filter { $0.state == .serving }
        let nodes = Set(served.compactMap(\.node)).count
        let accounts = served.compactMap(\.accounts).reduce(0, +)
        return table + "\(served.count) of \(rows.count) partitions served by \(nodes) nodes, \(accounts) accounts\n"
    }

    static func json(_ rows: [FleetRow]) throws -> String {
        struct Whole: Encodable {
            let served: Int
            let partitions: [FleetRow]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let whole = Whole(served: rows.count { $0.state == .serving }, partitions: rows)
        return String(decoding: try encoder.encode(whole), as: UTF8.self) + "\n"
    }
}
