// SPDX-License-Identifier: Apache-2.0
// The simulated venue: its rules by hand, and its invariants over random sessions.

import RiskDomain
import RiskSimulation
import Testing
import TradeDesk

@Suite struct SimulatedVenueTests {
    static let apple = Instrument(id: 1, symbol: "AAPL", name: "Apple", sector: "Technology", currency: "USD")

    static func order(
        _ side: OrderSide = .buy, _ quantity: Double = 10, _ type: OrderType = .market, limit: Double? = nil,
        stop: Double? = nil, _ timeInForce: TimeInForce = .day
    ) -> OrderRequest {
        OrderRequest(
            account: "ALPHA", symbol: "AAPL", side: side, quantity: quantity, type: type, limitPrice: limit,
            stopPrice: stop, timeInForce: timeInForce)
    }

    static func quote(_ bid: Double?, _ ask: Double?, last: Double? = nil, size: Double? = nil) -> VenueCommand {
        .quote(VenueQuote(symbol: "AAPL", bid: bid, ask: ask, last: last, bidSize: size, askSize: size))
    }

    /// Reports in words: `order kind`.
    static func words(_ commands: [VenueCommand], settings: VenueSettings = VenueSettings()) -> [String] {
        var venue = SimulatedVenue(instruments: [Self.apple], settings: settings)
        return commands.flatMap { venue.apply($0, timeNanoseconds: 1) }.map { report in
            let word: String
            switch report.kind {
            case .acknowledged: word = "ack"
            case .rejected(let reason): word = "rejected \(reason)"
            case .triggered: word = "triggered"
            case .filled(let fill): word = "\(fill.quantity) at \(fill.price)"
            case .cancelled(let reason): word = "cancelled \(reason ?? "asked")"
            case .cancelRejected(let reason): word = "cancel rejected \(reason)"
            case .replaced: word = "replaced"
            case .replaceRejected(let reason): word = "replace rejected \(reason)"
            case .expired: word = "expired"
            }
            return "\(report.orderID) \(word)"
        }
    }

