// SPDX-License-Identifier: Apache-2.0
// Invented accounts, positions and history of any size.

import RiskDomain

/// A seeded book over ``SyntheticInstruments``: ready inputs of an engine.
///
/// Accounts are in turn long only, short only and near market-neutral. The history of the same seed ends at the prices
/// with which ``SyntheticMarket`` opens. All random numbers are the same bits on every machine.
public struct SyntheticBook: Sendable {
    /// ≥ 1; instruments are `SYN00001` ….
    public var instruments: Int
    /// ≥ 0; accounts are `ACC00001` ….
    public var accounts: Int
    /// In each account, in different instruments, 0 to `instruments`.
    public var positionsPerAccount: Int
    /// Returns in the history, which has one close more; 0 to 10,000.
    public var scenarios: Int
    public var seed: UInt64
    /// So many of the last instruments have no usable history: in turn without a column, and with a blank inside it.
    public var instrumentsWithoutHistory: Int
    /// So many of the last accounts have no margin limit.
    public var accountsWithoutLimit: Int

    public init(
        instruments: Int, accounts: Int, positionsPerAccount: Int, scenarios: Int, seed: UInt64,
        instrumentsWithoutHistory: Int = 0, accountsWithoutLimit: Int = 0
    ) {
        precondition(instruments >= 1 && accounts >= 0 && (0...10_000).contains(scenarios))
        precondition((0...instruments).contains(positionsPerAccount))
        precondition((0...instruments).contains(instrumentsWithoutHistory))
        precondition((0...accounts).contains(accountsWithoutLimit))
        self.instruments = instruments
        self.accounts = accounts
        self.positionsPerAccount = positionsPerAccount
        self.scenarios = scenarios
        self.seed = seed
        self.instrumentsWithoutHistory = instrumentsWithoutHistory
        self.accountsWithoutLimit = accountsWithoutLimit
    }

    /// - Parameter convention: its window is set to ``scenarios`` (at least 1).
    public func makeInputs(convention: RiskConvention = RiskConvention()) -> RiskInputs {
        let instruments = SyntheticInstruments.make(count: self.instruments)
        let prices = SyntheticInstruments.openingPrices(count: self.instruments, seed: self.seed)
        var random = SplitMix64(seed: self.seed ^ 0x2545_f491_4f6c_dd1d)
        let history = self.makeHistory(instruments, ending: prices, &random)
        let (accounts, positions) = self.makeAccounts(instruments, prices: prices, &random)
        var convention = convention
        convention.window = max(1, self.scenarios)
        return RiskInputs(
            instruments: instruments, accounts: accounts, positions: positions, history: history,
            stressScenarios: Self.stressScenarios, convention: convention)
    }

    /// One scenario for all and one with a shock of every kind.
    public static let stressScenarios = [
        StressScenario(name: "market_crash_10pct", shocks: [StressShock(target: .all, price: -0.10)]),
        StressScenario(
            name: "mixed",
            shocks: [
                StressShock(target: .all, price: -0.05),
                StressShock(target: .currency("USD"), price: -0.04),
                StressShock(target: .sector("Energy"), price: 0.08),
                StressShock(target: .instrument("SYN00001"), price: -0.30),
            ]),
    ]

    /// Walks back from the closing prices: a common factor and a part of each instrument's own, about 1.5 % a day.
    private func makeHistory(
        _ instruments: [Instrument], ending prices: [Double], _ random: inout SplitMix64
    ) -> ClosingHistory {
        let market = (0..<self.scenarios).map { _ in 0.01 * random.nextApproximateNormal() }
        var closes: [String: [Double]] = [:]
        let firstWithout = instruments.count - self.instrumentsWithoutHistory
        for (index, instrument) in instruments.enumerated() {
            let beta = 0.5 + random.nextUniform()
            var column = [prices[index]]
            column.reserveCapacity(self.scenarios + 1)
            for factor in market {
                let change = beta * factor + 0.011 * random.nextApproximateNormal()
                let earlier = column[column.count - 1] / (1 + change)
                column.append(max(0.01, (earlier * 10_000).rounded() / 10_000))
            }
            column.reverse()
            if index >= firstWithout {
                if (index - firstWithout).isMultiple(of: 2) { continue }
                column[column.count / 2] = .nan
            }
            closes[instrument.symbol] = column
        }
        return ClosingHistory(dates: BusinessDays.first(self.scenarios + 1), closes: closes)
    }

    private func makeAccounts(
        _ instruments: [Instrument], prices: [Double], _ random: inout SplitMix64
    ) -> ([Account], [Position]) {
        var accounts: [Account] = []
        var positions: [Position] = []
        var order = VisitOrder(Array(instruments.indices), order: .shuffled)
        for number in stride(from: 1, through: self.accounts, by: 1) {
            let id = "ACC" + SyntheticInstruments.padded(number)
            var marginUsed = 0.0
            order.startRound()
            for turn in 0..<self.positionsPerAccount {
                let index = order.next(&random)
                let notional = 20_000 + 80_000 * random.nextUniform()
                let quantity = max(1, (notional / prices[index]).rounded()) * Self.direction(number, turn: turn)
                let cost = (prices[index] * (0.9 + 0.2 * random.nextUniform()) * 10_000).rounded() / 10_000
                positions.append(
                    Position(account: id, symbol: instruments[index].symbol, quantity: quantity, averageCost: cost))
                marginUsed += quantity.magnitude * prices[index] * instruments[index].marginRate
            }
            // A limit that the opening prices use to between 50 % and 100 %, so that every margin level occurs.
            let limit = (max(marginUsed, 1_000) / (0.5 + 0.5 * random.nextUniform())).rounded()
            let hasLimit = number <= self.accounts - self.accountsWithoutLimit
            accounts.append(
                Account(
                    id: id, name: "Synthetic account \(number)", currency: "USD", cash: 1_000_000,
                    marginLimit: hasLimit ? limit : nil))
        }
        return (accounts, positions)
    }

    /// Long, short and neutral accounts in turn.
    private static func direction(_ account: Int, turn: Int) -> Double {
        switch account % 3 {
        case 1: 1
        case 2: -1
        default: turn.isMultiple(of: 2) ? 1 : -1
        }
    }
}
