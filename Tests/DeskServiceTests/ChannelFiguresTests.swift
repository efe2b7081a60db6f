// SPDX-License-Identifier: Apache-2.0
// The figures limits are about, as states show them.

import DeskService
import FrameCodec
import FramePublisher
import Testing
import TradeDesk

@Suite struct ChannelFiguresTests {
    static func state(_ change: (inout ChannelState) -> Void = { _ in }) -> ChannelState {
        func column(_ name: String, _ kind: ColumnKind = .decimal(2)) -> Column { Column(name: name, kind: kind) }
        let layout = ChannelLayout(tables: [
            Table(
                path: "totals", shape: .record,
                columns: ["equity", "gross_exposure", "net_exposure", "day_pnl", "total_pnl"].map { column($0) }),
            Table(path: "risk.var", shape: .map, columns: [column("value")], keys: ["9500", "9900"]),
            Table(path: "risk.es", shape: .map, columns: [column("value")], keys: ["9500", "9900"]),
            Table(path: "stress", shape: .map, columns: [column("value")], keys: ["crash", "rally"]),
            Table(path: "margin", shape: .record, columns: [column("utilisation_pct")]),
            Table(path: "sectors", shape: .rows, columns: [column("net"), column("gross")], keys: ["Energy"]),
            Table(
                path: "positions", shape: .rows, columns: [column("quantity"), column("market_value")],
                keys: ["AAA", "BBB"]),
        ])
        var state = ChannelState(layout: layout)
        change(&state)
        return state
    }

    /// Numbers 0, 1, 2 … in the order of the layout.
    private static let counted = state { state in
        for index in state.numbers.indices { state.numbers[index] = Double(index) }
    }

    @Test func figuresAreFoundByName() {
        let figures = ChannelFigures(state: Self.counted)
        #expect(figures.value(of: .grossExposure, part: nil) == 1)
        #expect(figures.value(of: .valueAtRisk, part: nil) == 6)
        #expect(figures.value(of: .expectedShortfall, part: nil) == 8)
        #expect(figures.value(of: .marginUtilisation, part: nil) == 11)
        #expect(figures.value(of: .sector, part: "Energy") == 13)
        #expect(figures.value(of: .position, part: "BBB") == 15)
        #expect(figures.value(of: .notional, part: "BBB") == 17)
    }

    @Test func lossesArePositiveAndGainsAreNone() {
        let state = Self.state { state in
            state.numbers[2] = -40  // net
            state.numbers[3] = -25  // day
            (state.numbers[9], state.numbers[10]) = (-300, 150)
        }
        let figures = ChannelFigures(state: state)
        #expect(figures.value(of: .netExposure, part: nil) == 40)
        #expect(figures.value(of: .dayLoss, part: nil) == 25)
        #expect(figures.value(of: .stressLoss, part: nil) == 300)
        let gains = ChannelFigures(state: Self.counted)
        #expect(gains.value(of: .dayLoss, part: nil) == 0 && gains.value(of: .stressLoss, part: nil) == 0)
    }

    @Test func concentrationIsTheGreatestPositionInPercentOfEquity() {
        let state = Self.state { state in
            state.numbers[0] = 200
            (state.numbers[16], state.numbers[17]) = (-90, 40)
        }
        #expect(ChannelFigures(state: state).value(of: .concentration, part: nil) == 45)
    }

    @Test(arguments: LimitMetric.allCases)
    func whatIsAbsentHasNoValue(metric: LimitMetric) {
        #expect(ChannelFigures(state: Self.state()).value(of: metric, part: "AAA") == nil)
        #expect(
            ChannelFigures(state: ChannelState(layout: ChannelLayout(tables: []))).value(of: metric, part: nil) == nil)
    }
}
