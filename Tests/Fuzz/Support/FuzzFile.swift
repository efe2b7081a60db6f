// SPDX-License-Identifier: Apache-2.0
// Files in memory, for loaders that read paths.

import Glibc

/// A file without a name or a place on disk, written anew for every input.
struct FuzzFile {
    private let descriptor: Int32

    var path: String { "/proc/self/fd/\(self.descriptor)" }

    init(_ content: String = "") {
        var template = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
        self.descriptor = mkstemp(&template)
        require(self.descriptor >= 0 && unlink(&template) == 0, "no memory file")
        self.write(Array(content.utf8))
    }

    func write(_ bytes: [UInt8]) {
        let isWritten =
            ftruncate(self.descriptor, 0) == 0 && pwrite(self.descriptor, bytes, bytes.count, 0) == bytes.count
        require(isWritten, "memory file not written")
    }
}
