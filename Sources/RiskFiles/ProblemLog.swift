// SPDX-License-Identifier: Apache-2.0
// Collects problems while files are read, so that one start reports them together.

/// Where a value came from.
struct ProblemOrigin: Equatable {
    var source: String
    var line: Int?
}

/// The problems found so far, at most ``limit`` of them in full.
///
/// Used by the one thread that loads.
final class ProblemLog {
    let limit: Int
    private(set) var problems: [FileProblem] = []
    /// How many were found beyond the limit.
    private(set) var omittedCount = 0

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { self.problems.isEmpty }

    /// How many were found, those beyond the limit included.
    var count: Int { self.problems.count + self.omittedCount }

    /// - Parameter nearest: computed only for a problem that is kept: hostile files have very many.
    func add(
        _ kind: FileProblem.Kind, at origin: ProblemOrigin, name: String? = nil, value: String? = nil,
        _ message: String, nearest: @autoclosure () -> String? = nil
    ) {
        guard self.problems.count < self.limit else {
            self.omittedCount += 1
            return
        }
        self.problems.append(
            FileProblem(
                kind, source: origin.source, line: origin.line, name: name, value: value, message: message,
                nearest: nearest()))
    }
}

/// The problems as text, a line each, the last line telling how many more there were.
func problemReport(_ problems: [FileProblem], omittedCount: Int) -> String {
    var lines = problems.map(\.description)
    if omittedCount > 0 { lines.append("and \(omittedCount) more") }
    return lines.joined(separator: "\n")
}
