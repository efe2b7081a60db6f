// SPDX-License-Identifier: Apache-2.0
// Terminal matters of the commands.

import Glibc

/// Shows what was printed at once, also in a pipe.
func fflushStandardOutput() { fflush(nil) }

enum Terminal {
    static var isOutputInteractive: Bool { isatty(STDOUT_FILENO) == 1 }
    static var isErrorInteractive: Bool { isatty(STDERR_FILENO) == 1 }
    static let clearScreen = "\u{1B}[H\u{1B}[2J"
}
