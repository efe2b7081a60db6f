// SPDX-License-Identifier: Apache-2.0
// Whether what is written to standard error goes to systemd's journal.

import Glibc

public enum JournalStream {
    /// Whether standard error is the stream that systemd connected to its journal.
    public static let isStandardError: Bool = {
        guard let text = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return text == "\(status.st_dev):\(status.st_ino)"
    }()
}
