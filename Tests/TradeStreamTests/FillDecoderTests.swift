// SPDX-License-Identifier: Apache-2.0
// The contract of fills: what it takes is taken exactly, everything else has its reason.

import DeskService
import RiskSimulation
import Testing
import TradeStream

@Suite struct FillDecoderTests {
    static let members: [(name: String, value: String)] = [
        ("version", "1"), ("fill_id", "\"F-1\""), ("account", "\"ALPHA\""), ("symbol", "\"AAPL\""),
        ("side", "\"sell\""), ("quantity", "2.5"), ("price", "180.25"), ("fees", "-0.75"),
        ("ts", "1700000000000000001"),
    ]

    /// - Parameter changes: by member; an empty value leaves it out.
    static func text(_ changes: [String: String] = [:]) -> String {
        let known = self.members.map { ($0.name, changes[$0.name] ?? $0.value) }
        let names = Set(self.members.map(\.name))
        let others = changes.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let all = (known + others).filter { !$0.1.isEmpty }
        return "{" + all.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    static func decode(_ text: String, key: String? = "ALPHA") -> Result<StreamFill, FillFault> {
        do throws(FillFault) {
            return .success(try FillDecoder.fill(key: key.map { Array($0.utf8) }, value: Array(text.utf8)))
        } catch {
            return .failure(error)
        }
    }

    static func fault(_ text: String, key: String? = "ALPHA") -> FillFault? {
        if case .failure(let fault) = self.decode(text, key: key) { return fault }
        return nil
    }

    @Test func aFillIsReadExactly() throws {
        let plain = try Self.decode(Self.text()).get()
        #expect(
            plain
                == StreamFill(
                    id: "F-1", account: "ALPHA", symbol: "AAPL", quantity: -2.5, price: 180.25, fees: -0.75,
                    timeNanoseconds: 1_700_000_000_000_000_001))
        let whole = try Self.decode(
            Self.text(["rate": "1.25", "order_id": "9", "reverses": "\"F-0\"", "fees": "0.75", "side": "\"buy\""])
        ).get()
        #expect(whole.rate == 1.25 && whole.orderID == 9 && whole.reverses == "F-0" && whole.quantity == 2.5)
        let zero = try Self.decode(Self.text(["fees": "-0"])).get().fees
        #expect(zero == 0 && zero.sign == .plus, "a minus that the store would not give back")
    }

    @Test(
        arguments: [
            ("version", "2", "unsupported_version"), ("version", "\"1\"", "malformed"), ("version", "", "malformed"),
            ("fill_id", "\"\"", "malformed"), ("fill_id", "7", "malformed"), ("fill_id", "\"a\\u0000\"", "malformed"),
            ("fill_id", "\"ü\"", "malformed"), ("account", "\"BETA\"", "key_mismatch"), ("symbol", "null", "malformed"),
            ("side", "\"BUY\"", "malformed"), ("quantity", "0", "malformed"), ("quantity", "-1", "malformed"),
            ("quantity", "1e13", "malformed"), ("quantity", "1e999", "malformed"), ("price", "\"1\"", "malformed"),
            ("price", "-1e12", ""), ("price", "-1.1e12", "malformed"), ("fees", "0.1", "malformed"),
            ("fees", "", "malformed"),
            ("rate", "0", "malformed"), ("rate", "-1", "malformed"), ("order_id", "1.5", "malformed"),
            ("order_id", "9223372036854775808", "malformed"), ("ts", "-1", "malformed"),
            ("ts", "9223372036854775807", ""), ("reverses", "\"F-1\"", "malformed"),
            ("reverses", "\"F-0\"", "malformed"),
            ("colour", "\"red\"", "malformed"), ("price", "[180]", "malformed"), ("price", "01", "malformed"),
        ])
    func oneChangeHasItsReason(name: String, value: String, reason: String) {
        #expect(Self.fault(Self.text([name: value]))?.reason ?? "" == reason)
    }

    @Test func whatIsNoObjectIsMalformed() {
        let deep = String(repeating: "[", count: 100_000)
        let texts = [
            "", " ", "{", "[]", "null", "1", "{}}", Self.text() + "x", "{\"a\":\(deep)", "\u{FEFF}\(Self.text())",
        ]
        for text in texts { #expect(Self.fault(text)?.reason == "malformed", "\(text.prefix(40))") }
        let twice = Self.text().dropLast() + ",\"price\":180.25}"
        #expect(Self.fault(String(twice))?.detail == "price stands twice")
        let long = Self.text(["symbol": "\"" + String(repeating: "A", count: 129) + "\""])
        #expect(Self.fault(long)?.reason == "malformed")
        let spaces = Self.text() + String(repeating: " ", count: FillDecoder.valueBytesMax)
        #expect(Self.fault(spaces)?.reason == "malformed")
        #expect(throws: FillFault.self) { _ = try FillDecoder.fill(key: Array("ALPHA".utf8), value: nil) }
        #expect(throws: FillFault.self) { _ = try FillDecoder.fill(key: Array("ALPHA".utf8), value: [0xFF, 0x7B]) }
        #expect(Self.fault(Self.text(), key: nil)?.reason == "key_mismatch")
    }

    /// Every prefix of a fill, and a fill with any byte changed, is a fill or has a reason.
    @Test(arguments: UInt64(1)...4)
    func anythingNearAFillIsAFillOrHasAReason(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = Array(Self.text(["rate": "1.5"]).utf8)
        for count in 0..<bytes.count {
            #expect(throws: FillFault.self, "seed \(seed)") {
                _ = try FillDecoder.fill(key: Array("ALPHA".utf8), value: Array(bytes[..<count]))
            }
        }
        var taken = 0
        for _ in 0..<5_000 {
            var changed = bytes
            changed[random.nextIndex(below: changed.count)] = UInt8(random.nextIndex(below: 256))
            guard let fill = try? FillDecoder.fill(key: Array("ALPHA".utf8), value: changed) else { continue }
            taken += 1
            #expect(fill.account == "ALPHA" && fill.quantity != 0 && fill.fees <= 0, "seed \(seed)")
            #expect(fill.price.magnitude <= 1e12 && fill.timeNanoseconds < 1 << 63, "seed \(seed)")
        }
        #expect(taken > 0, "no change left a fill: the test says nothing")
    }
}
