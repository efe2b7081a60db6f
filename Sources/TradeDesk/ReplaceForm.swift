// SPDX-License-Identifier: Apache-2.0
// From the fields of a replace request, as sent, to the change of an order.

import RiskDomain

/// What becomes of an order that is replaced; `nil` leaves as it is.
public struct OrderChange: Sendable, Equatable, Codable {
    /// The whole quantity, what is filled included.
    public var quantity: Double?
    public var limitPrice: Double?
    public var stopPrice: Double?

    public init(quantity: Double? = nil, limitPrice: Double? = nil, stopPrice: Double? = nil) {
        self.quantity = quantity
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
    }

    /// The request after the change.
    public func applied(to request: OrderRequest) -> OrderRequest {
        var request = request
        if let quantity { request.quantity = quantity }
        if let limitPrice { request.limitPrice = limitPrice }
        if let stopPrice { request.stopPrice = stopPrice }
        return request
    }

    /// Whether the prices belong to the order's type and every number is one an order may have.
    public func fits(_ request: OrderRequest) -> Bool {
        if self.limitPrice != nil && !request.type.needsLimitPrice { return false }
        if self.stopPrice != nil && !request.type.needsStopPrice { return false }
        let isAQuantity = self.quantity.map { $0.isFinite && $0 > 0 } ?? true
        let arePrices = [self.limitPrice, self.stopPrice].allSatisfy { $0?.isFinite ?? true }
        return isAQuantity && arePrices && self != OrderChange()
    }
}

/// The fields of a replace request.
public struct ReplaceForm: Sendable, Equatable {
    /// Names on the wire, in the order of errors; any other key of a request is unknown.
    public static let fieldNames = ["quantity", "limit_price", "stop_price"]

    public var quantity = RawField.absent
    public var limitPrice = RawField.absent
    public var stopPrice = RawField.absent

    public init() {}

    /// - Returns: `false` for a name that is none of ``fieldNames``.
    public mutating func set(_ name: String, to value: RawField) -> Bool {
        switch name {
        case "quantity": self.quantity = value
        case "limit_price": self.limitPrice = value
        case "stop_price": self.stopPrice = value
        default: return false
        }
        return true
    }

    /// - Parameters:
    ///   - request: as the order stands.
    ///   - instrument: of the order.
    public func change(
        of request: OrderRequest, instrument: Instrument, quantityMax: Double = 10_000
    ) throws(FormRefusal) -> OrderChange {
        var reader = FieldReader()
        let quantity = reader.quantity("quantity", self.quantity, of: instrument, max: quantityMax)
        let limitPrice = Self.price(
            "limit_price", self.limitPrice, isAllowed: request.type.needsLimitPrice, instrument, &reader)
        let stopPrice = Self.price(
            "stop_price", self.stopPrice, isAllowed: request.type.needsStopPrice, instrument, &reader)
        let change = OrderChange(quantity: quantity, limitPrice: limitPrice, stopPrice: stopPrice)
        if reader.errors.isEmpty && change == OrderChange() {
            reader.note("quantity", .required, "a replacement changes the quantity or a price")
        }
        guard reader.errors.isEmpty else { throw FormRefusal(errors: reader.errors) }
        return change
    }
    private static func price(
        _ field: String, _ raw: RawField, isAllowed: Bool, _ instrument: Instrument, _ reader: inout FieldReader
    ) -> Double? {
        if isAllowed || raw == .absent { return reader.price(field, raw, of: instrument) }
        reader.note(field, .notAllowed, "does not belong to an order of this type")
        return nil
    }
}
