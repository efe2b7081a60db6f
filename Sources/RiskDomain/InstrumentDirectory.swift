// SPDX-License-Identifier: Apache-2.0
// Finds an instrument by wire identifier or by symbol.

/// The instruments in file order, with both ways to look one up.
public struct InstrumentDirectory: Sendable {
    /// Addressed by instrument index.
    public let instruments: [Instrument]
    /// Symbols by instrument index.
    public let symbols: [String]
    private let indexBySymbol: [String: Int]
    private let indexByID: [UInt32: Int]
    /// `id → index + 1` for identifiers below ``denseLimit``, 0 where there is none: the tick path looks up here.
    private let denseIndex: [UInt32]
    private static let denseLimit: UInt32 = 1 << 20

    /// - Precondition: identifiers and symbols are unique (the file loader refuses others with their line).
    public init(_ instruments: [Instrument]) {
        self.instruments = instruments
        self.symbols = instruments.map(\.symbol)
        self.indexBySymbol = Dictionary(uniqueKeysWithValues: instruments.enumerated().map { ($1.symbol, $0) })
        self.indexByID = Dictionary(uniqueKeysWithValues: instruments.enumerated().map { ($1.id, $0) })
        let highest = instruments.lazy.map(\.id).filter { $0 < Self.denseLimit }.max()
        var dense = [UInt32](repeating: 0, count: highest.map { Int($0) + 1 } ?? 0)
        for (index, instrument) in instruments.enumerated() where instrument.id < Self.denseLimit {
            dense[Int(instrument.id)] = UInt32(index) + 1
        }
        self.denseIndex = dense
    }

    /// Whether every index means the same instrument on the same terms.
    public func hasSameTerms(as other: InstrumentDirectory) -> Bool {
        self.instruments.elementsEqual(other.instruments) { $0.hasSameTerms(as: $1) }
    }

    /// By index here, the index of the same instrument on the same terms there; `nil` where it is gone.
    public func indices(in other: InstrumentDirectory) -> [Int?] {
        self.instruments.map { instrument in
            other.index(ofSymbol: instrument.symbol).flatMap {
                other.instruments[$0].hasSameTerms(as: instrument) ? $0 : nil
            }
        }
    }

    public func index(ofSymbol symbol: String) -> Int? { self.indexBySymbol[symbol] }

    public func index(ofID id: UInt32) -> Int? {
        if Int(id) < self.denseIndex.count {
            let found = self.denseIndex[Int(id)]
            return found == 0 ? nil : Int(found) - 1
        }
        return id < Self.denseLimit ? nil : self.indexByID[id]
    }
}
