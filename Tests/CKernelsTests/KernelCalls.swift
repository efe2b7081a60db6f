// SPDX-License-Identifier: Apache-2.0
// Kernels as functions of Swift arrays, each output fenced so that a write out of bounds shows.
import CKernels
import CPlatform

/// Mark-to-market inputs that own their arrays.
struct MarkBook {
    var instrument: [UInt32]
    var quantity, averageCost, multiplier, fx, marginRate: [Double]
    var overnight, tradedQuantity, tradedCost: [Double]
    var price, priorClose: [Double]

    init(count: Int, instrumentCount: Int, from values: inout SpecialValues) {
        instrument = values.indices(count, below: instrumentCount)
        quantity = values.values(count)
        averageCost = values.values(count)
        multiplier = values.values(count)
        fx = values.values(count)
        marginRate = values.values(count)
        overnight = values.values(count)
        tradedQuantity = values.values(count)
        tradedCost = values.values(count)
        price = values.values(instrumentCount)
        priorClose = values.values(instrumentCount)
    }
}

/// The outputs of mark-to-market.
struct Marks {
    var marketValue, unrealised, day: [Double]
    /// net, gross, unrealised, day, margin
    var sums: [Double]

    var bits: [[UInt64]] { [marketValue.bits, unrealised.bits, day.bits, sums.bits] }
}

/// One tier's kernels.
struct KernelCalls {
    static let supportedTiers = (0..<UInt32(TR_TIER_COUNT)).map { tr_tier(rawValue: $0) }.filter(tr_tier_supported)
    /// Stands where nothing may be written.
    static let fence = Double(bitPattern: 0xdead_beef_dead_beef)

    let kernels: tr_kernels
    let name: String

    init?(_ tier: tr_tier) {
        guard let kernels = tr_kernels_of(tier) else { return nil }
        self.kernels = kernels.pointee
        name = String(cString: tr_tier_name(tier))
    }

    func mark(_ book: MarkBook) -> Marks {
        let count = book.instrument.count
        let outputs = (0..<3).map { _ in FencedDoubles(count: count) }
        var output = tr_mark_output(
            market_value: outputs[0].base, unrealised: outputs[1].base, day: outputs[2].base, sums: tr_mark_sums())
        book.withInput { input in
            withUnsafePointer(to: input) { kernels.mark($0, &output) }
        }
        let sums = output.sums
        return Marks(
            marketValue: outputs[0].taken(), unrealised: outputs[1].taken(), day: outputs[2].taken(),
            sums: [sums.net, sums.gross, sums.unrealised, sums.day, sums.margin])
    }

    /// `rows` is a matrix of rows of `stride` values.
    func weightedRows(
        _ rows: [Double], stride: Int, row: [UInt32], weight: [Double], columns: Int
    ) -> [Double] {
        let matrix = FencedDoubles(count: rows.count)
        matrix.fill(rows)
        // `out` is `stride` long by contract; only the first `columns` may change, so the fence begins there.
        let out = FencedDoubles(count: columns, room: stride)
        kernels.weighted_rows(matrix.base, stride, row, weight, row.count, columns, out.base)
        return out.taken()
    }

    /// The sums of each of the four sets of weights.
    func weightedTogether(
        _ rows: [Double], stride: Int, row: [UInt32], weights: [[Double]], columns: Int
    ) -> [[Double]] {
        let matrix = FencedDoubles(count: rows.count)
        matrix.fill(rows)
        let weight = weights.map { values in
            let copy = FencedDoubles(count: values.count)
            copy.fill(values)
            return copy
        }
        let out = weights.map { _ in FencedDoubles(count: columns, room: stride) }
        // Of the weights only addresses go on.
        withExtendedLifetime(weight) {
            kernels.weighted_together(
                matrix.base, stride, row, weight.map { UnsafePointer($0.base) }, row.count, columns, out.map(\.base))
        }
        return out.map { $0.taken() }
    }

    func tail(_ values: [Double], wanted: Int) -> [Double] {
        let smallest = FencedDoubles(count: wanted)
        kernels.tail(values, values.count, wanted, smallest.base)
        return smallest.taken()
    }

    func optionValues(_ terms: tr_option_terms, volatility: Double, years: Double, spots: [Double]) -> [Double] {
        var option = tr_option()
        withUnsafePointer(to: terms) { tr_option_prepare($0, volatility, years, &option) }
        let values = FencedDoubles(count: spots.count)
        kernels.option_values(&option, spots, spots.count, values.base)
        return values.taken()
    }
}

extension MarkBook {
    fileprivate func withInput(_ body: (tr_mark_input) -> Void) {
        let doubles = [
            quantity, averageCost, multiplier, fx, marginRate, overnight, tradedQuantity, tradedCost, price, priorClose,
        ].map { values in
            let copy = FencedDoubles(count: values.count)
            copy.fill(values)
            return copy
        }
        instrument.withUnsafeBufferPointer { indices in
            // An empty array may have no address; the contract wants one even for nothing.
            let none = UnsafePointer(UnsafeRawPointer(doubles[0].base).assumingMemoryBound(to: UInt32.self))
            body(
                tr_mark_input(
                    count: instrument.count, instrument: indices.baseAddress ?? none, quantity: doubles[0].base,
                    average_cost: doubles[1].base, multiplier: doubles[2].base, fx: doubles[3].base,
                    margin_rate: doubles[4].base, overnight: doubles[5].base, traded_quantity: doubles[6].base,
                    traded_cost: doubles[7].base, price: doubles[8].base, prior_close: doubles[9].base))
        }
        withExtendedLifetime(doubles) {}
    }
}
