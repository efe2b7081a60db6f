// SPDX-License-Identifier: Apache-2.0
// How the server writes numbers on the first screen; `Resources/data/format.js` writes them the same way afterwards.

import Foundation

/// Text and tone of a cell.
package struct ShownNumber: Equatable {
    package var text: String
    /// "", "gain", "loss", "warn" or "critical".
    package var tone: String

    package init(text: String, tone: String = "") {
        self.text = text
        self.tone = tone
    }
}

package enum NumberText {
    private static let minus = "\u{2212}"

    /// Grouped in thousands, with a true minus sign, never a negative zero.
    package static func plain(_ value: Double, decimals least: Int, upTo most: Int? = nil) -> String {
        var text = String(format: "%.\(most ?? least)f", abs(value))
        if let most, most > least {
            var droppable = most - least
            while droppable > 0, text.hasSuffix("0") {
                text.removeLast()
                droppable -= 1
            }
            if text.hasSuffix(".") { text.removeLast() }
        }
        let parts = text.split(separator: ".", maxSplits: 1)
        let grouped = Self.grouped(parts[0]) + (parts.count > 1 ? "." + parts[1] : "")
        return value < 0 && grouped.contains { ("1"..."9").contains($0) } ? Self.minus + grouped : grouped
    }

    /// With a sign both ways and the tone of a result.
    package static func signed(_ value: Double, decimals: Int) -> ShownNumber {
        let text = Self.plain(value, decimals: decimals)
        guard text.contains(where: { ("1"..."9").contains($0) }) else { return ShownNumber(text: text) }
        return value > 0 ? ShownNumber(text: "+" + text, tone: "gain") : ShownNumber(text: text, tone: "loss")
    }

    private static func grouped(_ digits: Substring) -> String {
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return grouped
    }
}
