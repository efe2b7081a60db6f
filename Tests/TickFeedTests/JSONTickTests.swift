// SPDX-License-Identifier: Apache-2.0
// The two JSON forms: what is read, what is refused, and what hostile text does.

import RiskDomain
import Testing
import TickFeed

struct JSONTickTests {
    /// A message with these ticks.
    private func message(_ ticks: String) -> String { #"{"epoch":1,"sequence":2,"sent_ns":3,"ticks":[\#(ticks)]}"# }

    @Test func allMembersAreReadInAnyOrderAndUnknownOnesIgnored() throws {
        let batch = try decoded(
            """
             \t\r\n{ "ticks" : [
             {"status":"halted","last":1.5e0,"symbol":"AAPL","x":{"y":[1,{}],"z":[]},"ask":2,"bid":1},
             {"symbol":"CL","last":-37.63,"status":"closed"}, {"symbol":"Q\\"\\\\\\u00E9\\u0001","status":"trading"} ] ,
             "more":[true,false,null,"\\ud83d\\ude00\\/\\b\\f\\n\\r\\t",-0,0.5,1E+2,{"a":{}}],
             "sent_ns":18446744073709551613,"sequence":18446744073709551614,"epoch":18446744073709551615}\n
            """
        ).get()
        #expect(batch.head.kind == .ticks && batch.head.count == 3)
        #expect(batch.head.epoch == .max && batch.head.sequence == .max - 1 && batch.head.sentNanoseconds == .max - 2)
        #expect(reasons(batch.rejected) == [])
        #expect(
            batch.ticks == [
                Tick(instrument: 0, fields: [.bid, .ask, .last], status: 2, bid: 1, ask: 2, last: 1.5),
                Tick(instrument: 1, fields: .last, status: 3, last: -37.63),
                Tick(instrument: 2, fields: [], status: 1),
            ])
    }

