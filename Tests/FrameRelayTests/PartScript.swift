// SPDX-License-Identifier: Apache-2.0
// A part of the firm made by hand: what an engine's looks like, in small.

import FrameCodec
import FramePublisher
import RiskKernel

enum PartScript {
    static let layout = ChannelLayout(tables: [
        Table(
            path: "", shape: .record,
            columns: [Column(name: "account", kind: .text), Column(name: "status", kind: .choice(["ok", "missing"]))]),
        Table(path: "totals", shape: .record, columns: [Column(name: "cash", kind: .decimal(2))]),
        Table(
            path: "accounts", shape: .rows,
            columns: [Column(name: "value", kind: .decimal(2)), Column(name: "level", kind: .choice(["ok", "warn"]))],
            keys: ["A", "B"]),
    ])

    static func part(sequence: UInt64 = 3) -> FirmPart {
        var state = ChannelState(layout: self.layout)
        state.texts = [.text("firm")]
        state.numbers = [1, 1.0 / 3, 1e9 / 7, .nan, 0, 1]
        return FirmPart(
            sequence: sequence, cutNanoseconds: 40, newestNanoseconds: 30, oldestNanoseconds: 20, state: state,
            basis: FirmBasis(
                weights: FirmWeights(
                    includedCount: 2, holderCount: 2, measuredHolderCount: 1, pricedGross: 10.0 / 3, coveredGross: 1),
                scenarioDigest: .max - 1),
            scenarioPnL: [-1.0 / 3, 0, 1e-300])
    }
}
