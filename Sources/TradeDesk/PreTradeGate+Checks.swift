// SPDX-License-Identifier: Apache-2.0
// The checks of the gate, in their order.

import RiskDomain

extension PreTradeGate {
    mutating func checkStanding() {
        if self.account.isKilledGlobally { self.deny(.killSwitchGlobal) }
        if self.account.isKilled { self.deny(.killSwitchAccount) }
        if self.account.standing == .halted { self.deny(.accountHalted) }
        if self.account.standing == .reducing && !self.isReducing {
            let closable = max(0, -self.account.position * self.sign - self.openQuantity)
            self.deny(.accountReducing, limit: closable, actual: self.request.quantity)
        }
    }

    /// Numbers that no form lets through, but nobody else has to know that.
    mutating func checkOrder() {
        let request = self.request
        let hasPrices =
            (request.limitPrice != nil) == request.type.needsLimitPrice
            && (request.stopPrice != nil) == request.type.needsStopPrice
        let areFinite = [request.limitPrice, request.stopPrice].allSatisfy { $0?.isFinite ?? true }
        guard request.quantity.isFinite, request.quantity > 0, hasPrices, areFinite, self.account.position.isFinite
        else { return self.deny(.orderInvalid) }
    }

    mutating func checkMarket() {
        if self.market.instrument == nil { self.deny(.instrumentUnknown) }
        if self.market.trading == .halted { self.deny(.instrumentHalted) }
        if self.market.trading == .closed { self.deny(.instrumentClosed) }
        let quotes = [self.market.bid, self.market.ask, self.market.last]
        if self.livePrice == nil || !quotes.allSatisfy({ $0?.isFinite ?? true }) { self.deny(.priceMissing) }
        self.checkAge()
        if let bid = self.market.bid, let ask = self.market.ask, !(bid <= ask) {
            self.deny(.marketCrossed, limit: ask, actual: bid)
        }
        if !(self.market.rate.map { $0.isFinite && $0 > 0 } ?? false) { self.deny(.currencyRateMissing) }
    }

    private mutating func checkAge() {
        // A tick that came between the clock's reading and this check is new, not old.
        let age = self.market.tickNanoseconds.map {
            Double(self.nowNanoseconds - min($0, self.nowNanoseconds)) / 1_000_000_000
        }
        if self.market.isStale {
            self.deny(.priceStale, limit: self.limits.priceAgeSeconds, actual: age)
        } else {
            self.require(.priceStale, age, atMost: self.limits.priceAgeSeconds)
        }
    }

    mutating func checkPrices() {
        self.require(.collar, self.collarDistancePercent, atMost: self.limits.collarPercent)
        guard let instrument = self.market.instrument else { return }
        for price in [self.request.limitPrice, self.request.stopPrice] {
            guard let price, !StepGrid.contains(price, step: instrument.tickSize) else { continue }
            self.deny(.offTick, limit: instrument.tickSize, actual: price)
            break
        }
        if !StepGrid.contains(self.request.quantity, step: instrument.lotSize) {
            self.deny(.offLot, limit: instrument.lotSize, actual: self.request.quantity)
        }
    }

    /// How far on the costly side of the live price the order may trade, in percent of it; 0 on the cheap side, where
    /// an order waits. A stop limit is held against its own stop: it trades only once the market is there.
    private var collarDistancePercent: Double? {
        guard let live = self.livePrice else { return nil }
        let (price, base): (Double?, Double?)
        switch self.request.type {
        case .market: (price, base) = (self.touch, live)
        case .limit: (price, base) = (self.request.limitPrice, live)
        case .stopLimit: (price, base) = (self.request.limitPrice, self.request.stopPrice)
        // Its price is the market's when it comes to it.
        case .stop: return 0
        }
        guard let price, let base else { return nil }
        let distance = max(0, self.sign * (price - base))
        return distance == 0 ? 0 : distance / base.magnitude * 100
    }