    @Test func theShortFormIsUnsequencedLastPrices() throws {
        let batch = try decoded(
            #"{"event":"price_tick","prices":{"AAPL":189.34,"CL":-1,"NONE":1,"AAPL":0,"CL":"1"},"epoch":"x"}"#
        ).get()
        #expect(batch.head.kind == .ticks && batch.head.count == 5)
        #expect(batch.head.epoch == nil && batch.head.sequence == nil && batch.head.sentNanoseconds == nil)
        #expect(
            batch.ticks == [
                Tick(instrument: 0, fields: .last, last: 189.34), Tick(instrument: 1, fields: .last, last: -1),
            ])
        #expect(reasons(batch.rejected) == [.json, .unknownInstrument, .priceRange])
    }

    @Test func noTicksAreAHeartbeatAndTheSendTimeMayBeUnknown() throws {
        let head = try decoded(#"{"epoch":1,"sequence":0,"ticks":[]}"#).get().head
        #expect(head.kind == .heartbeat && head.count == 0)
        #expect(head.epoch == 1 && head.sequence == 0 && head.sentNanoseconds == nil)
    }

    @Test(arguments: [
        "{", "{}", " ", "{}x", "{} {}", " [1]", #"{"epoch":1,"sequence":2}"#,
        #"{"epoch":1,"ticks":[]}"#, #"{"sequence":1,"ticks":[]}"#, #"{"ticks":[]}"#,
        #"{"epoch":-1,"sequence":2,"ticks":[]}"#, #"{"epoch":1.0,"sequence":2,"ticks":[]}"#,
        #"{"epoch":1e3,"sequence":2,"ticks":[]}"#, #"{"epoch":"1","sequence":2,"ticks":[]}"#,
        #"{"epoch":18446744073709551616,"sequence":2,"ticks":[]}"#, #"{"epoch":null,"sequence":2,"ticks":[]}"#,
        #"{"epoch":1,"sequence":99999999999999999999999,"ticks":[]}"#,
        #"{"epoch":1,"sequence":2,"sent_ns":-1,"ticks":[]}"#,
        #"{"epoch":1,"sequence":2,"ticks":{}}"#, #"{"epoch":1,"sequence":2,"ticks":null}"#,
        #"{"epoch":1,"sequence":2,"ticks":[],}"#, #"{"epoch":1,"sequence":2,"ticks":[{},]}"#,
        #"{"epoch":01,"sequence":2,"ticks":[]}"#, #"{"epoch":1,"sequence":2,"ticks":[{"bid":1.}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"bid":.5}]}"#, #"{"epoch":1,"sequence":2,"ticks":[{"bid":+5}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"bid":NaN}]}"#, #"{"epoch":1,"sequence":2,"ticks":[{"bid":1e}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"bid":0x10}]}"#, #"{"epoch":1,"sequence":2,"ticks":[{"bid":tru}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{bid:1}]}"#, #"{"epoch":1,"sequence":2,"ticks":[{"bid" 1}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"symbol":"\x"}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"symbol":"\u12G4"}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"symbol":"\ud83d"}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"symbol":"\ude00"}]}"#,
        #"{"epoch":1,"sequence":2,"ticks":[{"symbol":"\ud83d\u0041"}]}"#,
        "{\"epoch\":1,\"sequence\":2,\"ticks\":[\"\n\"]}",
        #"{"epoch":1,"sequence":2,"ticks":["#, #"{"epoch":1,"sequence":2,"ticks":["a"#,
        #"{"event":"price_tick"}"#, #"{"event":"other","prices":{"AAPL":1}}"#, #"{"prices":{"AAPL":1}}"#,
        #"{"event":"price_tick","prices":[1]}"#, #"{"event":1,"prices":{"AAPL":1}}"#, "{\"a\":1}\0",
    ])
    func whatIsNeitherFormIsRefusedAsJSON(text: String) {
        #expect(head(of: Array(text.utf8)) == .failure(.json))
    }

    @Test func textThatIsNotUTF8IsRefused() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xC3]] {
            let payload = Array(#"{"epoch":1,"sequence":2,"ticks":[],"x":""#.utf8) + bytes + Array("\"}".utf8)
            #expect(head(of: payload) == .failure(.json))
        }
    }

    @Test(arguments: [
        ("1", RejectReason.json), ("null", .json), ("[]", .json), ("{}", .json), (#"{"bid":1}"#, .json),
        (#"{"symbol":7}"#, .json), (#"{"symbol":"AAPL","bid":"1"}"#, .json), (#"{"symbol":"AAPL","ask":null}"#, .json),
        (#"{"symbol":"AAPL","last":[1],"bid":true,"status":0}"#, .json), (#"{"symbol":"AAPL","status":1}"#, .json),
        (#"{"symbol":"NONE","bid":"1"}"#, .json), (#"{"symbol":"NONE","bid":1e999}"#, .unknownInstrument),
        (#"{"symbol":""}"#, .unknownInstrument), (#"{"symbol":"AAPL","bid":1e999,"ask":-1}"#, .nonFinite),
        (#"{"symbol":"CL","bid":-1e999}"#, .nonFinite), (#"{"symbol":"AAPL","bid":0,"status":"x"}"#, .priceRange),
        (#"{"symbol":"AAPL","last":1e-999}"#, .priceRange),
        (#"{"symbol":"AAPL","bid":2,"ask":1,"status":"x"}"#, .crossed),
        (#"{"symbol":"AAPL","bid":1,"status":"open"}"#, .status), (#"{"symbol":"AAPL","status":"Trading"}"#, .status),
    ])
    func aTickIsRefusedForItsReasonAndItsMessageIsNot(tick: String, reason: RejectReason) throws {
        let good = #"{"symbol":"AAPL","last":1}"#
        let batch = try decoded(message("\(good),\(tick),\(good)")).get()
        #expect(reasons(batch.rejected) == [reason])
        #expect(batch.ticks.count == 2 && batch.head.count == 3)
    }

    @Test func namesAndSymbolsMayBeEscaped() throws {
        let batch = try decoded(message(#"{"\u0073ymbol":"A\u0041PL","last":1}"#)).get()
        #expect(batch.ticks == [Tick(instrument: 0, fields: .last, last: 1)])
    }

    @Test func ofAMemberGivenTwiceTheLastCounts() throws {
        let batch = try decoded(
            #"{"ticks":[1,2],"epoch":1,"epoch":5,"sequence":2,"ticks":[{"symbol":"AAPL","last":1,"last":2}]}"#
        ).get()
        #expect(batch.head.epoch == 5 && batch.ticks.map(\.last) == [2] && batch.rejected.total == 0)
    }

    @Test func pricesAreTheNearestDouble() throws {
        let texts = [
            "0.1", "189.34", "123456789.123456789", "2.2250738585072011e-308", "999999999999.99999999999", "1E-5",
        ]
        let batch = try decoded(message(texts.map { #"{"symbol":"AAPL","last":\#($0)}"# }.joined(separator: ","))).get()
        #expect(batch.ticks.map(\.last) == texts.compactMap(Double.init))
    }

    @Test(arguments: ["[", #"{"a":"#, #"{"a":["#])
    func deepNestingIsRefusedAndDoesNotOverflowTheStack(opening: String) {
        let bomb = String(repeating: opening, count: 500_000 / opening.utf8.count)
        for prefix in [#"{"x":"#, #"{"epoch":1,"sequence":2,"ticks":["#, #"{"event":"price_tick","prices":{"AAPL":"#] {
            #expect(head(of: Array((prefix + bomb).utf8)) == .failure(.json))
        }
    }

    @Test func nestingWithinReasonIsRead() throws {
        let nested = String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
        #expect(try decoded(#"{"epoch":1,"sequence":2,"ticks":[],"x":\#(nested)}"#).get().head.kind == .heartbeat)
    }

    @Test func aMessageOfTheLargestSizeIsAccountedTickByTick() throws {
        let count = 500_000
        let batch = try decoded(message(Array(repeating: "0", count: count).joined(separator: ","))).get()
        #expect(batch.head.count == count && batch.rejected[.json] == count && batch.ticks.isEmpty)
        let digits = String(repeating: "9", count: 1_000_000)
        #expect(try reasons(decoded(message(#"{"symbol":"AAPL","bid":\#(digits)}"#)).get().rejected) == [.nonFinite])
        let symbol = String(repeating: "é", count: 500_000)
        #expect(try reasons(decoded(message(#"{"symbol":"\#(symbol)"}"#)).get().rejected) == [.unknownInstrument])
    }
}
