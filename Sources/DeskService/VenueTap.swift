// SPDX-License-Identifier: Apache-2.0
// Shows the venue inside the daemon the market, on its way to everybody else.

import FramePublisher

/// Passes cuts on, and those of the market to the simulated exchange too.
public struct VenueTap: CutSink {
    private let exchange: SimulatedExchange
    private let sink: any CutSink

    public init(exchange: SimulatedExchange, sink: any CutSink) {
        self.exchange = exchange
        self.sink = sink
    }

    public func publish(_ cuts: [ChannelCut]) {
        self.sink.publish(cuts)
        for cut in cuts where cut.channel == ChannelCatalog.market { self.exchange.marketMoved(cut) }
    }

    public func isWanted(channel: Int) -> Bool { self.sink.isWanted(channel: channel) }
}
