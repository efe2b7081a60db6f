// SPDX-License-Identifier: Apache-2.0
// Accounts that are cut together have the bits they have when each is cut alone.

import FrameCodec
import RiskDomain
import RiskKernel
import RiskSimulation
import Testing

@Suite struct ScenarioBatchTests {
    /// A book, and which way its scenarios are summed.
    struct Shape: CustomTestStringConvertible {
        var instruments: Int
        var accounts: Int
        var positions: Int
        var scenarios: Int
        var testDescription: String

        func inputs(seed: UInt64) -> RiskInputs {
            SyntheticBook(
                instruments: self.instruments, accounts: self.accounts, positionsPerAccount: self.positions,
                scenarios: self.scenarios, seed: seed, instrumentsWithoutHistory: 2
            ).makeInputs()
        }
    }

    static let shapes = [
        Shape(instruments: 25, accounts: 41, positions: 20, scenarios: 77, testDescription: "panels, other rows"),
        Shape(instruments: 25, accounts: 43, positions: 25, scenarios: 64, testDescription: "panels, the same rows"),
        Shape(instruments: 12, accounts: 7, positions: 12, scenarios: 101, testDescription: "the same rows"),
        Shape(instruments: 90, accounts: 9, positions: 5, scenarios: 33, testDescription: "few positions"),
        Shape(instruments: 10, accounts: 60, positions: 9, scenarios: 1, testDescription: "one scenario"),
    ]

    /// The account alone, of the same instruments and history.
    private static func alone(_ number: Int, of inputs: RiskInputs) -> RiskInputs {
        let account = inputs.accounts[number]
        return RiskInputs(
            instruments: inputs.instruments, accounts: [account],
            positions: inputs.positions.filter { $0.account == account.id }, history: inputs.history,
            stressScenarios: inputs.stressScenarios, convention: inputs.convention)
    }

    @Test(arguments: shapes, ["scalar", "avx2", "avx512"])
    func accountsCutTogetherHaveTheBitsOfAccountsCutAlone(shape: Shape, tier: String) throws {
        guard (try? KernelTier(named: tier)) != nil else { return }  // this CPU has no such instructions
        let seed: UInt64 = 31
        let inputs = shape.inputs(seed: seed)
        let together = try EngineRig(inputs, tier: tier)
        let alone = try inputs.accounts.indices.map { try EngineRig(Self.alone($0, of: inputs), tier: tier) }
        var random = SplitMix64(seed: seed)
        for round in 0..<4 {
            // Everything at first; then so much that some accounts are due and some are not.
            let count = round == 0 ? shape.instruments : 3
            let ticks = (0..<count).map { index -> Tick in
                let price = 50 + 100 * random.nextUniform()
                return .last(round == 0 ? index : random.nextIndex(below: shape.instruments), price)
            }
            for rig in [together] + alone {
                rig.now += 1_000_000_000
                rig.push(ticks)
                rig.turn()
            }
            for number in inputs.accounts.indices {
                let states = [together.accountState(number), alone[number].accountState(0)]
                let bits = states.map { $0?.numbers.map(\.bitPattern) }
                #expect(bits[0] == bits[1], "seed \(seed), round \(round), account \(number)")
            }
        }
    }
}
