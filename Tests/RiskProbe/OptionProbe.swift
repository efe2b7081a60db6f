// SPDX-License-Identifier: Apache-2.0
// Options by the readable reference and by the C kernels: values, greeks, implied volatility.

import CKernels
import RiskDomain
import RiskKernel
import RiskMath

/// Options with their markets.
struct OptionProbe: Decodable {
    struct Option: Decodable {
        /// "black_scholes_merton", "black_76" or "bachelier".
        var model: String
        var right: String
        var style: String
        var strike: Double
        var rate: Double
        var yield: Double
        var spot: Double
        var volatility: Double
        var years: Double
        /// What the implied volatility is asked of.
        var price: Double
        /// More prices of the underlying, for the kernel that values many.
        var spots: [Double]
    }

    var options: [Option]

    func answer() -> ProbeValue {
        guard let best = try? KernelTier(named: nil) else { return .absent }
        return .list(self.options.map { $0.answer(OptionKernel(tier: best)) })
    }
}

extension OptionProbe.Option {
    fileprivate func answer(_ kernel: OptionKernel) -> ProbeValue {
        let models: [String: OptionModel] = [
            "black_scholes_merton": .blackScholesMerton, "black_76": .black76, "bachelier": .bachelier,
        ]
        let model = models[self.model]!
        let terms = OptionTerms(
            right: OptionTerms.Right(rawValue: self.right)!, style: OptionTerms.Style(rawValue: self.style)!,
            strike: self.strike, expiry: CalendarDay(daysSince1970: 0), underlying: "", volatility: nil,
            rate: self.rate, yield: self.yield)
        return [
            "reference": self.reference(terms, model), "kernel": self.kernel(model),
            "values": ProbeValue(
                kernel.values(
                    OptionKernel.Prepared(terms, model: model, volatility: self.volatility, years: self.years),
                    spots: self.spots)),
        ]
    }

    private func reference(_ terms: OptionTerms, _ model: OptionModel) -> ProbeValue {
        let greeks = OptionPricing.greeks(
            terms: terms, model: model, spot: self.spot, volatility: self.volatility, years: self.years)
        let value = OptionPricing.value(
            terms: terms, model: model, spot: self.spot, volatility: self.volatility, years: self.years)
        let implied = try? ImpliedVolatility.solve(
            price: self.price, terms: terms, model: model, spot: self.spot, years: self.years)
        return [
            "value": ProbeValue(value), "delta": ProbeValue(greeks.delta), "gamma": ProbeValue(greeks.gamma),
            "vega": ProbeValue(greeks.vega), "theta": ProbeValue(greeks.theta), "rho": ProbeValue(greeks.rho),
            "implied": ProbeValue(implied),
        ]
    }

    private func kernel(_ model: OptionModel) -> ProbeValue {
        var terms = tr_option_terms(
            model: model.rawValue, is_put: self.right == "put" ? 1 : 0, is_american: self.style == "american" ? 1 : 0,
            reserved: (0, 0, 0, 0, 0), strike: self.strike, rate: self.rate, yield: self.yield)
        var greeks = tr_option_greeks()
        tr_option_measure(&terms, self.volatility, self.years, self.spot, &greeks)
        var implied = Double.nan
        if tr_option_implied_volatility(&terms, self.price, self.spot, self.years, &implied) != TR_IMPLIED_OK {
            implied = .nan
        }
        return [
            "value": ProbeValue(greeks.value), "delta": ProbeValue(greeks.delta), "gamma": ProbeValue(greeks.gamma),
            "vega": ProbeValue(greeks.vega), "theta": ProbeValue(greeks.theta), "rho": ProbeValue(greeks.rho),
            "implied": ProbeValue(implied),
        ]
    }
}
