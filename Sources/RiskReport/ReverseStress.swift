// SPDX-License-Identifier: Apache-2.0
// The smallest move of one underlying, or of everything, that brings a book to where something breaks.

import RiskDomain

/// A book where prices have moved; money in the book's currency.
public struct StressedBook: Sendable, Equatable {
    public var pnl: Double
    /// Signed market values there, in the order of the book's positions; `nil` for one without price or rate.
    public var values: [Double?]
}

/// The smallest move that does what was asked for.
public struct ReverseStress: Sendable, Equatable {
    /// Relative move of the prices, −1 to 1; negative is down, 0 where nothing need move.
    public var move: Double
    /// P&L there.
    public var pnl: Double
}

/// Searches the moves of a book's prices, for one question after another.
///
/// Both directions are searched in steps of one percent, down before up, and what the first step that breaks contains
/// is bisected to a hundredth of a basis point. A break between two steps that neither of them has is not found.
public struct ReverseStressSearch {
    private static let steps = 100
    private static let precision = 1e-6

    private let reporter: BookReporter
    private let book: BookSnapshot
    private let underlying: String?
    /// By step, those valued already.
    private var valued: [Int: StressedBook?] = [:]

    /// - Parameter underlying: symbol of what moves, with the options on it; `nil` for everything.
    public init(_ reporter: BookReporter, book: BookSnapshot, underlying: String? = nil) {
        self.reporter = reporter
        self.book = book
        self.underlying = underlying
    }

    /// - Returns: `nil` where no move from −100 % to +100 % breaks, or a position that moves has no model value.
    public mutating func smallestMove(where breaks: (StressedBook) -> Bool) -> ReverseStress? {
        if let still = self.step(0), breaks(still) { return ReverseStress(move: 0, pnl: still.pnl) }
        for distance in 1...Self.steps {
            for direction in [-1, 1] {
                let step = direction * distance
                guard let stressed = self.step(step), breaks(stressed) else { continue }
                return self.bisected(
                    calm: Self.move(step - direction), broken: Self.move(step), pnl: stressed.pnl, breaks)
            }
        }
        return nil
    }

    /// The smallest move that costs a loss, in the book's currency.
    public mutating func smallestMove(losing loss: Double) -> ReverseStress? {
        self.smallestMove { $0.pnl <= -loss }
    }

    private func bisected(
        calm: Double, broken: Double, pnl: Double, _ breaks: (StressedBook) -> Bool
    ) -> ReverseStress {
        var (calm, found) = (calm, ReverseStress(move: broken, pnl: pnl))
        while (found.move - calm).magnitude > Self.precision {
            let middle = (calm + found.move) / 2
            if let stressed = self.value(at: middle), breaks(stressed) {
                found = ReverseStress(move: middle, pnl: stressed.pnl)
            } else {
                calm = middle
            }
        }
        return found
    }

    private mutating func step(_ step: Int) -> StressedBook? {
        if let known = self.valued[step] { return known }
        let stressed = self.value(at: Self.move(step))
        self.valued[step] = .some(stressed)
        return stressed
    }

    private func value(at move: Double) -> StressedBook? {
        self.reporter.stressed(self.book, under: BookReporter.scenario(self.underlying, price: move))
    }

    private static func move(_ step: Int) -> Double { Double(step) / Double(Self.steps) }
}
