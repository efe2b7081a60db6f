// SPDX-License-Identifier: Apache-2.0
// The configuration and data files the repository ships load and say what they promise.

import Foundation
import RiskDomain
import RiskFiles
import Testing

@Suite struct ShippedFilesTests {
    private func demo() throws -> RiskInputs {
        let configuration = try ConfigurationLoader.load(file: Repository.path("config/demo/tickrisk.yaml"))
        return try DataFiles.load(configuration).inputs
    }

    @Test func theExampleHoldsEveryKeyAtItsDefault() throws {
        let path = Repository.path("config/tickrisk.example.yaml")
        var configuration = try ConfigurationLoader.load(file: path)
        #expect(configuration.data.history == [Repository.path("config/history.csv")])
        configuration.data = Configuration.Data()
        #expect(configuration == Configuration())
        // The printer writes every key, so the example must have as many lines with a value.
        func keyLines(_ text: String) -> [String] {
            text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "-" } }
                .filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != ":" }) }
        }
        let example = try String(contentsOfFile: path, encoding: .utf8)
        #expect(keyLines(example) == keyLines(Configuration().effectiveYAML))
    }

    @Test func theExamplesOfTheManualLoadTogether() throws {
        let manual = try String(contentsOfFile: Repository.path("docs/data-files.md"), encoding: .utf8)
        func block(_ start: String) throws -> String {
            let start = try #require(manual.range(of: "```\(start)"), "no block \(start)")
            let end = try #require(manual.range(of: "```\n", range: start.upperBound..<manual.endIndex))
            return String(manual[start.lowerBound..<end.lowerBound].drop { $0 != "\n" }.dropFirst())
        }
        let set = DataSet(
            instruments: try block("csv\nid,"), accounts: try block("csv\naccount,name,"),
            positions: try block("csv\naccount,symbol,"), history: try block("csv\ndate,AAPL,"),
            scenarios: try block("yaml\nmarket"), events: try block("csv\ndate,symbol,"))
        let loaded = try set.loadWithReport()
        let inputs = loaded.inputs
        #expect(inputs.instruments.count == 4 && inputs.stressScenarios.count == 4)
        #expect(inputs.positions.map(\.quantity) == [200, -2] && inputs.positions[0].averageCost == 75.125)
        #expect(inputs.instruments[3].option?.strike == 100)
        #expect(inputs.accounts[0].cash == 1_000_050)
        let gap = try #require(loaded.historyReport.withoutHistory.first)
        #expect(
            gap.symbol == "AAPL"
                && gap.description.hasSuffix("blank on 2026-03-31 at \(loaded.historyReport.files[0].path):5"))
    }

    @Test func theDemoLoads() throws {
        let inputs = try self.demo()
        #expect(inputs.instruments.map(\.id) == Array(1...20))
        #expect(inputs.instruments.map(\.symbol) == inputs.instruments.map(\.symbol).sorted())
        #expect(inputs.accounts.map(\.id) == ["ALPHA", "BETA", "GAMMA"])
        #expect(inputs.history.dates.count == 501)
        #expect(inputs.history.dates.last == "2020-02-14")
        #expect(inputs.scenarios.count == 500)
        #expect(inputs.scenarios.rows.count { $0 != nil } == 20)
        #expect(
            inputs.stressScenarios.map(\.name) == [
                "market_crash_10pct", "market_rally_5pct", "flash_crash", "volatility_spike",
            ])
        #expect(inputs.stressScenarios.map { $0.shocks[0].price } == [-0.10, 0.05, -0.20, -0.15])
        #expect(inputs.stressScenarios.map { $0.shocks[0].volatilityPoints } == [0, 0, 0, 10])
        for account in inputs.accounts {
            #expect((8...20).contains(inputs.positions.count { $0.account == account.id }))
        }
    }

    @Test func theDemoAccountsAreWhatTheirNamesSay() throws {
        let inputs = try self.demo()
        var net: [String: Double] = [:]
        var gross: [String: Double] = [:]
        for position in inputs.positions {
            let value = position.quantity * (try #require(inputs.history.lastClose(of: position.symbol)))
            net[position.account, default: 0] += value
            gross[position.account, default: 0] += abs(value)
        }
        let (beta, gamma) = (try #require(net["BETA"]), try #require(net["GAMMA"]))
        let gammaGross = try #require(gross["GAMMA"])
        #expect(net["ALPHA"] == gross["ALPHA"])
        #expect(beta < 0)
        #expect(abs(gamma) < 0.001 * gammaGross)
    }

    @Test func theReplayContinuesTheHistory() throws {
        let inputs = try self.demo()
        let replay = try HistoryFile.load(
            Repository.path("config/demo/replay.csv"), symbols: inputs.instruments.map(\.symbol))
        #expect(replay.dates.first == "2020-02-14")
        #expect(replay.dates.last == "2020-12-31")
        #expect(replay.dates.count == 223)
        #expect(replay.closes.count == 20)
        for (symbol, closes) in replay.closes { #expect(closes.first == inputs.history.lastClose(of: symbol)) }
    }

    @Test func theReplayMovesUtilisationThroughTheWarningLevels() throws {
        let inputs = try self.demo()
        let replay = try HistoryFile.load(
            Repository.path("config/demo/replay.csv"), symbols: inputs.instruments.map(\.symbol))
        let rates = Dictionary(uniqueKeysWithValues: inputs.instruments.map { ($0.symbol, $0.marginRate) })
        for account in inputs.accounts {
            let limit = try #require(account.marginLimit)
            let utilisation = replay.dates.indices.map { day in
                inputs.positions.filter { $0.account == account.id }.reduce(0) { sum, position in
                    let price = replay.closes[position.symbol]?[day] ?? .nan
                    return sum + abs(position.quantity * price) * (rates[position.symbol] ?? .nan)
                } / limit * 100
            }
            let (least, most) = (try #require(utilisation.min()), try #require(utilisation.max()))
            #expect(least < 75)
            #expect((95...100).contains(most))
            #expect(utilisation[0] > 80)
        }
    }
}
