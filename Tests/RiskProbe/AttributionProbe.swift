// SPDX-License-Identifier: Apache-2.0
// Where the risk of a sum of parts comes from, and what a trade adds to it.

import RiskDomain
import RiskMath

/// Parts with their P&L, the group of each, and a trade.
struct AttributionProbe: Decodable {
    struct Part: Decodable {
        var name: String
        var marketValue: Double?
        var pnl: [Double]
        var group: String
    }

    var parts: [Part]
    /// Scenarios.
    var count: Int
    /// Basis points.
    var confidence: Int
    var trade: [Double]

    func answer() -> ProbeValue {
        let parts = self.parts.map { AttributedPart(name: $0.name, marketValue: $0.marketValue, pnl: $0.pnl) }
        let groups = AttributedPart.grouped(parts) { self.parts[$0].group }
        return ProbeValue(each: Tail.self) { tail in
            ProbeValue(each: QuantileDefinition.self) { quantile in
                ProbeValue(each: ShortfallDefinition.self) { shortfall in
                    func attribution(_ parts: [AttributedPart]) -> ProbeValue {
                        ProbeValue(
                            Attribution(
                                of: parts, count: self.count, confidenceBasisPoints: self.confidence,
                                quantile: quantile, shortfall: shortfall, tail: tail))
                    }
                    return [
                        "parts": attribution(parts), "groups": attribution(groups),
                        "trade": ProbeValue(
                            Attribution.incrementalValueAtRisk(
                                adding: self.trade, to: ScenarioPnL.sum(parts.map(\.pnl), count: self.count),
                                confidenceBasisPoints: self.confidence, quantile: quantile, tail: tail)),
                    ]
                }
            }
        }
    }
}

extension ProbeValue {
    init(_ attribution: Attribution) {
        self = [
            "var": ProbeValue(attribution.valueAtRisk), "es": ProbeValue(attribution.expectedShortfall),
            "scenarios": ProbeValue(attribution.scenarios),
            "benefit": ProbeValue(attribution.diversificationBenefit),
            "parts": .list(
                attribution.parts.map { part in
                    [
                        "name": ProbeValue(part.name), "component_var": ProbeValue(part.componentValueAtRisk),
                        "component_es": ProbeValue(part.componentExpectedShortfall),
                        "marginal_var": ProbeValue(part.marginalValueAtRisk),
                        "alone_var": ProbeValue(part.standAloneValueAtRisk),
                        "incremental_var": ProbeValue(part.incrementalValueAtRisk),
                    ]
                }),
        ]
    }
}
