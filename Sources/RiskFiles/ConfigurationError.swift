// SPDX-License-Identifier: Apache-2.0
// Why a configuration was refused.

/// Everything found wrong in a configuration.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// By line, those without one last; at least one and at most ``problemsMax``.
    public let problems: [FileProblem]
    /// How many more there were.
    public let omittedCount: Int

    public static let problemsMax = 100

    public init(problems: [FileProblem], omittedCount: Int = 0) {
        self.problems = problems
        self.omittedCount = omittedCount
    }

    /// One line a problem, such as `tickrisk.yaml:12: unknown key risk.widnow; did you mean risk.window?`.
    public var description: String { problemReport(self.problems, omittedCount: self.omittedCount) }
}
