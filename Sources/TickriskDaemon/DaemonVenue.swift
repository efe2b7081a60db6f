// SPDX-License-Identifier: Apache-2.0
// Where the daemon's orders go, and what they have to keep to, from the configuration.

import DeskService
import FramePublisher
import OrderGateway
import RiskDomain
import RiskFiles
import TickFeed
import TradeDesk

/// The venue of a configuration; the simulated one has to see the market.
struct DaemonVenue: Sendable {
    let venue: any Venue
    /// `nil` where the venue is elsewhere.
    private let exchange: SimulatedExchange?

    init(exchange: SimulatedExchange) {
        self.venue = exchange
        self.exchange = exchange
    }

    init(gateway: GatewayVenue) {
        self.venue = gateway
        self.exchange = nil
    }

    /// A gateway knows its instruments itself.
    func follow(_ inputs: RiskInputs) { self.exchange?.follow(inputs) }

    /// The way of cuts to a sink, past the venue where it needs them.
    func tap(_ sink: any CutSink) -> any CutSink {
        self.exchange.map { VenueTap(exchange: $0, sink: sink) } ?? sink
    }
}

extension Daemon {
    func venue(_ context: ZMQContext) throws -> DaemonVenue {
        let settings = self.configuration.venue
        switch settings.kind {
        case .simulated:
            return DaemonVenue(exchange: SimulatedExchange(inputs: self.inputs, settings: VenueSettings(settings)))
        case .gateway:
            let gateway = GatewaySettings(
                endpoint: settings.endpoint, security: try settings.curve?.clientSecurity(of: "venue") ?? .none)
            return DaemonVenue(
                gateway: try GatewayVenue(settings: gateway, context: context, logger: self.logger))
        }
    }
}

extension VenueSettings {
    init(_ venue: Configuration.Venue) {
        self.init(
            seed: UInt64(venue.seed), sizePerQuote: venue.sizePerQuote > 0 ? venue.sizePerQuote : nil,
            slippageTicksMax: venue.slippageTicks, feeRate: venue.feeRate, feeMinimum: venue.feeMinimum)
    }
}

extension DeskSettings {
    init(_ orders: Configuration.Orders) {
        self.init()
        self.quantityMax = orders.quantityMax
        self.collarPercent = Self.limit(orders.collarPercent)
        self.orderNotionalMax = Self.limit(orders.notionalMax)
        self.positionNotionalMax = Self.limit(orders.positionNotionalMax)
        self.concentrationMax = Self.limit(orders.concentrationPercent)
        self.leverageMax = Self.limit(orders.leverageMax)
        self.ordersPerMinute = orders.perMinute
        self.openOrdersMax = orders.openMax
        self.duplicateSeconds = Self.limit(Double(orders.duplicateNanoseconds) / 1e9)
    }

    /// 0 is written where there is none.
    private static func limit(_ value: Double) -> Double? { value > 0 ? value : nil }
}
