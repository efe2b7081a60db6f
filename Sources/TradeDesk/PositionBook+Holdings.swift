// SPDX-License-Identifier: Apache-2.0
// The book as others see it: what accounts hold, and what the next day begins with.

import RiskDomain
import RiskMath

extension PositionBook {
    /// - Parameters:
    ///   - symbols: the positions that changed; all where absent.
    ///   - orderMargin: what open orders tie up.
    /// - Returns: `nil` for an unknown account.
    public func holdings(of account: String, symbols: [String]? = nil, orderMargin: Double) -> AccountHoldings? {
        guard let booked = self.accounts[account] else { return nil }
        let wanted = symbols ?? booked.positions.keys.sorted()
        let positions = wanted.compactMap { symbol -> Holding? in
            guard let held = booked.positions[symbol] else { return nil }
            return Holding(
                symbol: symbol, quantity: held.cost.quantity, averageCost: held.cost.averageCost,
                realised: held.cost.realisedPnL, overnightQuantity: held.overnightQuantity,
                tradedQuantity: held.dayTrades.reduce(0) { $0 + $1.quantity },
                tradedCost: held.dayTrades.reduce(0) { $0 + $1.quantity * $1.price },
                strategy: self.strategy(account, symbol))
        }
        return AccountHoldings(
            account: account, cash: booked.cash, realised: booked.realisedPnL, fees: booked.fees,
            dayFees: booked.dayFees, orderMargin: orderMargin, positions: positions, isComplete: symbols == nil)
    }

    /// Open positions, by account and symbol.
    public var positions: [Position] {
        self.accounts.sorted { $0.key < $1.key }.flatMap { id, booked in
            booked.positions.sorted { $0.key < $1.key }.filter { $1.cost.quantity != 0 }.map { symbol, held in
                Position(
                    account: id, symbol: symbol, quantity: held.cost.quantity, averageCost: held.cost.averageCost,
                    strategy: self.strategy(id, symbol))
            }
        }
    }

    /// What a day that begins now has to know of those before.
    public var carried: [CarriedTotal] {
        self.accounts.sorted { $0.key < $1.key }.flatMap { id, booked -> [CarriedTotal] in
            let held = booked.positions.sorted { $0.key < $1.key }
            let gone = held.filter { $1.cost.quantity == 0 }
            // In the order in which a day roll adds them.
            let before = gone.reduce(booked.realisedBefore) { $0 + $1.value.cost.realisedPnL }
            let own = CarriedTotal(account: id, realised: before, fees: booked.fees)
            return [own]
                + held.filter { $1.cost.quantity != 0 && $1.cost.realisedPnL != 0 }.map { symbol, position in
                    CarriedTotal(account: id, symbol: symbol, realised: position.cost.realisedPnL)
                }
        }
    }
}
