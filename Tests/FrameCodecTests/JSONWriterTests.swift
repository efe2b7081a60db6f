// SPDX-License-Identifier: Apache-2.0
// Numbers and strings in JSON, to the byte.

import FrameCodec
import Testing

struct JSONWriterTests {
    private static func text(_ number: Double) -> String {
        var json = JSONWriter()
        json.value(number)
        return json.text
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (195, "195"), (0.1, "0.1"), (-0.25, "-0.25"),
        (0.0001, "0.0001"), (0.00005, "5e-05"), (1950.5, "1950.5"), (0.1 + 0.2, "0.30000000000000004"),
        (1e15, "1000000000000000"), (123_456_789_012.3456, "123456789012.3456"),
        (0x1p53, "9007199254740992"), (1e16, "1e+16"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
        (.nan, "null"), (.infinity, "1.7976931348623157e+308"), (-.infinity, "-1.7976931348623157e+308"),
        (99_999_999_999.9999, "99999999999.9999"), (-1e-9, "-1e-09"),
    ])
    func numbersAreShortest(number: Double, expected: String) {
        #expect(Self.text(number) == expected)
    }

    @Test
    func numbersReadBackAsTheSameDoubleInTheFewestDigits() {
        var random = FrameRandom(seed: 1)
        for _ in 0..<20_000 {
            let number: Double
            switch random.index(below: 3) {
            case 0: number = Double(bitPattern: random.next())
            case 1: number = Double(Int64.random(in: -2_000_000_000_000_000...0, using: &random)) / 1e4
            default: number = Double.random(in: -1e5...1e5, using: &random)
            }
            guard number.isFinite else { continue }
            let text = Self.text(number)
            #expect(Double(text) == number)
            let shortest = number == 0 ? "0" : number.description.droppingZeroFraction
            #expect(text == shortest)
        }
    }

    @Test
    func stringsAreEscapedAsTheStandardAsks() {
        var json = JSONWriter()
        json.value("a\"b\\c/\u{0}\u{1F}\n\r\t\u{7F}é日🙂")
        #expect(json.text == #""a\"b\\c/\u0000\u001f\n\r\t\#u{7F}é日🙂""#)
    }

    @Test
    func commasStandBetweenMembersAndItemsOnly() {
        var json = JSONWriter()
        json.beginObject()
        json.member("text", "a")
        json.member("number", 1.5)
        json.member("large", UInt64.max)
        json.member("least", Int64.min)
        json.member("flag", true)
        json.key("list")
        json.value(["x", "y"])
        json.key("nested")
        json.beginArray()
        json.beginObject()
        json.endObject()
        json.null()
        json.raw(Array("[1]".utf8))
        json.endArray()
        json.endObject()
        #expect(
            json.text == #"{"text":"a","number":1.5,"large":18446744073709551615,"least":-9223372036854775808,"#
                + #""flag":true,"list":["x","y"],"nested":[{},null,[1]]}"#)
        json.removeAll()
        json.value(false)
        #expect(json.text == "false")
    }
}

extension String {
    fileprivate var droppingZeroFraction: String { self.hasSuffix(".0") ? String(self.dropLast(2)) : self }
}
