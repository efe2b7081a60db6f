// SPDX-License-Identifier: Apache-2.0
// What the gate is shown: account, market, limits and open orders at the moment of an order.

import FramePublisher
import RiskDomain
import RiskMath
import TradeDesk

extension OrderDesk {
    var market: DeskMarket? { DeskMarket(self.cuts.newestCut(channel: ChannelCatalog.market), inputs: self.inputs) }

    /// Under the lock.
    ///
    /// - Parameters:
    ///   - replacing: the order a replacement is of.
    ///   - isClosing: whether it closes a position, whatever its size.
    func verdict(
        on request: OrderRequest, replacing: UInt64? = nil, isClosing: Bool = false, rate: RateDecision,
        nowNanoseconds: UInt64, _ state: DeskState
    ) -> GateVerdict {
        let market = self.market
        let account = self.accounts[request.account]
        let gateMarket =
            state.leaving.contains(request.symbol)
            ? GateMarket(instrument: nil, rate: nil)
            : self.gateMarket(request.symbol, currency: account?.currency ?? "", market)
        let worth = self.worth(of: request.account, market, state)
        var limits = self.limits(of: request, worth, marginLimit: account?.marginLimit)
        if isClosing {
            limits.orderQuantity = nil
            limits.orderNotional = nil
        }
        // Ended orders matter as twins alone.
        let since = limits.duplicateSeconds.map { seconds in
            nowNanoseconds - min(nowNanoseconds, UInt64(seconds * 1_000_000_000))
        }
        let orders = state.ledger.gateOrders(of: request.account, sentSince: since ?? .max).map { order in
            order.notional == nil ? self.estimated(order, account?.currency ?? "", market) : order
        }
        let kills = [state.kill(nil), state.kill(request.account)]
        let isReducing = kills.contains { $0.state == .reducing }
        let standing = max(self.alerts.standing(of: request.account), isReducing ? .reducing : .active)
        let isLimited = limits.valueAtRisk != nil || limits.expectedShortfall != nil
        let held = isLimited ? state.quantities(of: request.account) : [:]
        let before = isLimited ? self.preview?.risk(of: request.account, trades: [], held: held) : nil
        let gateAccount = GateAccount(
            standing: standing, isKilled: kills[1].state == .halted, isKilledGlobally: kills[0].state == .halted,
            position: state.book.position(request.account, request.symbol)?.cost.quantity ?? 0, equity: worth?.equity,
            marginUsed: worth?.margin, valueAtRisk: before?.valueAtRisk, expectedShortfall: before?.expectedShortfall)
        return PreTradeGate.verdict(
            on: request, account: gateAccount, market: gateMarket, limits: limits, orders: orders,
            replacing: replacing, rate: rate, nowNanoseconds: nowNanoseconds
        ) { quantity in
            self.risk(after: quantity, of: request, orders.filter { $0.order.id != replacing }, held: held)
        }
    }

    private func gateMarket(_ symbol: String, currency: String, _ market: DeskMarket?) -> GateMarket {
        guard let index = self.inputs.directory.index(ofSymbol: symbol) else {
            return GateMarket(instrument: nil, rate: nil)
        }
        return market?.gateMarket(index, currency: currency)
            ?? GateMarket(instrument: self.inputs.instruments[index], rate: nil, isStale: true)
    }

    struct Worth {
        var equity: Double
        var gross: Double
        var margin: Double
    }

    /// What the account is worth with what was filled until now; `nil` where a position has no value.
    private func worth(of account: String, _ market: DeskMarket?, _ state: DeskState) -> Worth? {
        guard let booked = state.book.accounts[account], let currency = self.accounts[account]?.currency else {
            return nil
        }
        var worth = Worth(equity: booked.cash, gross: 0, margin: 0)
        for (symbol, held) in booked.positions where held.cost.quantity != 0 {
            guard let market, let index = self.inputs.directory.index(ofSymbol: symbol) else { return nil }
            let instrument = self.inputs.instruments[index]
            guard let price = market.price(index), let rate = market.rate(from: instrument.currency, to: currency)
            else { return nil }
            let value = held.cost.quantity * instrument.multiplier * price * rate
            worth.equity += value
            worth.gross += value.magnitude
            worth.margin += value.magnitude * instrument.marginRate
        }
        return worth
    }

