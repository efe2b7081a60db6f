// SPDX-License-Identifier: Apache-2.0
// Any bytes as what an order gateway says: reports that mean something, or nothing, and never two of one message.

import OrderGateway
import TradeDesk

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGateway(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    var session = GatewaySession(settings: GatewaySettings(endpoint: "inproc://x"))
    var moment = GatewayMoment(monotonic: 1_000_000_000, wall: 2_000_000_000)
    var isUp = false
    func follow(_ actions: [GatewaySession.Action]) {
        for action in actions {
            switch action {
            case .link(let now):
                require(now != isUp, "the link is told as it was")
                isUp = now
            case .report(let reports):
                for report in reports {
                    guard case .filled(let fill) = report.kind else { continue }
                    require(fill.orderID == report.orderID && fill.quantity != 0, "\(fill)")
                    require(fill.price.isFinite && fill.fees <= 0 && fill.timeNanoseconds < 1 << 63, "\(fill)")
                }
            case .reconciled(_, let truths):
                require(truths?.keys.allSatisfy { (1...3).contains($0) } ?? true, "a foreign order")
            case .open, .close: break
            }
        }
    }
    while !input.isEmpty {
        moment.monotonic += UInt64(input.byte()) << 24
        follow(session.tick(at: moment))
        follow(session.ask([1, 2, 3], token: 1, at: moment))
        let message = input.message()
        follow(message.withUnsafeBytes { session.receive($0, at: moment) })
        let again = message.withUnsafeBytes { session.receive($0, at: moment) }
        require(again.isEmpty || !session.isUp, "a message counted twice")
        require(session.isUp == isUp, "the link is not as told")
    }
    return 0
}
