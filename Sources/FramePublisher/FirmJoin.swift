// SPDX-License-Identifier: Apache-2.0
// The firm of several engines: their parts, added up to what one engine with all accounts would cut. Pure.

import FrameCodec
import RiskDomain
import RiskKernel
import RiskMath

/// Why a part is no summand of the firm here.
public enum FirmPartRefusal: String, Sendable, CaseIterable {
    /// Its rows are not the accounts of its partition.
    case accounts
    /// Other confidences, stress scenarios, conventions or currencies.
    case layout
    /// Scenarios of other dates.
    case scenarios
}

/// The firm's figures from the parts that are there.
package struct JoinedFirm: Sendable {
    package var state: ChannelState
    /// The sum of the parts' vectors.
    package var scenarioPnL: [Double]
    /// Partitions with accounts and without a part, ascending: the firm is `partial` by them.
    package var missing: [Int]
    /// Why, where a part was there.
    package var refusals: [Int: FirmPartRefusal]
}

/// Adds parts in the order of their partitions; every figure follows as in an engine's own cut (tr_firm_cut.c).
package struct FirmJoin: Sendable {
    private typealias Block = RiskTables.Index
    private typealias Row = FirmStateBuilder.Column

    private let accounts: [FirmAccount]
    /// By partition: places in ``accounts``, ascending.
    private let rows: [[Int]]
    private let currencies: [String]
    package let house: Int
    private let convention: RiskConvention
    private var marginLevel = MarginLevel.unknown
    private var layouts = JoinedLayouts()

    /// - Parameters:
    ///   - accounts: all of the firm, ascending by identifier.
    ///   - house: the partition whose part says what all have to be like.
    package init(accounts: [FirmAccount], partitionCount: Int, house: Int = 0, convention: RiskConvention) {
        precondition(accounts.allSatisfy { (0..<partitionCount).contains($0.partition) })
        precondition((0..<partitionCount).contains(house))
        self.accounts = accounts
        self.rows = (0..<partitionCount).map { partition in
            accounts.indices.filter { accounts[$0].partition == partition }
        }
        self.currencies = Set(accounts.map(\.currency)).sorted()
        self.house = house
        self.convention = convention
    }

    package var partitionCount: Int { self.rows.count }

    /// Partitions that have accounts, and no part among these.
    package func missing(among parts: [FirmPart?]) -> [Int] {
        self.rows.indices.filter { !self.rows[$0].isEmpty && parts[$0] == nil }
    }

    /// - Parameter parts: by partition.
    /// - Returns: `nil` without the house's own part.
    package mutating func join(_ parts: [FirmPart?]) -> JoinedFirm? {
        precondition(parts.count == self.partitionCount)
        guard let own = parts[self.house] else { return nil }
        var refusals: [Int: FirmPartRefusal] = [:]
        var taken = parts
        for (partition, part) in parts.enumerated() {
            guard let part, let refusal = self.refusal(of: part, partition: partition, beside: own) else { continue }
            refusals[partition] = refusal
            taken[partition] = nil
        }
        let missing = self.missing(among: taken)
        // A part without accounts shows zeros, which are no figures of the firm's.
        let summands = taken.enumerated().compactMap { partition, part in
            part.flatMap { self.rows[partition].isEmpty ? nil : Summand(partition: partition, part: $0) }
        }
        let layout = self.layouts.layout(
            like: own.state.layout, of: summands.map(\.part.state.layout), accounts: self.accounts,
            currencies: self.currencies)
        var state = ChannelState(layout: layout)
        for table in [Block.identity, Block.risk, Block.conventions] { Self.copy(table, of: own.state, to: &state) }
        self.addMoney(of: summands, to: &state)
        self.writeRows(of: summands, to: &state)
        let vector = ScenarioPnL.sum(summands.map(\.part.scenarioPnL), count: own.scenarioPnL.count)
        self.writeFigures(of: summands, missing: missing, scenarioPnL: vector, to: &state)
        return JoinedFirm(state: state, scenarioPnL: vector, missing: missing, refusals: refusals)
    }

    private struct Summand {
        var partition: Int
        var part: FirmPart
    }

    // MARK: What may be added

    private func refusal(of part: FirmPart, partition: Int, beside own: FirmPart) -> FirmPartRefusal? {
        let tables = part.state.layout.tables
        let wanted = own.state.layout.tables
        guard tables.count == wanted.count else { return .layout }
        for (index, (table, wanted)) in zip(tables, wanted).enumerated() {
            // These have rows of their own.
            let isOwn = [Block.greeks, Block.sectors, Block.rows].contains(index)
            var columns = table.columns[...]
            var wantedColumns = wanted.columns[...]
            // Each knows the currencies of its own accounts.
            if index == Block.rows { (columns, wantedColumns) = (columns.dropFirst(), wantedColumns.dropFirst()) }
            guard table.path == wanted.path, table.shape == wanted.shape, columns == wantedColumns,
                isOwn || table.keys == wanted.keys
            else { return .layout }
        }
        guard self.hasConvention(of: own.state, part.state) else { return .layout }
        guard self.hasAccounts(of: partition, part.state) else { return .accounts }
        guard part.basis.scenarioDigest == own.basis.scenarioDigest,
            part.scenarioPnL.count == own.scenarioPnL.count
        else { return .scenarios }
        return nil
    }

    private func hasConvention(of own: ChannelState, _ state: ChannelState) -> Bool {
        let layout = own.layout
        // Tables whose rows differ have no texts before these.
        for table in [Block.identity, Block.risk, Block.conventions] {
            for (column, kind) in layout.tables[table].columns.map(\.kind).enumerated() {
                guard case .text = kind else { continue }
                let offset = layout.textOffset(table: table, column: column)
                if own.texts[offset] != state.texts[offset] { return false }
            }
        }
        return [RiskTables.RiskColumn.window, .horizonDays].allSatisfy { column in
            let offset = layout.numberOffset(table: Block.risk, column: column.rawValue)
            return own.numbers[offset] == state.numbers[offset]
        }
    }

    private func hasAccounts(of partition: Int, _ state: ChannelState) -> Bool {
        let table = state.layout.tables[Block.rows]
        let rows = self.rows[partition]
        guard table.keys.elementsEqual(rows.lazy.map { self.accounts[$0].id }),
            case .choice(let currencies)? = table.columns.first?.kind
        else { return false }
        let offset = state.layout.numberOffset(table: Block.rows, column: Row.currency.rawValue)
        return rows.enumerated().allSatisfy { row, account in
            let index = Int(exactly: state.numbers[offset + row]) ?? -1
            return currencies.indices.contains(index) && currencies[index] == self.accounts[account].currency
        }
    }

    // MARK: Sums

    private static func copy(_ table: Int, of own: ChannelState, to state: inout ChannelState) {
        for (column, kind) in own.layout.tables[table].columns.map(\.kind).enumerated() {
            if kind.isNumeric {
                state.numbers[state.layout.numberOffset(table: table, column: column)] =
                    own.numbers[own.layout.numberOffset(table: table, column: column)]
            } else {
                state.texts[state.layout.textOffset(table: table, column: column)] =
                    own.texts[own.layout.textOffset(table: table, column: column)]
            }
        }
    }

    private func addMoney(of summands: [Summand], to state: inout ChannelState) {
        if self.accounts.isEmpty {
            // Without accounts there is nothing to miss: zeros.
            for table in [Block.totals, Block.stress] { Self.fill(table, of: &state, with: 0) }
        }
        for summand in summands {
            let part = summand.part.state
            for table in [Block.totals, Block.stress, Block.greeks, Block.sectors] {
                Self.add(table, of: part, to: &state)
            }
        }
        let totals = RiskTables.TotalColumn.self
        func cell(_ column: RiskTables.TotalColumn) -> Int {
            state.layout.numberOffset(table: Block.totals, column: column.rawValue)
        }
        state.numbers[cell(totals.equity)] = state.numbers[cell(totals.cash)] + state.numbers[cell(totals.marketValue)]
        state.numbers[cell(totals.totalPnL)] =
            state.numbers[cell(totals.realised)] + state.numbers[cell(totals.unrealised)]
            + state.numbers[cell(totals.fees)]
    }

    private static func fill(_ table: Int, of state: inout ChannelState, with value: Double) {
        for column in state.layout.tables[table].columns.indices {
            let offset = state.layout.numberOffset(table: table, column: column)
            for row in 0..<state.layout.tables[table].rowCount { state.numbers[offset + row] = value }
        }
    }

    /// Adds what is there; a sum stays absent while nothing is.
    private static func add(_ table: Int, of part: ChannelState, to state: inout ChannelState) {
        let (from, to) = (part.layout.tables[table], state.layout.tables[table])
        var targets = Array(0..<from.rowCount)
        if from.keys != to.keys {
            let places = Dictionary(uniqueKeysWithValues: to.keys.enumerated().map { ($1, $0) })
            targets = from.keys.map { places[$0]! }
        }
        for column in part.layout.tables[table].columns.indices {
            let from = part.layout.numberOffset(table: table, column: column)
            let to = state.layout.numberOffset(table: table, column: column)
            for (row, target) in targets.enumerated() {
                let value = part.numbers[from + row]
                if value.isNaN { continue }
                let sum = state.numbers[to + target]
                state.numbers[to + target] = sum.isNaN ? value : sum + value
            }
        }
    }

    private func writeRows(of summands: [Summand], to state: inout ChannelState) {
        func offset(_ column: Row) -> Int {
            state.layout.numberOffset(table: Block.rows, column: column.rawValue)
        }
        for (row, account) in self.accounts.enumerated() {
            state.numbers[offset(.currency) + row] = Double(self.currencies.firstIndex(of: account.currency)!)
            state.numbers[offset(.status) + row] = Double(ValueStatus.missing.rawValue)
            state.numbers[offset(.marginLevel) + row] = Double(MarginLevel.unknown.rawValue)
        }
        for summand in summands {
            for column in [Row.status, .positions, .marketValue, .day, .valueAtRisk, .marginLevel] {
                let layout = summand.part.state.layout
                let from = layout.numberOffset(table: Block.rows, column: column.rawValue)
                for (index, row) in self.rows[summand.partition].enumerated() {
                    state.numbers[offset(column) + row] = summand.part.state.numbers[from + index]
                }
            }
        }
    }

    // MARK: Figures

    private mutating func writeFigures(
        of summands: [Summand], missing: [Int], scenarioPnL: [Double], to state: inout ChannelState
    ) {
        let layout = state.layout
        let status = Self.status(of: summands, missing: missing)
        let weights = summands.reduce(into: FirmWeights.zero) { $0 += $1.part.basis.weights }
        let gross = state.numbers[
            layout.numberOffset(table: Block.totals, column: RiskTables.TotalColumn.gross.rawValue)]
        // Without a vector among the accounts that hold something there is no figure.
        let hasFigure = status != .missing && (weights.holderCount == 0 || weights.measuredHolderCount > 0)
        let excluded = Set(summands.flatMap { RiskTables.excluded(in: $0.part.state) }).sorted()
        let risk = RiskFigures(
            pnl: hasFigure ? scenarioPnL : nil, window: scenarioPnL.count,
            coverage: Coverage(
                pricedGross: weights.pricedGross, coveredGross: weights.coveredGross, isMissing: gross.isNaN,
                excluded: excluded), convention: self.convention)
        func set(_ value: Double?, _ table: Int, _ column: Int, row: Int = 0) {
            state.numbers[layout.numberOffset(table: table, column: column) + row] = value ?? .nan
        }
        set(Double(status.rawValue), Block.identity, RiskTables.statusColumn)
        set(risk.coverage.percent, Block.risk, RiskTables.RiskColumn.coverage.rawValue)
        state.texts[layout.textOffset(table: Block.risk, column: RiskTables.RiskColumn.excluded.rawValue)] =
            .list(excluded)
        for (row, level) in self.convention.confidences.enumerated() {
            set(risk.valueAtRisk[level], Block.valueAtRisk, 0, row: row)
            set(risk.expectedShortfall[level], Block.expectedShortfall, 0, row: row)
        }
        let margin = self.margin(of: summands, isWhole: missing.isEmpty)
        self.marginLevel = margin.level
        let cells = [margin.used, margin.limit, margin.utilisationPercent, Double(margin.level.rawValue)]
        for (column, value) in cells.enumerated() { set(value, Block.margin, column) }
    }

    /// Accounts that are not here are missing parts.
    private static func status(of summands: [Summand], missing: [Int]) -> ValueStatus {
        let parts = summands.map { summand in
            let state = summand.part.state
            let offset = state.layout.numberOffset(table: Block.identity, column: RiskTables.statusColumn)
            return UInt8(exactly: state.numbers[offset]).flatMap(ValueStatus.init) ?? .missing
        }
        return ValueStatus.ofTotal(parts + missing.map { _ in .missing })
    }

    /// Used and limit are sums, each absent as soon as one account's is.
    private func margin(of summands: [Summand], isWhole: Bool) -> MarginFigures {
        let included = summands.filter { $0.part.basis.weights.includedCount > 0 }
        func sum(_ column: Int) -> Double? {
            guard isWhole, !included.isEmpty || self.accounts.isEmpty else { return nil }
            let sum = included.reduce(0.0) { sum, summand in
                let state = summand.part.state
                return sum + state.numbers[state.layout.numberOffset(table: Block.margin, column: column)]
            }
            return sum.isNaN ? nil : sum
        }
        return MarginFigures(used: sum(0), limit: sum(1), previousLevel: self.marginLevel)
    }
}

