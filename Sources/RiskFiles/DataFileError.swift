// SPDX-License-Identifier: Apache-2.0
// Why data files were refused.

/// Everything found wrong in the data files.
public struct DataFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of the files, at least one and at most ``problemsMax``.
    public let problems: [FileProblem]
    /// How many more there were.
    public let omittedCount: Int

    public static let problemsMax = 20

    public init(problems: [FileProblem], omittedCount: Int = 0) {
        self.problems = problems
        self.omittedCount = omittedCount
    }

    /// One line a problem, such as `positions.csv:7: column symbol: unknown symbol APPL; did you mean AAPL?`.
    public var description: String { problemReport(self.problems, omittedCount: self.omittedCount) }

    /// Runs one loading with a log of its own; a result is given only when nothing was wrong.
    /// - Precondition: `body` gives `nil` only after logging why.
    static func collecting<Value>(_ body: (ProblemLog) -> Value?) throws(DataFileError) -> Value {
        let log = ProblemLog(limit: Self.problemsMax)
        let value = body(log)
        guard log.isEmpty else { throw DataFileError(problems: log.problems, omittedCount: log.omittedCount) }
        guard let value else { preconditionFailure("no value though no problem was logged") }
        return value
    }
}
