// SPDX-License-Identifier: Apache-2.0
// An order as it stood when the process ended.

import RiskDomain

extension OrderLife {
    /// An order that was written down. A replacement that was pending is forgotten: what the venue made of it is found
    /// out by asking the venue. A cancellation that was asked for is asked for still.
    ///
    /// - Parameters:
    ///   - order: as it was written down last.
    ///   - original: as it was accepted.
    ///   - fills: of the order, reversals included, as they were written down.
    public init(restoring order: Order, original: OrderRequest, fills: [Fill]) {
        self.init(
            id: order.id, request: original, user: order.user, timeNanoseconds: order.createdNanoseconds)
        let reversed = Set(fills.compactMap(\.reverses))
        let executions = fills.filter { $0.reverses == nil }.map { fill in
            Execution(
                fillID: fill.id, quantity: fill.quantity.magnitude, price: fill.price,
                isBusted: reversed.contains(fill.id))
        }
        self.resume(order, executions)
    }
}
