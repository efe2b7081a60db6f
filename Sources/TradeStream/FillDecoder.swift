// SPDX-License-Identifier: Apache-2.0
// From bytes nobody vouches for to a fill, strictly as docs/trade-stream.md says.

import DeskService
import RiskDomain
import StrictJSON

package enum FillDecoder {
    /// Of a value; a fill has a few hundred bytes.
    package static let valueBytesMax = 16_384
    static let version: UInt64 = 1
    private static let textBytesMax = 128
    private static let quantityMax = 1e12

    private typealias Malformed = JSONScanner.Malformed

    /// The members of the object, before anything is asked of them.
    private struct Members {
        var texts: [String: String] = [:]
        var wholes: [String: UInt64] = [:]
        var numbers: [String: Double] = [:]
        var seen: Set<String> = []
        /// The first thing that was wrong with a member.
        var fault: FillFault?
    }

    private static let textNames: Set<String> = ["fill_id", "account", "symbol", "side", "reverses"]
    private static let wholeNames: Set<String> = ["version", "order_id", "ts"]
    private static let numberNames: Set<String> = ["quantity", "price", "fees", "rate"]
    private static let required = [
        "version", "fill_id", "account", "symbol", "side", "quantity", "price", "fees", "ts",
    ]

    /// - Parameter key: of the message; has to be the account.
    package static func fill(key: [UInt8]?, value: [UInt8]?) throws(FillFault) -> StreamFill {
        guard let value, !value.isEmpty else { throw FillFault(.malformed, "there is no value") }
        guard value.count <= self.valueBytesMax else {
            throw FillFault(.malformed, "\(value.count) bytes; a fill has at most \(self.valueBytesMax)")
        }
        let members = try self.members(value)
        if let fault = members.fault { throw fault }
        if let version = members.wholes["version"], version != self.version {
            throw FillFault(.unsupportedVersion, "version \(version); this program knows \(self.version)")
        }
        if let missing = self.required.first(where: { !members.seen.contains($0) }) {
            throw FillFault(.malformed, "\(missing) is missing")
        }
        let fill = try self.fill(members)
        guard let key, key.elementsEqual(fill.account.utf8) else {
            throw FillFault(.keyMismatch, "the message's key is not the account")
        }
        return fill
    }

    private static func members(_ value: [UInt8]) throws(FillFault) -> Members {
        let malformed = FillFault(.malformed, "not a JSON object in UTF-8")
        let result: Result<Members, FillFault> = value.withUnsafeBytes { bytes in
            guard var scanner = JSONScanner(validating: bytes) else { return .failure(malformed) }
            var members = Members()
            do throws(Malformed) {
                try scanner.eachMember { scanner, name throws(Malformed) in
                    try self.read(name, &scanner, &members)
                }
                try scanner.expectEnd()
            } catch {
                return .failure(malformed)
            }
            return .success(members)
        }
        return try result.get()
    }

    private static func read(_ name: String, _ scanner: inout JSONScanner, _ members: inout Members) throws(Malformed) {
        var fault: String?
        if !members.seen.insert(name).inserted {
            try scanner.skipValue()
            fault = "stands twice"
        } else if self.textNames.contains(name) {
            let text = try scanner.stringIfPresent()
            members.texts[name] = text
            if !(text.map(self.isName) ?? false) {
                fault = "is not a text of 1 to \(self.textBytesMax) printable ASCII characters"
            }
        } else if self.wholeNames.contains(name) {
            let whole = try scanner.unsignedIfPresent()
            members.wholes[name] = whole
            // What the store keeps is below 2⁶³.
            if !(whole.map { $0 < 1 << 63 } ?? false) { fault = "is not a whole number from 0 to 2⁶³ − 1" }
        } else if self.numberNames.contains(name) {
            let number = try scanner.doubleIfPresent()
            members.numbers[name] = number
            if !(number.map { $0.magnitude <= self.quantityMax } ?? false) {
                fault = "is not a number from −10¹² to 10¹²"
            }
        } else {
            try scanner.skipValue()
            fault = "is not known"
        }
        if let fault, members.fault == nil {
            // The name may be anything, and stands in a header and in the log.
            let shown = self.isName(name) ? name : "a member"
            members.fault = FillFault(.malformed, "\(shown) \(fault)")
        }
    }

    private static func isName(_ text: String) -> Bool {
        1...self.textBytesMax ~= text.utf8.count && text.utf8.allSatisfy { 0x20...0x7E ~= $0 }
    }

    private static func fill(_ members: Members) throws(FillFault) -> StreamFill {
        guard let side = members.texts["side"].flatMap(OrderSide.init) else {
            throw FillFault(.malformed, "side is neither buy nor sell")
        }
        guard let quantity = members.numbers["quantity"], quantity > 0 else {
            throw FillFault(.malformed, "quantity is not above 0")
        }
        if let rate = members.numbers["rate"], rate <= 0 { throw FillFault(.malformed, "rate is not above 0") }
        let reverses = members.texts["reverses"]
        let fees = members.numbers["fees"] ?? 0
        guard reverses == nil ? fees <= 0 : fees >= 0 else {
            throw FillFault(.malformed, "fees paid are 0 or less, those a reversal gives back 0 or more")
        }
        guard reverses != members.texts["fill_id"] else { throw FillFault(.malformed, "it reverses itself") }
        // What was checked to be there is there.
        guard let id = members.texts["fill_id"], let account = members.texts["account"],
            let symbol = members.texts["symbol"], let price = members.numbers["price"], let time = members.wholes["ts"]
        else { throw FillFault(.malformed, "a member is missing") }
        return StreamFill(
            id: id, orderID: members.wholes["order_id"], account: account, symbol: symbol,
            quantity: side.sign * quantity, price: price, rate: members.numbers["rate"], fees: fees + 0,
            timeNanoseconds: time, reverses: reverses)
    }
}
