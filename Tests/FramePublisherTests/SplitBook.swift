// SPDX-License-Identifier: Apache-2.0
// One book in a whole engine and split over several, all driven by the same ticks at the same times.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskKernel
import RiskMath
import RiskSimulation

final class SplitBook {
    let inputs: RiskInputs
    let accounts: [FirmAccount]
    let whole: EngineRig
    let rigs: [EngineRig]
    /// The newest of each.
    private(set) var parts: [FirmPart?]
    private(set) var wholePart: FirmPart?
    private var sequence: UInt64 = 0

    /// Every account in a random partition; some partitions may be without.
    convenience init(_ inputs: RiskInputs, partitionCount: Int, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let partitions = inputs.accounts.map { _ in random.nextIndex(below: partitionCount) }
        try self.init(inputs, partitions: partitions, partitionCount: partitionCount)
    }

    /// - Parameter partitions: by account.
    init(_ inputs: RiskInputs, partitions: [Int], partitionCount: Int) throws {
        self.inputs = inputs
        let accounts = zip(inputs.accounts, partitions).map { account, partition in
            FirmAccount(id: account.id, currency: account.currency, partition: partition)
        }
        self.accounts = accounts
        self.whole = try EngineRig(inputs)
        self.rigs = try (0..<partitionCount).map { partition in
            try EngineRig(Self.inputs(inputs, accounts: accounts) { $0 == partition })
        }
        self.parts = Array(repeating: nil, count: partitionCount)
    }

    /// The same market with the accounts of some partitions.
    static func inputs(_ inputs: RiskInputs, accounts: [FirmAccount], _ isIn: (Int) -> Bool) -> RiskInputs {
        var part = inputs
        let ids = Set(accounts.filter { isIn($0.partition) }.map(\.id))
        part.accounts = inputs.accounts.filter { ids.contains($0.id) }
        part.positions = inputs.positions.filter { ids.contains($0.account) }
        return part
    }

    func join() -> FirmJoin {
        FirmJoin(accounts: self.accounts, partitionCount: self.rigs.count, convention: self.inputs.convention)
    }

    /// Cuts everything that is due; false where nothing of the firm was.
    func turn(_ ticks: [Tick], after nanoseconds: UInt64) -> Bool {
        self.sequence += 1
        for (partition, rig) in self.rigs.enumerated() {
            if let part = Self.turn(rig, ticks, after: nanoseconds, sequence: self.sequence) {
                self.parts[partition] = part
            }
        }
        guard let part = Self.turn(self.whole, ticks, after: nanoseconds, sequence: self.sequence) else { return false }
        self.wholePart = part
        return true
    }

    static func turn(_ rig: EngineRig, _ ticks: [Tick], after nanoseconds: UInt64, sequence: UInt64) -> FirmPart? {
        rig.now += nanoseconds
        if !ticks.isEmpty { rig.push(ticks) }
        rig.turn()
        guard let view = rig.takeFirm() else { return nil }
        let builder = FirmStateBuilder(plan: rig.plan, inputs: rig.inputs)
        return FirmPart(
            sequence: sequence, cutNanoseconds: view.cutNanoseconds, newestNanoseconds: view.newestNanoseconds,
            oldestNanoseconds: view.oldestNanoseconds, state: builder.state(from: view),
            basis: builder.basis(of: view)!, scenarioPnL: builder.scenarioPnL(of: view))
    }
}

extension ChannelState {
    /// A number of the state; `nil` where absent.
    func number(_ column: String, in path: String, row: String? = nil) -> Double? {
        guard let table = self.layout.table(atPath: path),
            let index = self.layout.column(named: column, inTable: table)
        else { return nil }
        let place = row.map { self.layout.tables[table].keys.firstIndex(of: $0) } ?? 0
        guard let place else { return nil }
        let value = self.numbers[self.layout.numberOffset(table: table, column: index) + place]
        return value.isNaN ? nil : value
    }
}
