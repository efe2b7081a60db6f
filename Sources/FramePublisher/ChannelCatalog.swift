// SPDX-License-Identifier: Apache-2.0
// The channels there are, by name and by index.

import RiskDomain

/// `market`, `firm`, `account:ID` for every account in the book's order, then `risk:firm` and `risk:ID` likewise.
public struct ChannelCatalog: Sendable {
    public static let market = 0
    public static let firm = 1
    private static let firstAccount = 2

    public let names: [String]
    public let accounts: [Account]
    private let indexByName: [String: Int]

    public init(plan: BookPlan) { self.init(accounts: plan.accounts.map(\.account)) }

    /// - Precondition: identifiers are unique.
    package init(accounts: [Account]) {
        self.accounts = accounts
        let ids = self.accounts.map(\.id)
        self.names = ["market", "firm"] + ids.map { "account:\($0)" } + ["risk:firm"] + ids.map { "risk:\($0)" }
        self.indexByName = Dictionary(uniqueKeysWithValues: self.names.enumerated().map { ($1, $0) })
    }

    public var count: Int { self.names.count }

    public func index(of name: String) -> Int? { self.indexByName[name] }

    public func index(ofAccount id: String) -> Int? { self.indexByName["account:\(id)"] }

    /// By place in ``accounts``.
    public func index(ofAccountNumber number: Int) -> Int { Self.firstAccount + number }

    public var firmRisk: Int { Self.firstAccount + self.accounts.count }

    public func index(ofRiskNumber number: Int) -> Int { self.firmRisk + 1 + number }

    /// Place in ``accounts``.
    public func number(ofAccount id: String) -> Int? { self.index(ofAccount: id).map { $0 - Self.firstAccount } }
}
