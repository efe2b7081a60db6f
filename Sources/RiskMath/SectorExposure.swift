// SPDX-License-Identifier: Apache-2.0
// Exposure by sector.

import RiskDomain

/// Net and gross exposure of one sector; absent where nothing held in it has a value.
public struct SectorExposure: Sendable, Equatable {
    /// Σ market value.
    public var net: Double?
    /// Σ |market value|.
    public var gross: Double?

    public init(net: Double?, gross: Double?) {
        self.net = net
        self.gross = gross
    }

    /// Exposure of every sector in which the account has a position, held or closed.
    static func bySector(_ positions: [MarkedPosition]) -> [String: SectorExposure] {
        Dictionary(grouping: positions, by: \.instrument.sector).mapValues { positions in
            let valuations = positions.map(\.valuation)
            return SectorExposure(
                net: MarkToMarket.total(of: valuations, \.marketValue),
                gross: MarkToMarket.total(of: valuations, { $0.marketValue?.magnitude }))
        }
    }

    func converted(at rate: Double) -> SectorExposure {
        SectorExposure(net: self.net.map { rate * $0 }, gross: self.gross.map { rate * $0 })
    }

    /// Exposure of the firm: the accounts' added up, sector by sector.
    static func merged(_ accounts: [[String: SectorExposure]]) -> [String: SectorExposure] {
        accounts.reduce(into: [:]) { merged, sectors in
            merged.merge(sectors) { left, right in
                SectorExposure(net: added(left.net, right.net), gross: added(left.gross, right.gross))
            }
        }
    }

    private static func added(_ left: Double?, _ right: Double?) -> Double? {
        left == nil && right == nil ? nil : (left ?? 0) + (right ?? 0)
    }
}
