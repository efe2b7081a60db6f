// SPDX-License-Identifier: Apache-2.0
// Lists and lookups: what is written down, and nothing else.

import RiskDomain
import RiskStore

extension OrderDesk {
    public func order(_ id: UInt64) async throws(DeskRefusal) -> Order {
        let order: Order?
        do throws(StoreError) { order = try await self.store.order(id: id) } catch { throw .storeFailed(error) }
        guard let order else { throw .unknownOrder }
        return order
    }

    /// Newest first.
    ///
    /// - Parameter accounts: `nil` for all.
    public func orders(
        accounts: [String]?, isOpenOnly: Bool = false, page: PageRequest
    ) async throws(DeskRefusal) -> Page<Order> {
        do throws(StoreError) {
            return try await self.store.orders(OrderFilter(accounts: accounts, isOpenOnly: isOpenOnly), page: page)
        } catch {
            throw .storeFailed(error)
        }
    }

    /// Newest first, as written down.
    public func fills(accounts: [String]?, page: PageRequest) async throws(DeskRefusal) -> Page<Fill> {
        do throws(StoreError) {
            return try await self.store.fills(RecordFilter(accounts: accounts), page: page)
        } catch {
            throw .storeFailed(error)
        }
    }
}
