// SPDX-License-Identifier: Apache-2.0
// The states behind the golden frames: small, but with every kind of cell and change.

import FrameCodec

/// One golden frame: its head, its states, and the golden frame it follows.
struct GoldenFrame: Sendable, CustomStringConvertible {
    let name: String
    /// The golden frame after which it is decoded; `nil` for a snapshot.
    let after: String?
    let head: FrameHead
    let base: ChannelState?
    let state: ChannelState
    let includesChecksum: Bool

    var description: String { self.name }

    func message(_ encoder: FrameEncoder, _ encoding: FrameEncoding) throws(FrameCodecError) -> [UInt8] {
        guard let base = self.base else {
            return try encoder.snapshot(of: self.state, head: self.head, encoding: encoding)
        }
        return try encoder.delta(
            from: base, to: self.state, head: self.head, includingChecksum: self.includesChecksum, encoding: encoding)
    }
}

enum GoldenFrames {
    static let all: [GoldenFrame] = {
        let account = Self.accountState()
        let changed = Self.changed(account)
        let market = Self.marketState()
        var moved = market
        for (index, number) in [(0, 189.35), (7, 1.08131), (9, 0.0), (12, 1.0), (13, Double.nan)] {
            moved.numbers[index] = number
        }
        let cut: UInt64 = 1_767_225_600_123_456_789
        return [
            GoldenFrame(
                name: "account-snapshot", after: nil,
                head: FrameHead(
                    channel: "account:ALPHA", sequence: 100, cutNanoseconds: cut, newestNanoseconds: cut - 1_000_000,
                    oldestNanoseconds: cut - 90_000_001, resumed: true),
                base: nil, state: account, includesChecksum: true),
            GoldenFrame(
                name: "account-delta", after: "account-snapshot",
                head: FrameHead(
                    channel: "account:ALPHA", sequence: 101, base: 100, cutNanoseconds: cut + 100_000_000,
                    newestNanoseconds: cut + 99_000_000, oldestNanoseconds: cut + 5),
                base: account, state: changed, includesChecksum: true),
            GoldenFrame(
                name: "empty-delta", after: "account-delta",
                head: FrameHead(channel: "account:ALPHA", sequence: 107, base: 101, cutNanoseconds: cut + 700_000_000),
                base: changed, state: changed, includesChecksum: false),
            GoldenFrame(
                name: "market-snapshot", after: nil,
                head: FrameHead(
                    channel: "market", sequence: 0, cutNanoseconds: cut, newestNanoseconds: cut,
                    oldestNanoseconds: cut),
                base: nil, state: market, includesChecksum: true),
            GoldenFrame(
                name: "market-delta", after: "market-snapshot",
                head: FrameHead(
                    channel: "market", sequence: 3, base: 0, cutNanoseconds: cut + 300_000_000,
                    newestNanoseconds: cut + 299_000_000, oldestNanoseconds: cut + 201_000_000),
                base: market, state: moved, includesChecksum: true),
            GoldenFrame(
                name: "firm-snapshot", after: nil,
                head: FrameHead(channel: "firm", sequence: 9_007_199_254_740_991, cutNanoseconds: cut),
                base: nil, state: Self.firmState(), includesChecksum: true),
        ]
    }()

    private static let status = ColumnKind.choice(["ok", "stale", "partial", "missing"])

    private static func record(_ path: String, _ columns: [(String, ColumnKind)]) -> Table {
        Table(path: path, shape: .record, columns: columns.map { Column(name: $0.0, kind: $0.1) })
    }

    private static func map(_ path: String, _ keys: [String]) -> Table {
        Table(path: path, shape: .map, columns: [Column(name: "value", kind: .decimal(2))], keys: keys)
    }

    private static let riskTables = [
        record(
            "risk",
            [
                ("window", .decimal(0)), ("quantile", .choice(["discrete", "linear"])), ("coverage_pct", .decimal(4)),
                ("excluded", .texts),
            ]),
        map("risk.var", ["9500", "9750", "9900"]), map("stress", ["market_crash_10pct"]), map("greeks", []),
    ]

