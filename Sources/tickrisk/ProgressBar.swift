// SPDX-License-Identifier: Apache-2.0
// How far long work is, on standard error while that is a terminal.

import Foundation

/// One line that is drawn over itself; nothing at all in a pipe.
///
/// Ownership: the thread that works.
struct ProgressBar {
    private static let cells = 30

    private var total: Int
    private let isShown = Terminal.isErrorInteractive
    private var shownPercent = -1

    /// - Parameter total: steps of the work, at least 1.
    init(total: Int) { self.total = max(1, total) }

    /// Draws only when the percentage changes.
    mutating func show(_ done: Int, _ label: String) {
        let percent = min(100, done * 100 / self.total)
        guard self.isShown, percent != self.shownPercent else { return }
        self.shownPercent = percent
        let filled = percent * Self.cells / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.cells - filled)
        self.write(
            "\r[\(bar)] \(String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0))\(percent) %  ")
        self.write(label.padding(toLength: 24, withPad: " ", startingAt: 0))
    }

    /// For work whose extent shows only once it has begun.
    mutating func show(_ done: Int, of total: Int, _ label: String) {
        self.total = max(1, total)
        self.show(done, label)
    }

    /// Clears the line.
    func end() {
        if self.isShown { self.write("\r\u{1B}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
