// SPDX-License-Identifier: Apache-2.0
// What orders have to keep to, and where they go.

extension Configuration {
    /// Section `orders`: what every order is held against, beside the limits people set on accounts.
    public struct Orders: Sendable, Equatable {
        /// Orders of one account and user in any 60 seconds, 1 to 1,000,000.
        public var perMinute: Int
        /// Greatest quantity of an order, above 0.
        public var quantityMax: Double
        /// Greatest value of an order in the account's currency; 0 for none.
        public var notionalMax: Double
        /// Greatest value of a position with its open orders filled, in the account's currency; 0 for none.
        public var positionNotionalMax: Double
        /// Greatest value of a position in percent of the account's equity; 0 for none.
        public var concentrationPercent: Double
        /// Gross exposure, open orders included, in multiples of equity: what is left of it is the buying power; 0 for
        /// none.
        public var leverageMax: Double
        /// How far beyond the live price an order may trade, in percent; 0 for as far as it likes.
        public var collarPercent: Double
        /// Open orders of an account, 1 to 1,000,000.
        public var openMax: Int
        /// Within this the same order again is a duplicate; 0 takes it, at most 1 h.
        public var duplicateNanoseconds: UInt64

        public init(
            perMinute: Int = 60, quantityMax: Double = 10_000, notionalMax: Double = 0,
            positionNotionalMax: Double = 0, concentrationPercent: Double = 0, leverageMax: Double = 0,
            collarPercent: Double = 10, openMax: Int = 1_000, duplicateNanoseconds: UInt64 = 0
        ) {
            self.perMinute = perMinute
            self.quantityMax = quantityMax
            self.notionalMax = notionalMax
            self.positionNotionalMax = positionNotionalMax
            self.concentrationPercent = concentrationPercent
            self.leverageMax = leverageMax
            self.collarPercent = collarPercent
            self.openMax = openMax
            self.duplicateNanoseconds = duplicateNanoseconds
        }
    }

    /// Section `venue`: who executes.
    public struct Venue: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            /// An exchange inside the daemon that trades against the live quotes.
            case simulated
            /// A program at the other end of ``endpoint`` (docs/order-gateway.md).
            case gateway
        }

        public var kind: Kind
        /// Of the simulated exchange's slippage.
        public var seed: Int
        /// What one quote gives at most; 0 for any quantity.
        public var sizePerQuote: Double
        /// Market orders trade 0 to so many ticks beyond the touch, at most 1,000.
        public var slippageTicks: Int
        /// Part of the value of a fill, 0 to 1.
        public var feeRate: Double
        /// Least fee of a fill, in the instrument's currency.
        public var feeMinimum: Double
        /// Of the gateway; `""` for the simulated exchange.
        public var endpoint: String
        public var curve: Curve?

        public init(
            kind: Kind = .simulated, seed: Int = 1, sizePerQuote: Double = 0, slippageTicks: Int = 0,
            feeRate: Double = 0, feeMinimum: Double = 0, endpoint: String = "", curve: Curve? = nil
        ) {
            self.kind = kind
            self.seed = seed
            self.sizePerQuote = sizePerQuote
            self.slippageTicks = slippageTicks
            self.feeRate = feeRate
            self.feeMinimum = feeMinimum
            self.endpoint = endpoint
            self.curve = curve
        }
    }
}

extension ConfigurationReader {
    private static let moneyMax = 1e15
    private static let hour: UInt64 = 3_600_000_000_000

    func orders() -> Configuration.Orders {
        let section = self.section("orders")
        var orders = Configuration.Orders()
        orders.perMinute = section.whole("per_minute", default: orders.perMinute, in: 1...1_000_000)
        orders.quantityMax = section.number("quantity_max", default: orders.quantityMax, in: 1e-9...1e12)
        orders.notionalMax = section.number("notional_max", default: orders.notionalMax, in: 0...Self.moneyMax)
        orders.positionNotionalMax = section.number(
            "position_notional_max", default: orders.positionNotionalMax, in: 0...Self.moneyMax)
        orders.concentrationPercent = section.number(
            "concentration_max_pct", default: orders.concentrationPercent, in: 0...1_000_000)
        orders.leverageMax = section.number("leverage_max", default: orders.leverageMax, in: 0...1_000)
        orders.collarPercent = section.number("collar_pct", default: orders.collarPercent, in: 0...1_000)
        orders.openMax = section.whole("open_max", default: orders.openMax, in: 1...1_000_000)
        orders.duplicateNanoseconds = section.duration(
            "duplicate_window", default: orders.duplicateNanoseconds, in: 0...Self.hour)
        return orders
    }

    func venue() -> Configuration.Venue {
        let section = self.section("venue")
        var venue = Configuration.Venue()
        venue.kind = section.choice("kind", default: venue.kind)
        venue.seed = section.whole("seed", default: venue.seed, in: 0...1_000_000_000)
        venue.sizePerQuote = section.number("size_per_quote", default: venue.sizePerQuote, in: 0...1e12)
        venue.slippageTicks = section.whole("slippage_ticks", default: venue.slippageTicks, in: 0...1_000)
        venue.feeRate = section.number("fee_rate", default: venue.feeRate, in: 0...1)
        venue.feeMinimum = section.number("fee_minimum", default: venue.feeMinimum, in: 0...Self.moneyMax)
        venue.endpoint = section.text(
            "endpoint", default: "", allowed: "tcp://host:port or ipc://path, or \"\""
        ) { $0.isEmpty || FeedEndpoint.check($0) != .malformed }
        if venue.kind == .gateway, venue.endpoint.isEmpty {
            section.refuse("kind", value: "gateway", "it needs venue.endpoint", orAt: self.root.origin)
        }
        let hasKeys = !section.text("curve_secret_key_file", default: "", allowed: "") { _ in true }.isEmpty
        if FeedEndpoint.check(venue.endpoint) == .beyondThisMachine, !venue.endpoint.isEmpty, !hasKeys {
            let reason = "outside loopback and ipc CURVE keys are required: curve_secret_key_file"
            section.refuse("endpoint", value: venue.endpoint, reason, orAt: self.root.origin)
        }
        let node = self.node(ofSection: "venue")
        venue.curve = CurveReader(section: section, node: node, file: self.file).readConnecting()
        return venue
    }
}

extension Configuration {
    static func lines(of orders: Orders) -> [String] {
        [
            "orders:", "  per_minute: \(orders.perMinute)", "  quantity_max: \(orders.quantityMax)",
            "  notional_max: \(orders.notionalMax)", "  position_notional_max: \(orders.positionNotionalMax)",
            "  concentration_max_pct: \(orders.concentrationPercent)", "  leverage_max: \(orders.leverageMax)",
            "  collar_pct: \(orders.collarPercent)",
            "  open_max: \(orders.openMax)",
            "  duplicate_window: \(DurationText.format(nanoseconds: orders.duplicateNanoseconds))",
        ]
    }

    static func lines(of venue: Venue) -> [String] {
        [
            "venue:", "  kind: \(venue.kind.rawValue)", "  seed: \(venue.seed)",
            "  size_per_quote: \(venue.sizePerQuote)", "  slippage_ticks: \(venue.slippageTicks)",
            "  fee_rate: \(venue.feeRate)", "  fee_minimum: \(venue.feeMinimum)",
            "  endpoint: \(self.quote(venue.endpoint))",
            "  curve_secret_key_file: \(self.quote(venue.curve?.secretKeyFile ?? ""))",
            "  curve_server_key: \(self.quote(venue.curve?.serverKey ?? ""))",
        ]
    }
}
