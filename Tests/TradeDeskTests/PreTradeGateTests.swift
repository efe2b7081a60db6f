// SPDX-License-Identifier: Apache-2.0
// The gate: each denial alone with its numbers, all in order, and what is not finite never passes.

import RiskDomain
import RiskSimulation
import Testing
import TradeDesk

/// A gate in whose every input one thing can be changed.
struct GateCase {
    static let now: UInt64 = 1_700_000_000_000_000_000

    var request = OrderRequest(account: "ALPHA", symbol: "AAPL", side: .buy, quantity: 10)
    var account = GateAccount(
        position: 0, equity: 100_000, marginUsed: 1_000, valueAtRisk: 500, expectedShortfall: 700)
    var market = GateMarket(
        instrument: Instrument(id: 1, symbol: "AAPL", name: "Apple", sector: "Technology", currency: "USD"),
        bid: 99, ask: 101, last: 100, tickNanoseconds: Self.now - 1_000_000_000)
    var limits = GateLimits()
    var orders: [OpenOrder] = []
    var replacing: UInt64?
    var rate = RateDecision.allowed(remaining: 59, resetSeconds: 60)
    var risk = GateRisk(valueAtRisk: 600, expectedShortfall: 800)

    init() {
        self.limits.orderNotional = 50_000
        self.limits.buyingPower = 60_000
        self.limits.margin = 20_000
        self.limits.positionQuantity = 500
        self.limits.positionNotional = 50_000
        self.limits.concentrationPercent = 40
        self.limits.valueAtRisk = 1_000
        self.limits.expectedShortfall = 1_500
    }

    var verdict: GateVerdict {
        PreTradeGate.verdict(
            on: self.request, account: self.account, market: self.market, limits: self.limits, orders: self.orders,
            replacing: self.replacing, rate: self.rate, nowNanoseconds: Self.now
        ) { _ in self.risk }
    }

    /// An order of the account sent a minute ago.
    static func order(
        _ id: UInt64, _ side: OrderSide, _ quantity: Double, limit: Double? = nil, ageSeconds: UInt64 = 60,
        status: OrderStatus = .working, notional: Double? = 0, margin: Double? = 0
    ) -> OpenOrder {
        let request = OrderRequest(
            account: "ALPHA", symbol: "AAPL", side: side, quantity: quantity, type: limit == nil ? .market : .limit,
            limitPrice: limit)
        let created = Self.now - ageSeconds * 1_000_000_000
        return OpenOrder(
            Order(
                id: id, request: request, user: "ann", status: status, createdNanoseconds: created,
                updatedNanoseconds: created), notional: notional, margin: margin)
    }
}

