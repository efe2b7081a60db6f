// SPDX-License-Identifier: Apache-2.0
// Owns the C engine: builds it from checked inputs, runs its steps, hands out the reading ends.

import CEngine
import CRing
import RiskDomain

/// The engine of one book.
///
/// Ownership: ``drain(limit:)``, ``cut(crew:)``, ``rollDay()`` and ``adopt(_:)`` belong to the engine thread,
/// ``push(_:)`` to the one producer of commands, each port to its one reader (docs/ownership.md).
public final class EngineHandle: @unchecked Sendable {
    let engine: OpaquePointer
    let rings: [TickRing]  // borrowed by the engine
    public let tier: KernelTier
    public let accountCount: Int
    /// Into how many parts a crew may split its accounts.
    public let shards: Int
    let directory: EngineDirectory
    /// Engines of one number have the same scenarios, stress and terms of instruments.
    public let scenarioSet: Int

    /// - Parameters:
    ///   - plan: of `inputs`; the order of everything in the views.
    ///   - rings: one a feed, at most 64.
    ///   - shards: 1 to 64.
    ///   - directory: of the instruments; another one than that of the engine it adopts where indices differ.
    public init(
        inputs: RiskInputs, plan: BookPlan, rings: [TickRing], tier: KernelTier, shards: Int = 1,
        scenarioSet: Int = 0, directory: EngineDirectory = EngineDirectory()
    ) throws(EngineError) {
        guard rings.count <= TR_RINGS_MAX else { throw .tooManyFeeds(limit: TR_RINGS_MAX) }
        guard inputs.convention.confidences.count <= TR_LEVELS_MAX else {
            throw .tooManyConfidences(limit: TR_LEVELS_MAX)
        }
        let arrays = EngineArrays(inputs: inputs, plan: plan, directory: directory)
        guard let engine = arrays.makeEngine(rings: rings.map(\.ring), tier: tier, shards: shards) else {
            throw .outOfMemory
        }
        self.engine = engine
        self.rings = rings
        self.tier = tier
        self.accountCount = plan.accounts.count
        self.shards = shards
        self.scenarioSet = scenarioSet
        self.directory = directory
    }

    deinit { tr_engine_destroy(self.engine) }

    /// Takes at most `limit` records from each ring; returns how many.
    public func drain(limit: Int) -> Int {
        for ring in self.rings { ring.noteOccupancy() }
        return tr_engine_drain(self.engine, MonotonicClock.nowNanoseconds, limit)
    }

    /// Cuts what is dirty and due; returns how many channels were.
    ///
    /// - Parameter crew: of the calling thread; takes its share of the accounts.
    public func cut(crew: EngineCrew? = nil) -> Int {
        self.cut(
            crew: crew, nowNanoseconds: MonotonicClock.nowNanoseconds, wallNanoseconds: WallClock.nowNanoseconds)
    }

    /// Ends the trading day: prices become the prior closes of day P&L and change, what is held was held over night.
    public func rollDay() { tr_engine_roll_day(self.engine) }

    /// Whether a feed still counts instruments as the directory before did; callable from any thread. Until none does,
    /// no engine with yet another directory may take over.
    public var isTranslating: Bool { tr_engine_is_translating(self.engine) }

    public var hasInput: Bool { tr_engine_has_input(self.engine) }

    /// Monotonic time at which ``cut(crew:)`` has something to do without further ticks.
    public var nextDeadlineNanoseconds: UInt64 { tr_engine_next_deadline(self.engine) }

    public func accountPort(_ account: Int) -> EngineViewPort {
        EngineViewPort(
            engine: self, exchange: tr_engine_account_exchange(self.engine, account),
            layout: tr_engine_account_layout(self.engine, account).pointee)
    }

    public var firmPort: EngineViewPort {
        EngineViewPort(
            engine: self, exchange: tr_engine_firm_exchange(self.engine),
            layout: tr_engine_firm_layout(self.engine).pointee)
    }

    public var marketPort: EngineViewPort {
        EngineViewPort(
            engine: self, exchange: tr_engine_market_exchange(self.engine),
            layout: tr_engine_market_layout(self.engine).pointee)
    }
}

extension EngineHandle {
    /// ``drain(limit:)`` at a given monotonic time, for tests and replays.
    public func drain(limit: Int, nowNanoseconds: UInt64) -> Int {
        tr_engine_drain(self.engine, nowNanoseconds, limit)
    }

    /// ``cut(crew:)`` at given times.
    public func cut(crew: EngineCrew? = nil, nowNanoseconds: UInt64, wallNanoseconds: UInt64) -> Int {
        tr_engine_cut(self.engine, crew?.crew, nowNanoseconds, wallNanoseconds)
    }
}

public enum EngineError: Error, Equatable, CustomStringConvertible {
    case outOfMemory
    case tooManyFeeds(limit: Int)
    case tooManyConfidences(limit: Int)

    public var description: String {
        switch self {
        case .outOfMemory: "not enough memory for the engine"
        case .tooManyFeeds(let limit): "too many feeds: at most \(limit)"
        case .tooManyConfidences(let limit): "too many confidences: at most \(limit)"
        }
    }
}
