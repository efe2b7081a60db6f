// SPDX-License-Identifier: Apache-2.0
// What limits need of whoever keeps the orders.

public protocol OrderControl: Sendable {
    /// Cancels open orders; callable from any thread, does not wait.
    ///
    /// - Parameter account: `nil` for all.
    func cancelOpenOrders(of account: String?, because reason: String)

    /// Orders of the last minute.
    func orderRate(of account: String) -> Int
}
