// SPDX-License-Identifier: Apache-2.0
// What clients say: read, or refused with a reason.

import Testing
import WebServer

struct ControlMessageTests {
    private static func parse(_ text: String) throws(ControlMessageError) -> ControlMessage {
        try ControlMessage(parsing: Array(text.utf8))
    }

    @Test func everyOperationIsRead() throws {
        #expect(
            try Self.parse(#"{"op":"subscribe","channels":["market"],"later":1}"#)
                == .subscribe(channels: ["market"], resume: nil))
        #expect(try Self.parse(#"{"op":"unsubscribe","channels":[]}"#) == .unsubscribe(channels: []))
        #expect(try Self.parse(#"{"op":"rate","hz":0.2}"#) == .rate(hertz: 0.2))
        #expect(try Self.parse(#"{"op":"ping","id":7}"#) == .ping(id: .number(7)))
        #expect(try Self.parse(#"{"op":"ping","id":"a"}"#) == .ping(id: .text("a")))
        #expect(try Self.parse(#"{"op":"ping"}"#) == .ping(id: nil))
    }

    @Test func aResumeKeepsAllSixtyFourBits() throws {
        let text =
            #"{"op":"subscribe","channels":["firm"],"resume":{"epoch":"e","sequences":{"firm":18446744073709551615}}}"#
        guard case .subscribe(_, let resume?) = try Self.parse(text) else {
            Issue.record("no resume")
            return
        }
        #expect(resume.epoch == "e" && resume.sequences == ["firm": .max] && resume.events == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "7", #"{"op":"dance"}"#, #"{"op":7}"#, #"{"channels":["a"]}"#, #"{"op":"subscribe"}"#,
        #"{"op":"subscribe","channels":"market"}"#, #"{"op":"rate"}"#, #"{"op":"rate","hz":0.1}"#,
        #"{"op":"rate","hz":11}"#, #"{"op":"rate","hz":"fast"}"#, #"{"op":"ping","id":{}}"#,
        #"{"op":"subscribe","channels":["a"],"resume":{"epoch":1}}"#,
    ])
    func whatIsNoControlMessageIsRefused(text: String) {
        #expect(throws: ControlMessageError.self) { try Self.parse(text) }
    }
}

struct NumberTextTests {
    @Test(arguments: [
        (0.0, "0.00"), (-0.001, "0.00"), (1234567.891, "1,234,567.89"), (-1234.5, "\u{2212}1,234.50"),
        (999.999, "1,000.00"),
    ])
    func moneyIsGroupedWithATrueMinus(value: Double, text: String) {
        #expect(NumberText.plain(value, decimals: 2) == text)
    }

    @Test func quantitiesDropTheirTrailingZeros() {
        #expect(NumberText.plain(10, decimals: 0, upTo: 6) == "10")
        #expect(NumberText.plain(0.25, decimals: 0, upTo: 6) == "0.25")
        #expect(NumberText.plain(1200, decimals: 0, upTo: 2) == "1,200")
    }

    @Test func resultsHaveASignAndATone() {
        #expect(NumberText.signed(5, decimals: 2) == ShownNumber(text: "+5.00", tone: "gain"))
        #expect(NumberText.signed(-5, decimals: 2) == ShownNumber(text: "\u{2212}5.00", tone: "loss"))
        #expect(NumberText.signed(-0.001, decimals: 2) == ShownNumber(text: "0.00", tone: ""))
    }
}
