// SPDX-License-Identifier: Apache-2.0
// The members of one JSON object of the gateway: each known, each at most once, each of its type.

import RiskDomain
import StrictJSON
import TradeDesk

/// What a message may have, gathered before its type says what it must have.
struct GatewayFields {
    typealias Malformed = JSONScanner.Malformed

    private(set) var seen: Set<String> = []
    private var texts: [String: String] = [:]
    private var wholes: [String: UInt64] = [:]
    private var numbers: [String: Double] = [:]
    private(set) var hasMore = false
    private(set) var fills: [GatewayFields] = []
    private(set) var orders: [GatewayFields] = []

    private static let textNames: Set<String> = [
        "type", "message_id", "reason", "fill_id", "side", "standing",
    ]
    private static let wholeNames: Set<String> = [
        "protocol", "session", "sequence", "order_id", "request_id", "time_ns",
    ]
    private static let numberNames: Set<String> = ["quantity", "price", "fees", "executed_quantity"]

    /// - Parameters:
    ///   - budget: objects that may still stand inside.
    ///   - depth: of objects around this one.
    init(_ scanner: inout JSONScanner, budget: inout Int, depth: Int = 0) throws(Malformed) {
        var fields = GatewayFields()
        var left = budget
        try scanner.eachMember { scanner, name throws(Malformed) in
            guard fields.seen.insert(name).inserted else { throw Malformed() }
            try fields.read(name, &scanner, budget: &left, depth: depth)
        }
        budget = left
        self = fields
    }

    private init() {}

    private mutating func read(
        _ name: String, _ scanner: inout JSONScanner, budget: inout Int, depth: Int
    ) throws(Malformed) {
        if Self.textNames.contains(name) {
            guard let text = try scanner.stringIfPresent(), Self.isName(text) else { throw Malformed() }
            self.texts[name] = text
        } else if Self.wholeNames.contains(name) {
            // What the store keeps is below 2⁶³.
            guard let whole = try scanner.unsignedIfPresent(), whole < 1 << 63 else { throw Malformed() }
            self.wholes[name] = whole
        } else if Self.numberNames.contains(name) {
            guard let number = try scanner.doubleIfPresent(), number.magnitude <= Tick.priceLimit else {
                throw Malformed()
            }
            self.numbers[name] = number
        } else if name == "more" {
            let isTrue = scanner.peek() == UInt8(ascii: "t")
            guard isTrue || scanner.peek() == UInt8(ascii: "f") else { throw Malformed() }
            try scanner.skipValue()
            self.hasMore = isTrue
        } else if name == "orders" && depth == 0 || name == "fills" && depth == 1 {
            var list: [GatewayFields] = []
            var left = budget
            try scanner.eachElement { scanner throws(Malformed) in
                left -= 1
                guard left >= 0 else { throw Malformed() }
                list.append(try GatewayFields(&scanner, budget: &left, depth: depth + 1))
            }
            budget = left
            if name == "fills" { self.fills = list } else { self.orders = list }
        } else {
            throw Malformed()
        }
    }

    /// Names and codes are printable ASCII, so that nothing has to escape them.
    private static func isName(_ text: String) -> Bool {
        1...GatewayMessage.textBytesMax ~= text.utf8.count && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    /// Checks that there is nothing but the members that belong.
    func require(_ names: Set<String>, optional: Set<String> = []) throws(Malformed) {
        guard names.isSubset(of: self.seen), self.seen.subtracting(names).isSubset(of: optional) else {
            throw Malformed()
        }
    }

    func text(_ name: String) throws(Malformed) -> String {
        guard let text = self.texts[name] else { throw Malformed() }
        return text
    }

    func optionalText(_ name: String) -> String? { self.texts[name] }

    func whole(_ name: String) throws(Malformed) -> UInt64 {
        guard let whole = self.wholes[name] else { throw Malformed() }
        return whole
    }

    func number(_ name: String) throws(Malformed) -> Double {
        guard let number = self.numbers[name] else { throw Malformed() }
        return number
    }
}
