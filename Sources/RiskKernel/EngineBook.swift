// SPDX-License-Identifier: Apache-2.0
// An engine with what it was built from.

import RiskDomain

/// Whoever reads the engine's views knows by the plan what their rows are.
public struct EngineBook: Sendable {
    public let inputs: RiskInputs
    public let plan: BookPlan
    public let engine: EngineHandle

    /// - Parameters:
    ///   - rings: one a feed, at most 64.
    ///   - shards: into how many parts a crew may split the accounts, 1 to 64.
    public init(
        inputs: RiskInputs, rings: [TickRing], tier: KernelTier, shards: Int = 1, scenarioSet: Int = 0,
        directory: EngineDirectory = EngineDirectory()
    ) throws(EngineError) {
        self.inputs = inputs
        self.plan = BookPlan(inputs)
        self.engine = try EngineHandle(
            inputs: inputs, plan: self.plan, rings: rings, tier: tier, shards: shards, scenarioSet: scenarioSet,
            directory: directory)
    }

    /// The same rings and kernels with other inputs.
    ///
    /// - Parameter scenarioSet: another number where more than positions differ.
    public func rebuilt(with inputs: RiskInputs, scenarioSet: Int) throws(EngineError) -> EngineBook {
        var directory = self.engine.directory
        // Instruments change with the scenarios or not at all.
        if scenarioSet != self.scenarioSet, !inputs.directory.hasSameTerms(as: self.inputs.directory) {
            directory = directory.next(from: self.inputs.directory, to: inputs.directory)
        }
        return try EngineBook(
            inputs: inputs, rings: self.engine.rings, tier: self.engine.tier, shards: self.engine.shards,
            scenarioSet: scenarioSet, directory: directory)
    }

    /// Which scenarios, stress and terms of instruments it has.
    public var scenarioSet: Int { self.engine.scenarioSet }

    /// Counts the directories of instruments there have been.
    public var directoryNumber: UInt64 { self.engine.directory.number }
}
