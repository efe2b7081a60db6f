// SPDX-License-Identifier: Apache-2.0
// One connection of a load run that sends orders at their times.

import FrameCodec
import Histogram
import NIOCore
import NIOHTTP1
import RiskDomain

/// What became of a load run's orders.
struct OrderTally {
    private static let limitNanoseconds: UInt64 = 60_000_000_000

    var accepted: UInt64 = 0
    /// By HTTP status.
    var refused: [UInt: UInt64] = [:]
    /// From the time an order was meant to go to its answer.
    var answers = Histogram<UInt64>(
        highestTrackableValue: Self.limitNanoseconds, numberOfSignificantValueDigits: .three)

    mutating func add(_ other: OrderTally) {
        self.accepted += other.accepted
        self.refused.merge(other.refused, uniquingKeysWith: +)
        self.answers.add(other.answers)
    }

    mutating func record(status: UInt, nanoseconds: UInt64) {
        if status == 201 { self.accepted += 1 } else { self.refused[status, default: 0] += 1 }
        self.answers.record(min(nanoseconds, Self.limitNanoseconds))
    }
}

/// Which orders one connection sends, and when.
struct OrderSchedule {
    /// Of the first order; monotonic.
    var startNanoseconds: UInt64
    /// Between two orders of this connection.
    var intervalNanoseconds: UInt64
    /// Accounts with symbols they hold, so that no order changes the shape of a frame.
    var targets: [(account: String, symbol: String)]
    /// Of all orders of the run: an account does not trade with itself.
    var side: OrderSide
    /// Of this connection; with the number of the order a client's name for it that no other has.
    var prefix: String
}

/// Sends market orders one at a time; what comes late because an answer was late counts from
/// when it was meant to go.
///
/// Ownership: its connection's event loop.
final class OrderClient: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let schedule: OrderSchedule
    private let headers: HTTPHeaders
    private let window: LoadWindow
    private let loop: LoopTally
    private var number = 0
    private var status: UInt = 0
    private var next: Scheduled<Void>?

    init(schedule: OrderSchedule, headers: HTTPHeaders, window: LoadWindow, loop: LoopTally) {
        self.schedule = schedule
        self.headers = headers
        self.window = window
        self.loop = loop
    }

    private var dueNanoseconds: UInt64 {
        self.schedule.startNanoseconds + UInt64(self.number) * self.schedule.intervalNanoseconds
    }

    func channelActive(context: ChannelHandlerContext) {
        self.await(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.next?.cancel()
        if self.window.isOpen { self.loop.tally.disconnects += 1 }
        context.fireChannelInactive()
    }

    private func await(_ context: ChannelHandlerContext) {
        let due = NIODeadline.uptimeNanoseconds(self.dueNanoseconds)
        self.next = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.send(context) }
    }

    private func send(_ context: ChannelHandlerContext) {
        let target = self.schedule.targets[self.number % self.schedule.targets.count]
        var json = JSONWriter()
        json.beginObject()
        json.member("client_order_id", "\(self.schedule.prefix)-\(self.number)")
        json.member("symbol", target.symbol)
        json.member("side", self.schedule.side.rawValue)
        json.member("quantity", 1)
        json.endObject()
        var headers = self.headers
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(json.bytes.count))
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: "/api/v1/accounts/\(target.account)/orders", headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: json.bytes)))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.status = head.status.code
        case .body: break
        case .end:
            let now = NIODeadline.now().uptimeNanoseconds
            if self.window.isOpen {
                let late = UInt64(now) > self.dueNanoseconds ? UInt64(now) - self.dueNanoseconds : 0
                self.loop.tally.orders.record(status: self.status, nanoseconds: late)
            }
            self.number += 1
            self.await(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
