// SPDX-License-Identifier: Apache-2.0
// A market, a venue and listeners that tests move by hand.

import DeskService
import FrameCodec
import FramePublisher
import RiskDomain
import Synchronization
import TradeDesk

/// The market channel's cut, made of quotes.
final class HandMarket: CutSource {
    private let newest = Mutex<ChannelCut?>(nil)
    private let symbols: [String]
    private let sequence = Mutex<UInt64>(0)

    init(_ inputs: RiskInputs) { self.symbols = inputs.instruments.map(\.symbol) }

    func newestCut(channel: Int) -> ChannelCut? { channel == 0 ? self.newest.withLock { $0 } : nil }

    /// - Parameter quotes: by symbol; the others have no price.
    @discardableResult
    func move(
        _ quotes: [String: (bid: Double, ask: Double)], status: ValueStatus = .ok, trading: TradingStatus = .trading
    ) -> ChannelCut {
        func column(_ name: String) -> Column { Column(name: name, kind: .decimal(4)) }
        let layout = ChannelLayout(tables: [
            Table(
                path: "", shape: .rows, columns: ["bid", "ask", "last", "trading", "status"].map(column),
                keys: self.symbols)
        ])
        var state = ChannelState(layout: layout)
        let count = self.symbols.count
        for (row, symbol) in self.symbols.enumerated() {
            state.numbers[3 * count + row] = Double(trading.rawValue)
            state.numbers[4 * count + row] = Double(ValueStatus.missing.rawValue)
            guard let quote = quotes[symbol] else { continue }
            state.numbers[row] = quote.bid
            state.numbers[count + row] = quote.ask
            state.numbers[2 * count + row] = (quote.bid + quote.ask) / 2
            state.numbers[4 * count + row] = Double(status.rawValue)
        }
        let sequence = self.sequence.withLock { sequence in
            sequence += 1
            return sequence
        }
        let cut = ChannelCut(
            channel: 0, name: "market", sequence: sequence, cutNanoseconds: sequence, newestNanoseconds: nil,
            oldestNanoseconds: nil, state: state, past: [], carriesChecksum: false, scenarioPnL: [])
        self.newest.withLock { $0 = cut }
        return cut
    }
}

/// Keeps the commands; reports when it is told to.
final class HandVenue: Venue {
    private struct State {
        var commands: [VenueCommand] = []
        var restored: [Order] = []
        var receive: (@Sendable ([VenueReport]) -> Void)?
        var onLink: (@Sendable (Bool) -> Void)?
        var truths: [UInt64: VenueTruth]? = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let prefix: String

    init(prefix: String = "V") { self.prefix = prefix }

    var commands: [VenueCommand] { self.state.withLock(\.commands) }
    var restored: [Order] { self.state.withLock(\.restored) }

    /// What it answers when it is asked; `nil` does not answer.
    func set(truths: [UInt64: VenueTruth]?) { self.state.withLock { $0.truths = truths } }

    func restore(_ orders: [Order]) { self.state.withLock { $0.restored = orders } }
    func start(
        _ receive: @escaping @Sendable ([VenueReport]) -> Void, onLink: @escaping @Sendable (Bool) -> Void
    ) {
        self.state.withLock { ($0.receive, $0.onLink) = (receive, onLink) }
    }
    func send(_ commands: [VenueCommand]) { self.state.withLock { $0.commands += commands } }
    func reconcile(_ orderIDs: [UInt64]) async -> [UInt64: VenueTruth]? { self.state.withLock(\.truths) }
    func stop() async {}

    func link(isUp: Bool) { self.state.withLock(\.onLink)?(isUp) }

    @discardableResult
    func report(_ id: UInt64, _ kind: VenueReport.Kind) -> VenueReport {
        let (receive, number) = self.state.withLock { state in
            state.count += 1
            return (state.receive, state.count)
        }
        let report = VenueReport(
            id: "\(self.prefix)R\(number)", orderID: id, timeNanoseconds: DeskRig.start + UInt64(number), kind: kind)
        receive?([report])
        return report
    }

    func repeated(_ report: VenueReport) { self.state.withLock(\.receive)?([report]) }

    @discardableResult
    func fill(_ id: UInt64, _ quantity: Double, at price: Double, fees: Double = 0) -> VenueReport {
        let number = self.state.withLock { state in
            state.count += 1
            return state.count
        }
        let fill = VenueFill(
            id: "\(self.prefix)F\(number)", orderID: id, quantity: quantity, price: price, fees: fees,
            timeNanoseconds: DeskRig.start + UInt64(number))
        return self.report(id, .filled(fill))
    }
}

/// Keeps what it is told.
final class DeskListener: CutSink, EventSink, HoldingsSink {
    let events = Mutex<[(kind: String, text: String, channel: Int)]>([])
    let holdings = Mutex<[AccountHoldings]>([])

    func publish(_ cuts: [ChannelCut]) {}
    func isWanted(channel: Int) -> Bool { true }
    func publish(event kind: String, data: [UInt8], channel: Int) {
        self.events.withLock { $0.append((kind, String(decoding: data, as: UTF8.self), channel)) }
    }
    func take(_ holdings: [AccountHoldings]) { self.holdings.withLock { $0 += holdings } }

    func kinds() -> [String] { self.events.withLock { $0.map(\.kind) } }
    func last(_ account: String) -> AccountHoldings? {
        self.holdings.withLock { $0.last { $0.account == account } }
    }
}
