// SPDX-License-Identifier: Apache-2.0
// Alerts and kill switches: one alert a rule and scope, hysteresis, latches, who may trade.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing
import TradeDesk

@Suite struct AlertBookTests {
    static func observe(_ values: [Double?], of rules: [LimitRule], in book: inout AlertBook) -> [String] {
        values.enumerated().flatMap { index, value in
            rules.flatMap { rule in
                book.observe(value, of: rule, timeNanoseconds: UInt64(index)).map { action in
                    switch action {
                    case .raised(let alert): "\(index) raised \(alert.rule.id)"
                    case .resolved(let alert): "\(index) resolved \(alert.rule.id)"
                    case .cancelOrders(let account): "\(index) cancel \(account ?? "all")"
                    }
                }
            }
        }
    }

    @Test func marginRaisesOneWarnAndOneCriticalHoweverManyTicksSaySo() {
        var book = AlertBook()
        let rules = LimitRule.margin(of: .account("ALPHA"))
        let words = Self.observe(
            [79.9, 80, 85, 95, 99, 95, nil, .nan, 90, 89, 92, 75, 74.9, 96], of: rules, in: &book)
        #expect(
            words == [
                "1 raised margin_warn", "3 raised margin_critical", "9 resolved margin_critical",
                "12 resolved margin_warn", "13 raised margin_warn", "13 raised margin_critical",
            ])
    }

    /// The worse of the two standing alerts is the margin level of DESIGN.md §5.
    @Test(arguments: UInt64(1)...30)
    func marginAlertsAreTheMarginLevel(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = AlertBook()
        var level = MarginLevel.ok
        for step in 0..<500 {
            let percent = 70 + Double(random.nextIndex(below: 60)) / 2
            level = MarginLevelRule.next(level: level, utilisationPercent: percent)
            _ = Self.observe([percent], of: LimitRule.margin(of: .firm), in: &book)
            let levels = book.alerts.map(\.rule.level)
            let worst = levels.contains(.critical) ? MarginLevel.critical : levels.isEmpty ? .ok : .warn
            #expect(worst == level, "seed \(seed) step \(step) \(percent)")
            #expect(Set(levels).count == levels.count, "seed \(seed)")
        }
    }

    @Test func sameRuleOfTwoScopesHasTwoAlerts() {
        var book = AlertBook()
        let rules = ["ALPHA", "BETA"].compactMap {
            LimitRule(id: "net", metric: .netExposure, scope: .account($0), threshold: 10)
        }
        _ = Self.observe([11, 12], of: rules, in: &book)
        #expect(book.alerts.map(\.id) == [1, 2] && book.alerts.map(\.peakValue) == [12, 12])
        let gone = book.keep([rules[1]], timeNanoseconds: 9)
        #expect(gone.count == 1 && book.alerts.map(\.rule.scope) == [.account("BETA")])
    }

    @Test func alertIsAcknowledgedOnceAndResolvesByItself() throws {
        var book = AlertBook()
        let rule = try #require(LimitRule(id: "var", metric: .valueAtRisk, scope: .firm, threshold: 10, clearBelow: 8))
        _ = Self.observe([10], of: [rule], in: &book)
        let alert = try book.acknowledge(1, user: "ann", timeNanoseconds: 5)
        #expect(alert.stage == .acknowledged && alert.acknowledged?.user == "ann")
        #expect(throws: AlertRefusal.notRaised(1)) { try book.acknowledge(1, user: "bob", timeNanoseconds: 6) }
        #expect(throws: AlertRefusal.notLatched(1)) { try book.reset(1, user: "ann", timeNanoseconds: 6) }
        #expect(Self.observe([20, 8, 7], of: [rule], in: &book) == ["2 resolved var"])
        #expect(throws: AlertRefusal.unknownAlert(1)) { try book.acknowledge(1, user: "ann", timeNanoseconds: 7) }
    }

    @Test func dayLossStaysLatchedUntilItIsReset() throws {
        var book = AlertBook()
        let rule = try #require(
            LimitRule(
                id: "loss", metric: .dayLoss, scope: .account("ALPHA"), severity: .hard, level: .critical,
                threshold: 1_000, action: .haltAndCancel, isLatched: true))
        #expect(Self.observe([1_000, 0, 2_000, 0], of: [rule], in: &book) == ["0 raised loss", "0 cancel ALPHA"])
        #expect(book.standing(of: "ALPHA") == .halted && book.standing(of: "BETA") == .active)
        let kept = book.keep([], timeNanoseconds: 5)
        #expect(kept.isEmpty)
        guard case .resolved(let alert) = try book.reset(1, user: "risk", timeNanoseconds: 9) else {
            Issue.record("a reset resolves")
            return
        }
        #expect(alert.reset?.user == "risk" && alert.peakValue == 2_000 && book.standing(of: "ALPHA") == .active)
        // Still beyond it, it is raised anew.
        #expect(Self.observe([1_500], of: [rule], in: &book) == ["0 raised loss", "0 cancel ALPHA"])
    }

    @Test func strictestStandingAlertCountsAndSoftOnesDoNothing() throws {
        var book = AlertBook()
        let scopes: [(LimitScope, LimitSeverity, LimitAction)] = [
            (.account("ALPHA"), .soft, .halt), (.firm, .hard, .reduce),
            (.part(account: "BETA", name: "AAPL"), .hard, .halt),
        ]
        for (index, (scope, severity, action)) in scopes.enumerated() {
            let rule = try #require(
                LimitRule(
                    id: "\(index)", metric: .notional, scope: scope, severity: severity, threshold: 1, action: action))
            _ = Self.observe([1], of: [rule], in: &book)
        }
        #expect(book.standing(of: "ALPHA") == .reducing && book.standing(of: "BETA") == .halted)
    }

    @Test func rulesWithoutSenseAreNoRules() {
        for (threshold, clearBelow) in [(Double.nan, 1.0), (1, .nan), (1, 2), (.infinity, 1)] {
            let rule = LimitRule(
                id: "x", metric: .drawdown, scope: .firm, threshold: threshold, clearBelow: clearBelow)
            #expect(rule == nil)
        }
    }
}