/// An account of the firm, and whose it is.
public struct FirmAccount: Sendable, Equatable {
    public var id: String
    public var currency: String
    public var partition: Int

    public init(id: String, currency: String, partition: Int) {
        self.id = id
        self.currency = currency
        self.partition = partition
    }
}

/// The layout of the sum, made anew only where the parts' layouts have changed: a snapshot to every reader.
private struct JoinedLayouts: Sendable {
    private var own: ChannelLayout?
    private var sectors: [String] = []
    private var underlyings: [String] = []
    private var newest: ChannelLayout?

    /// Sectors and underlyings of any part, ascending.
    mutating func layout(
        like own: ChannelLayout, of parts: [ChannelLayout], accounts: [FirmAccount], currencies: [String]
    ) -> ChannelLayout {
        func keys(_ table: Int) -> [String] { Set(parts.flatMap { $0.tables[table].keys }).sorted() }
        let (sectors, underlyings) = (keys(RiskTables.Index.sectors), keys(RiskTables.Index.greeks))
        if let newest, self.own == own, self.sectors == sectors, self.underlyings == underlyings { return newest }
        var tables = own.tables
        tables[RiskTables.Index.sectors].keys = sectors
        tables[RiskTables.Index.greeks].keys = underlyings
        tables[RiskTables.Index.rows].keys = accounts.map(\.id)
        tables[RiskTables.Index.rows].columns[FirmStateBuilder.Column.currency.rawValue].kind = .choice(currencies)
        let layout = ChannelLayout(tables: tables)
        (self.own, self.sectors, self.underlyings, self.newest) = (own, sectors, underlyings, layout)
        return layout
    }
}