    @Test func marketOrderTradesAtTheTouchOrWaitsForOne() {
        #expect(Self.words([Self.quote(99, 101), .new(orderID: 1, Self.order())]) == ["1 ack", "1 10.0 at 101.0"])
        #expect(
            Self.words([.new(orderID: 1, Self.order(.sell)), Self.quote(99, 101)]) == ["1 ack", "1 -10.0 at 99.0"])
    }

    @Test func betterPriceTradesFirstAndThenTheEarlierOrder() {
        let words = Self.words([
            .new(orderID: 1, Self.order(.buy, 4, .limit, limit: 100)),
            .new(orderID: 2, Self.order(.buy, 4, .limit, limit: 101)),
            .new(orderID: 3, Self.order(.buy, 4, .limit, limit: 101)), Self.quote(98, 100, size: 10),
            Self.quote(98, 101, size: 10), Self.quote(98, 100, size: 1),
        ])
        #expect(words[3...] == ["2 4.0 at 100.0", "3 4.0 at 100.0", "1 2.0 at 100.0", "1 1.0 at 100.0"])
    }

    @Test func sizeOfAQuoteIsHadOnce() {
        let words = Self.words(
            [
                Self.quote(99, 101), .new(orderID: 1, Self.order(.buy, 7)), .new(orderID: 2, Self.order(.buy, 7)),
                Self.quote(99, 102),
            ], settings: VenueSettings(sizePerQuote: 10))
        #expect(words == ["1 ack", "1 7.0 at 101.0", "2 ack", "2 3.0 at 101.0", "2 4.0 at 102.0"])
    }

    @Test func stopWaitsForItsPriceAndAStopLimitForBoth() {
        let words = Self.words([
            .new(orderID: 1, Self.order(.sell, 5, .stop, stop: 95)),
            .new(orderID: 2, Self.order(.sell, 5, .stopLimit, limit: 94, stop: 95)), Self.quote(94, 97, last: 96),
            Self.quote(93, 96, last: 95), Self.quote(94, 96, last: 97),
        ])
        #expect(
            words == ["1 ack", "2 ack", "1 triggered", "2 triggered", "1 -5.0 at 93.0", "2 -5.0 at 94.0"])
    }

    @Test func immediateOrdersNeverRest() {
        #expect(
            Self.words([Self.quote(99, 101, size: 4), .new(orderID: 1, Self.order(.buy, 10, .market, .ioc))])
                == ["1 ack", "1 4.0 at 101.0", "1 cancelled ioc_remainder"])
        #expect(
            Self.words([Self.quote(99, 101, size: 4), .new(orderID: 1, Self.order(.buy, 10, .market, .fok))])
                == ["1 ack", "1 cancelled fok_not_fillable"])
        #expect(
            Self.words([Self.quote(99, 101, size: 10), .new(orderID: 1, Self.order(.buy, 10, .market, .fok))])
                == ["1 ack", "1 10.0 at 101.0"])
        #expect(
            Self.words([.new(orderID: 1, Self.order(.buy, 10, .market, .ioc))]) == [
                "1 ack", "1 cancelled ioc_remainder",
            ])
    }

    @Test func nothingTradesOnABadQuote() {
        let quotes = [
            VenueQuote(symbol: "AAPL", bid: 99, ask: 101, trading: .halted),
            VenueQuote(symbol: "AAPL", bid: 99, ask: 101, trading: .closed),
            VenueQuote(symbol: "AAPL", bid: 99, ask: 101, isStale: true),
            VenueQuote(symbol: "AAPL", bid: 102, ask: 101),
            VenueQuote(symbol: "AAPL", bid: 99, ask: .nan), VenueQuote(symbol: "AAPL", bid: 99),
            VenueQuote(symbol: "MSFT", bid: 99, ask: 101), VenueQuote(symbol: "AAPL", bid: 99, ask: 101, askSize: 0),
            VenueQuote(symbol: "AAPL", bid: 99, ask: 101, askSize: .nan),
        ]
        for quote in quotes {
            #expect(Self.words([.new(orderID: 1, Self.order()), .quote(quote)]) == ["1 ack"], "\(quote)")
            #expect(Self.words([.quote(quote), .new(orderID: 1, Self.order())]) == ["1 ack"], "\(quote)")
        }
    }

    @Test func dayOrdersExpireAtTheRollAndOthersStay() {
        let limit = Self.order(.buy, 10, .limit, limit: 90)
        var kept = limit
        kept.timeInForce = .gtc
        #expect(
            Self.words([.new(orderID: 1, limit), .new(orderID: 2, kept), .dayRoll, Self.quote(89, 90)])
                == ["1 ack", "2 ack", "1 expired", "2 10.0 at 90.0"])
    }

    @Test func replacementKeepsItsPlaceOnlyForLess() {
        func filled(_ change: OrderChange) -> String? {
            Self.words([
                .new(orderID: 1, Self.order(.buy, 4, .limit, limit: 100)),
                .new(orderID: 2, Self.order(.buy, 4, .limit, limit: 100)), .replace(orderID: 1, change),
                Self.quote(99, 100, size: 2),
            ]).last
        }
        #expect(filled(OrderChange(quantity: 3)) == "1 2.0 at 100.0")
        #expect(filled(OrderChange(quantity: 5)) == "2 2.0 at 100.0")
        #expect(filled(OrderChange(limitPrice: 100.01)) == "1 2.0 at 100.0")
        #expect(filled(OrderChange(limitPrice: 99)) == "2 2.0 at 100.0")
    }

    @Test func whatCannotBeDoneIsSaidWhy() {
        let words = Self.words([
            .new(orderID: 1, Self.order(.buy, 1.5)), .new(orderID: 2, Self.order(.buy, 1, .limit, limit: 1.005)),
            .new(orderID: 3, Self.order(.buy, 1, .limit)), .cancel(orderID: 9),
            .replace(orderID: 9, OrderChange(quantity: 1)), .new(orderID: 4, Self.order()),
            .new(orderID: 4, Self.order()), .replace(orderID: 4, OrderChange(limitPrice: 3)), .cancel(orderID: 4),
            .new(orderID: 4, Self.order()),
        ])
        #expect(
            words == [
                "1 rejected off_lot", "2 rejected off_tick", "3 rejected invalid_order", "9 cancel rejected not_open",
                "9 replace rejected not_open", "4 ack", "4 replace rejected invalid_change", "4 cancelled asked",
            ])
    }

    @Test func feesAreARateWithAMinimum() {
        var venue = SimulatedVenue(
            instruments: [Self.apple], settings: VenueSettings(feeRate: 0.001, feeMinimum: 1))
        _ = venue.apply(Self.quote(99, 100), timeNanoseconds: 1)
        let fees = [5.0, 20].enumerated().flatMap { index, quantity in
            venue.apply(.new(orderID: UInt64(index), Self.order(.buy, quantity)), timeNanoseconds: 2).compactMap {
                if case .filled(let fill) = $0.kind { return fill.fees }
                return nil
            }
        }
        #expect(fees == [-1, -2])
    }

    /// One random session; returns its reports.
    static func session(_ seed: UInt64, check: Bool) -> [VenueReport] {
        var random = SplitMix64(seed: seed)
        let settings = VenueSettings(seed: seed, sizePerQuote: seed % 2 == 0 ? 25 : nil, slippageTicksMax: 3)
        var venue = SimulatedVenue(instruments: [Self.apple], settings: settings)
        var lives: [UInt64: OrderLife] = [:]
        var quote: VenueQuote?
        var sizeLeft = [OrderSide.buy: 0.0, .sell: 0.0]
        var all: [VenueReport] = []
        for step in 1...400 {
            let command = Self.command(&random, step: UInt64(step))
            if case .quote(let new) = command {
                quote = new
                sizeLeft = [.buy: new.askSize ?? 25, .sell: new.bidSize ?? 25]
            }
            if case .new(let id, let request) = command {
                lives[id] = OrderLife(id: id, request: request, user: "ann", timeNanoseconds: 0)
            }
            if case .replace(let id, let change) = command {
                _ = lives[id]?.apply(
                    OrderEvent(id: "ask \(step)", timeNanoseconds: 0, kind: .replaceRequested(change)))
            }
            // A restart in the middle changes nothing.
            if step == 200 {
                venue = SimulatedVenue(instruments: [Self.apple], settings: settings, restoring: venue.state)
            }
            for report in venue.apply(command, timeNanoseconds: UInt64(step)) {
                all.append(report)
                guard check, let life = lives[report.orderID] else { continue }
                if case .filled(let fill) = report.kind {
                    let request = life.order.request
                    #expect(quote?.isTradable == true, "seed \(seed) step \(step)")
                    let beyond = request.side.sign * (fill.price - (request.limitPrice ?? fill.price))
                    #expect(beyond <= 0, "seed \(seed) step \(step): beyond the limit")
                    sizeLeft[request.side, default: 0] -= fill.quantity.magnitude
                    #expect(settings.sizePerQuote == nil || sizeLeft[request.side, default: 0] >= 0, "seed \(seed)")
                    if request.timeInForce == .fok { #expect(fill.quantity.magnitude == request.quantity) }
                }
                if let event = report.event(of: life.order.request, rate: 1) {
                    let outcome = lives[report.orderID]?.apply(event)
                    if case .refused(let refusal) = outcome, refusal != .nothingPending {
                        Issue.record("seed \(seed) step \(step): \(refusal)")
                    }
                }
            }
            if check { Self.checkRest(lives, venue, "seed \(seed) step \(step)") }
        }
        return all
    }

    /// The desk and the venue agree on what is open; nothing immediate rests.
    static func checkRest(_ lives: [UInt64: OrderLife], _ venue: SimulatedVenue, _ place: String) {
        for (id, life) in lives where !life.order.status.isFinal {
            #expect(venue.truth(of: id) == VenueTruth(.working, executedQuantity: life.executedQuantity), "\(place)")
            let request = life.order.request
            let isImmediate = [.ioc, .fok].contains(request.timeInForce)
            #expect(!isImmediate || request.type.needsStopPrice, "\(place): \(id) rests")
        }
    }

    static func command(_ random: inout SplitMix64, step: UInt64) -> VenueCommand {
        func pick<Value>(_ values: [Value]) -> Value { values[random.nextIndex(below: values.count)] }
        let other = 1 + UInt64(random.nextIndex(below: Int(step)))
        let price = 95 + Double(random.nextIndex(below: 11))
        switch random.nextIndex(below: 20) {
        case 0..<8:
            let type = pick(OrderType.allCases)
            return .new(
                orderID: step,
                Self.order(
                    pick(OrderSide.allCases), 1 + Double(random.nextIndex(below: 40)), type,
                    limit: type.needsLimitPrice ? price : nil,
                    stop: type.needsStopPrice ? 95 + Double(random.nextIndex(below: 11)) : nil,
                    pick(TimeInForce.allCases)))
        case 8: return .cancel(orderID: other)
        case 9, 10: return .replace(orderID: other, OrderChange(quantity: 1 + Double(random.nextIndex(below: 40))))
        case 11 where random.nextIndex(below: 5) == 0: return .dayRoll
        default:
            let sizes: [Double?] = [nil, 3, 17]
            let isBad = random.nextIndex(below: 5) == 0
            return .quote(
                VenueQuote(
                    symbol: "AAPL", bid: price, ask: price + pick([1, 2, 0, -1]), last: pick([nil, price]),
                    bidSize: pick(sizes), askSize: pick(sizes),
                    trading: isBad ? pick(VenueQuote.Trading.allCases) : .trading, isStale: isBad))
        }
    }

    @Test(arguments: UInt64(1)...60)
    func randomSessionsKeepTheRulesAndRepeatThemselves(seed: UInt64) {
        let reports = Self.session(seed, check: true)
        #expect(reports == Self.session(seed, check: false), "seed \(seed)")
        #expect(Set(reports.map(\.id)).count == reports.count, "seed \(seed)")
        let fills = reports.filter { if case .filled = $0.kind { true } else { false } }
        #expect(fills.count > 20, "seed \(seed): a session in which little happened")
    }
}
