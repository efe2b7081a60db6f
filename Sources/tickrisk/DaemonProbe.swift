// SPDX-License-Identifier: Apache-2.0
// Asks a daemon over HTTP what a load run needs to know.

import Foundation
import FoundationNetworking

struct DaemonProbe {
    struct Instruments: Decodable {
        struct Instrument: Decodable { let id: UInt32 }
        let instruments: [Instrument]
    }

    struct Accounts: Decodable {
        struct Account: Decodable { let id: String }
        let accounts: [Account]
    }

    struct Positions: Decodable {
        struct Position: Decodable {}
        let positions: [String: Position]
    }

    let address: StreamAddress
    /// `nil` where nobody signs in.
    let authorization: String?

    func instrumentIDs() async throws -> [UInt32] {
        try await self.decode(Instruments.self, from: "/api/v1/instruments").instruments.map(\.id)
    }

    func accountIDs() async throws -> [String] {
        try await self.decode(Accounts.self, from: "/api/v1/accounts").accounts.map(\.id)
    }

    /// What accounts hold, in turn: the first of each, the second of each.
    func positions(ofAccounts ids: [String]) async throws -> [(account: String, symbol: String)] {
        var found: [(rank: Int, account: String, symbol: String)] = []
        for id in ids {
            let symbols = try await self.decode(Positions.self, from: "/api/v1/accounts/\(id)").positions.keys.sorted()
            found += symbols.enumerated().map { ($0, id, $1) }
        }
        if found.isEmpty { throw Failure("no account holds anything to trade in") }
        return found.sorted { ($0.rank, $0.account) < ($1.rank, $1.account) }.map { ($0.account, $0.symbol) }
    }

    /// Metrics by name, summed over their labels.
    func metrics() async throws -> [String: Double] {
        let text = String(decoding: try await self.fetch("/metrics"), as: UTF8.self)
        var metrics: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let value = Double(parts[1]) else { continue }
            metrics[String(parts[0].prefix { $0 != "{" }), default: 0] += value
        }
        return metrics
    }

    private func decode<Value: Decodable>(_ type: Value.Type, from path: String) async throws -> Value {
        try JSONDecoder().decode(type, from: try await self.fetch(path))
    }

    private func fetch(_ path: String) async throws -> Data {
        let answer = try await self.answer(path)
        guard answer.status == 200 else { throw Failure("\(path) did not answer 200") }
        return answer.body
    }

    /// Status and body, whatever they are.
    func answer(_ path: String) async throws -> (status: Int, body: Data) {
        do {
            var request = URLRequest(url: self.address.resource(path))
            if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        } catch let error as URLError {
            throw Failure("no daemon at \(self.address.authority): \(error.localizedDescription)")
        }
    }
}
