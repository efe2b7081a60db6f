// SPDX-License-Identifier: Apache-2.0
// Everything the engine is built from, loaded and checked before it starts.

/// The immutable inputs of one engine.
public struct RiskInputs: Sendable {
    public var directory: InstrumentDirectory
    /// In ascending account identifier.
    public var accounts: [Account]
    public var positions: [Position]
    public var history: ClosingHistory
    public var stressScenarios: [StressScenario]
    public var convention: RiskConvention
    public let scenarios: ScenarioReturns

    /// - Precondition: positions name known accounts and symbols, at most one each (the file loader refuses others).
    public init(
        instruments: [Instrument], accounts: [Account], positions: [Position], history: ClosingHistory,
        stressScenarios: [StressScenario], convention: RiskConvention
    ) {
        self.directory = InstrumentDirectory(instruments)
        self.accounts = accounts.sorted { $0.id < $1.id }
        self.positions = positions
        self.history = history
        self.stressScenarios = stressScenarios
        self.convention = convention
        self.scenarios = ScenarioReturns(
            history: history, instruments: instruments, window: convention.window,
            missingHistory: convention.missingHistory)
    }

    public var instruments: [Instrument] { self.directory.instruments }
}
