// SPDX-License-Identifier: Apache-2.0
// Preferences are any object, letter for letter, within limits.

import DeskService
import Testing
import WebServer

struct PreferencesRequestTests {
    private func refusal(_ text: String) -> ProblemResponse? {
        do {
            _ = try PreferencesRequest.content(Array(text.utf8))
            return nil
        } catch { return error as? ProblemResponse }
    }

    /// An object with lists in it, so many levels in all.
    private func nested(_ levels: Int) -> String {
        #"{"a":"# + String(repeating: "[", count: levels - 1) + "1" + String(repeating: "]", count: levels - 1) + "}"
    }

    @Test func anObjectIsTakenAsItStands() throws {
        let most = #"{"a":""# + String(repeating: "x", count: PreferencesDesk.bytesMax - 8) + #""}"#
        #expect(most.utf8.count == PreferencesDesk.bytesMax)
        for text in [
            "{}", " { } ", #"{"zone":"Europe/Zürich","grid":[{"w":1.50,"h":-0e1}],"x":null}"#, self.nested(8), most,
        ] {
            #expect(try PreferencesRequest.content(Array(text.utf8)) == text)
        }
    }

    @Test func whatIsTooLongTooDeepOrNoObjectIsRefused() {
        let spaces = String(repeating: " ", count: PreferencesDesk.bytesMax)
        #expect(self.refusal("{\(spaces)}")?.code == "body_too_large")
        for text in ["", "[]", "1", "null", "{", "{}{}", "{\"a\":}", self.nested(9), self.nested(5_000)] {
            let refusal = self.refusal(text)
            #expect(refusal?.code == "malformed", "\(text.prefix(20))")
        }
        #expect((try? PreferencesRequest.content(Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8))) == nil)
    }

    @Test func namesThatComeTwiceAreNamed() {
        for text in [#"{"zone":1,"zone":2}"#, #"{"a":[{"zone":1,"z\u006fne":2}]}"#] {
            let refusal = self.refusal(text)
            #expect(refusal?.code == "invalid" && refusal?.errors == ["zone": "may come once"])
        }
    }
}
