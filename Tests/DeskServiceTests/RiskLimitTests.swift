// SPDX-License-Identifier: Apache-2.0
// What a limit means to the alert book.

import DeskService
import FrameCodec
import Testing
import TradeDesk

@Suite struct RiskLimitTests {
    @Test func softWarnsAndHardIsCriticalEachWithItsOwnEnd() {
        let limit = RiskLimit(metric: .valueAtRisk, soft: 100, hard: 200)
        let rules = limit.rules(account: "A")
        #expect(rules.map(\.id) == ["value_at_risk_soft", "value_at_risk_hard"])
        #expect(rules.map(\.level) == [.warn, .critical] && rules.map(\.threshold) == [100, 200])
        #expect(rules.map(\.clearBelow) == [95, 190] && rules.allSatisfy { $0.scope == .account("A") })
        #expect(rules.allSatisfy { $0.effect == .none && !$0.isLatched })
    }

    @Test func partsAreTheirOwnScope() {
        let limit = RiskLimit(metric: .notional, part: "BRK/B", soft: nil, hard: 5)
        #expect(limit.rules(account: "A").map(\.scope) == [.part(account: "A", name: "BRK/B")])
        #expect(RiskLimit.metrics.filter(RiskLimit.needsPart) == [.position, .notional, .sector])
    }

    /// The alert desk knows the other two.
    @Test(arguments: RiskLimit.metrics.filter { ![.drawdown, .orderRate].contains($0) })
    func everyMetricOfALimitIsShownByStates(metric: LimitMetric) {
        let state = ChannelFiguresTests.state { state in
            for index in state.numbers.indices { state.numbers[index] = Double(index + 1) }
        }
        let part = metric == .sector ? "Energy" : "AAA"
        #expect(ChannelFigures(state: state).value(of: metric, part: part) != nil)
    }
}
