// SPDX-License-Identifier: Apache-2.0
// One engine's share of the firm: what a sum over several engines is made of.

import FrameCodec
import RiskDomain
import RiskKernel

/// What a firm's cut rests on beside what it shows.
public struct FirmBasis: Sendable, Equatable {
    public var weights: FirmWeights
    /// ``ScenarioReturns/digest(of:)`` of the dates of its scenarios.
    public var scenarioDigest: UInt64

    public init(weights: FirmWeights, scenarioDigest: UInt64) {
        self.weights = weights
        self.scenarioDigest = scenarioDigest
    }
}

/// The firm's cut as an engine makes it of its own accounts.
public struct FirmPart: Sendable {
    /// Values of ``scenarioPnL``.
    public static let scenariosMax = RiskConvention.windowMax

    public var sequence: UInt64
    public var cutNanoseconds: UInt64
    public var newestNanoseconds: UInt64?
    public var oldestNanoseconds: UInt64?
    /// Its numbers are not rounded.
    public var state: ChannelState
    public var basis: FirmBasis
    /// By historical scenario, in the firm's currency.
    public var scenarioPnL: [Double]

    public init(
        sequence: UInt64, cutNanoseconds: UInt64, newestNanoseconds: UInt64?, oldestNanoseconds: UInt64?,
        state: ChannelState, basis: FirmBasis, scenarioPnL: [Double]
    ) {
        self.sequence = sequence
        self.cutNanoseconds = cutNanoseconds
        self.newestNanoseconds = newestNanoseconds
        self.oldestNanoseconds = oldestNanoseconds
        self.state = state
        self.basis = basis
        self.scenarioPnL = scenarioPnL
    }

    /// `nil` for a cut that no engine here made of its accounts: of another channel, of another process, or joined.
    public init?(_ cut: ChannelCut) {
        guard let basis = cut.basis else { return nil }
        self.init(
            sequence: cut.sequence, cutNanoseconds: cut.cutNanoseconds, newestNanoseconds: cut.newestNanoseconds,
            oldestNanoseconds: cut.oldestNanoseconds, state: cut.state, basis: basis, scenarioPnL: cut.scenarioPnL)
    }

    /// What was told since the last sum is told by the next, also where a newer part replaces this one before it.
    func stamped(after earlier: FirmPart) -> FirmPart {
        var part = self
        part.newestNanoseconds = [earlier.newestNanoseconds, self.newestNanoseconds].compactMap(\.self).max()
        part.oldestNanoseconds = [earlier.oldestNanoseconds, self.oldestNanoseconds].compactMap(\.self).min()
        return part
    }
}
