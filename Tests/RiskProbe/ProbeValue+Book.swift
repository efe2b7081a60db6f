// SPDX-License-Identifier: Apache-2.0
// Accounts, the firm and reports as answers.

import RiskDomain
import RiskMath
import RiskReport

extension ProbeValue {
    init(_ account: AccountValuation) {
        self = [
            "currency": ProbeValue(account.currency), "status": ProbeValue(account.status.name),
            "totals": ProbeValue(account.totals), "risk": ProbeValue(account.risk),
            "scenario_pnl": account.scenarioPnL.map { ProbeValue($0) } ?? .absent,
            "stress": ProbeValue(account.stress), "greeks": .object(account.greeks.mapValues { ProbeValue($0) }),
            "margin": ProbeValue(account.margin),
            "sectors": .object(account.sectors.mapValues { ProbeValue($0) }),
            "positions": ProbeValue(each: account.positions, name: \.symbol) { ProbeValue($0) },
        ]
    }

    init(_ firm: FirmValuation) {
        self = [
            "currency": ProbeValue(firm.currency), "status": ProbeValue(firm.status.name),
            "totals": ProbeValue(firm.totals), "risk": ProbeValue(firm.risk),
            "scenario_pnl": firm.scenarioPnL.map { ProbeValue($0) } ?? .absent,
            "stress": ProbeValue(firm.stress), "greeks": .object(firm.greeks.mapValues { ProbeValue($0) }),
            "margin": ProbeValue(firm.margin), "sectors": .object(firm.sectors.mapValues { ProbeValue($0) }),
        ]
    }

    init(_ position: PositionValuation) {
        self = [
            "quantity": ProbeValue(position.quantity), "average_cost": ProbeValue(position.averageCost),
            "price": ProbeValue(position.price), "market_value": ProbeValue(position.marketValue),
            "unrealised_pnl": ProbeValue(position.unrealisedPnL), "day_pnl": ProbeValue(position.dayPnL),
            "status": ProbeValue(position.status.name),
        ]
    }

    init(_ totals: ValuationTotals) {
        self = [
            "cash": ProbeValue(totals.cash), "market_value": ProbeValue(totals.marketValue),
            "equity": ProbeValue(totals.equity), "gross_exposure": ProbeValue(totals.grossExposure),
            "net_exposure": ProbeValue(totals.netExposure), "unrealised_pnl": ProbeValue(totals.unrealisedPnL),
            "realised_pnl": ProbeValue(totals.realisedPnL), "fees": ProbeValue(totals.fees),
            "day_pnl": ProbeValue(totals.dayPnL), "total_pnl": ProbeValue(totals.totalPnL),
        ]
    }

    init(_ risk: RiskFigures) {
        self = [
            "window": ProbeValue(risk.window), "coverage_pct": ProbeValue(risk.coverage.percent),
            "excluded": ProbeValue(risk.coverage.excluded), "var": ProbeValue(risk.valueAtRisk),
            "es": ProbeValue(risk.expectedShortfall),
        ]
    }

    init(_ greeks: CashGreeks) {
        self = [
            "delta": ProbeValue(greeks.delta), "gamma": ProbeValue(greeks.gamma), "vega": ProbeValue(greeks.vega),
            "theta": ProbeValue(greeks.theta), "rho": ProbeValue(greeks.rho),
        ]
    }

    init(_ margin: MarginFigures) {
        self = [
            "used": ProbeValue(margin.used), "limit": ProbeValue(margin.limit),
            "utilisation_pct": ProbeValue(margin.utilisationPercent), "level": ProbeValue(margin.level.name),
        ]
    }

    init(_ sector: SectorExposure) { self = ["net": ProbeValue(sector.net), "gross": ProbeValue(sector.gross)] }

    init(_ report: BookReport) {
        self = [
            "models": .object(
                Dictionary(
                    uniqueKeysWithValues: report.models.map { model, figures in
                        (
                            model.rawValue,
                            ["var": ProbeValue(figures.valueAtRisk), "es": ProbeValue(figures.expectedShortfall)]
                        )
                    })),
            "stressed_dates": report.stressedDates.map { ProbeValue([$0.from, $0.to]) } ?? .absent,
            "intervals": ProbeValue(each: Array(report.intervals.keys), name: String.init) { confidence in
                let interval = report.intervals[confidence]!
                return [
                    "least": ProbeValue(interval.least), "greatest": ProbeValue(interval.greatest),
                    "coverage": ProbeValue(interval.coverage),
                ]
            },
            "attribution": report.attribution.map { ProbeValue($0) } ?? .absent,
            "scenario_dates": ProbeValue(report.scenarioDates),
            "groupings": .list(report.groupings.map { $0.map { ProbeValue($0) } ?? .absent }),
            "worst": .list(
                report.worst.map { worst in
                    [
                        "date": ProbeValue(worst.date), "pnl": ProbeValue(worst.pnl),
                        "parts": ProbeValue(worst.parts),
                    ]
                }),
            "histogram": report.histogram.map {
                ["edges": ProbeValue($0.edges), "counts": ProbeValue($0.counts)]
            } ?? .absent,
            "backtest": report.backtest.map { summary in
                [
                    "report": ProbeValue(summary.report), "from": ProbeValue(summary.from),
                    "to": ProbeValue(summary.to), "exception_dates": ProbeValue(summary.exceptionDates),
                ]
            } ?? .absent,
            "stress": .list(report.stress.map { ProbeValue($0) }),
            "stress_parts": ProbeValue(report.stressParts),
        ]
    }
}
