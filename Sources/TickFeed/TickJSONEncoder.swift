// SPDX-License-Identifier: Apache-2.0
// Writes the JSON form of a message, for publishing what a person can read.

import RiskDomain

/// Encodes ticks as `{"epoch":E,"sequence":S,"sent_ns":N,"ticks":[…]}`. Prices are shortest round-trip doubles.
public struct TickJSONEncoder: Sendable {
    /// Symbols as JSON strings by instrument index.
    private let symbols: [String]

    public init(directory: InstrumentDirectory) { self.symbols = directory.instruments.map { Self.quoted($0.symbol) } }

    /// Encodes one message; no ticks make a heartbeat.
    ///
    /// - Parameter ticks: `instrument` is an index of the directory, present prices are finite, `status` is 0 to 3.
    public func encode(
        epoch: UInt64, sequence: UInt64, sentNanoseconds: UInt64, ticks: some Collection<Tick>
    ) -> [UInt8] {
        var text = "{\"epoch\":\(epoch),\"sequence\":\(sequence),\"sent_ns\":\(sentNanoseconds),\"ticks\":["
        var separator = ""
        for tick in ticks {
            text += separator + "{\"symbol\":" + self.symbols[Int(tick.instrument)]
            if tick.fields.contains(.bid) { text += ",\"bid\":\(tick.bid)" }
            if tick.fields.contains(.ask) { text += ",\"ask\":\(tick.ask)" }
            if tick.fields.contains(.last) { text += ",\"last\":\(tick.last)" }
            if tick.status > 0 { text += ",\"status\":\"\(TradingStatus.allCases[Int(tick.status) - 1].name)\"" }
            text += "}"
            separator = ","
        }
        return Array((text + "]}").utf8)
    }

    private static func quoted(_ symbol: String) -> String {
        var text = "\""
        for scalar in symbol.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
