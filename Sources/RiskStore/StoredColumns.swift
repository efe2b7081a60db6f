// SPDX-License-Identifier: Apache-2.0
// What the columns of a record are; RecordDecoding.swift reads them back.

import RiskDomain

/// The scope column of what belongs to an account or to the house, for keys that NULL cannot be part of.
func scope(_ account: String?) -> String { account.map { ":" + $0 } ?? "" }

extension Order {
    func columns() throws(StoreError) -> [StoredColumn] {
        let request = self.request
        return [
            ("order_id", try cell(self.id)), ("account", try cell(request.account)),
            ("client_order_id", try cell(request.clientOrderID)), ("symbol", try cell(request.symbol)),
            ("side", try cell(request.side.rawValue)), ("quantity", try cell(request.quantity)),
            ("order_type", try cell(request.type.rawValue)), ("limit_price", try cell(request.limitPrice)),
            ("stop_price", try cell(request.stopPrice)), ("time_in_force", try cell(request.timeInForce.rawValue)),
            ("user", try cell(self.user)), ("status", try cell(self.status.rawValue)),
            ("filled_quantity", try cell(self.filledQuantity)),
            ("average_fill_price", try cell(self.averageFillPrice)), ("reason", try cell(self.reason)),
            ("created_ns", try cell(self.createdNanoseconds)), ("updated_ns", try cell(self.updatedNanoseconds)),
        ]
    }
}

extension Fill {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("order_id", try cell(self.orderID)), ("account", try cell(self.account)),
            ("symbol", try cell(self.symbol)), ("quantity", try cell(self.quantity)),
            ("price", try cell(self.price)), ("rate", try cell(self.rate)), ("fees", try cell(self.fees)),
            ("time_ns", try cell(self.timeNanoseconds)), ("reverses", try cell(self.reverses)),
        ]
    }
}

extension CashEntry {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("account", try cell(self.account)), ("amount", try cell(self.amount)),
            ("kind", try cell(self.kind)), ("reason", try cell(self.reason)), ("user", try cell(self.user)),
            ("time_ns", try cell(self.timeNanoseconds)),
        ]
    }
}

extension PositionAdjustment {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("account", try cell(self.account)), ("symbol", try cell(self.symbol)),
            ("quantity", try cell(self.quantity)), ("cost", try cell(self.cost)), ("reason", try cell(self.reason)),
            ("user", try cell(self.user)), ("time_ns", try cell(self.timeNanoseconds)),
        ]
    }
}

extension AuditEntry {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("time_ns", try cell(self.timeNanoseconds)), ("who", try cell(self.who)), ("what", try cell(self.what)),
            ("account", try cell(self.account)), ("subject", try cell(self.subject)),
            ("before", try cell(self.before)), ("after", try cell(self.after)), ("why", try cell(self.why)),
        ]
    }
}

extension Account {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("name", try cell(self.name)), ("currency", try cell(self.currency)),
            ("cash", try cell(self.cash)), ("margin_limit", try cell(self.marginLimit)),
            ("group", try cell(self.group)),
        ]
    }
}

extension Position {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("account", try cell(self.account)), ("symbol", try cell(self.symbol)),
            ("quantity", try cell(self.quantity)), ("average_cost", try cell(self.averageCost)),
            ("strategy", try cell(self.strategy)),
        ]
    }
}

extension CarriedTotal {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("account", try cell(self.account)), ("symbol", try cell(self.symbol ?? "")),
            ("realised", try cell(self.realised)), ("fees", try cell(self.fees)),
        ]
    }
}

extension LimitRecord {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("scope", try cell(self.scope)), ("metric", try cell(self.metric)),
            ("soft", try cell(self.soft)), ("hard", try cell(self.hard)), ("action", try cell(self.action)),
            ("user", try cell(self.user)), ("time_ns", try cell(self.timeNanoseconds)),
        ]
    }
}

extension KillSwitch {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("scope", try cell(RiskStore.scope(self.account))), ("account", try cell(self.account)),
            ("state", try cell(self.state.rawValue)), ("reason", try cell(self.reason)),
            ("user", try cell(self.user)), ("time_ns", try cell(self.timeNanoseconds)),
        ]
    }
}

extension AlertRecord {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("account", try cell(self.account)), ("rule", try cell(self.rule)),
            ("level", try cell(self.level)), ("text", try cell(self.text)), ("state", try cell(self.state.rawValue)),
            ("acknowledged_by", try cell(self.acknowledgedBy)), ("raised_ns", try cell(self.raisedNanoseconds)),
            ("updated_ns", try cell(self.updatedNanoseconds)),
        ]
    }
}

extension UserRecord {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("name", try cell(self.name)), ("password_hash", try cell(self.passwordHash)),
            ("is_disabled", try cell(self.isDisabled)), ("created_ns", try cell(self.createdNanoseconds)),
        ]
    }
}

extension AccountGrant {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("user", try cell(self.user)), ("scope", try cell(RiskStore.scope(self.account))),
            ("account", try cell(self.account)), ("role", try cell(self.role.rawValue)),
        ]
    }
}

extension SessionRecord {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("token_hash", try cell(self.tokenHash)), ("user", try cell(self.user)),
            ("created_ns", try cell(self.createdNanoseconds)), ("expires_ns", try cell(self.expiresNanoseconds)),
        ]
    }
}

extension AccessToken {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("id", try cell(self.id)), ("token_hash", try cell(self.tokenHash)), ("user", try cell(self.user)),
            ("scopes", try cell(self.scopes.map(\.rawValue).sorted().joined(separator: " "))),
            ("created_ns", try cell(self.createdNanoseconds)), ("expires_ns", try cell(self.expiresNanoseconds)),
        ]
    }
}
