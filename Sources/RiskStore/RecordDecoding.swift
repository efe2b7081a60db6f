// SPDX-License-Identifier: Apache-2.0
// Reads records back from their columns, which StoredColumns.swift names.

import RiskDomain

extension Order {
    init(row: StoredRow) throws {
        let request = OrderRequest(
            account: try row.get("account"), clientOrderID: try row.find("client_order_id"),
            symbol: try row.get("symbol"), side: try row.word("side"), quantity: try row.get("quantity"),
            type: try row.word("order_type"), limitPrice: try row.find("limit_price"),
            stopPrice: try row.find("stop_price"), timeInForce: try row.word("time_in_force"))
        self.init(
            id: try row.get("order_id"), request: request, user: try row.get("user"), status: try row.word("status"),
            filledQuantity: try row.get("filled_quantity"), averageFillPrice: try row.find("average_fill_price"),
            reason: try row.find("reason"), createdNanoseconds: try row.get("created_ns"),
            updatedNanoseconds: try row.get("updated_ns"))
    }
}

extension Fill {
    init(row: StoredRow) throws {
        self.init(
            id: try row.get("id"), orderID: try row.find("order_id"), account: try row.get("account"),
            symbol: try row.get("symbol"), quantity: try row.get("quantity"), price: try row.get("price"),
            rate: try row.get("rate"), fees: try row.get("fees"), timeNanoseconds: try row.get("time_ns"),
            reverses: try row.find("reverses"))
    }
}

extension CashEntry {
    init(row: StoredRow) throws {
        self.init(
            id: try row.get("id"), account: try row.get("account"), amount: try row.get("amount"),
            kind: try row.get("kind"), reason: try row.get("reason"), user: try row.get("user"),
            timeNanoseconds: try row.get("time_ns"))
    }
}

extension PositionAdjustment {
    init(row: StoredRow) throws {
        self.init(
            id: try row.get("id"), account: try row.get("account"), symbol: try row.get("symbol"),
            quantity: try row.get("quantity"), cost: try row.get("cost"), reason: try row.get("reason"),
            user: try row.get("user"), timeNanoseconds: try row.get("time_ns"))
    }
}

extension AuditEntry {
    init(row: StoredRow) throws {
        self.init(
            timeNanoseconds: try row.get("time_ns"), who: try row.get("who"), what: try row.get("what"),
            account: try row.find("account"), subject: try row.get("subject"), before: try row.find("before"),
            after: try row.find("after"), why: try row.find("why"))
    }
}

extension Account {
    init(row: StoredRow) throws {
        self.init(
            id: try row.get("id"), name: try row.get("name"), currency: try row.get("currency"),
            cash: try row.get("cash"), marginLimit: try row.find("margin_limit"), group: try row.find("group"))
    }
}

extension Position {
    init(row: StoredRow) throws {
        self.init(
            account: try row.get("account"), symbol: try row.get("symbol"), quantity: try row.get("quantity"),
            averageCost: try row.get("average_cost"), strategy: try row.find("strategy"))
    }
}

extension CarriedTotal {
    init(row: StoredRow) throws {
        let symbol: String = try row.get("symbol")
        self.init(
            account: try row.get("account"), symbol: symbol.isEmpty ? nil : symbol,
            realised: try row.get("realised"), fees: try row.get("fees"))
    }
}

extension LimitRecord {
    init(row: StoredRow) throws {
        self.init(
            id: try row.get("id"), scope: try row.get("scope"), metric: try row.get("metric"),
            soft: try row.find("soft"), hard: try row.find("hard"), action: try row.get("action"),
            user: try row.get("user"), timeNanoseconds: try row.get("time_ns"))
    }
}

extension KillSwitch {
    init(row: StoredRow) throws {
        self.init(
            account: try row.find("account"), state: try row.word("state"), reason: try row.get("reason"),
            user: try row.get("user"), timeNanoseconds: try row.get("time_ns"))
    }
}

extension AlertRecord {
    init(row: StoredRow) throws {
        self.init(
            id: try row.get("id"), account: try row.find("account"), rule: try row.get("rule"),
            level: try row.get("level"), text: try row.get("text"), state: try row.word("state"),
            acknowledgedBy: try row.find("acknowledged_by"), raisedNanoseconds: try row.get("raised_ns"),
            updatedNanoseconds: try row.get("updated_ns"))
    }
}

extension UserRecord {
    init(row: StoredRow) throws {
        self.init(
            name: try row.get("name"), passwordHash: try row.find("password_hash"),
            isDisabled: try row.get("is_disabled"), createdNanoseconds: try row.get("created_ns"))
    }
}

extension AccountGrant {
    init(row: StoredRow) throws {
        self.init(user: try row.get("user"), account: try row.find("account"), role: try row.word("role"))
    }
}

extension SessionRecord {
    init(row: StoredRow) throws {
        self.init(
            tokenHash: try row.get("token_hash"), user: try row.get("user"),
            createdNanoseconds: try row.get("created_ns"), expiresNanoseconds: try row.get("expires_ns"))
    }
}

extension AccessToken {
    init(row: StoredRow) throws {
        let words: String = try row.get("scopes")
        let scopes = try words.split(separator: " ").map { word in
            guard let scope = TokenScope(rawValue: String(word)) else {
                throw StoreError.unreadable(reason: "\(word) is no scope")
            }
            return scope
        }
        self.init(
            id: try row.get("id"), tokenHash: try row.get("token_hash"), user: try row.get("user"),
            scopes: Set(scopes), createdNanoseconds: try row.get("created_ns"),
            expiresNanoseconds: try row.find("expires_ns"))
    }
}

extension HistoryInterval {
    init(row: StoredRow) throws {
        let last = HistoryPoint(
            account: try row.find("account"), seconds: try row.get("seconds"), totalPnL: try row.find("total_pnl"),
            dayPnL: try row.find("day_pnl"), valueAtRisk: try row.find("value_at_risk"),
            expectedShortfall: try row.find("expected_shortfall"), grossExposure: try row.find("gross_exposure"),
            netExposure: try row.find("net_exposure"))
        self.init(
            last: last, totalPnLMin: try row.find("total_pnl_min"), totalPnLMax: try row.find("total_pnl_max"))
    }
}
