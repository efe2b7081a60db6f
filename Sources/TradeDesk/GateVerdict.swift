// SPDX-License-Identifier: Apache-2.0
// What the gate says of an order: everything that speaks against it, or what it will tie up.

/// Why an order is denied: stable codes, in the order of the checks.
public enum GateCode: String, Sendable, CaseIterable, Codable {
    case killSwitchGlobal = "kill_switch_global"
    case killSwitchAccount = "kill_switch_account"
    case accountHalted = "account_halted"
    case accountReducing = "account_reducing"
    case orderInvalid = "order_invalid"
    case instrumentUnknown = "instrument_unknown"
    case instrumentHalted = "instrument_halted"
    case instrumentClosed = "instrument_closed"
    case priceMissing = "price_missing"
    case priceStale = "price_stale"
    case marketCrossed = "market_crossed"
    case currencyRateMissing = "currency_rate_missing"
    case collar
    case offTick = "off_tick"
    case offLot = "off_lot"
    case orderQuantity = "order_quantity"
    case orderNotional = "order_notional"
    case buyingPower = "buying_power"
    case margin
    case positionQuantity = "position_quantity"
    case positionNotional = "position_notional"
    case concentration
    case valueAtRisk = "value_at_risk"
    case expectedShortfall = "expected_shortfall"
    case openOrders = "open_orders"
    case orderRate = "order_rate"
    case duplicate
    case selfMatch = "self_match"
}

/// One reason, with its numbers where it has any; `actual` is absent where it is unknown, which denies.
public struct GateDenial: Sendable, Equatable, Codable {
    public var code: GateCode
    public var limit: Double?
    public var actual: Double?

    public init(_ code: GateCode, limit: Double? = nil, actual: Double? = nil) {
        self.code = code
        self.limit = limit
        self.actual = actual
    }
}

public enum GateVerdict: Sendable, Equatable {
    case allowed(GateReservation)
    /// At least one, in the order of ``GateCode``.
    case denied([GateDenial])

    public var denials: [GateDenial] {
        if case .denied(let denials) = self { return denials }
        return []
    }
}

/// What an allowed order ties up until it is filled or gone, in the account's currency.
public struct GateReservation: Sendable, Equatable, Codable {
    /// Of the part that opens or adds.
    public var notional: Double
    public var margin: Double

    public init(notional: Double, margin: Double) {
        self.notional = notional
        self.margin = margin
    }
}
