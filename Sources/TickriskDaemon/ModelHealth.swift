// SPDX-License-Identifier: Apache-2.0
// How far the model's numbers can be trusted: what has prices, what history covers, how often losses passed VaR.

import FrameCodec
import FramePublisher
import Operations
import RiskDomain
import RiskMath
import RiskReport
import ServiceLifecycle
import Synchronization
import WebServer

/// Statuses are read from the newest cuts when asked; the backtests of the accounts are made one after the other, on a
/// task of its own. No account is named: `/metrics` is open to everybody.
///
/// Ownership: callable from any thread.
final class ModelHealth: Service {
    /// How old an account's backtest may become, where there are not more accounts than seconds in it.
    private static let round = Duration.seconds(60)
    /// Between two backtests, at least; at the start no more.
    private static let pauseMin = Duration.seconds(1)

    private struct Backtest: Sendable {
        var days: Int
        var exceptions: Int
        var expected: Double
        var zone: TrafficLight.Zone
    }

    private let hub: StreamHub
    private let reports: ReportDesk
    /// By account.
    private let backtests: Mutex<[Int: Backtest]> = Mutex([:])

    init(hub: StreamHub, reports: ReportDesk) {
        self.hub = hub
        self.reports = reports
    }

    func run() async throws {
        let count = self.hub.catalog.accounts.count
        await cancelWhenGracefulShutdown {
            var number = 0
            // Fast until a round in which no account has its first; then at leisure: prices move a backtest by little.
            var (isFast, hasFirst) = (true, false)
            while !Task.isCancelled, count > 0 {
                let newest = self.backtest(ofAccount: number)
                let before = self.backtests.withLock { backtests in
                    defer { backtests[number] = newest }
                    return backtests[number]
                }
                if before == nil, newest != nil { hasFirst = true }
                number = (number + 1) % count
                if number == 0 {
                    isFast = hasFirst || self.backtests.withLock { $0.isEmpty }
                    hasFirst = false
                }
                try? await Task.sleep(for: isFast ? Self.pauseMin : max(Self.pauseMin, Self.round / count))
            }
        }
    }

    /// Historical scenarios loaded.
    var scenarioCount: Int { self.reports.inputs.scenarios.count }

    private func backtest(ofAccount number: Int) -> Backtest? {
        let channel = self.hub.catalog.index(ofAccountNumber: number)
        guard let cut = self.hub.newestCut(channel: channel),
            let summary = self.reports.backtest(ofAccount: number, cut: cut)
        else { return nil }
        return Backtest(
            days: summary.report.days.count, exceptions: summary.report.exceptions.count,
            expected: summary.expectedExceptions, zone: summary.light.zone)
    }

    /// The newest states of all accounts that have one.
    private var accountStates: [ChannelState] {
        self.hub.catalog.accounts.indices.compactMap { number in
            self.hub.newestCut(channel: self.hub.catalog.index(ofAccountNumber: number))?.state
        }
    }

    var families: [MetricFamily] {
        let market = self.hub.newestCut(channel: ChannelCatalog.market)?.state
        let accounts = self.accountStates
        let coverage = accounts.compactMap { $0.cell("risk", "coverage_pct") }.min()
        let backtests = self.backtests.withLock { Array($0.values) }
        var families = [
            MetricFamily(
                .gauge, "tickrisk_scenarios", "Historical scenarios VaR is made of.", Double(self.scenarioCount)),
            Self.byStatus(
                "tickrisk_instruments", "Instruments, by the status of their price.",
                market?.numbers("", "status") ?? []),
            Self.byStatus(
                "tickrisk_accounts", "Accounts, by the status of their figures.",
                accounts.compactMap { $0.cell("", "status") }),
        ]
        if let coverage {
            families.append(
                MetricFamily(
                    .gauge, "tickrisk_coverage_percent_min",
                    "Least part of an account's gross value that has history behind it.", coverage))
        }
        if !backtests.isEmpty { families += Self.families(of: backtests) }
        return families
    }

    private static func families(of backtests: [Backtest]) -> [MetricFamily] {
        [
            MetricFamily(
                .gauge, "tickrisk_backtest_days", "Days of the accounts' backtests at the highest confidence.",
                Double(backtests.reduce(0) { $0 + $1.days })),
            MetricFamily(
                .gauge, "tickrisk_backtest_exceptions", "Of these, days whose loss passed VaR.",
                Double(backtests.reduce(0) { $0 + $1.exceptions })),
            MetricFamily(
                .gauge, "tickrisk_backtest_exceptions_expected", "As many as the confidence allows for.",
                backtests.reduce(0) { $0 + $1.expected }),
            MetricFamily(
                .gauge, "tickrisk_backtest_accounts",
                "Accounts with a backtest, by the traffic light of their last year.",
                TrafficLight.Zone.allCases.map { zone in
                    .init(["zone": zone.rawValue], Double(backtests.count { $0.zone == zone }))
                }),
        ]
    }

    private static func byStatus(_ name: String, _ help: String, _ codes: [Double]) -> MetricFamily {
        MetricFamily(
            .gauge, name, help,
            ValueStatus.allCases.map { status in
                .init(["status": status.name], Double(codes.count { $0 == Double(status.rawValue) }))
            })
    }
}

extension ChannelState {
    /// A numeric column by name; empty where there is none.
    fileprivate func numbers(_ path: String, _ column: String) -> [Double] {
        guard let table = self.layout.table(atPath: path),
            let index = self.layout.column(named: column, inTable: table)
        else { return [] }
        let offset = self.layout.numberOffset(table: table, column: index)
        let end = min(offset + max(1, self.layout.tables[table].keys.count), self.numbers.count)
        return Array(self.numbers[offset..<end])
    }

    /// The one row of a record; `nil` where it is absent.
    fileprivate func cell(_ path: String, _ column: String) -> Double? {
        self.numbers(path, column).first.flatMap { $0.isNaN ? nil : $0 }
    }
}
