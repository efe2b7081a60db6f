// SPDX-License-Identifier: Apache-2.0
// The kernels' contracts once more, in plain Swift and by other means than the C: what the scalar tier is held to.
import CKernels

enum KernelContract {
    static let absent = Double(bitPattern: TR_ABSENT_BITS)

    /// A value as published: absent where it is not a number, and no negative zero.
    private static func published(_ value: Double) -> Double {
        value.isNaN ? absent : value.isZero ? 0 : value
    }

    /// Sums the elements that are present, in eight lanes folded as the header writes it.
    private static func laneSum(_ elements: [Double]) -> Double {
        let lanes = (0..<8).map { lane in
            stride(from: lane, to: elements.count, by: 8).map { elements[$0] }.filter { !$0.isNaN }.reduce(0, +)
        }
        let even = (lanes[0] + lanes[4]) + (lanes[2] + lanes[6])
        let odd = (lanes[1] + lanes[5]) + (lanes[3] + lanes[7])
        let sum = even + odd
        return sum.isNaN ? absent : sum
    }

    static func mark(_ book: MarkBook) -> Marks {
        var marks = Marks(marketValue: [], unrealised: [], day: [], sums: [])
        var margins: [Double] = []
        for (position, instrument) in book.instrument.enumerated() {
            let (price, close) = (book.price[Int(instrument)], book.priorClose[Int(instrument)])
            let (quantity, multiplier, fx) = (book.quantity[position], book.multiplier[position], book.fx[position])
            let gain = price - book.averageCost[position]
            let carried = (price - close) * book.overnight[position]
            let traded = price * book.tradedQuantity[position] - book.tradedCost[position]
            let marketValue = published(quantity * multiplier * price * fx)
            marks.marketValue.append(marketValue)
            marks.unrealised.append(published(gain * quantity * multiplier * fx))
            marks.day.append(published((carried + traded) * multiplier * fx))
            margins.append(marketValue.magnitude * book.marginRate[position])
        }
        marks.sums = [
            marks.marketValue, marks.marketValue.map(\.magnitude), marks.unrealised, marks.day, margins,
        ].map(laneSum)
        return marks
    }

    static func weightedRows(
        _ rows: [Double], stride: Int, row: [UInt32], weight: [Double], columns: Int
    ) -> [Double] {
        (0..<columns).map { column in
            var sum = 0.0
            for (index, weight) in zip(row, weight) { sum += weight * rows[Int(index) * stride + column] }
            return sum.isNaN ? absent : sum
        }
    }

    static func tail(_ values: [Double], wanted: Int) -> [Double] {
        let ascending = values.sorted { left, right in
            left.isTotallyOrdered(belowOrEqualTo: right) && left.bitPattern != right.bitPattern
        }
        return Array(ascending.prefix(wanted))
    }
}
