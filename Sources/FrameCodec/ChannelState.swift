// SPDX-License-Identifier: Apache-2.0
// The values of a channel at one cut.

/// A cell of a text column; `text` in a column of kind ``ColumnKind/text``, `list` in one of kind ``ColumnKind/texts``.
public enum TextCell: Sendable {
    case absent
    case text(String)
    case list([String])
}

extension TextCell: Equatable {
    /// By bytes: Unicode's canonical equivalence would leave a receiver with other bytes than ours.
    public static func == (left: TextCell, right: TextCell) -> Bool {
        switch (left, right) {
        case (.absent, .absent): true
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
        default: false
        }
    }
}

/// A layout's cells with their values. Copies share storage until one is changed.
public struct ChannelState: Sendable {
    public let layout: ChannelLayout
    /// By ``ChannelLayout/numberOffset(table:column:)`` + row. NaN is absent; a choice is its index. Infinities are
    /// shown as the largest number of the encoding.
    public var numbers: [Double]
    /// By ``ChannelLayout/textOffset(table:column:)`` + row.
    public var texts: [TextCell]

    /// Every cell absent.
    public init(layout: ChannelLayout) {
        self.layout = layout
        self.numbers = Array(repeating: .nan, count: layout.numberCount)
        self.texts = Array(repeating: .absent, count: layout.textCount)
    }

    /// Whether a reader of the JSON form could tell the two apart: numbers by value, all NaNs being equal.
    public func differs(from other: ChannelState) -> Bool {
        if self.layout != other.layout { return true }
        var differs = false
        Self.forEachChange(in: 0..<self.layout.numberCount, from: other.numbers, to: self.numbers) { _ in
            differs = true
            return false
        }
        return differs || self.texts != other.texts
    }

    /// Texts in lists, which count against ``FrameLimits/itemsMax``.
    var listItemCount: Int {
        self.texts.reduce(0) { count, cell in
            if case .list(let texts) = cell { return count + texts.count }
            return count
        }
    }

    /// Same number, both zeros being one and all NaNs another.
    static func isSame(_ left: Double, _ right: Double) -> Bool { left == right || (left.isNaN && right.isNaN) }

    /// Calls `body` with the ascending indices of the numbers that differ, until it returns false.
    ///
    /// One pass over both arrays; runs of eight equal cells cost one branch.
    static func forEachChange(
        in range: Range<Int>, from base: [Double], to state: [Double], _ body: (Int) -> Bool
    ) {
        precondition(range.upperBound <= base.count && range.upperBound <= state.count)
        base.withUnsafeBufferPointer { base in
            state.withUnsafeBufferPointer { state in
                if base.baseAddress == state.baseAddress { return }
                var index = range.lowerBound
                while index < range.upperBound {
                    if index + 8 <= range.upperBound {
                        var difference: UInt64 = 0
                        for lane in index..<index + 8 {
                            difference |= base[lane].bitPattern ^ state[lane].bitPattern
                        }
                        if difference == 0 {
                            index += 8
                            continue
                        }
                    }
                    let end = min(index + 8, range.upperBound)
                    while index < end {
                        if !Self.isSame(base[index], state[index]), !body(index) { return }
                        index += 1
                    }
                }
            }
        }
    }
}
