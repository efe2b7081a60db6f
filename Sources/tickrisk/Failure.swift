// SPDX-License-Identifier: Apache-2.0
// How a command fails.

/// What went wrong, for people; the exit status is 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
