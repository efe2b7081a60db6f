// SPDX-License-Identifier: Apache-2.0
// An order desk on a real store, with a market, a clock and a venue in the test's hands.

import DeskService
import Foundation
import FramePublisher
import Logging
import RiskDomain
import RiskStore
import Synchronization
import TradeDesk

/// A folder, and everything a desk needs but the desk.
final class DeskWorld: Sendable {
    /// The folders of all worlds. A desk and its venue hold each other, and their world, until the process ends.
    private static let root: URL = {
        atexit { try? FileManager.default.removeItem(at: DeskWorld.root) }
        return FileManager.default.temporaryDirectory.appendingPathComponent("desks-\(UUID().uuidString)")
    }()

    let folder: URL
    let clock = Mutex<UInt64>(DeskRig.start)

    init() throws {
        self.folder = Self.root.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    func pass(seconds: Double) { self.clock.withLock { $0 += UInt64(seconds * 1_000_000_000) } }
}

/// One life of a desk.
struct DeskRig {
    /// 2023-11-14, 22:13:20 UTC.
    static let start: UInt64 = 1_700_000_000_000_000_000
    static let day: UInt64 = 86_400_000_000_000
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    @Sendable static func nextRoll(after time: UInt64) -> UInt64 { (time / self.day + 1) * self.day }

    static let instruments = [
        Instrument(id: 1, symbol: "AAPL", name: "Apple", sector: "Technology", currency: "USD", marginRate: 0.25),
        Instrument(id: 2, symbol: "MSFT", name: "Microsoft", sector: "Technology", currency: "USD", marginRate: 0.25),
        Instrument(id: 3, symbol: "VOD", name: "Vodafone", sector: "Telecoms", currency: "GBP", marginRate: 0.25),
        Instrument(
            id: 4, symbol: "GBPUSD", name: "Cable", sector: "Currencies", currency: "USD", tickSize: 0.0001,
            kind: .currencyPair(base: "GBP")),
    ]
    static func inputs(
        accounts: [Account] = [
            Account(id: "ALPHA", name: "Alpha", currency: "USD", cash: 100_000, marginLimit: nil),
            Account(id: "BETA", name: "Beta", currency: "USD", cash: 50_000, marginLimit: 10_000),
        ],
        positions: [Position] = [
            Position(account: "ALPHA", symbol: "AAPL", quantity: 10, averageCost: 180, strategy: "core")
        ]
    ) -> RiskInputs {
        RiskInputs(
            instruments: self.instruments, accounts: accounts, positions: positions,
            history: ClosingHistory(dates: [], closes: [:]), stressScenarios: [], convention: RiskConvention())
    }
    static let quotes: [String: (bid: Double, ask: Double)] = [
        "AAPL": (194.5, 195.5), "MSFT": (400, 400.5), "VOD": (0.75, 0.75), "GBPUSD": (1.25, 1.25),
    ]

    let world: DeskWorld
    let store: GatedStore
    let market: HandMarket
    let listener = DeskListener()
    let venue: any Venue
    let alerts: AlertDesk
    let desk: OrderDesk
    let catalog: ChannelCatalog

    var hand: HandVenue { self.venue as! HandVenue }
    var exchange: SimulatedExchange { self.venue as! SimulatedExchange }

    /// - Parameter venue: a ``HandVenue`` by default.
    init(
        _ world: DeskWorld, files: RiskInputs = DeskRig.inputs(), settings: DeskSettings = DeskSettings(),
        venue: (any Venue)? = nil, preview: (any RiskPreview)? = nil, isStarted: Bool = true
    ) async throws {
        self.world = world
        let path = world.folder.appendingPathComponent("store").path
        self.store = GatedStore(try SQLiteStore(directory: path))
        let now: @Sendable () -> UInt64 = { world.clock.withLock { $0 } }
        let opening = try await DeskOpening.open(
            files, store: self.store, nextRoll: Self.nextRoll, nowNanoseconds: now(), logger: Self.logger)
        self.catalog = ChannelCatalog(plan: BookPlan(opening.inputs))
        self.market = HandMarket(opening.inputs)
        self.venue = venue ?? HandVenue(prefix: "V\(now())-")
        self.alerts = try await AlertDesk(
            catalog: self.catalog, sink: self.listener, store: self.store, logger: Self.logger)
        self.desk = OrderDesk(
            opening: opening, catalog: self.catalog, cuts: self.market, events: self.listener,
            holdings: self.listener, alerts: self.alerts, venue: self.venue, store: self.store, preview: preview,
            settings: settings, nextRoll: Self.nextRoll, logger: Self.logger, now: now)
        self.market.move(Self.quotes)
        if isStarted { await self.desk.start() }
    }

    /// With a simulated exchange that trades on `quotes`, where the market moves, else on nothing yet.
    static func simulated(
        _ world: DeskWorld, settings: DeskSettings = DeskSettings(), venue: VenueSettings = VenueSettings(),
        isMoving: Bool = true
    ) async throws -> DeskRig {
        let exchange = SimulatedExchange(
            inputs: self.inputs(), settings: venue, now: { world.clock.withLock { $0 } })
        let rig = try await DeskRig(world, settings: settings, venue: exchange)
        if isMoving { exchange.marketMoved(rig.market.move(self.quotes)) }
        return rig
    }

    /// Everything that was decided, sent and reported is written down.
    func settle() async {
        for _ in 0..<3 {
            await self.desk.settle()
            _ = await self.venue.reconcile([])
            await self.desk.settle()
        }
    }

    /// The process ends here: what is not written down now is lost.
    func crash() async {
        self.store.cut()
        await self.desk.settle()
        try? await self.store.inner.close()
    }

    static func form(
        _ side: OrderSide = .buy, _ quantity: String = "10", symbol: String = "AAPL", limit: String? = nil,
        name: String? = nil, timeInForce: TimeInForce? = nil
    ) -> OrderForm {
        var form = OrderForm()
        form.symbol = .text(symbol)
        form.side = .text(side.rawValue)
        form.quantity = .number(quantity)
        if let limit {
            form.type = .text("limit")
            form.limitPrice = .number(limit)
        }
        if let name { form.clientOrderID = .text(name) }
        if let timeInForce { form.timeInForce = .text(timeInForce.rawValue) }
        return form
    }

    func submit(_ form: OrderForm, account: String = "ALPHA", user: String = "ann") async throws -> OrderAnswer {
        try await self.desk.submit(form, account: account, user: user)
    }

    /// Why it was refused, or `nil`.
    func refusal(_ form: OrderForm, account: String = "ALPHA", user: String = "ann") async -> DeskRefusal? {
        do throws(DeskRefusal) {
            _ = try await self.desk.submit(form, account: account, user: user)
            return nil
        } catch {
            return error
        }
    }
}
