// SPDX-License-Identifier: Apache-2.0
// The channels there are, by name and by index.

import RiskDomain

/// `market`, `firm`, and `account:ID` for every account in the book's order.
public struct ChannelCatalog: Sendable {
    public static let market = 0
    public static let firm = 1
    private static let firstAccount = 2

    public let names: [String]
    public let accounts: [Account]
    private let indexByName: [String: Int]

    public init(plan: BookPlan) {
        self.accounts = plan.accounts.map(\.account)
        self.names = ["market", "firm"] + self.accounts.map { "account:\($0.id)" }
        self.indexByName = Dictionary(uniqueKeysWithValues: self.names.enumerated().map { ($1, $0) })
    }

    public var count: Int { self.names.count }

    public func index(of name: String) -> Int? { self.indexByName[name] }

    public func index(ofAccount id: String) -> Int? { self.indexByName["account:\(id)"] }

    static func index(ofAccountNumber number: Int) -> Int { self.firstAccount + number }
}
