// SPDX-License-Identifier: Apache-2.0
// The connections of a load run that send orders.

import NIOCore
import NIOHTTP1
import NIOPosix
import RiskDomain

/// Spreads orders a second evenly over connections, and connections over event loops.
struct OrderClients {
    private static let connectionCount = 128

    let address: StreamAddress
    /// Orders a second.
    let rate: Double
    let targets: [(account: String, symbol: String)]
    let side: OrderSide
    let headers: HTTPHeaders
    /// Names no other run has, so that none of its orders is a repeat.
    let runID: UInt64
    let window: LoadWindow
    let loops: [(loop: any EventLoop, tally: LoopTally)]

    func connect() async throws -> [any Channel] {
        var headers = self.headers
        headers.add(name: "Host", value: self.address.authority)
        let start = UInt64(NIODeadline.now().uptimeNanoseconds)
        var channels: [any Channel] = []
        for number in 0..<Self.connectionCount {
            let (loop, tally) = self.loops[number % self.loops.count]
            // Each connection begins with another target, so that they do not all trade the same.
            let shift = number * self.targets.count / Self.connectionCount
            let schedule = OrderSchedule(
                startNanoseconds: start + UInt64(Double(number) / self.rate * 1e9),
                intervalNanoseconds: UInt64(Double(Self.connectionCount) / self.rate * 1e9),
                targets: Array(self.targets[shift...] + self.targets[..<shift]), side: self.side,
                prefix: "load-\(self.runID)-\(number)")
            let window = self.window
            let fields = headers
            channels.append(
                try await ClientBootstrap(group: loop).channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            OrderClient(schedule: schedule, headers: fields, window: window, loop: tally))
                    }
                }.connect(host: self.address.host, port: self.address.port).get())
        }
        return channels
    }
}