    private func limits(of request: OrderRequest, _ worth: Worth?, marginLimit: Double?) -> GateLimits {
        var limits = GateLimits()
        // The engine marks prices that have grown stale.
        limits.priceAgeSeconds = nil
        limits.collarPercent = self.settings.collarPercent
        limits.orderQuantity = self.settings.quantityMax
        limits.orderNotional = self.settings.orderNotionalMax
        limits.positionNotional = self.settings.positionNotionalMax
        limits.concentrationPercent = self.settings.concentrationMax
        limits.openOrders = self.settings.openOrdersMax
        limits.duplicateSeconds = request.clientOrderID == nil ? self.settings.duplicateSeconds : nil
        limits.margin = marginLimit
        // Unknown worth is no number, and what is no number denies.
        limits.buyingPower = self.settings.leverageMax.map { factor in
            worth.map { max(0, factor * $0.equity - $0.gross) } ?? .nan
        }
        for limit in self.alerts.limits(of: request.account) {
            guard let hard = limit.hard, limit.part == nil || limit.part == request.symbol else { continue }
            switch limit.metric {
            case .position: limits.positionQuantity = min(limits.positionQuantity ?? hard, hard)
            case .notional: limits.positionNotional = min(limits.positionNotional ?? hard, hard)
            case .concentration: limits.concentrationPercent = min(limits.concentrationPercent ?? hard, hard)
            case .valueAtRisk: limits.valueAtRisk = hard
            case .expectedShortfall: limits.expectedShortfall = hard
            default: break
            }
        }
        return limits
    }

    /// An order of an earlier process has nothing set aside: all of it counts as opening, at its price or the market's.
    private func estimated(_ open: OpenOrder, _ currency: String, _ market: DeskMarket?) -> OpenOrder {
        let request = open.order.request
        guard let market, let index = self.inputs.directory.index(ofSymbol: request.symbol) else { return open }
        let instrument = self.inputs.instruments[index]
        let prices = [market.price(index), request.limitPrice, request.stopPrice].compactMap { $0?.magnitude }
        guard let price = prices.max(), let rate = market.rate(from: instrument.currency, to: currency) else {
            return open
        }
        let notional = open.openQuantity * price * instrument.multiplier * rate
        return OpenOrder(
            open.order, openQuantity: open.openQuantity, notional: notional, margin: notional * instrument.marginRate)
    }

    /// What a restored order is taken to tie up before there is a market: all of it, at its own price or the last
    /// close.
    func estimate(_ request: OrderRequest, _ state: inout DeskState) -> GateReservation? {
        guard let instrument = self.instrument(request.symbol), let rate = self.rate(of: request, &state) else {
            return nil
        }
        let own = [request.limitPrice, request.stopPrice].compactMap { $0?.magnitude }.max()
        let last = self.inputs.history.lastClose(of: request.symbol, allowsNegative: true)?.magnitude
        guard let price = own ?? last else { return nil }
        let notional = request.quantity * price * instrument.multiplier * rate
        return GateReservation(notional: notional, margin: notional * instrument.marginRate)
    }

    /// After the order alone, and after it with all that is open: the worse counts.
    private func risk(
        after quantity: Double, of request: OrderRequest, _ orders: [OpenOrder], held: [String: Double]
    ) -> GateRisk {
        let trade = (symbol: request.symbol, quantity: quantity)
        let open = orders.filter { !$0.order.status.isFinal }.map { open in
            (symbol: open.order.request.symbol, quantity: open.order.request.side.sign * open.openQuantity)
        }
        let risks = (open.isEmpty ? [[trade]] : [[trade], open + [trade]]).map { trades in
            self.preview?.risk(of: request.account, trades: trades, held: held)
        }
        func worst(_ values: [Double?]) -> Double? { values.contains(nil) ? nil : values.compactMap(\.self).max() }
        return GateRisk(
            valueAtRisk: worst(risks.map { $0?.valueAtRisk }),
            expectedShortfall: worst(risks.map { $0?.expectedShortfall }))
    }
}

extension DeskState {
    func quantities(of account: String) -> [String: Double] {
        (self.book.accounts[account]?.positions ?? [:]).mapValues(\.cost.quantity)
    }
}
