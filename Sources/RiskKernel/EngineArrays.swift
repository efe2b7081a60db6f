// SPDX-License-Identifier: Apache-2.0
// The inputs as the flat arrays the C engine is built from: instruments, accounts and positions.

import CEngine
import RiskDomain

/// Lives only while an engine is created; the engine copies what it needs.
struct EngineArrays {
    private let inputs: RiskInputs
    private let plan: BookPlan
    private let directory: EngineDirectory
    private let rates: RateArrays
    private let rows: RowArrays
    private let options: OptionArrays

    private var priorClose: [Double] = []
    private var firstPosition: [UInt32] = [0]
    private var money: [tr_money] = []
    private var marginLimit: [Double] = []
    private var firmPair: [UInt32] = []
    private var firstSector: [UInt32] = [0]
    private var firmSector: [UInt32] = []
    private var firstUnderlying: [UInt32] = [0]
    private var firmUnderlying: [UInt32] = []
    private var firstDependency: [UInt32] = [0]
    private var dependency: [UInt32] = []

    private var row: [UInt32] = []
    private var sector: [UInt32] = []
    private var underlying: [UInt32] = []
    private var holding: [tr_holding] = []
    private var multiplier: [Double] = []
    private var marginRate: [Double] = []

    init(inputs: RiskInputs, plan: BookPlan, directory: EngineDirectory) {
        self.inputs = inputs
        self.plan = plan
        self.directory = directory
        let moves = inputs.stressScenarios.map { $0.moves(of: inputs.instruments, history: inputs.history) }
        self.rates = RateArrays(plan)
        self.options = OptionArrays(inputs: inputs, plan: plan, moves: moves)
        self.rows = RowArrays(inputs: inputs, plan: plan, moves: moves, optionIndex: self.options.index)
        self.priorClose = inputs.instruments.map { instrument in
            inputs.history.lastClose(of: instrument.symbol, allowsNegative: instrument.allowsNegativePrices) ?? .nan
        }
        for account in plan.accounts { self.add(account) }
        self.addDependencies(plan.firmDependencies)
    }

    private mutating func add(_ account: BookPlan.AccountPlan) {
        self.money.append(tr_money(account.account))
        self.marginLimit.append(account.account.marginLimit ?? .nan)
        self.firmPair.append(UInt32(account.firmPair))
        self.firmSector += account.sectors.map { UInt32(self.plan.firmSectors.firstIndex(of: $0)!) }
        self.firstSector.append(UInt32(self.firmSector.count))
        self.firmUnderlying += account.underlyings.map { UInt32(self.plan.firmUnderlyings.firstIndex(of: $0)!) }
        self.firstUnderlying.append(UInt32(self.firmUnderlying.count))
        self.addDependencies(account.dependencies)
        for (index, position) in account.positions.enumerated() {
            let held = self.inputs.instruments[account.instruments[index]]
            self.row.append(UInt32(account.rows[index]))
            self.sector.append(UInt32(account.sectorOfPosition[index]))
            self.underlying.append(account.underlyingOfPosition[index].map(UInt32.init) ?? .none)
            self.holding.append(tr_holding(position))
            self.multiplier.append(held.multiplier)
            self.marginRate.append(held.marginRate)
        }
        self.firstPosition.append(UInt32(self.holding.count))
    }

    private mutating func addDependencies(_ instruments: [Int]) {
        self.dependency += instruments.map(UInt32.init)
        self.firstDependency.append(UInt32(self.dependency.count))
    }

    /// `nil` when memory is short.
    func makeEngine(rings: [OpaquePointer], tier: KernelTier, shards: Int) -> OpaquePointer? {
        let pins = Pins()
        let convention = self.inputs.convention
        var spec = tr_engine_spec(
            tier: tier.code, instruments: self.priorClose.count, accounts: self.money.count,
            positions: self.holding.count, scenarios: self.inputs.scenarios.count,
            stresses: self.inputs.stressScenarios.count, levels: convention.confidences.count, rings: rings.count,
            firm_sectors: self.plan.firmSectors.count, firm_underlyings: self.plan.firmUnderlyings.count,
            shards: shards, cut_interval_ns: convention.cutIntervalNanoseconds,
            stale_after_ns: convention.staleAfterNanoseconds,
            quantile: convention.quantile.code, shortfall: convention.shortfall.code,
            horizon_scale: convention.horizonScale, confidence_bp: pins.pin(convention.confidences.map(UInt32.init)),
            rates: self.rates.spec(pins), rows: self.rows.spec(pins), options: self.options.spec(pins),
            prior_close: pins.pin(self.priorClose), directory: self.directory.number,
            former_instruments: self.directory.former.count,
            former: pins.pin(self.directory.former.map { $0.map(UInt32.init) ?? UInt32.none }),
            first_position: pins.pin(self.firstPosition),
            money: pins.pin(self.money), margin_limit: pins.pin(self.marginLimit), firm_pair: pins.pin(self.firmPair),
            first_sector: pins.pin(self.firstSector), firm_sector: pins.pin(self.firmSector),
            first_underlying: pins.pin(self.firstUnderlying), firm_underlying: pins.pin(self.firmUnderlying),
            first_dependency: pins.pin(self.firstDependency), dependency: pins.pin(self.dependency),
            position_row: pins.pin(self.row), position_sector: pins.pin(self.sector),
            position_underlying: pins.pin(self.underlying), holding: pins.pin(self.holding),
            multiplier: pins.pin(self.multiplier), margin_rate: pins.pin(self.marginRate), ring: pins.pin(rings))
        return withExtendedLifetime(pins) { tr_engine_create(&spec) }
    }
}

extension QuantileDefinition {
    fileprivate var code: UInt32 {
        switch self {
        case .discrete: UInt32(TR_QUANTILE_DISCRETE)
        case .linear: UInt32(TR_QUANTILE_LINEAR)
        case .hazen: UInt32(TR_QUANTILE_HAZEN)
        case .weibull: UInt32(TR_QUANTILE_WEIBULL)
        }
    }
}

extension ShortfallDefinition {
    fileprivate var code: UInt32 {
        switch self {
        case .acerbiTasche: UInt32(TR_SHORTFALL_ACERBI_TASCHE)
        case .tailMean: UInt32(TR_SHORTFALL_TAIL_MEAN)
        }
    }
}
