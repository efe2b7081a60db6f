// SPDX-License-Identifier: Apache-2.0
// An engine with its ring and channel states, driven by hand: time and ticks come from the test.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskKernel

final class EngineRig {
    private(set) var inputs: RiskInputs
    private(set) var plan: BookPlan
    private(set) var engine: EngineHandle
    let ring: TickRing
    /// Monotonic time; wall time is the same plus ``wallOffset``.
    var now: UInt64 = 1_000_000_000_000
    static let wallOffset: UInt64 = 1_700_000_000_000_000_000
    /// Cuts with the test's thread; ends with the rig.
    private let crew: EngineCrew?
    private var accountPorts: [EngineViewPort]
    private var firmPort: EngineViewPort
    private var marketPort: EngineViewPort

    init(_ inputs: RiskInputs, tier: String? = nil, shards: Int = 1, ringCapacity: Int = 4096) throws {
        self.inputs = inputs
        self.plan = BookPlan(inputs)
        self.ring = TickRing(capacity: ringCapacity)!
        let engine = try EngineHandle(
            inputs: inputs, plan: self.plan, rings: [self.ring], tier: KernelTier(named: tier), shards: shards)
        self.crew = shards > 1 ? EngineCrew(size: shards) : nil
        self.crew?.start()
        self.engine = engine
        self.accountPorts = self.plan.accounts.indices.map { engine.accountPort($0) }
        self.firmPort = engine.firmPort
        self.marketPort = engine.marketPort
    }

    deinit { self.crew?.stop() }

    var wall: UInt64 { self.now + Self.wallOffset }

    @discardableResult
    func push(_ ticks: [Tick], sent: UInt64? = nil) -> Bool {
        let sent = sent ?? self.wall
        return ticks.withUnsafeBufferPointer {
            self.ring.push($0, oldestNanoseconds: sent, newestNanoseconds: sent)
        }
    }

    /// Drains everything and cuts what is due; returns how many channels were cut.
    @discardableResult
    func turn(after nanoseconds: UInt64 = 0) -> Int {
        self.now += nanoseconds
        while self.engine.drain(limit: 1000, nowNanoseconds: self.now) > 0 {}
        return self.engine.cut(crew: self.crew, nowNanoseconds: self.now, wallNanoseconds: self.wall)
    }

    /// Another engine goes on with these inputs; what was cut and not taken is gone.
    func rebuild(with inputs: RiskInputs) throws {
        let plan = BookPlan(inputs)
        let engine = try EngineHandle(
            inputs: inputs, plan: plan, rings: [self.ring], tier: self.engine.tier, shards: self.engine.shards)
        engine.adopt(self.engine)
        self.inputs = inputs
        self.plan = plan
        self.engine = engine
        self.accountPorts = plan.accounts.indices.map { engine.accountPort($0) }
        self.firmPort = engine.firmPort
        self.marketPort = engine.marketPort
    }

    func takeAccount(_ number: Int) -> EngineView? { self.accountPorts[number].take() }
    func takeFirm() -> EngineView? { self.firmPort.take() }
    func takeMarket() -> EngineView? { self.marketPort.take() }

    func accountState(_ number: Int) -> ChannelState? {
        self.takeAccount(number).map {
            AccountStateBuilder(plan: self.plan.accounts[number], inputs: self.inputs).state(from: $0)
        }
    }

    func firmState() -> ChannelState? {
        self.takeFirm().map { FirmStateBuilder(plan: self.plan, inputs: self.inputs).state(from: $0) }
    }

    func marketState() -> ChannelState? {
        self.takeMarket().map { MarketStateBuilder(directory: self.inputs.directory).state(from: $0) }
    }
}

extension Tick {
    static func last(_ instrument: Int, _ price: Double, status: UInt8 = 0) -> Tick {
        Tick(instrument: UInt32(instrument), fields: .last, status: status, last: price)
    }

    static func quote(_ instrument: Int, bid: Double, ask: Double) -> Tick {
        Tick(instrument: UInt32(instrument), fields: [.bid, .ask], bid: bid, ask: ask)
    }
}
