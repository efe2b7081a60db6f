// SPDX-License-Identifier: Apache-2.0
// Answers questions about every formula, a JSON line each, so that oracles of another language can check them.

import Foundation

/// Reads one request a line and writes one answer a line, until its input ends (`Tests/EndToEnd/oracle_probe.py`).
@main
enum RiskProbe {
    static func main() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let encoder = JSONEncoder()
        while let line = readLine() {
            let request = try decoder.decode(ProbeRequest.self, from: Data(line.utf8))
            // Not through a buffer: the test waits for it.
            FileHandle.standardOutput.write(try encoder.encode(request.answer()) + Data("\n".utf8))
        }
    }
}

/// A question, told by its member `ask`.
enum ProbeRequest: Decodable {
    case attribution(AttributionProbe)
    case backtest(BacktestProbe)
    case book(BookProbe)
    case covariance(CovarianceProbe)
    case distributions(DistributionProbe)
    case options(OptionProbe)
    case statistics(StatisticsProbe)

    private enum Keys: String, CodingKey { case ask }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let ask = try container.decode(String.self, forKey: .ask)
        switch ask {
        case "attribution": self = .attribution(try AttributionProbe(from: decoder))
        case "backtest": self = .backtest(try BacktestProbe(from: decoder))
        case "book": self = .book(try BookProbe(from: decoder))
        case "covariance": self = .covariance(try CovarianceProbe(from: decoder))
        case "distributions": self = .distributions(try DistributionProbe(from: decoder))
        case "options": self = .options(try OptionProbe(from: decoder))
        case "statistics": self = .statistics(try StatisticsProbe(from: decoder))
        default:
            throw DecodingError.dataCorruptedError(forKey: .ask, in: container, debugDescription: "unknown: \(ask)")
        }
    }

    func answer() -> ProbeValue {
        switch self {
        case .attribution(let probe): probe.answer()
        case .backtest(let probe): probe.answer()
        case .book(let probe): probe.answer()
        case .covariance(let probe): probe.answer()
        case .distributions(let probe): probe.answer()
        case .options(let probe): probe.answer()
        case .statistics(let probe): probe.answer()
        }
    }
}