    /// - Returns: what the order ties up; `nil` where that is unknown.
    mutating func checkMoney() -> GateReservation? {
        self.require(.orderQuantity, self.request.quantity, atMost: self.limits.orderQuantity)
        let notional = self.money(self.request.quantity, at: self.worstPrice)
        self.require(.orderNotional, notional, atMost: self.limits.orderNotional)
        let added = self.money(self.addedQuantity, at: self.worstPrice)
        let margin = added.flatMap { added in self.market.instrument.map { added * $0.marginRate } }
        if !self.isReducing {
            let open = Self.total(self.openOnes.map(\.notional))
            self.require(.buyingPower, Self.total([open, added]), atMost: self.limits.buyingPower)
            let tied = Self.total(self.openOnes.map(\.margin))
            self.require(
                .margin, Self.total([self.account.marginUsed, tied, margin]), atMost: self.limits.margin)
        }
        guard let added, let margin, added.isFinite, margin.isFinite else {
            // Too great for a number, and no limit said so.
            if self.denials.isEmpty { self.deny(.orderNotional, actual: notional) }
            return nil
        }
        return GateReservation(notional: added, margin: margin)
    }

    private var openOnes: [OpenOrder] { self.orders.filter { !$0.order.status.isFinal } }

    /// Unknown where a part is.
    private static func total(_ parts: [Double?]) -> Double? {
        parts.reduce(0) { sum, part in
            guard let sum, let part else { return nil }
            return sum + part
        }
    }

    mutating func checkRisk(_ whatIf: (Double) -> GateRisk) {
        if !self.isReducing {
            let position = self.positionAfter.magnitude
            self.require(.positionQuantity, position, atMost: self.limits.positionQuantity)
            let worth = self.money(position, at: self.worstPrice)
            self.require(.positionNotional, worth, atMost: self.limits.positionNotional)
            let percent = self.account.equity.flatMap { equity in
                equity > 0 ? worth.map { $0 / equity * 100 } : nil
            }
            self.require(.concentration, percent, atMost: self.limits.concentrationPercent)
        }
        guard self.limits.valueAtRisk != nil || self.limits.expectedShortfall != nil else { return }
        let after = whatIf(self.sign * self.request.quantity)
        self.requireRisk(.valueAtRisk, self.account.valueAtRisk, after.valueAtRisk, self.limits.valueAtRisk)
        self.requireRisk(
            .expectedShortfall, self.account.expectedShortfall, after.expectedShortfall, self.limits.expectedShortfall)
    }

    private mutating func requireRisk(_ code: GateCode, _ before: Double?, _ after: Double?, _ limit: Double?) {
        if let before, let after, let limit, before.isFinite, after.isFinite, limit.isFinite, after <= before { return }
        self.require(code, after, atMost: limit)
    }

    mutating func checkTraffic(_ rate: RateDecision) {
        self.require(
            .openOrders, Double(self.openOnes.count + 1), atMost: self.limits.openOrders.map { Double($0) })
        if case .denied(let limit, _) = rate { self.deny(.orderRate, limit: Double(limit), actual: Double(limit + 1)) }
        if let seconds = self.limits.duplicateSeconds, let age = self.youngestTwinSeconds, !(age > seconds) {
            self.deny(.duplicate, limit: seconds, actual: age)
        }
        if let price = self.matchedPrice { self.deny(.selfMatch, actual: price) }
    }

    /// Age of the youngest order with the same symbol, side, quantity, type and prices that was not rejected.
    private var youngestTwinSeconds: Double? {
        let twins = self.orders.filter {
            let other = $0.order.request
            return $0.order.status != .rejected && other.symbol == self.request.symbol
                && other.side == self.request.side && other.quantity == self.request.quantity
                && other.type == self.request.type && other.limitPrice == self.request.limitPrice
                && other.stopPrice == self.request.stopPrice
        }
        return twins.map {
            Double(self.nowNanoseconds - min($0.order.createdNanoseconds, self.nowNanoseconds)) / 1_000_000_000
        }.min()
    }

    /// Price of an open order of the other side that this one could trade with. Orders with a stop wait for theirs.
    private var matchedPrice: Double? {
        let other: OrderSide = self.request.side == .buy ? .sell : .buy
        guard !self.request.type.needsStopPrice else { return nil }
        for open in self.openOrders(of: other) where !open.order.request.type.needsStopPrice {
            guard let theirs = open.order.request.limitPrice else { return self.livePrice ?? 0 }
            guard let ours = self.request.limitPrice, self.sign * (ours - theirs) < 0 else { return theirs }
        }
        return nil
    }
}