@Suite struct PreTradeGateTests {
    /// One change of a good order, and the one denial it must bring.
    static let single: [(denial: GateDenial, change: @Sendable (inout GateCase) -> Void)] = [
        (GateDenial(.killSwitchGlobal), { $0.account.isKilledGlobally = true }),
        (GateDenial(.killSwitchAccount), { $0.account.isKilled = true }),
        (GateDenial(.accountHalted), { $0.account.standing = .halted }),
        (GateDenial(.accountReducing, limit: 0, actual: 10), { $0.account.standing = .reducing }),
        (GateDenial(.orderInvalid), { $0.request.limitPrice = 100 }),
        (GateDenial(.instrumentHalted), { $0.market.trading = .halted }),
        (GateDenial(.instrumentClosed), { $0.market.trading = .closed }),
        (GateDenial(.priceStale, limit: 10, actual: 1), { $0.market.isStale = true }),
        (GateDenial(.priceStale, limit: 10, actual: 11), { $0.market.tickNanoseconds = GateCase.now - 11_000_000_000 }),
        (GateDenial(.priceStale, limit: 10), { $0.market.tickNanoseconds = nil }),
        (GateDenial(.marketCrossed, limit: 98, actual: 99), { $0.market.ask = 98 }),
        (
            GateDenial(.collar, limit: 10, actual: 11),
            {
                $0.request.type = .limit
                $0.request.limitPrice = 111
            }
        ),
        (GateDenial(.collar, limit: 10, actual: 12), { $0.market.ask = 112 }),
        (
            GateDenial(.offTick, limit: 0.01, actual: 100.005),
            {
                $0.request.type = .limit
                $0.request.limitPrice = 100.005
            }
        ),
        (GateDenial(.offLot, limit: 1, actual: 1.5), { $0.request.quantity = 1.5 }),
        (GateDenial(.orderQuantity, limit: 9, actual: 10), { $0.limits.orderQuantity = 9 }),
        (GateDenial(.orderNotional, limit: 1_009, actual: 1_010), { $0.limits.orderNotional = 1_009 }),
        (
            GateDenial(.buyingPower, limit: 2_009, actual: 2_010),
            {
                $0.limits.buyingPower = 2_009
                $0.orders = [GateCase.order(1, .buy, 10, limit: 100, notional: 1_000)]
            }
        ),
        (GateDenial(.buyingPower, limit: 60_000), { $0.orders = [GateCase.order(1, .buy, 1, notional: nil)] }),
        (
            GateDenial(.margin, limit: 1_500, actual: 1_502.5),
            {
                $0.limits.margin = 1_500
                $0.orders = [GateCase.order(1, .buy, 10, limit: 100, margin: 250)]
            }
        ),
        (GateDenial(.margin, limit: 20_000), { $0.account.marginUsed = nil }),
        (
            GateDenial(.positionQuantity, limit: 29, actual: 30),
            {
                $0.limits.positionQuantity = 29
                $0.account.position = 15
                $0.orders = [GateCase.order(1, .buy, 5)]
            }
        ),
        (GateDenial(.positionNotional, limit: 1_000, actual: 1_010), { $0.limits.positionNotional = 1_000 }),
        (GateDenial(.concentration, limit: 40, actual: 50.5), { $0.account.equity = 2_000 }),
        (GateDenial(.concentration, limit: 40), { $0.account.equity = -1 }),
        (GateDenial(.valueAtRisk, limit: 599, actual: 600), { $0.limits.valueAtRisk = 599 }),
        (GateDenial(.valueAtRisk, limit: 1_000), { $0.risk.valueAtRisk = nil }),
        (GateDenial(.expectedShortfall, limit: 799, actual: 800), { $0.limits.expectedShortfall = 799 }),
        (
            GateDenial(.openOrders, limit: 1, actual: 2),
            {
                $0.limits.openOrders = 1
                $0.orders = [GateCase.order(1, .buy, 3)]
            }
        ),
        (GateDenial(.orderRate, limit: 60, actual: 61), { $0.rate = .denied(limit: 60, retryAfterSeconds: 7) }),
        (
            GateDenial(.duplicate, limit: 2, actual: 2),
            { $0.orders = [GateCase.order(1, .buy, 10, ageSeconds: 2, status: .filled)] }
        ),
        (GateDenial(.selfMatch, actual: 105), { $0.orders = [GateCase.order(1, .sell, 3, limit: 105)] }),
    ]

    @Test func goodOrderPassesAndTiesUpItsCost() {
        #expect(GateCase().verdict == .allowed(GateReservation(notional: 1_010, margin: 252.5)))
    }

    @Test(arguments: Self.single.indices)
    func oneFaultBringsItsOneDenial(index: Int) {
        var gate = GateCase()
        Self.single[index].change(&gate)
        #expect(gate.verdict == .denied([Self.single[index].denial]), "\(Self.single[index].denial)")
    }

    @Test func everyCodeHasACase() {
        // Without an instrument, a price or a rate there is no number to check anything else with.
        let together: Set<GateCode> = [.instrumentUnknown, .priceMissing, .currencyRateMissing]
        #expect(Set(Self.single.map(\.denial.code)).union(together) == Set(GateCode.allCases))
        let changes: [(GateCode, (inout GateCase) -> Void)] = [
            (.instrumentUnknown, { $0.market.instrument = nil }),
            (.priceMissing, { ($0.market.last, $0.market.bid) = (nil, nil) }),
            (.currencyRateMissing, { $0.market.rate = nil }),
        ]
        for (code, change) in changes {
            var gate = GateCase()
            change(&gate)
            #expect(gate.verdict.denials.first?.code == code)
        }
    }

    /// Several faults at once: the denials are those of each, in the order of the codes.
    @Test(arguments: UInt64(1)...100)
    func denialsComeTogetherAndInTheirOrder(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var gate = GateCase()
        var codes: [GateCode] = []
        for index in [0, 1, 2, 6, 7, 15, 16, 22, 25, 27, 29] where random.nextIndex(below: 2) == 0 {
            Self.single[index].change(&gate)
            codes.append(Self.single[index].denial.code)
        }
        // The later of the two trading states replaced the earlier.
        if codes.contains(.instrumentClosed) { codes.removeAll { $0 == .instrumentHalted } }
        let order = gate.verdict.denials.map { GateCode.allCases.firstIndex(of: $0.code) ?? -1 }
        #expect(Set(gate.verdict.denials.map(\.code)) == Set(codes), "seed \(seed)")
        #expect(order == order.sorted(), "seed \(seed)")
    }

