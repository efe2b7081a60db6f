// SPDX-License-Identifier: Apache-2.0
// The engine's option pricing, for whoever explains the engine's numbers.

import CEngine
import CKernels
import RiskDomain

/// Prices options with the kernels of one tier; the same bits as the engine's.
public struct OptionKernel: Sendable {
    private let values: tr_option_values_fn

    public init(tier: KernelTier) {
        guard let kernels = tr_kernels_of(tier.code) else { preconditionFailure("a tier this CPU lacks") }
        self.values = kernels.pointee.option_values
    }

    /// An option at one volatility and time.
    public struct Prepared: Sendable {
        fileprivate let option: tr_option

        /// - Parameters:
        ///   - volatility: per √year, ≥ 0.
        ///   - years: to expiry, ≥ 0.
        public init(_ terms: OptionTerms, model: OptionModel, volatility: Double, years: Double) {
            var terms = tr_option_terms(terms, model: model)
            var option = tr_option()
            tr_option_prepare(&terms, volatility, years, &option)
            self.option = option
        }
    }

    /// Values at each price of the underlying; NaN where there is none. A lognormal underlying below 0 counts as 0.
    public func values(_ prepared: Prepared, spots: [Double]) -> [Double] {
        var option = prepared.option
        let isLognormal = Int(option.terms.model) != Int(TR_OPTION_BACHELIER)
        let spots = isLognormal ? spots.map { $0 < 0 ? 0 : $0 } : spots
        return [Double](unsafeUninitializedCapacity: spots.count) { buffer, count in
            self.values(&option, spots, spots.count, buffer.baseAddress!)
            count = spots.count
        }
    }
}
