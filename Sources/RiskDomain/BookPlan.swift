// SPDX-License-Identifier: Apache-2.0
// The order in which accounts, positions, rates and scenario rows stand in the engine, its views and the frames.

/// A book in its fixed order: accounts by identifier, positions by symbol, sectors by name.
public struct BookPlan: Sendable {
    /// A conversion some account needs. The first of the plan is from a currency to itself.
    public struct RatePair: Sendable, Hashable {
        public let from: String
        public let to: String
        /// `nil` where no quoted pairs lead there.
        public let path: RatePath?
    }

    /// An instrument's scenarios as an account in another currency sees them.
    public struct ScenarioRow: Sendable, Hashable {
        public let instrument: Int
        /// Index into ``BookPlan/pairs``.
        public let pair: Int
    }

    public struct AccountPlan: Sendable {
        public let account: Account
        public let positions: [Position]
        /// Instrument index, by position.
        public let instruments: [Int]
        /// Index into ``BookPlan/pairs``, by position: from the instrument's currency to the account's.
        public let pairs: [Int]
        /// Index into ``BookPlan/rows``, by position.
        public let rows: [Int]
        /// Names of the sectors held, ascending.
        public let sectors: [String]
        /// Index into ``sectors``, by position.
        public let sectorOfPosition: [Int]
        /// From the account's currency to the firm's: index into ``BookPlan/pairs``.
        public let firmPair: Int
        /// Symbols on which the account has positions in options, ascending.
        public let underlyings: [String]
        /// Index into ``underlyings``, by position: of an option its underlying, of that underlying itself; else `nil`.
        public let underlyingOfPosition: [Int?]
        /// Every instrument whose price the account's figures depend on, ascending and unique.
        public let dependencies: [Int]
    }

    public let accounts: [AccountPlan]
    /// Names of the sectors any account holds, ascending.
    public let firmSectors: [String]
    /// Underlyings of any account, ascending.
    public let firmUnderlyings: [String]
    public let pairs: [RatePair]
    public let rows: [ScenarioRow]
    /// Pairs that convert accounts into the firm's currency: instruments the firm depends on beside its accounts'.
    public let firmDependencies: [Int]

    public init(_ inputs: RiskInputs) {
        var tables = Tables(inputs)
        let byAccount = Dictionary(grouping: inputs.positions, by: \.account)
        let accounts = inputs.accounts.map { account in
            tables.plan(account, positions: byAccount[account.id] ?? [])
        }
        self.accounts = accounts
        self.firmSectors = Set(accounts.lazy.flatMap(\.sectors)).sorted()
        self.firmUnderlyings = Set(accounts.lazy.flatMap(\.underlyings)).sorted()
        self.pairs = tables.pairs
        self.rows = tables.rows
        let legs = accounts.flatMap { tables.pairs[$0.firmPair].path?.legs ?? [] }
        self.firmDependencies = Set(legs.map(\.instrument)).sorted()
    }
}

/// The pairs and rows found so far.
private struct Tables {
    let inputs: RiskInputs
    var pairs: [BookPlan.RatePair]
    var rows: [BookPlan.ScenarioRow] = []
    private var indexByPair: [BookPlan.RatePair: Int] = [:]
    private var indexByRow: [BookPlan.ScenarioRow: Int] = [:]

    init(_ inputs: RiskInputs) {
        self.inputs = inputs
        let base = inputs.convention.baseCurrency
        self.pairs = [BookPlan.RatePair(from: base, to: base, path: RatePath())]
    }

    mutating func pair(from: String, to: String) -> Int {
        if from == to { return 0 }
        let pair = BookPlan.RatePair(from: from, to: to, path: self.inputs.currencies.path(from: from, to: to))
        if let index = self.indexByPair[pair] { return index }
        self.indexByPair[pair] = self.pairs.count
        self.pairs.append(pair)
        return self.pairs.count - 1
    }

    mutating func row(instrument: Int, pair: Int) -> Int {
        let row = BookPlan.ScenarioRow(instrument: instrument, pair: pair)
        if let index = self.indexByRow[row] { return index }
        self.indexByRow[row] = self.rows.count
        self.rows.append(row)
        return self.rows.count - 1
    }

    mutating func plan(_ account: Account, positions: [Position]) -> BookPlan.AccountPlan {
        let positions = positions.sorted { $0.symbol < $1.symbol }
        let instruments = positions.map { position -> Int in
            guard let index = self.inputs.directory.index(ofSymbol: position.symbol) else {
                preconditionFailure("position in an unknown instrument \(position.symbol)")
            }
            return index
        }
        let held = instruments.map { self.inputs.instruments[$0] }
        let sectors = Set(held.map(\.sector)).sorted()
        let underlyings = Set(held.compactMap { $0.option?.underlying }).sorted()
        var pairs: [Int] = []
        var rows: [Int] = []
        for (index, instrument) in zip(instruments, held) {
            let pair = self.pair(from: instrument.currency, to: account.currency)
            pairs.append(pair)
            rows.append(self.row(instrument: index, pair: pair))
        }
        let legs = pairs.flatMap { self.pairs[$0].path?.legs ?? [] }.map(\.instrument)
        let bases = instruments.compactMap { self.inputs.underlying(of: $0) }
        // An option's scenarios are those of its underlying in their own currency.
        for base in bases { _ = self.row(instrument: base, pair: 0) }
        return BookPlan.AccountPlan(
            account: account, positions: positions, instruments: instruments, pairs: pairs, rows: rows,
            sectors: sectors, sectorOfPosition: held.map { instrument in sectors.firstIndex(of: instrument.sector)! },
            firmPair: self.pair(from: account.currency, to: self.inputs.convention.baseCurrency),
            underlyings: underlyings,
            underlyingOfPosition: held.map { underlyings.firstIndex(of: $0.option?.underlying ?? $0.symbol) },
            dependencies: Set(instruments + legs + bases).sorted())
    }
}
