// SPDX-License-Identifier: Apache-2.0
// Triggering and matching of the simulated venue.

import RiskDomain

extension SimulatedVenue {
    /// Trades what can be traded in a symbol, then sends away what may not wait.
    mutating func trade(_ symbol: String, _ reports: inout ReportList) {
        if self.state.bySymbol[symbol] == nil { return }
        if let quote = self.state.liquidity[symbol]?.quote, quote.isTradable {
            self.trigger(symbol, quote, &reports)
            for side in OrderSide.allCases { self.match(symbol, side, &reports) }
        }
        for order in self.orders(symbol).sorted(by: { $0.priority < $1.priority }) where !order.isWaiting {
            switch order.request.timeInForce {
            case .ioc: self.end(order.id, .cancelled, .cancelled(reason: "ioc_remainder"), &reports)
            case .fok: self.end(order.id, .cancelled, .cancelled(reason: "fok_not_fillable"), &reports)
            case .day, .gtc: break
            }
        }
    }

    private func orders(_ symbol: String) -> [Resting] {
        (self.state.bySymbol[symbol] ?? []).compactMap { self.state.resting[$0] }
    }

    private mutating func trigger(_ symbol: String, _ quote: VenueQuote, _ reports: inout ReportList) {
        for order in self.orders(symbol).sorted(by: { $0.priority < $1.priority }) where order.isWaiting {
            let side = order.request.side
            guard let stop = order.request.stopPrice, let price = quote.last ?? quote.touch(for: side),
                side.sign * (price - stop) >= 0
            else { continue }
            var triggered = order
            triggered.isWaiting = false
            triggered.priority = self.nextPriority()
            self.state.resting[order.id] = triggered
            self.report(order.id, .triggered, &reports)
        }
    }

    /// Whether one order trades before another of its side.
    static func precedes(_ left: Resting, _ right: Resting) -> Bool {
        let sign = left.request.side.sign
        switch (left.limit, right.limit) {
        case (nil, .some): return true
        case (.some, nil): return false
        case (let left?, let right?) where left != right: return sign * (left - right) > 0
        default: return left.priority < right.priority
        }
    }

    private mutating func match(_ symbol: String, _ side: OrderSide, _ reports: inout ReportList) {
        guard let instrument = self.instruments[symbol],
            let touch = self.state.liquidity[symbol]?.quote.touch(for: side)
        else { return }
        let queue = self.orders(symbol).filter { $0.request.side == side && !$0.isWaiting }.sorted(by: Self.precedes)
        for order in queue {
            if let limit = order.limit, side.sign * (limit - touch) < 0 { break }
            let left = self.left(symbol, side)
            let quantity =
                left.map { StepGrid.floor(min(order.open, max(0, $0)), step: instrument.lotSize) } ?? order.open
            guard quantity > 0, order.request.timeInForce != .fok || quantity >= order.open else { continue }
            self.execute(order, quantity, self.price(of: order, touch, instrument), instrument, &reports)
            if let left { self.setLeft(symbol, side, left - quantity) }
        }
    }

    private func left(_ symbol: String, _ side: OrderSide) -> Double? {
        let liquidity = self.state.liquidity[symbol]
        return side == .buy ? liquidity?.askLeft : liquidity?.bidLeft
    }

    private mutating func setLeft(_ symbol: String, _ side: OrderSide, _ left: Double) {
        if side == .buy {
            self.state.liquidity[symbol]?.askLeft = left
        } else {
            self.state.liquidity[symbol]?.bidLeft = left
        }
    }

    /// The touch, for orders without a limit beyond it by the slippage; never at or below 0 where no price may be.
    private func price(of order: Resting, _ touch: Double, _ instrument: Instrument) -> Double {
        guard order.limit == nil, self.settings.slippageTicksMax > 0 else { return touch }
        let draw = Self.mix(self.settings.seed ^ Self.mix(order.id ^ Self.mix(order.fills)))
        let ticks = Double(draw % UInt64(self.settings.slippageTicksMax + 1))
        let price = touch + order.request.side.sign * ticks * instrument.tickSize
        return price > 0 || instrument.allowsNegativePrices ? price : touch
    }

    /// The output function of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): a draw that depends on the order and its
    /// fill alone, so that other orders do not change it.
    private static func mix(_ value: UInt64) -> UInt64 {
        let first = (value &+ 0x9e37_79b9_7f4a_7c15)
        let second = (first ^ (first >> 30)) &* 0xbf58_476d_1ce4_e5b9
        let third = (second ^ (second >> 27)) &* 0x94d0_49bb_1331_11eb
        return third ^ (third >> 31)
    }

    private mutating func execute(
        _ order: Resting, _ quantity: Double, _ price: Double, _ instrument: Instrument, _ reports: inout ReportList
    ) {
        let notional = quantity * price.magnitude * instrument.multiplier
        self.state.fills += 1
        let fill = VenueFill(
            id: "\(self.settings.prefix)F\(self.state.fills)", orderID: order.id,
            quantity: order.request.side.sign * quantity, price: price,
            fees: 0 - max(self.settings.feeRate * notional, self.settings.feeMinimum), timeNanoseconds: reports.time)
        self.report(order.id, .filled(fill), &reports)
        var order = order
        order.filled += quantity
        order.fills += 1
        self.state.resting[order.id] = order
        // What is left of fractional lots is less than any lot.
        if order.open < instrument.lotSize / 2 { self.end(order.id, .filled, nil, &reports) }
    }
}
