// SPDX-License-Identifier: Apache-2.0
// What is found, and in which order.

import DeskService
import RiskDomain
import Testing

struct InstrumentSearchTests {
    private static let names = [
        ("AAPL", "Apple Inc."), ("AMZN", "Amazon.com"), ("APLE", "Apple Hospitality REIT"), ("GOOG", "Alphabet"),
        ("MSFT", "Microsoft"), ("BRK/B", "Berkshire Hathaway"), ("JPM", "JPMorgan Chase"), ("C", "Citigroup"),
    ]
    private static let search = InstrumentSearch(
        names.enumerated().map { index, name in
            Instrument(id: UInt32(index), symbol: name.0, name: name.1, sector: "S", currency: "USD")
        })

    private func found(_ text: String, limit: Int = 10) -> [String] {
        Self.search.find(text, limit: limit).map { Self.names[$0].0 }
    }

    @Test func theSymbolItselfComesFirstThenWhatBeginsSo() {
        #expect(self.found("aapl").first == "AAPL")
        // Symbols that begin so by themselves, then names with it inside.
        #expect(self.found("A") == ["AAPL", "AMZN", "APLE", "GOOG", "BRK/B", "JPM"])
        #expect(self.found("C").first == "C")
    }

    @Test func namesAndTheirWordsAreFound() {
        #expect(self.found("apple") == ["AAPL", "APLE"])
        #expect(self.found("hath") == ["BRK/B"])
        #expect(self.found("morgan") == ["JPM"])
        #expect(self.found("k/b") == ["BRK/B"])
    }

    @Test(arguments: [
        ("APPL", "AAPL"), ("AALP", "AAPL"), ("MSTF", "MSFT"), ("microsfot", "MSFT"), ("amazn", "AMZN"),
        ("GOGG", "GOOG"),
    ])
    func slipsAreForgiven(text: String, symbol: String) {
        #expect(self.found(text).first == symbol)
    }

    @Test func whatIsFarOffIsNotFound() {
        for text in ["", "ZZZZ", "QQ", String(repeating: "a", count: 500)] { #expect(self.found(text).isEmpty) }
        #expect(self.found("a", limit: 2).count == 2 && self.found("a", limit: 0).isEmpty)
    }
}
