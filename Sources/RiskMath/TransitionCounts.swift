// SPDX-License-Identifier: Apache-2.0
// How exceptions follow each other from day to day.

/// Days by whether the day before and the day itself were exceptions.
public struct TransitionCounts: Sendable, Equatable {
    /// Calm after calm, n00.
    public var calmToCalm: Int
    /// An exception after a calm day, n01.
    public var calmToException: Int
    /// A calm day after an exception, n10.
    public var exceptionToCalm: Int
    /// An exception after an exception, n11.
    public var exceptionToException: Int

    public init(
        calmToCalm: Int = 0, calmToException: Int = 0, exceptionToCalm: Int = 0, exceptionToException: Int = 0
    ) {
        self.calmToCalm = calmToCalm
        self.calmToException = calmToException
        self.exceptionToCalm = exceptionToCalm
        self.exceptionToException = exceptionToException
    }

    public var total: Int {
        self.calmToCalm + self.calmToException + self.exceptionToCalm + self.exceptionToException
    }

    mutating func add(from before: Bool, to after: Bool) {
        switch (before, after) {
        case (false, false): self.calmToCalm += 1
        case (false, true): self.calmToException += 1
        case (true, false): self.exceptionToCalm += 1
        case (true, true): self.exceptionToException += 1
        }
    }
}
