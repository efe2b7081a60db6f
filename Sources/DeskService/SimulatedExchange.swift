// SPDX-License-Identifier: Apache-2.0
// The simulated venue against the live market.

import FramePublisher
import RiskDomain
import RiskKernel
import Synchronization
import TradeDesk

/// Trades our orders against the newest cut of the market channel.
///
/// Ownership: commands and cuts from any thread, under a lock held to put them down; the venue itself on the one task
/// that is working through them, so that reports keep their order.
public final class SimulatedExchange: Venue {
    private struct Inbox {
        var commands: [VenueCommand] = []
        /// The newest only.
        var cut: ChannelCut?
        var questions: [Question] = []
        var isWorking = false
        var receive: (@Sendable ([VenueReport]) -> Void)?
    }

    /// Asked after everything that was sent before.
    private struct Question {
        var orderIDs: [UInt64]
        var answer: CheckedContinuation<[UInt64: VenueTruth], Never>
    }

    private let inputs: Mutex<RiskInputs>
    private let now: @Sendable () -> UInt64
    private let inbox = Mutex(Inbox())
    /// Touched by the working task alone, and before the start.
    private let venue: Mutex<SimulatedVenue>

    /// - Parameter settings: its prefix is completed by the time, so that no identifier comes twice.
    public init(
        inputs: RiskInputs, settings: VenueSettings = VenueSettings(),
        now: @escaping @Sendable () -> UInt64 = { WallClock.nowNanoseconds }
    ) {
        self.inputs = Mutex(inputs)
        self.now = now
        var settings = settings
        settings.prefix += "\(now())-"
        self.venue = Mutex(SimulatedVenue(instruments: inputs.instruments, settings: settings))
    }

    /// From now on it trades these instruments; nothing rests in those that are gone.
    public func follow(_ inputs: RiskInputs) {
        self.venue.withLock { $0.follow(inputs.instruments) }
        self.inputs.withLock { $0 = inputs }
    }

    public func restore(_ orders: [Order]) {
        self.venue.withLock { $0.restore(orders.map { ($0, $0.filledQuantity) }) }
    }

    public func start(
        _ receive: @escaping @Sendable ([VenueReport]) -> Void, onLink: @escaping @Sendable (Bool) -> Void
    ) {
        self.inbox.withLock { $0.receive = receive }
        onLink(true)
        self.wake { _ in }
    }

    public func send(_ commands: [VenueCommand]) { self.wake { $0.commands += commands } }

    /// Takes a cut of the market channel, and no other; does not wait. Of cuts that come faster than they are traded
    /// on, the newest counts.
    public func marketMoved(_ cut: ChannelCut) {
        guard cut.channel == ChannelCatalog.market else { return }
        self.wake { $0.cut = cut }
    }

    public func reconcile(_ orderIDs: [UInt64]) async -> [UInt64: VenueTruth]? {
        await withCheckedContinuation { continuation in
            self.wake { $0.questions.append(Question(orderIDs: orderIDs, answer: continuation)) }
        }
    }

    /// Nothing is sent to it any more, and nobody listens.
    public func stop() async {
        _ = await self.reconcile([])
        self.inbox.withLock { $0.receive = nil }
    }

    private func wake(_ change: (inout Inbox) -> Void) {
        let isFirst = self.inbox.withLock { inbox in
            change(&inbox)
            guard inbox.receive != nil, !inbox.isWorking else { return false }
            inbox.isWorking = true
            return true
        }
        if isFirst { Task { self.work() } }
    }

    /// Until nothing is left to do.
    private func work() {
        while true {
            let (taken, receive) = self.inbox.withLock { inbox -> (Inbox, (@Sendable ([VenueReport]) -> Void)?) in
                let taken = inbox
                inbox.commands = []
                inbox.cut = nil
                inbox.questions = []
                inbox.isWorking = !taken.commands.isEmpty || taken.cut != nil || !taken.questions.isEmpty
                return (taken, inbox.receive)
            }
            guard !taken.commands.isEmpty || taken.cut != nil || !taken.questions.isEmpty else { return }
            let reports = self.venue.withLock { venue in
                self.trade(taken.cut, taken.commands, &venue)
            }
            if !reports.isEmpty { receive?(reports) }
            for question in taken.questions {
                let truths = self.venue.withLock { venue in
                    question.orderIDs.map { ($0, venue.truth(of: $0)) }
                }
                question.answer.resume(returning: Dictionary(truths, uniquingKeysWith: { $1 }))
            }
        }
    }

    /// The market first, so that commands meet it as it is; a symbol's quote is known to the venue while it has orders.
    private func trade(
        _ cut: ChannelCut?, _ commands: [VenueCommand], _ venue: inout SimulatedVenue
    ) -> [VenueReport] {
        let now = self.now()
        return self.market.withLock { market in
            var reports: [VenueReport] = []
            if let cut {
                let inputs = self.inputs.withLock { $0 }
                market = Market(newest: DeskMarket(cut, inputs: inputs))
                for (index, instrument) in inputs.instruments.enumerated()
                where venue.hasOrders(in: instrument.symbol) {
                    if let quote = market.quote(index) { reports += venue.apply(.quote(quote), timeNanoseconds: now) }
                }
            }
            for command in commands {
                if case .new(_, let request) = command,
                    let index = market.newest?.inputs.directory.index(ofSymbol: request.symbol),
                    let quote = market.quote(index)
                {
                    reports += venue.apply(.quote(quote), timeNanoseconds: now)
                }
                reports += venue.apply(command, timeNanoseconds: now)
            }
            return reports
        }
    }

    /// Touched as the venue is.
    private let market = Mutex(Market(newest: nil))

    private struct Market {
        var newest: DeskMarket?
        /// Instruments whose quote of this cut the venue has: what was taken of it is gone.
        private var quoted: Set<Int> = []

        init(newest: DeskMarket?) { self.newest = newest }

        /// `nil` where the venue has it already.
        mutating func quote(_ index: Int) -> VenueQuote? {
            guard let newest, self.quoted.insert(index).inserted else { return nil }
            return newest.venueQuote(index)
        }
    }
}
