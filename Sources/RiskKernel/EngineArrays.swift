// SPDX-License-Identifier: Apache-2.0
// The inputs as the flat arrays the C engine is built from.

import CEngine
import RiskDomain

/// Lives only while an engine is created; the engine copies what it needs.
struct EngineArrays {
    private let convention: RiskConvention
    private let scenarioCount: Int
    private let stressCount: Int
    private let firmSectorCount: Int

    private var priorClose: [Double] = []
    private var hasHistory: [UInt8] = []
    private var returns: [Double] = []
    private var shocks: [Double] = []

    private var firstPosition: [UInt32] = [0]
    private var cash: [Double] = []
    private var marginLimit: [Double] = []
    private var convertible: [UInt8] = []
    private var firstSector: [UInt32] = [0]
    private var firmSector: [UInt32] = []

    private var instrument: [UInt32] = []
    private var sector: [UInt32] = []
    private var quantity: [Double] = []
    private var averageCost: [Double] = []
    private var multiplier: [Double] = []
    private var rate: [Double] = []
    private var marginRate: [Double] = []

    init(inputs: RiskInputs, plan: BookPlan) {
        self.convention = inputs.convention
        self.scenarioCount = inputs.scenarios.count
        self.stressCount = inputs.stressScenarios.count
        self.firmSectorCount = plan.firmSectors.count
        self.addInstruments(of: inputs)
        for account in plan.accounts { self.add(account, plan: plan, instruments: inputs.instruments) }
    }

    private mutating func addInstruments(of inputs: RiskInputs) {
        for (index, instrument) in inputs.instruments.enumerated() {
            let close = inputs.history.lastClose(
                of: instrument.symbol, allowsNegative: instrument.allowsNegativePrices)
            self.priorClose.append(close ?? .nan)
            let row = inputs.scenarios.rows[index]
            self.hasHistory.append(row == nil ? 0 : 1)
            self.returns += row ?? [Double](repeating: 0, count: self.scenarioCount)
            self.shocks += inputs.stressScenarios.map { $0.shock(for: instrument)?.price ?? 0 }
        }
    }

    private mutating func add(_ plan: BookPlan.AccountPlan, plan book: BookPlan, instruments: [Instrument]) {
        self.cash.append(plan.account.cash)
        self.marginLimit.append(plan.account.marginLimit ?? .nan)
        self.convertible.append(plan.isConvertible ? 1 : 0)
        self.firmSector += plan.sectors.map { UInt32(book.firmSectors.firstIndex(of: $0)!) }
        self.firstSector.append(UInt32(self.firmSector.count))
        for (row, position) in plan.positions.enumerated() {
            let held = instruments[plan.instruments[row]]
            self.instrument.append(UInt32(plan.instruments[row]))
            self.sector.append(UInt32(plan.sectorOfPosition[row]))
            self.quantity.append(position.quantity)
            self.averageCost.append(position.averageCost)
            self.multiplier.append(held.multiplier)
            self.rate.append(plan.rates[row] ?? .nan)
            self.marginRate.append(held.marginRate)
        }
        self.firstPosition.append(UInt32(self.quantity.count))
    }

    /// `nil` when memory is short.
    func makeEngine(rings: [OpaquePointer], tier: KernelTier) -> OpaquePointer? {
        let pins = Pins()
        let isLinear = self.convention.quantile == .linear
        var spec = tr_engine_spec(
            tier: tier.code, instruments: self.priorClose.count, accounts: self.cash.count,
            positions: self.quantity.count, scenarios: self.scenarioCount, stresses: self.stressCount,
            levels: self.convention.confidences.count, rings: rings.count, firm_sectors: self.firmSectorCount,
            cut_interval_ns: self.convention.cutIntervalNanoseconds,
            stale_after_ns: self.convention.staleAfterNanoseconds,
            quantile: UInt32(isLinear ? TR_QUANTILE_LINEAR : TR_QUANTILE_DISCRETE),
            horizon_scale: Double(self.convention.horizonDays).squareRoot(),
            confidence_bp: pins.pin(self.convention.confidences.map(UInt32.init)),
            prior_close: pins.pin(self.priorClose), has_history: pins.pin(self.hasHistory),
            returns: pins.pin(self.returns), shocks: pins.pin(self.shocks),
            first_position: pins.pin(self.firstPosition), cash: pins.pin(self.cash),
            margin_limit: pins.pin(self.marginLimit), convertible: pins.pin(self.convertible),
            first_sector: pins.pin(self.firstSector), firm_sector: pins.pin(self.firmSector),
            position_instrument: pins.pin(self.instrument), position_sector: pins.pin(self.sector),
            quantity: pins.pin(self.quantity), average_cost: pins.pin(self.averageCost),
            multiplier: pins.pin(self.multiplier), fx: pins.pin(self.rate), margin_rate: pins.pin(self.marginRate),
            ring: pins.pin(rings))
        return withExtendedLifetime(pins) { tr_engine_create(&spec) }
    }
}

/// Keeps arrays in place while C reads them.
private final class Pins {
    private var arrays: [AnyObject] = []

    func pin<Element>(_ array: [Element]) -> UnsafePointer<Element> {
        let pinned = PinnedArray(array)
        self.arrays.append(pinned)
        return UnsafePointer(pinned.base)
    }
}

/// An array copied to memory that stays where it is.
private final class PinnedArray<Element> {
    let base: UnsafeMutablePointer<Element>
    private let count: Int

    init(_ array: [Element]) {
        self.count = array.count
        self.base = .allocate(capacity: max(array.count, 1))
        self.base.initialize(from: array, count: array.count)
    }

    deinit {
        self.base.deinitialize(count: self.count)
        self.base.deallocate()
    }
}
