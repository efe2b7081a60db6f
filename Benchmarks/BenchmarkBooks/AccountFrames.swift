// SPDX-License-Identifier: Apache-2.0
// A snapshot and a delta to encode over and over.

import FrameCodec
import RiskSimulation

/// Two states of a channel shaped as an account's with 200 positions, of which every second number changed.
package final class AccountFrames {
    private static let rows = 200
    private let encoder = try! FrameEncoder(zstdLevel: 1, deflateLevel: 1)
    private let base: ChannelState
    private let state: ChannelState
    private let head = FrameHead(
        channel: "account:ACC00001", sequence: 101, base: 100, cutNanoseconds: 1_700_000_000_000_000_000,
        newestNanoseconds: 1_699_999_999_999_000_000, oldestNanoseconds: 1_699_999_999_900_000_000)
    /// Of the frame made last.
    package private(set) var bytes = 0

    package init() {
        var state = ChannelState(layout: ChannelLayout(tables: Self.tables))
        var random = SplitMix64(seed: 5)
        for index in state.numbers.indices {
            state.numbers[index] = (100_000 + 30_000 * random.nextApproximateNormal()).rounded() / 100
        }
        self.base = state
        for index in stride(from: 0, to: state.numbers.count, by: 2) {
            state.numbers[index] += (100 * random.nextApproximateNormal()).rounded() / 100
        }
        self.state = state
    }

    private static var tables: [Table] {
        let money = ColumnKind.decimal(2)
        let totals = ["cash", "equity", "gross", "net", "unrealised", "day", "var", "es"]
        let columns = ["price", "market_value", "unrealised", "day"]
        return [
            Table(path: "totals", shape: .record, columns: totals.map { Column(name: $0, kind: money) }),
            Table(
                path: "positions", shape: .rows, columns: columns.map { Column(name: $0, kind: money) },
                keys: (0..<Self.rows).map { "SYN\($0)" }),
        ]
    }

    /// Numbers that the delta tells.
    package var changed: Int { zip(self.base.numbers, self.state.numbers).count { $0 != $1 } }

    package func snapshot(_ encoding: FrameEncoding) -> Double {
        self.sum(try! self.encoder.snapshot(of: self.state, head: self.head, encoding: encoding))
    }

    package func delta(_ encoding: FrameEncoding) -> Double {
        self.sum(
            try! self.encoder.delta(
                from: self.base, to: self.state, head: self.head, includingChecksum: false, encoding: encoding))
    }

    private func sum(_ frame: [UInt8]) -> Double {
        self.bytes = frame.count
        return Double(frame.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) } >> 12)
    }
}
