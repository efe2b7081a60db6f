// SPDX-License-Identifier: Apache-2.0
// The one way an order takes before it reaches a venue: every check, every denial, fail-closed.

import RiskDomain
import RiskMath

/// Checks an order against the account, its limits and the market, in the order of ``GateCode``.
///
/// All checks run, so that a denial names everything at once; a check whose number is missing denies without an actual
/// value. An order passes only where every value is finite and within its limit.
///
/// An order **reduces** when it is against the position and, with the open orders of its side, not greater than it.
/// Such orders pass in the reducing state, tie up nothing, and are not held against position limits. An order that does
/// not raise VaR or expected shortfall passes its limit even where the account is beyond it.
public struct PreTradeGate {
    let request: OrderRequest
    let account: GateAccount
    let market: GateMarket
    let limits: GateLimits
    /// Of the same account: open ones, and those sent of late.
    let orders: [OpenOrder]
    let nowNanoseconds: UInt64
    var denials: [GateDenial] = []

    /// - Parameters:
    ///   - request: checked for form, but nothing relies on it. Of a replacement, the order as it would be with the
    ///     quantity that is still to be filled.
    ///   - orders: of the account, open or sent within the time of duplicates.
    ///   - replacing: the number of an order that this request takes the place of; it is left out of `orders`.
    ///   - rate: the decision of ``RateLimit``.
    ///   - whatIf: the risk after a signed quantity more of the instrument; asked only where there is such a limit.
    public static func verdict(
        on request: OrderRequest, account: GateAccount, market: GateMarket, limits: GateLimits, orders: [OpenOrder],
        replacing: UInt64? = nil, rate: RateDecision, nowNanoseconds: UInt64,
        whatIf: (_ signedQuantity: Double) -> GateRisk
    ) -> GateVerdict {
        var gate = PreTradeGate(
            request: request, account: account, market: market, limits: limits,
            orders: orders.filter { $0.order.id != replacing }, nowNanoseconds: nowNanoseconds)
        gate.checkStanding()
        gate.checkOrder()
        gate.checkMarket()
        gate.checkPrices()
        let reservation = gate.checkMoney()
        gate.checkRisk(whatIf)
        gate.checkTraffic(rate)
        guard gate.denials.isEmpty, let reservation else { return .denied(gate.denials) }
        return .allowed(reservation)
    }

    /// A number that is not finite is left out: it could not be sent as a decimal.
    mutating func deny(_ code: GateCode, limit: Double? = nil, actual: Double? = nil) {
        let (limit, actual) = (limit?.isFinite == true ? limit : nil, actual?.isFinite == true ? actual : nil)
        self.denials.append(GateDenial(code, limit: limit, actual: actual))
    }

    /// Denies unless there is no limit, or value and limit are finite and the value is within.
    mutating func require(_ code: GateCode, _ actual: Double?, atMost limit: Double?) {
        guard let limit else { return }
        let isWithin = actual.map { $0.isFinite && limit.isFinite && $0 <= limit } ?? false
        if !isWithin { self.deny(code, limit: limit, actual: actual) }
    }
}

extension PreTradeGate {
    var sign: Double { self.request.side.sign }

    /// Open on the order's side in its instrument.
    var openQuantity: Double {
        self.openOrders(of: self.request.side).reduce(0) { $0 + max(0, $1.openQuantity) }
    }

    func openOrders(of side: OrderSide) -> [OpenOrder] {
        self.orders.filter {
            !$0.order.status.isFinal && $0.order.request.symbol == self.request.symbol && $0.order.request.side == side
        }
    }

    /// The position after all open orders of this side and the order itself.
    var positionAfter: Double {
        self.account.position + self.sign * (self.openQuantity + self.request.quantity)
    }

    var isReducing: Bool {
        self.account.position * self.sign < 0
            && self.openQuantity + self.request.quantity <= self.account.position.magnitude
    }

    /// How much of the order adds to the greatest absolute position reached, ≥ 0.
    var addedQuantity: Double {
        let before = self.account.position + self.sign * self.openQuantity
        return max(0, self.positionAfter.magnitude - max(self.account.position.magnitude, before.magnitude))
    }

    /// The last trade, else the middle, as positions are valued.
    var livePrice: Double? {
        let price = PriceMark.price(bid: self.market.bid, ask: self.market.ask, last: self.market.last)
        return price?.isFinite == true ? price : nil
    }

    /// What the order would trade at if it traded now; the live price where that side is not quoted.
    var touch: Double? {
        let quoted = self.request.side == .buy ? self.market.ask : self.market.bid
        return quoted.flatMap { $0.isFinite ? $0 : nil } ?? self.livePrice
    }

    /// What a unit may cost at worst: a buy limit caps it, anything else may trade at the touch.
    var worstPrice: Double? {
        guard let touch else { return nil }
        switch self.request.type {
        case .limit, .stopLimit:
            guard let limit = self.request.limitPrice else { return nil }
            return self.request.side == .buy ? limit.magnitude : max(limit.magnitude, touch.magnitude)
        case .stop: return self.request.stopPrice.map { max($0.magnitude, touch.magnitude) }
        case .market: return touch.magnitude
        }
    }

    /// Account currency per unit of quantity at a price.
    func money(_ quantity: Double, at price: Double?) -> Double? {
        guard let price, let instrument = self.market.instrument, let rate = self.market.rate else { return nil }
        return quantity * price.magnitude * instrument.multiplier * rate
    }
}
