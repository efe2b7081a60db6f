// SPDX-License-Identifier: Apache-2.0
// Reads whole files within a limit.

import Glibc

enum FileContent {
    /// All bytes of a file, or `nil` after logging why not.
    static func bytes(of path: String, bytesMax: Int, log: ProblemLog) -> [UInt8]? {
        let origin = ProblemOrigin(source: path)
        // A path with a zero byte would be cut short by the system call.
        guard !path.isEmpty, !path.utf8.contains(0), let file = fopen(path, "rb") else {
            log.add(.unreadable, at: origin, "cannot open the file: \(self.reason(path.isEmpty ? ENOENT : errno))")
            return nil
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = fread(&chunk, 1, chunk.count, file)
            bytes.append(contentsOf: chunk[..<got])
            if bytes.count > bytesMax {
                log.add(.tooLarge, at: origin, "the file is larger than the limit of \(bytesMax) bytes")
                return nil
            }
            if got == chunk.count { continue }
            guard ferror(file) == 0 else {
                log.add(.unreadable, at: origin, "cannot read the file: \(self.reason(errno))")
                return nil
            }
            return bytes
        }
    }

    /// The file as text, or `nil` after logging why not.
    static func text(of path: String, bytesMax: Int, log: ProblemLog) -> String? {
        guard let bytes = self.bytes(of: path, bytesMax: bytesMax, log: log) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let origin = ProblemOrigin(source: path, line: self.lineOfInvalidUTF8(bytes))
            log.add(.syntax, at: origin, "the file is not valid UTF-8")
            return nil
        }
        return text
    }

    /// `path` seen from the directory of the file `anchor`, made absolute with the working directory.
    static func resolve(_ path: String, besideFile anchor: String?) -> String {
        if path.hasPrefix("/") { return path }
        var directory = ""
        if let anchor, let slash = anchor.lastIndex(of: "/") { directory = String(anchor[...slash]) }
        if !directory.hasPrefix("/") {
            guard let working = getcwd(nil, 0) else { return directory + path }
            defer { free(working) }
            let prefix = String(cString: working)
            directory = prefix + (prefix.hasSuffix("/") ? "" : "/") + directory
        }
        return directory + (path.hasPrefix("./") ? path.dropFirst(2) : path[...])
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func lineOfInvalidUTF8(_ bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (index ?? 0) + 1
    }
}
