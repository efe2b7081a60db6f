// SPDX-License-Identifier: Apache-2.0
// What follows for the whole from what the units of a fleet say.

import HTTPTypes
import Testing
import WebServer

struct FleetAnswersTests {
    private typealias Answer = FleetAnswers.Answer

    private static func said(_ status: HTTPResponse.Status, _ text: String) -> Answer {
        .said(HTTPResponse(status: status), Array(text.utf8))
    }

    private static func state(_ name: String) -> Answer { Self.said(.ok, #"{"state":"\#(name)","reason":"x"}"#) }

    /// Status and body, or the problem's.
    private static func result(_ ask: () throws(ProblemResponse) -> FleetAnswers.Said) -> (Int, String) {
        do throws(ProblemResponse) {
            let said = try ask()
            return (said.head.status.code, String(decoding: said.content, as: UTF8.self))
        } catch { return (error.status.code, "\(error.code): \(error.detail)") }
    }

    @Test func doneByAllIsDone() {
        let parts = FleetAnswers([1: Self.said(.ok, "unit"), 0: Self.said(.ok, "house")])
        #expect(Self.result(parts.outcome) == (200, "house"))
    }

    @Test func whatAllRefuseIsRefusedAsTheyDo() {
        let parts = FleetAnswers([
            0: .failed("silent"), 1: Self.said(.unprocessableContent, "no state"), 2: Self.said(.forbidden, "not you"),
        ])
        #expect(Self.result(parts.outcome) == (422, "no state"))
        #expect(Self.result(parts.standing) == (422, "no state"))
    }

    @Test func doneInPartNamesWhoHasNotAndWhy() {
        let parts = FleetAnswers([
            0: Self.said(.ok, "house"), 1: .failed("partition 1 is silent"), 2: Self.said(.ok, "unit"),
            3: Self.said(.serviceUnavailable, "store"),
        ])
        let who = "1 (partition 1 is silent), 3 (503 Service Unavailable)"
        #expect(
            Self.result(parts.outcome) == (503, "in_part: set for 2 of 4 partitions, not for \(who); send it again"))
        let none = FleetAnswers([0: .failed("silent"), 1: .failed("silent")])
        #expect(Self.result(none.outcome).0 == 503)
        #expect(Self.result(none.standing) == (503, "not_ready: no unit says how its kill switch stands"))
    }

    @Test func theWholeStandsNoStricterThanItsMildestPart() {
        var answers = [0: Self.state("halted"), 1: Self.state("halted"), 2: Answer.failed("silent")]
        #expect(Self.result(FleetAnswers(answers).standing).1.contains("halted"))
        answers[1] = Self.state("reducing")
        #expect(Self.result(FleetAnswers(answers).standing).1.contains("reducing"))
        answers[3] = Self.state("active")
        #expect(Self.result(FleetAnswers(answers).standing).1.contains("active"))
        answers[3] = Self.said(.ok, "something else")
        #expect(Self.result(FleetAnswers(answers).standing).1.contains("reducing"))
    }

    @Test func rowsAreThoseOfEachAccountsOwnUnitAsItWroteThem() {
        let answers = FleetAnswers([
            0: Self.said(.ok, #"{"accounts":[{"account":"A"},{"account":"D","margin_utilisation_pct":1.50e1}]}"#),
            1: Self.said(.ok, #"{"accounts":[ {"account":"A","limit":{"level":"ok"},"x":[1,2]} , {"account":"D"}]}"#),
            2: .failed("silent"), 3: Self.said(.ok, "no rows"), 4: Self.said(.ok, #"{"accounts":[7,{"account":"F"}]}"#),
        ])
        let (status, text) = Self.result { () throws(ProblemResponse) in
            try answers.limitUse(of: ["A", "B", "D", "E", "F"]) { ["A": 1, "B": 2, "D": 0, "E": 3, "F": 4][$0] }
        }
        let rows =
            #"{"account":"A","limit":{"level":"ok"},"x":[1,2]},{"account":"B"},"#
            + #"{"account":"D","margin_utilisation_pct":1.50e1},{"account":"E"},{"account":"F"}"#
        #expect(status == 200 && text == "{\"accounts\":[\(rows)]}")
        let forbidden = FleetAnswers([0: Self.said(.forbidden, "not you"), 1: .failed("silent")])
        #expect(Self.result { () throws(ProblemResponse) in try forbidden.limitUse(of: []) { _ in 0 } }.0 == 403)
        let silent = FleetAnswers([0: .failed("silent")])
        #expect(Self.result { () throws(ProblemResponse) in try silent.limitUse(of: []) { _ in 0 } }.0 == 503)
    }
}
