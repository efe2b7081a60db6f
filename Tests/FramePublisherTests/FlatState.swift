// SPDX-License-Identifier: Apache-2.0
// States and reference valuations as flat `path → value`, so that they can be compared member by member.

import Foundation
import FrameCodec
import RiskDomain
import RiskMath

/// Numbers by path, texts by path; an absent member is in neither.
struct FlatState: Equatable {
    var numbers: [String: Double] = [:]
    var texts: [String: String] = [:]

    init() {}

    /// From the JSON form, read by Foundation.
    init(_ state: ChannelState) throws {
        self.add(try JSONSerialization.jsonObject(with: Data(state.jsonData())), at: "")
    }

    private mutating func add(_ value: Any, at path: String) {
        switch value {
        case let object as [String: Any]:
            for (name, member) in object { self.add(member, at: path.isEmpty ? name : "\(path)/\(name)") }
        case let list as [Any]: self.texts[path] = list.map { "\($0)" }.joined(separator: ",")
        case let text as String: self.texts[path] = text
        case let number as NSNumber: self.numbers[path] = number.doubleValue
        default: self.texts[path] = "null"
        }
    }

    // MARK: From the reference

    init(_ account: AccountValuation, convention: RiskConvention) {
        self.texts["account"] = account.account
        self.texts["currency"] = account.currency
        self.addCommon(
            status: account.status, totals: account.totals, risk: account.risk, stress: account.stress,
            greeks: account.greeks, margin: account.margin, sectors: account.sectors, convention: convention)
        for position in account.positions {
            let path = "positions/\(position.symbol)/"
            self.numbers[path + "quantity"] = position.quantity
            self.numbers[path + "avg_cost"] = position.averageCost
            self.numbers[path + "price"] = position.price
            self.numbers[path + "market_value"] = position.marketValue
            self.numbers[path + "unrealised_pnl"] = position.unrealisedPnL
            self.numbers[path + "realised_pnl"] = position.realisedPnL
            self.numbers[path + "day_pnl"] = position.dayPnL
            self.texts[path + "status"] = position.status.name
        }
    }

    init(_ firm: FirmValuation, convention: RiskConvention) {
        self.texts["account"] = "firm"
        self.texts["currency"] = firm.currency
        self.addCommon(
            status: firm.status, totals: firm.totals, risk: firm.risk, stress: firm.stress,
            greeks: firm.greeks, margin: firm.margin, sectors: firm.sectors, convention: convention)
        for account in firm.accounts {
            let path = "accounts/\(account.account)/"
            self.texts[path + "currency"] = account.currency
            self.texts[path + "status"] = account.status.name
            self.numbers[path + "positions"] = Double(account.positions.count)
            self.numbers[path + "market_value"] = account.totals.marketValue
            self.numbers[path + "day_pnl"] = account.totals.dayPnL
            self.numbers[path + "var_9900"] = account.risk.valueAtRisk[9900]
            self.texts[path + "margin_level"] = account.margin.level.name
        }
    }

    private mutating func addCommon(
        status: ValueStatus, totals: ValuationTotals, risk: RiskFigures, stress: [String: Double],
        greeks: [String: CashGreeks], margin: MarginFigures, sectors: [String: SectorExposure],
        convention: RiskConvention
    ) {
        self.texts["status"] = status.name
        let totalsByName: [String: Double?] = [
            "cash": totals.cash, "market_value": totals.marketValue, "equity": totals.equity,
            "gross_exposure": totals.grossExposure, "net_exposure": totals.netExposure,
            "unrealised_pnl": totals.unrealisedPnL, "realised_pnl": totals.realisedPnL, "fees": totals.fees,
            "day_pnl": totals.dayPnL, "total_pnl": totals.totalPnL,
        ]
        for (name, value) in totalsByName { self.numbers["totals/\(name)"] = value }
        self.numbers["risk/window"] = Double(risk.window)
        self.texts["risk/quantile"] = convention.quantile.rawValue
        self.numbers["risk/horizon_days"] = Double(convention.horizonDays)
        self.numbers["risk/coverage_pct"] = risk.coverage.percent
        self.texts["risk/excluded"] = risk.coverage.excluded.joined(separator: ",")
        for (level, value) in risk.valueAtRisk { self.numbers["risk/var/\(level)"] = value }
        for (level, value) in risk.expectedShortfall { self.numbers["risk/es/\(level)"] = value }
        for (name, value) in stress { self.numbers["stress/\(name)"] = value }
        self.texts["risk/expected_shortfall"] = convention.shortfall.rawValue
        self.texts["risk/horizon_method"] = convention.horizonMethod.rawValue
        self.texts["risk/model"] = "historical"
        for (name, greek) in greeks {
            self.numbers["greeks/\(name)/delta"] = greek.delta
            self.numbers["greeks/\(name)/gamma"] = greek.gamma
            self.numbers["greeks/\(name)/vega"] = greek.vega
            self.numbers["greeks/\(name)/theta"] = greek.theta
            self.numbers["greeks/\(name)/rho"] = greek.rho
        }
        self.numbers["margin/used"] = margin.used
        self.numbers["margin/limit"] = margin.limit
        self.numbers["margin/utilisation_pct"] = margin.utilisationPercent
        self.texts["margin/level"] = margin.level.name
        for (name, sector) in sectors {
            self.numbers["sectors/\(name)/net"] = sector.net
            self.numbers["sectors/\(name)/gross"] = sector.gross
        }
    }

    /// What a published state says otherwise than the reference; members only the page needs are left out.
    static func differences(of state: ChannelState, from wanted: FlatState, scale: Double) throws -> [String] {
        var found = try FlatState(state)
        found.texts = found.texts.filter { !$0.key.hasSuffix("/reason") && !$0.key.hasPrefix("conventions/") }
        found.numbers = found.numbers.filter { !Self.isPerUnit($0.key) }
        return found.differences(from: wanted, relative: 1e-9, scale: scale)
    }

    /// Members of positions that show what a value was made of; the reference has the values.
    private static func isPerUnit(_ path: String) -> Bool {
        let names = ["fx_rate", "underlying_price", "implied_volatility", "delta", "gamma", "vega", "theta", "rho"]
        return path.hasPrefix("positions/") && names.contains { path.hasSuffix("/\($0)") }
    }

    // MARK: Comparison

    /// What differs, by path: a relative difference above the tolerance, of no less than a millionth of the scale.
    func differences(from other: FlatState, relative tolerance: Double, scale: Double) -> [String] {
        var differences: [String] = []
        for path in Set(self.numbers.keys).union(other.numbers.keys).sorted() {
            guard let left = self.numbers[path], let right = other.numbers[path] else {
                differences.append("\(path): \(self.numbers[path] as Any) and \(other.numbers[path] as Any)")
                continue
            }
            let limit = tolerance * max(abs(left), abs(right), path.hasSuffix("_pct") ? 1 : scale * 1e-6)
            if abs(left - right) > limit { differences.append("\(path): \(left) and \(right)") }
        }
        for path in Set(self.texts.keys).union(other.texts.keys).sorted() where self.texts[path] != other.texts[path] {
            differences.append("\(path): \(self.texts[path] ?? "—") and \(other.texts[path] ?? "—")")
        }
        return differences
    }
}