    /// Whatever number is not finite, nothing passes.
    @Test func nothingPassesThatIsNotFinite() {
        let changes: [(inout GateCase, Double) -> Void] = [
            { $0.request.quantity = $1 }, { $0.request.limitPrice = $1 }, { $0.account.position = $1 },
            { $0.account.equity = -$1.magnitude }, { $0.account.marginUsed = $1.magnitude },
            { $0.market.bid = $1 }, { $0.market.ask = $1 }, { $0.market.last = $1 }, { $0.market.rate = $1 },
            { $0.limits.margin = $1 }, { $0.limits.collarPercent = $1 }, { $0.limits.valueAtRisk = $1 },
            { $0.limits.orderNotional = $1 }, { $0.limits.concentrationPercent = $1 },
            { $0.limits.positionQuantity = $1 }, { $0.limits.priceAgeSeconds = $1 }, { $0.risk.valueAtRisk = $1 },
            { $0.risk.expectedShortfall = $1 }, { $0.market.instrument?.multiplier = $1 },
            { $0.market.instrument?.tickSize = $1 }, { $0.market.instrument?.lotSize = $1 },
            { $0.market.instrument?.marginRate = $1 },
        ]
        for value in [Double.nan, .infinity, -.infinity] {
            for (index, change) in changes.enumerated() {
                var gate = GateCase()
                gate.request.type = .limit
                gate.request.limitPrice = 100
                change(&gate, value)
                #expect(!gate.verdict.denials.isEmpty, "\(index) \(value)")
                let isSendable = gate.verdict.denials.allSatisfy {
                    ($0.limit ?? 0).isFinite && ($0.actual ?? 0).isFinite
                }
                #expect(isSendable, "\(index) \(value)")
            }
        }
    }

    @Test func orderBeyondAllNumbersIsDeniedWithoutAnyLimit() {
        var gate = GateCase()
        gate.limits = GateLimits()
        gate.limits.orderQuantity = nil
        gate.request.quantity = 0x1p50
        #expect(gate.verdict.denials.isEmpty)
        gate.market.rate = 1e300
        #expect(gate.verdict == .denied([GateDenial(.orderNotional)]))
    }

    @Test func reducingOrderPassesInTheReducingStateAndTiesUpNothing() {
        var gate = GateCase()
        gate.account.standing = .reducing
        gate.account.position = -600
        gate.limits.margin = 0
        gate.limits.buyingPower = 0
        gate.risk = GateRisk(valueAtRisk: 490, expectedShortfall: 690)
        gate.limits.valueAtRisk = 100
        gate.limits.expectedShortfall = 100
        #expect(gate.verdict == .allowed(GateReservation(notional: 0, margin: 0)))
        // With what is open it would cross zero.
        gate.orders = [GateCase.order(1, .buy, 591)]
        #expect(gate.verdict.denials.first == GateDenial(.accountReducing, limit: 9, actual: 10))
        gate.replacing = 1
        #expect(gate.verdict.denials.isEmpty)
        gate.account.isKilled = true
        #expect(gate.verdict == .denied([GateDenial(.killSwitchAccount)]))
    }

    @Test func orderThatTurnsAPositionTiesUpOnlyWhatItAdds() {
        var gate = GateCase()
        gate.account.position = -4
        #expect(gate.verdict == .allowed(GateReservation(notional: 2 * 101, margin: 2 * 101 * 0.25)))
        // Of 50 long, 40 are being sold; 70 more end at 60 short, 10 beyond what is held.
        gate.account.position = 50
        gate.request.side = .sell
        gate.request.quantity = 70
        gate.orders = [GateCase.order(1, .sell, 40)]
        #expect(gate.verdict == .allowed(GateReservation(notional: 10 * 99, margin: 10 * 99 * 0.25)))
    }

    @Test func orderThatLowersRiskPassesALimitAlreadyExceeded() {
        var gate = GateCase()
        gate.account.valueAtRisk = 5_000
        gate.risk.valueAtRisk = 4_999
        #expect(gate.verdict.denials.isEmpty)
        gate.risk.valueAtRisk = 5_001
        #expect(gate.verdict == .denied([GateDenial(.valueAtRisk, limit: 1_000, actual: 5_001)]))
    }

    @Test func ordersThatWaitOnTheCheapSideAreWithinTheCollar() {
        for (side, price) in [(OrderSide.buy, 60.0), (.sell, 140)] {
            var gate = GateCase()
            gate.request.side = side
            gate.request.type = .limit
            gate.request.limitPrice = price
            #expect(gate.verdict.denials.isEmpty, "\(side)")
        }
    }

    @Test func restingOrdersThatCannotTradeAreNoSelfMatch() {
        var gate = GateCase()
        gate.request.type = .limit
        gate.request.limitPrice = 100
        gate.orders = [GateCase.order(1, .sell, 3, limit: 100.01)]
        #expect(gate.verdict.denials.isEmpty)
        gate.orders = [GateCase.order(1, .sell, 3, limit: 100)]
        #expect(gate.verdict.denials.map(\.code) == [.selfMatch])
        gate.orders = [GateCase.order(1, .sell, 3, limit: 100, status: .cancelled)]
        #expect(gate.verdict.denials.isEmpty)
    }
}
