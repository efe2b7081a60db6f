// SPDX-License-Identifier: Apache-2.0
// Options for the kernel tests: seeded ones of use and of IEEE 754, and the scalar functions as Swift functions.
import CKernels

extension tr_option_terms {
    init(
        _ model: Int, put: Bool = false, american: Bool = false, strike: Double, rate: Double = 0, yield: Double = 0
    ) {
        self.init(
            model: UInt8(model), is_put: put ? 1 : 0, is_american: american ? 1 : 0, reserved: (0, 0, 0, 0, 0),
            strike: strike, rate: rate, yield: yield)
    }

    func greeks(volatility: Double, years: Double, spot: Double) -> tr_option_greeks {
        var greeks = tr_option_greeks()
        withUnsafePointer(to: self) { tr_option_measure($0, volatility, years, spot, &greeks) }
        return greeks
    }

    /// What the solver answers, and the volatility where it found one.
    func implied(price: Double, spot: Double, years: Double) -> (answer: Int, volatility: Double) {
        var volatility = Double.nan
        let answer = withUnsafePointer(to: self) {
            tr_option_implied_volatility($0, price, spot, years, &volatility)
        }
        return (Int(answer), volatility)
    }
}

extension tr_option_greeks {
    var all: [Double] { [value, delta, gamma, vega, theta, rho] }
}

/// An option with its market.
struct OptionCase {
    var terms: tr_option_terms
    var volatility, years: Double
    var spots: [Double]

    /// Rates from −2 to 10 %, volatilities from 5 to 65 %, up to three years, prices from half to twice the strike.
    init(usual values: inout SpecialValues, spots count: Int) {
        func uniform() -> Double { Double(values.next() >> 11) * 0x1p-53 }
        let model = values.below(3)
        let strike = 50 + 100 * uniform()
        terms = tr_option_terms(
            model, put: values.below(2) == 1, american: values.below(2) == 1 && model != TR_OPTION_BACHELIER,
            strike: strike, rate: -0.02 + 0.12 * uniform(), yield: -0.02 + 0.1 * uniform())
        volatility = (0.05 + 0.6 * uniform()) * (model == TR_OPTION_BACHELIER ? strike : 1)
        years = 0.02 + 3 * uniform()
        spots = (0..<count).map { _ in strike * (0.5 + 1.5 * uniform()) }
    }

    /// Everything may be special.
    init(special values: inout SpecialValues, spots count: Int) {
        terms = tr_option_terms(
            values.below(3), put: values.below(2) == 1, american: values.below(2) == 1, strike: values.value(),
            rate: values.value() / 10_000, yield: values.value() / 10_000)
        volatility = values.value() / 1_000
        years = values.value() / 100
        spots = values.values(count)
    }
}