    private static func accountState() -> ChannelState {
        let tables =
            [
                self.record("", [("account", .text), ("currency", .text), ("status", self.status)]),
                self.record("totals", [("cash", .decimal(2)), ("equity", .decimal(2)), ("day_pnl", .decimal(2))]),
            ] + self.riskTables + [
                Table(
                    path: "positions", shape: .rows,
                    columns: [
                        Column(name: "quantity", kind: .decimal(4)), Column(name: "price", kind: .price),
                        Column(name: "status", kind: self.status), Column(name: "note", kind: .text),
                    ],
                    keys: ["AAPL", "BRK.B", "EUR/USD", "Zürich \"N\""], priceDecimals: [2, 4, 5, 0])
            ]
        var state = ChannelState(layout: ChannelLayout(tables: tables))
        state.texts = [
            .text("ALPHA"), .text("USD"), .list(["BRK.B", "日本"]), .text(""), .absent, .text("held\nover"), .text("🙂"),
        ]
        state.numbers =
            [0, -125_000.255, 1e300, .nan, 500, 0, 99.87654321, 1_234.5, 2_345.67, .nan, -987_654.321]
            + [10, -2.5, 4e15, 0, 195, 412.33335, 1.08125, 31_999.5, 0, 3, 1, .nan]
        return state
    }

    private static func changed(_ account: ChannelState) -> ChannelState {
        var state = account
        // status · cash, day_pnl · quantile · VaR absent and back · positions
        let changes: [(Int, Double)] = [
            (0, 2), (1, -125_000.245), (2, -1e300), (3, -0.01), (5, 1), (7, .nan), (9, 3_456.78), (11, 11),
            (13, -4e15), (15, .nan), (16, 412.33344), (17, 1.08126), (18, 32_000.5), (20, 0), (22, 3),
        ]
        for (index, number) in changes { state.numbers[index] = number }
        state.texts[1] = .absent
        state.texts[2] = .list([])
        state.texts[4] = .text("new")
        state.texts[5] = .text("")
        return state
    }

    private static func marketState() -> ChannelState {
        let table = Table(
            path: "", shape: .rows,
            columns: [
                Column(name: "bid", kind: .price), Column(name: "ask", kind: .price),
                Column(name: "last", kind: .price),
                Column(name: "change_pct", kind: .decimal(4)),
                Column(name: "trading", kind: .choice(["trading", "halted", "closed"])),
                Column(name: "status", kind: self.status),
            ],
            keys: ["AAPL", "EURUSD", "PWR"], priceDecimals: [2, 5, 3])
        var state = ChannelState(layout: ChannelLayout(tables: [table]))
        state.numbers = [
            189.34, 1.0812, -12.345, 189.36, 1.08122, -12.25, 189.35, .nan, -12.3, 0.4, .nan, -3.25, 0, 0, 2, 0, 1, 3,
        ]
        return state
    }

    private static func firmState() -> ChannelState {
        let tables =
            [self.record("", [("account", .text), ("currency", .text), ("status", self.status)])] + self.riskTables + [
                Table(
                    path: "accounts", shape: .rows,
                    columns: [
                        Column(name: "currency", kind: .text), Column(name: "positions", kind: .decimal(0)),
                        Column(name: "market_value", kind: .decimal(2)),
                        Column(name: "margin_level", kind: .choice(["ok", "warn", "critical", "unknown"])),
                    ],
                    keys: ["ALPHA", "BETA", "__proto__"])
            ]
        var state = ChannelState(layout: ChannelLayout(tables: tables))
        state.texts = [.text("firm"), .text("EUR"), .absent, .text("USD"), .text("EUR"), .text("JPY")]
        state.numbers =
            [2, 499, 0, 100, -1.25, 0, 1, -50_000] + [12, 3, 0, 1_234_567.891, -90_071_992_547_409.91, .nan, 0, 2, 3]
        return state
    }
}
