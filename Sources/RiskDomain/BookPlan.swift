// SPDX-License-Identifier: Apache-2.0
// The order in which accounts, positions and sectors stand in the engine, its views and the frames.

/// A book in its fixed order: accounts by identifier, positions by symbol, sectors by name.
public struct BookPlan: Sendable {
    public struct AccountPlan: Sendable {
        public let account: Account
        public let positions: [Position]
        /// Instrument index, by position.
        public let instruments: [Int]
        /// Account currency per instrument currency, by position; `nil` where there is no rate.
        public let rates: [Double?]
        /// Names of the sectors held, ascending.
        public let sectors: [String]
        /// Index into ``sectors``, by position.
        public let sectorOfPosition: [Int]
        /// Whether the account's money adds to the firm's.
        public let isConvertible: Bool
    }

    public let accounts: [AccountPlan]
    /// Names of the sectors any account holds, ascending.
    public let firmSectors: [String]

    public init(_ inputs: RiskInputs) {
        let byAccount = Dictionary(grouping: inputs.positions, by: \.account)
        let accounts = inputs.accounts.map { account in
            Self.plan(account, positions: byAccount[account.id] ?? [], inputs: inputs)
        }
        self.accounts = accounts
        self.firmSectors = Set(accounts.lazy.flatMap(\.sectors)).sorted()
    }

    private static func plan(_ account: Account, positions: [Position], inputs: RiskInputs) -> AccountPlan {
        let positions = positions.sorted { $0.symbol < $1.symbol }
        let instruments = positions.map { position -> Int in
            guard let index = inputs.directory.index(ofSymbol: position.symbol) else {
                preconditionFailure("position in an unknown instrument \(position.symbol)")
            }
            return index
        }
        let held = instruments.map { inputs.instruments[$0] }
        let sectors = Set(held.map(\.sector)).sorted()
        return AccountPlan(
            account: account, positions: positions, instruments: instruments,
            rates: held.map { $0.currency == account.currency ? 1 : nil }, sectors: sectors,
            sectorOfPosition: held.map { instrument in sectors.firstIndex(of: instrument.sector)! },
            isConvertible: account.currency == inputs.convention.baseCurrency)
    }
}
