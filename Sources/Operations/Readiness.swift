// SPDX-License-Identifier: Apache-2.0
// Whether the daemon can do its job now, part by part, and if not, why.

/// What `/readyz` and `/api/v1/status` answer from.
public struct Readiness: Sendable, Equatable {
    public enum Part: String, Sendable, CaseIterable {
        /// Values and risk of the books.
        case risk
        /// Prices that come in.
        case feed
        /// What is written down.
        case store
        /// Whether orders are taken and reach the venue.
        case orders
    }

    /// How a part does.
    public enum State: String, Sendable {
        /// It works, it works with something missing, it does not work.
        case ok, warn, down
    }

    /// What a reason takes away.
    public enum Effect: Sendable {
        /// The part works, with something missing.
        case warns
        /// The part does not work, and the daemon is ready for the rest: what people wanted, or what follows from
        /// another reason.
        case stops
        /// The part does not work, and the daemon is not ready.
        case unreadies
    }

    public struct Reason: Sendable, Equatable {
        public var part: Part
        public var effect: Effect
        /// For people.
        public var text: String

        public init(_ part: Part, _ effect: Effect, _ text: String) {
            self.part = part
            self.effect = effect
            self.text = text
        }
    }

    /// All that is not as it should be, in the order in which it is told.
    public private(set) var reasons: [Reason]

    public init(reasons: [Reason] = []) { self.reasons = reasons }

    public mutating func add(_ part: Part, _ effect: Effect, _ text: String) {
        self.reasons.append(Reason(part, effect, text))
    }

    public var isReady: Bool { self.missing.isEmpty }

    /// Texts of what keeps the daemon from being ready; empty when it is.
    public var missing: [String] { self.reasons.filter { $0.effect == .unreadies }.map(\.text) }

    /// Texts of what works with something missing.
    public var warnings: [String] { self.reasons.filter { $0.effect == .warns }.map(\.text) }

    public func state(of part: Part) -> State {
        let effects = self.reasons.filter { $0.part == part }.map(\.effect)
        if effects.isEmpty { return .ok }
        return effects.allSatisfy { $0 == .warns } ? .warn : .down
    }

    public func texts(of part: Part) -> [String] { self.reasons.filter { $0.part == part }.map(\.text) }
}
