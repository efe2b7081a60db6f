// SPDX-License-Identifier: Apache-2.0
// The order gateway's client as a program, so that gateways in other languages can be tried against it.

import FrameCodec
import Glibc
import Logging
import OrderGateway
import RiskDomain
import Synchronization
import TickFeed
import TradeDesk

/// `GatewayProbe <endpoint>`: reads commands from standard input, a line each, and writes what comes as JSON lines.
///
/// ```
/// new 42 AAPL buy 10 market            new 43 AAPL sell 5 limit 181.5
/// cancel 42        replace 43 4        reconcile 42 43        roll
/// ```
@main
struct GatewayProbe {
    static func main() async throws {
        let venue = try GatewayVenue(
            settings: GatewaySettings(
                endpoint: CommandLine.arguments[1], heartbeatNanoseconds: 100_000_000,
                silentAfterNanoseconds: 2_000_000_000, reconnectNanoseconds: 50_000_000),
            context: ZMQContext(), logger: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() })
        venue.start(
            { for report in $0 { Self.write(report) } },
            onLink: { isUp in Self.line { $0.member("link", isUp) } })
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "reconcile" {
                Self.write(await venue.reconcile(words.dropFirst().compactMap { UInt64($0) }))
            } else if let command = Self.command(words) {
                venue.send([command])
            }
        }
        await venue.stop()
    }

    private static func command(_ words: [String]) -> VenueCommand? {
        guard let name = words.first else { return nil }
        if name == "roll" { return .dayRoll }
        guard words.count > 1, let id = UInt64(words[1]) else { return nil }
        switch name {
        case "new" where words.count > 5:
            guard let side = OrderSide(rawValue: words[3]), let quantity = Double(words[4]),
                let type = OrderType(rawValue: words[5])
            else { return nil }
            let limit = words.count > 6 ? Double(words[6]) : nil
            return .new(
                orderID: id,
                OrderRequest(
                    account: "A", symbol: words[2], side: side, quantity: quantity, type: type, limitPrice: limit))
        case "cancel": return .cancel(orderID: id)
        case "replace" where words.count > 2: return .replace(orderID: id, OrderChange(quantity: Double(words[2])))
        default: return nil
        }
    }

    private static func write(_ report: VenueReport) {
        self.line { json in
            json.member("report", report.id)
            json.member("order_id", report.orderID)
            switch report.kind {
            case .filled(let fill):
                json.member("kind", "filled")
                json.member("fill_id", fill.id)
                json.member("quantity", fill.quantity)
                json.member("price", fill.price)
            case .rejected(let reason), .cancelRejected(let reason), .replaceRejected(let reason):
                json.member("kind", "refused")
                json.member("reason", reason)
            default: json.member("kind", "\(report.kind)")
            }
        }
    }

    private static func write(_ truths: [UInt64: VenueTruth]?) {
        self.line { json in
            json.key("truths")
            guard let truths else { return json.null() }
            json.beginObject()
            for (id, truth) in truths.sorted(by: { $0.key < $1.key }) {
                json.key("\(id)")
                json.beginArray()
                json.value(truth.standing.rawValue)
                json.value(truth.executedQuantity)
                json.endArray()
            }
            json.endObject()
        }
    }

    private static func line(_ body: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.beginObject()
        body(&json)
        json.endObject()
        // Past the buffers of the C library, whose flush would wait for who reads standard input.
        let bytes = json.bytes + [UInt8(ascii: "\n")]
        precondition(Glibc.write(STDOUT_FILENO, bytes, bytes.count) == bytes.count)
    }
}
