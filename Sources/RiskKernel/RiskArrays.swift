// SPDX-License-Identifier: Apache-2.0
// The inputs as the flat arrays the C engine is built from: rates, scenario rows and options.

import CEngine
import CKernels
import RiskDomain

/// Currency conversions.
struct RateArrays {
    private var scale: [Double] = []
    private var firstLeg: [UInt32] = [0]
    private var legInstrument: [UInt32] = []
    private var legInverted: [UInt8] = []

    init(_ plan: BookPlan) {
        for pair in plan.pairs {
            self.scale.append(pair.path?.scale ?? .nan)
            for leg in pair.path?.legs ?? [] {
                self.legInstrument.append(UInt32(leg.instrument))
                self.legInverted.append(leg.isInverted ? 1 : 0)
            }
            self.firstLeg.append(UInt32(self.legInstrument.count))
        }
    }

    func spec(_ pins: Pins) -> tr_rates_spec {
        tr_rates_spec(
            pairs: self.scale.count, scale: pins.pin(self.scale), first_leg: pins.pin(self.firstLeg),
            leg_instrument: pins.pin(self.legInstrument), leg_inverted: pins.pin(self.legInverted))
    }
}

/// Scenario rows, one an instrument and pair.
struct RowArrays {
    private var instrument: [UInt32] = []
    private var pair: [UInt32] = []
    private var option: [UInt32] = []
    private var unit: [UInt32] = []
    private var hasHistory: [UInt8] = []
    private var returns: [Double] = []
    private var shocks: [Double] = []
    private var absolute: [Double] = []
    private var unitCount = 0

    /// - Parameters:
    ///   - moves: by stress scenario, by instrument.
    ///   - optionIndex: of instruments that are options.
    init(inputs: RiskInputs, plan: BookPlan, moves: [[StressMove]], optionIndex: [Int: Int]) {
        let rateReturns = plan.pairs.map { $0.path.flatMap(inputs.scenarios.rateReturns) }
        for row in plan.rows {
            let pair = plan.pairs[row.pair]
            let rateShocks = moves.map { pair.path?.shock($0) ?? 0 }
            let option = optionIndex[row.instrument]
            self.instrument.append(UInt32(row.instrument))
            self.pair.append(UInt32(row.pair))
            self.option.append(option.map(UInt32.init) ?? .none)
            self.addReturns(
                of: inputs.underlying(of: row.instrument) ?? row.instrument, isOption: option != nil,
                rateReturns: rateReturns[row.pair], scenarios: inputs.scenarios)
            let own = moves.map { $0[row.instrument] }
            if option != nil {
                self.shocks += rateShocks
                self.addUnit(own.map { _ in 0 })
            } else {
                self.shocks += zip(own, rateShocks).map { (1 + $0.relative) * (1 + $1) - 1 }
                let absolute = zip(own, rateShocks).map { $0.absolute * (1 + $1) }
                if absolute.contains(where: { $0 != 0 }) { self.addUnit(absolute) } else { self.unit.append(.none) }
            }
        }
    }

    private mutating func addReturns(
        of instrument: Int, isOption: Bool, rateReturns: [Double]?, scenarios: ScenarioReturns
    ) {
        guard let own = scenarios.rows[instrument], let rateReturns else {
            self.hasHistory.append(0)
            self.returns += [Double](repeating: 0, count: scenarios.count)
            return
        }
        self.hasHistory.append(1)
        if isOption {
            self.returns += rateReturns
        } else {
            self.returns += zip(own, rateReturns).map { $1 == 0 ? $0 : (1 + $0) * (1 + $1) - 1 }
        }
    }

    private mutating func addUnit(_ absolute: [Double]) {
        self.unit.append(UInt32(self.unitCount))
        self.unitCount += 1
        self.absolute += absolute
    }

    func spec(_ pins: Pins) -> tr_rows_spec {
        tr_rows_spec(
            rows: self.instrument.count, units: self.unitCount, instrument: pins.pin(self.instrument),
            pair: pins.pin(self.pair), option: pins.pin(self.option), unit: pins.pin(self.unit),
            has_history: pins.pin(self.hasHistory), returns: pins.pin(self.returns), shocks: pins.pin(self.shocks),
            absolute: pins.pin(self.absolute))
    }
}

/// Options some account has a position in.
struct OptionArrays {
    /// Place among the options, by instrument index.
    private(set) var index: [Int: Int] = [:]
    private let valuationNanoseconds: UInt64
    private var instrument: [UInt32] = []
    private var underlying: [UInt32] = []
    private var underlyingRow: [UInt32] = []
    private var terms: [tr_option_terms] = []
    private var volatility: [Double] = []
    private var expiry: [UInt64] = []
    private var relative: [Double] = []
    private var absolute: [Double] = []
    private var shift: [Double] = []
    private var isDirect: [UInt8] = []

    /// - Parameter moves: by stress scenario, by instrument.
    init(inputs: RiskInputs, plan: BookPlan, moves: [[StressMove]]) {
        self.valuationNanoseconds = inputs.convention.valuationDay.map { UInt64(clamping: $0.startNanoseconds) } ?? 0
        let rowOfUnderlying = Dictionary(
            uniqueKeysWithValues: plan.rows.enumerated().filter { $1.pair == 0 }.map { ($1.instrument, $0) })
        for row in plan.rows where self.index[row.instrument] == nil {
            let instrument = inputs.instruments[row.instrument]
            guard let terms = instrument.option, let underlying = inputs.underlying(of: row.instrument) else {
                continue
            }
            self.index[row.instrument] = self.instrument.count
            self.instrument.append(UInt32(row.instrument))
            self.underlying.append(UInt32(underlying))
            self.underlyingRow.append(UInt32(rowOfUnderlying[underlying]!))
            let model = OptionModel(option: instrument, underlying: inputs.instruments[underlying])
            self.terms.append(tr_option_terms(terms, model: model))
            self.volatility.append(terms.volatility ?? .nan)
            self.expiry.append(UInt64(clamping: terms.expiry.startNanoseconds + 86_400_000_000_000))
            for (scenario, moves) in zip(inputs.stressScenarios, moves) {
                let isDirect = scenario.isAimed(at: instrument)
                let move = moves[isDirect ? row.instrument : underlying]
                self.isDirect.append(isDirect ? 1 : 0)
                self.relative.append(move.relative)
                self.absolute.append(move.absolute)
                self.shift.append(scenario.volatilityMove(of: instrument, on: inputs.instruments[underlying]))
            }
        }
    }

    func spec(_ pins: Pins) -> tr_options_spec {
        tr_options_spec(
            options: self.instrument.count, instrument: pins.pin(self.instrument),
            underlying: pins.pin(self.underlying), underlying_row: pins.pin(self.underlyingRow),
            terms: pins.pin(self.terms), volatility: pins.pin(self.volatility), expiry_ns: pins.pin(self.expiry),
            spot_relative: pins.pin(self.relative), spot_absolute: pins.pin(self.absolute),
            volatility_shift: pins.pin(self.shift), is_direct: pins.pin(self.isDirect),
            valuation_ns: self.valuationNanoseconds)
    }
}

extension tr_option_terms {
    init(_ terms: OptionTerms, model: OptionModel) {
        self.init()
        self.model = model.rawValue
        self.is_put = terms.right == .put ? 1 : 0
        self.is_american = terms.style == .american ? 1 : 0
        self.strike = terms.strike
        self.rate = terms.rate
        self.yield = terms.yield
    }
}
