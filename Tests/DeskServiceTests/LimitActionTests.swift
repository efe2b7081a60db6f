// SPDX-License-Identifier: Apache-2.0
// Limits that act: what stands in an order's way, and what ends it.

import DeskService
import FrameCodec
import FramePublisher
import RiskDomain
import RiskStore
import Synchronization
import Testing
import TradeDesk

@Suite struct LimitActionTests {
    /// A cut of ALPHA with a loss of the day and an equity.
    private static func cut(_ sequence: UInt64, dayPnL: Double = 0, equity: Double = 1_000) -> ChannelCut {
        let state = ChannelFiguresTests.state { state in
            state.numbers[0] = equity
            state.numbers[3] = dayPnL
        }
        return ChannelCut(
            channel: 2, name: "account:ALPHA", sequence: sequence, cutNanoseconds: sequence,
            newestNanoseconds: nil, oldestNanoseconds: nil, state: state, past: [], carriesChecksum: false,
            scenarioPnL: [])
    }

    /// Sets limits while the alert desk runs, and goes on until it is cancelled.
    private static func running(_ rig: DeskRig, _ limits: [RiskLimit]) async throws -> Task<Void, any Error> {
        let alerts = rig.alerts
        let task = Task { try await alerts.run() }
        try await alerts.set(limits: limits, of: "ALPHA", user: "rita")
        return task
    }

    @Test func hardLimitsHoldBeforeTheTrade() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let running = try await Self.running(
            rig,
            [
                RiskLimit(metric: .position, part: "AAPL", soft: nil, hard: 12),
                RiskLimit(metric: .notional, part: "MSFT", soft: nil, hard: 4_500),
                RiskLimit(metric: .valueAtRisk, soft: 1, hard: nil),
            ])
        #expect(await rig.refusal(DeskRig.form(.buy, "3"))?.codes == [.positionQuantity])
        #expect(await rig.refusal(DeskRig.form(.buy, "2")) == nil)
        #expect(await rig.refusal(DeskRig.form(.buy, "1"))?.codes == [.positionQuantity])
        #expect(await rig.refusal(DeskRig.form(.buy, "12", symbol: "MSFT"))?.codes == [.positionNotional])
        running.cancel()
    }

    /// Five currency units a share, whatever is held.
    private struct FixedRisk: RiskPreview {
        func risk(
            of account: String, trades: [(symbol: String, quantity: Double)], held: [String: Double]
        ) -> GateRisk? {
            var held = held
            for trade in trades { held[trade.symbol, default: 0] += trade.quantity }
            let risk = held.values.reduce(0) { $0 + 5 * $1.magnitude }
            return GateRisk(valueAtRisk: risk, expectedShortfall: risk)
        }
    }

    @Test func riskAfterTheTradeCountsWhatIsOpen() async throws {
        let rig = try await DeskRig(try DeskWorld(), preview: FixedRisk())
        let running = try await Self.running(rig, [RiskLimit(metric: .valueAtRisk, soft: nil, hard: 100)])
        #expect(await rig.refusal(DeskRig.form(.buy, "11"))?.codes == [.valueAtRisk])
        let id = try await rig.submit(DeskRig.form(.buy, "8")).order.id
        #expect(await rig.refusal(DeskRig.form(.buy, "3"))?.codes == [.valueAtRisk])
        rig.hand.fill(id, 8, at: 195)
        #expect(await rig.refusal(DeskRig.form(.buy, "3"))?.codes == [.valueAtRisk])
        #expect(await rig.refusal(DeskRig.form(.sell, "3")) == nil)
        running.cancel()
        let blind = try await DeskRig(try DeskWorld())
        let other = try await Self.running(blind, [RiskLimit(metric: .valueAtRisk, soft: nil, hard: 100)])
        #expect(await blind.refusal(DeskRig.form(.buy, "1"))?.codes == [.valueAtRisk])
        other.cancel()
    }

    @Test func aLossOfTheDayStopsTradingUntilItIsResetAlsoAcrossARestart() async throws {
        let world = try DeskWorld()
        let rig = try await DeskRig(world)
        let limit = RiskLimit(metric: .dayLoss, soft: nil, hard: 50, action: .haltAndCancel)
        var running = try await Self.running(rig, [limit])
        let id = try await rig.submit(DeskRig.form(.buy, "1", limit: "100")).order.id
        rig.alerts.publish([Self.cut(1, dayPnL: -60)])
        await rig.settle()
        #expect(rig.hand.commands.last == .cancel(orderID: id))
        #expect(await rig.refusal(DeskRig.form())?.codes == [.accountHalted])
        rig.alerts.publish([Self.cut(2, dayPnL: 10)])
        #expect(rig.alerts.standing(of: "ALPHA") == .halted, "it is latched")
        // Written down before anything that comes after it.
        try await rig.alerts.set(limits: [limit], of: "ALPHA", user: "rita")
        running.cancel()
        await rig.crash()
        let next = try await DeskRig(world)
        #expect(next.alerts.limits(of: "ALPHA") == [limit])
        #expect(await next.refusal(DeskRig.form())?.codes == [.accountHalted])
        let alerts = next.alerts
        running = Task { try await alerts.run() }
        let alert = try #require(next.alerts.standing(account: "ALPHA").first)
        #expect(try await next.alerts.reset(alert: alert.id, user: "rita").state == .resolved)
        #expect(await next.refusal(DeskRig.form()) == nil)
        running.cancel()
    }

    @Test func drawdownAndOrderRateAreFed() async throws {
        let rig = try await DeskRig(try DeskWorld())
        let running = try await Self.running(
            rig,
            [
                RiskLimit(metric: .drawdown, soft: nil, hard: 10, action: .reduce),
                RiskLimit(metric: .orderRate, soft: 2, hard: nil),
            ])
        rig.alerts.publish([Self.cut(1, equity: 1_000)])
        rig.alerts.publish([Self.cut(2, equity: 901)])
        #expect(rig.alerts.standing(of: "ALPHA") == .active)
        rig.alerts.publish([Self.cut(3, equity: 900)])
        #expect(rig.alerts.standing(of: "ALPHA") == .reducing)
        #expect(await rig.refusal(DeskRig.form())?.codes == [.accountReducing])
        for _ in 0..<2 { _ = try await rig.submit(DeskRig.form(.sell, "1")) }
        rig.alerts.publish([Self.cut(4, equity: 950)])
        #expect(rig.alerts.standing(account: "ALPHA").map(\.rule) == ["order_rate_soft"])
        running.cancel()
    }
}
