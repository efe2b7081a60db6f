// SPDX-License-Identifier: Apache-2.0
// What the units of a fleet say to one question, and what follows for the whole. Pure.

import Foundation
import FrameCodec
import HTTPTypes
import RiskDomain
import StrictJSON

package struct FleetAnswers {
    package typealias Said = (head: HTTPResponse, content: [UInt8])

    package enum Answer: Sendable {
        case said(HTTPResponse, [UInt8])
        /// Nobody knows whether it has heard.
        case failed(String)
    }

    /// By partition; the house is the first.
    private let answers: [(partition: Int, answer: Answer)]

    package init(_ answers: [Int: Answer]) {
        self.answers = answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private var said: [(partition: Int, said: Said)] {
        self.answers.compactMap { partition, answer in
            if case .said(let head, let content) = answer { (partition, (head, content)) } else { nil }
        }
    }

    private var done: [(partition: Int, said: Said)] { self.said.filter { $0.said.head.status == .ok } }

    /// Units judge alike: what one does not allow or understand, none does.
    private var refusal: Said? { self.said.first { (400..<500).contains($0.said.head.status.code) }?.said }

    // MARK: The kill switch

    /// Of what was asked for: done by all, refused by all, or else by whom not.
    package func outcome() throws(ProblemResponse) -> Said {
        let done = self.done
        if done.count == self.answers.count, let house = done.first?.said { return house }
        if done.isEmpty, let refusal = self.refusal { return refusal }
        let missing = self.answers.compactMap { (partition, answer) -> String? in
            switch answer {
            case .failed(let reason): "\(partition) (\(reason))"
            case .said(let head, _): head.status == .ok ? nil : "\(partition) (\(head.status))"
            }
        }
        var problem = ProblemResponse(
            status: .serviceUnavailable, code: "in_part",
            detail: "set for \(done.count) of \(self.answers.count) partitions, not for "
                + "\(missing.joined(separator: ", ")); send it again")
        problem.headers = [.cacheControl: "no-store", .retryAfter: "2"]
        throw problem
    }

    private struct Standing: Decodable {
        let state: AccountStanding
    }

    /// How the whole stands: no stricter than any part that answers.
    package func standing() throws(ProblemResponse) -> Said {
        let parts = self.done.compactMap { _, said in
            (try? JSONDecoder().decode(Standing.self, from: Data(said.content))).map { (state: $0.state, said: said) }
        }
        if let mildest = parts.min(by: { $0.state < $1.state }) { return mildest.said }
        return try self.refused("no unit says how its kill switch stands")
    }

    private func refused(_ silence: String) throws(ProblemResponse) -> Said {
        if let refusal = self.refusal { return refusal }
        throw GatewayMiddleware.notReady(silence)
    }

    // MARK: Rows by account

    /// The use of limits of all accounts, as each one's own unit has it.
    ///
    /// - Parameters:
    ///   - accounts: in the order of the answer; one whose unit is silent has its name only.
    ///   - partition: of an account.
    package func limitUse(
        of accounts: [String], partition: (String) -> Int?
    ) throws(ProblemResponse) -> Said {
        guard let first = self.done.first else { return try self.refused("no unit says how limits are used") }
        var rows: [String: [UInt8]] = [:]
        for (number, said) in self.done {
            for (account, row) in Self.rows(said.content) where partition(account) == number { rows[account] = row }
        }
        var json = JSONWriter()
        json.beginObject()
        json.key("accounts")
        json.beginArray()
        for account in accounts {
            if let row = rows[account] {
                json.raw(row)
            } else {
                json.beginObject()
                json.member("account", account)
                json.endObject()
            }
        }
        json.endArray()
        json.endObject()
        var head = first.said.head
        head.headerFields[.contentLength] = nil
        return (head, json.bytes)
    }

    /// The elements of `accounts` as they are written, by the account each names; none of what is no such text.
    private static func rows(_ content: [UInt8]) -> [(account: String, row: [UInt8])] {
        content.withUnsafeBytes { bytes in
            var rows: [(String, [UInt8])] = []
            do throws(JSONScanner.Malformed) {
                guard var scanner = JSONScanner(validating: bytes) else { return [] }
                try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
                    guard name == "accounts" else { return try scanner.skipValue() }
                    try scanner.eachElement { scanner throws(JSONScanner.Malformed) in
                        _ = scanner.peek()
                        let start = scanner.position
                        var account: String?
                        try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
                            if name == "account" {
                                account = try scanner.stringIfPresent()
                            } else {
                                try scanner.skipValue()
                            }
                        }
                        if let account { rows.append((account, Array(bytes[start..<scanner.position]))) }
                    }
                }
                try scanner.expectEnd()
            } catch { return [] }
            return rows
        }
    }
}
