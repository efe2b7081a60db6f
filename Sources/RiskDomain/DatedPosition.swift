// SPDX-License-Identifier: Apache-2.0
// A position with the day it was written down.

/// A position as a file gives it, before the events since then are applied.
public struct DatedPosition: Sendable, Equatable {
    public var position: Position
    /// Quantity and cost are those at the end of this day; `nil` where they are adjusted for all events already.
    public var asOf: CalendarDay?

    public init(position: Position, asOf: CalendarDay? = nil) {
        self.position = position
        self.asOf = asOf
    }
}
