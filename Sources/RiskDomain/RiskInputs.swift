// SPDX-License-Identifier: Apache-2.0
// Everything the engine is built from, loaded and checked before it starts.

/// The immutable inputs of one engine.
public struct RiskInputs: Sendable {
    public let directory: InstrumentDirectory
    /// In ascending account identifier.
    public var accounts: [Account]
    public var positions: [Position]
    /// The whole history, of which ``scenarios`` are the newest rows.
    public let history: ClosingHistory
    public let stressScenarios: [StressScenario]
    public let convention: RiskConvention
    public let models: RiskModelSettings
    public let scenarios: ScenarioReturns
    public let currencies: CurrencyGraph

    /// - Precondition: positions name known accounts and symbols, at most one each, and options name an underlying that
    ///   is none (the file loader refuses others).
    public init(
        instruments: [Instrument], accounts: [Account], positions: [Position], history: ClosingHistory,
        stressScenarios: [StressScenario], convention: RiskConvention,
        models: RiskModelSettings = RiskModelSettings()
    ) {
        self.directory = InstrumentDirectory(instruments)
        self.accounts = accounts.sorted { $0.id < $1.id }
        self.positions = positions
        self.history = history
        self.stressScenarios = stressScenarios
        self.convention = convention
        self.models = models
        self.scenarios = ScenarioReturns(
            history: history, instruments: instruments, window: convention.window,
            missingHistory: convention.missingHistory, days: convention.scenarioDays,
            minimumReturns: convention.minimumReturns)
        self.currencies = CurrencyGraph(instruments)
    }

    public var instruments: [Instrument] { self.directory.instruments }

    /// Index of an option's underlying; `nil` for what is no option.
    public func underlying(of instrument: Int) -> Int? {
        self.instruments[instrument].option.flatMap { self.directory.index(ofSymbol: $0.underlying) }
    }
}
