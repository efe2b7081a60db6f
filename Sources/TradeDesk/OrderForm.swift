// SPDX-License-Identifier: Apache-2.0
// From the fields of a request, as sent, to an order request: strict, and with every field's error.

import RiskDomain

/// The fields of a new order. What is right about each alone is checked here; what depends on the account and the
/// market is the gate's.
public struct OrderForm: Sendable, Equatable {
    /// Names on the wire, in the order of errors; any other key of a request is unknown.
    public static let fieldNames = [
        "client_order_id", "symbol", "side", "quantity", "order_type", "limit_price", "stop_price", "time_in_force",
    ]
    public static let clientOrderIDBytesMax = 64

    public var clientOrderID = RawField.absent
    public var symbol = RawField.absent
    public var side = RawField.absent
    public var quantity = RawField.absent
    public var type = RawField.absent
    public var limitPrice = RawField.absent
    public var stopPrice = RawField.absent
    public var timeInForce = RawField.absent

    public init() {}

    /// The field of a name.
    ///
    /// - Returns: `false` for a name that is none of ``fieldNames``.
    public mutating func set(_ name: String, to value: RawField) -> Bool {
        switch name {
        case "client_order_id": self.clientOrderID = value
        case "symbol": self.symbol = value
        case "side": self.side = value
        case "quantity": self.quantity = value
        case "order_type": self.type = value
        case "limit_price": self.limitPrice = value
        case "stop_price": self.stopPrice = value
        case "time_in_force": self.timeInForce = value
        default: return false
        }
        return true
    }

    /// `order_type` is `market` and `time_in_force` is `day` where they are absent.
    ///
    /// - Parameters:
    ///   - quantityMax: above 0.
    ///   - instrument: by symbol; `nil` for one that is unknown.
    public func request(
        account: String, quantityMax: Double = 10_000, instrument: (String) -> Instrument?
    ) throws(FormRefusal) -> OrderRequest {
        var reader = FieldReader()
        let clientOrderID = reader.identifier(
            "client_order_id", self.clientOrderID, bytesMax: Self.clientOrderIDBytesMax)
        let known = self.symbol == .absent ? nil : reader.text("symbol", self.symbol).flatMap(instrument)
        if self.symbol == .absent {
            reader.required("symbol")
        } else if case .text(let symbol) = self.symbol, known == nil {
            reader.note("symbol", .unknownSymbol, "no instrument is called \(symbol.prefix(32))")
        }
        let side: OrderSide? = reader.word("side", self.side, missing: nil)
        if self.quantity == .absent { reader.required("quantity") }
        let quantity = reader.quantity("quantity", self.quantity, of: known, max: quantityMax)
        let type = reader.word("order_type", self.type, missing: OrderType.market)
        let limitPrice = Self.price(
            "limit_price", self.limitPrice, isNeeded: type?.needsLimitPrice, of: known, type, &reader)
        let stopPrice = Self.price(
            "stop_price", self.stopPrice, isNeeded: type?.needsStopPrice, of: known, type, &reader)
        let timeInForce = reader.word("time_in_force", self.timeInForce, missing: TimeInForce.day)
        guard reader.errors.isEmpty, let known, let side, let quantity, let type, let timeInForce else {
            throw FormRefusal(errors: reader.errors)
        }
        return OrderRequest(
            account: account, clientOrderID: clientOrderID, symbol: known.symbol, side: side, quantity: quantity,
            type: type, limitPrice: limitPrice, stopPrice: stopPrice, timeInForce: timeInForce)
    }

    /// - Parameter isNeeded: `nil` where the order's type is unknown, so that nothing can be said.
    private static func price(
        _ field: String, _ raw: RawField, isNeeded: Bool?, of instrument: Instrument?, _ type: OrderType?,
        _ reader: inout FieldReader
    ) -> Double? {
        guard let isNeeded, let type else { return reader.price(field, raw, of: instrument) }
        if isNeeded {
            if raw == .absent {
                reader.note(field, .required, "is required for an order of type \(type.rawValue)")
            }
            return reader.price(field, raw, of: instrument)
        }
        if raw != .absent {
            reader.note(field, .notAllowed, "does not belong to an order of type \(type.rawValue)")
        }
        return nil
    }
}
