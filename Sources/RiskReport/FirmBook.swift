// SPDX-License-Identifier: Apache-2.0
// What the accounts of a firm hold together: the same holding of several accounts is valued once.

import RiskDomain
import RiskMath

/// An account in the firm.
public struct FirmMember: Sendable {
    public var book: BookSnapshot
    /// Firm currency per account currency.
    public var rate: Double
    /// Its group at each level of the hierarchy.
    public var groups: [String]
    /// P&L by stress scenario as published, in the account's currency.
    public var stress: [Double?]

    public init(book: BookSnapshot, rate: Double, groups: [String], stress: [Double?]) {
        self.book = book
        self.rate = rate
        self.groups = groups
        self.stress = stress
    }
}

/// Holdings of accounts, netted where nothing but the account differs.
struct FirmBook {
    /// All that a holding's P&L depends on but its quantity, for one currency; made a hundred thousand times a report.
    private struct Terms: Hashable {
        var instrument: Int
        var strategy: String?
        /// Bits, so that what is equal values alike.
        var price: UInt64?
        var rate: UInt64?
        var spot: UInt64?
        var volatility: UInt64?
        /// What an option has left follows from it; 0 for what is none.
        var minute: UInt64

        init(_ held: HeldPosition, cutNanoseconds: UInt64) {
            self.instrument = held.instrument
            self.strategy = held.strategy
            self.price = held.price?.bitPattern
            self.rate = held.rate?.bitPattern
            self.spot = held.spot?.bitPattern
            self.volatility = held.volatility?.bitPattern
            self.minute = held.spot == nil ? 0 : cutNanoseconds / 60_000_000_000
        }
    }

    struct Lot {
        /// Its quantity is the net one.
        var held: HeldPosition
        var grossQuantity: Double
        var currency: String
        var cutNanoseconds: UInt64
        /// Firm currency per account currency.
        var rate: Double
    }

    /// By first appearance.
    private(set) var lots: [Lot] = []

    init(_ members: [FirmMember]) {
        // Accounts of one currency have one rate into the firm's.
        var placesByCurrency: [String: [Terms: Int]] = [:]
        for member in members {
            var places = placesByCurrency.removeValue(forKey: member.book.currency) ?? [:]
            for held in member.book.positions {
                let terms = Terms(held, cutNanoseconds: member.book.cutNanoseconds)
                if let place = places[terms] {
                    self.lots[place].held.quantity += held.quantity
                    self.lots[place].grossQuantity += held.quantity.magnitude
                } else {
                    places[terms] = self.lots.count
                    self.lots.append(
                        Lot(
                            held: held, grossQuantity: held.quantity.magnitude, currency: member.book.currency,
                            cutNanoseconds: member.book.cutNanoseconds, rate: member.rate))
                }
            }
            placesByCurrency[member.book.currency] = places
        }
    }
}

/// Vectors of lots, summed under the keys of one grouping.
private struct Grouping {
    private(set) var parts: [AttributedPart] = []
    private var places: [String: Int] = [:]

    mutating func add(_ pnl: [Double], marketValue: Double, grossValue: Double, to name: String) {
        guard let place = self.places[name] else {
            self.places[name] = self.parts.count
            self.parts.append(
                AttributedPart(name: name, marketValue: marketValue, grossValue: grossValue, pnl: pnl))
            return
        }
        for scenario in pnl.indices { self.parts[place].pnl[scenario] += pnl[scenario] }
        self.parts[place].marketValue = (self.parts[place].marketValue ?? 0) + marketValue
        self.parts[place].grossValue = (self.parts[place].grossValue ?? 0) + grossValue
    }
}

extension BookReporter {
    /// Explains the sum of accounts by account, by group, and by sector, strategy and instrument across them.
    ///
    /// - Parameters:
    ///   - members: accounts that have a P&L vector and a rate into the firm's currency.
    ///   - total: the sum of their vectors in the firm's currency, as published.
    /// - Returns: its groupings are the levels of the hierarchy, then sectors, strategies and instruments.
    public func report(
        ofFirm name: String, currency: String, cutNanoseconds: UInt64, members: [FirmMember], total: [Double]
    ) -> BookReport {
        let accounts = members.map(self.part)
        let depth = members.map(\.groups.count).max() ?? 0
        let levels = (0..<depth).map { level in
            AttributedPart.grouped(accounts) { members[$0].groups[level] }
        }
        var groupings = [Grouping](repeating: Grouping(), count: 3)
        var scaled = [Double](repeating: 0, count: self.sets.volatilityScaled.count)
        var whole = [Double](repeating: 0, count: self.sets.whole.count)
        var isCovered = false
        for lot in FirmBook(members).lots {
            guard let pnl = self.vector(of: lot, scenarios: self.sets.window),
                let value = self.revaluation.marketValue(of: lot.held).map({ lot.rate * $0 })
            else { continue }
            isCovered = true
            let gross = self.gross(of: lot)
            let instrument = self.inputs.instruments[lot.held.instrument]
            for (index, key) in [instrument.sector, lot.held.strategy ?? "none", instrument.symbol].enumerated() {
                groupings[index].add(pnl, marketValue: value, grossValue: gross, to: key)
            }
            self.add(lot, under: self.sets.volatilityScaled, to: &scaled)
            self.add(lot, under: self.sets.whole, to: &whole)
        }
        var report = self.report(
            name: name, currency: currency, cutNanoseconds: cutNanoseconds, parts: accounts, total: total,
            groupings: levels + groupings.map(\.parts))
        report.stressParts = members.map(\.book.name)
        report.stress = self.inputs.stressScenarios.indices.map { scenario in
            members.map { member in member.stress[scenario].map { member.rate * $0 } }
        }
        if isCovered { self.addFurtherModels(scaled: scaled, whole: whole, to: &report) }
        return report
    }

    private func part(_ member: FirmMember) -> AttributedPart {
        let values = member.book.positions.compactMap(self.revaluation.marketValue).map { member.rate * $0 }
        return AttributedPart(
            name: member.book.name, marketValue: values.reduce(0, +),
            grossValue: values.reduce(0) { $0 + $1.magnitude }, pnl: member.book.scenarioPnL.map { member.rate * $0 })
    }

    private func gross(of lot: FirmBook.Lot) -> Double {
        var held = lot.held
        held.quantity = lot.grossQuantity
        return lot.rate * (self.revaluation.marketValue(of: held) ?? 0).magnitude
    }

    private func vector(of lot: FirmBook.Lot, scenarios: ScenarioReturns) -> [Double]? {
        let pnl = self.revaluation.scenarioPnL(
            of: lot.held, currency: lot.currency, scenarios: scenarios, atCut: lot.cutNanoseconds)
        return lot.rate == 1 ? pnl : pnl.map { $0.map { lot.rate * $0 } }
    }

    private func add(_ lot: FirmBook.Lot, under scenarios: ScenarioReturns, to sum: inout [Double]) {
        guard let pnl = self.vector(of: lot, scenarios: scenarios) else { return }
        for scenario in sum.indices { sum[scenario] += pnl[scenario] }
    }
}
