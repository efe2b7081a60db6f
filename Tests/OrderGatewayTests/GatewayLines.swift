// SPDX-License-Identifier: Apache-2.0
// Messages of a gateway as tests write them.

import Foundation
import OrderGateway
import TradeDesk

enum GatewayLines {
    static func head(_ type: String, session: UInt64 = 9, sequence: UInt64 = 1) -> String {
        #""protocol":1,"type":"\#(type)","session":\#(session),"sequence":\#(sequence),"#
            + #""message_id":"\#(session)-\#(sequence)""#
    }

    static func message(_ type: String, session: UInt64 = 9, sequence: UInt64 = 1, _ members: String = "") -> String {
        "{" + self.head(type, session: session, sequence: sequence) + (members.isEmpty ? "" : "," + members) + "}"
    }

    static func fill(_ id: String = "F1", quantity: Double = 3, side: String = "buy") -> String {
        #""fill_id":"\#(id)","side":"\#(side)","quantity":\#(quantity),"price":180.5,"fees":-0.5,"time_ns":77"#
    }

    static func decoded(_ text: String) -> GatewayMessage? {
        var text = text
        return text.withUTF8 { GatewayDecoder.message(UnsafeRawBufferPointer($0)) }
    }

    static func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
    }
}

extension GatewaySession {
    mutating func receive(_ text: String, at moment: GatewayMoment) -> [Action] {
        var text = text
        return text.withUTF8 { self.receive(UnsafeRawBufferPointer($0), at: moment) }
    }

    /// All that waits, as sent.
    mutating func sendAll() -> [[UInt8]] {
        var sent: [[UInt8]] = []
        while let message = self.nextOutgoing {
            sent.append(message)
            self.didSend()
        }
        return sent
    }
}
