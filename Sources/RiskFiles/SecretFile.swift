// SPDX-License-Identifier: Apache-2.0
// Reads and writes the files secrets are in.

import Glibc

/// A secret that no message, log or printed configuration shows.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a secret file cannot be used; says nothing of what is in it.
public struct SecretFileError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public var description: String { "\(FileProblem.shown(self.path)): \(self.reason)" }
}

/// Files with one secret.
public enum SecretFile {
    private static let bytesMax = 1_024
    private static let sharedBytesMin = 16

    /// Reads a CURVE key: forty characters of Z85.
    public static func loadCurveKey(_ path: String) throws(SecretFileError) -> Secret {
        func fail(_ reason: String) -> SecretFileError { SecretFileError(path: path, reason: reason) }
        let text = try self.read(path)
        guard CurveKeyText.isValid(text) else {
            throw fail("holds no CURVE secret key: 40 characters of Z85, as `tickrisk keys` writes")
        }
        guard !CurveKeyText.isPublished(text) else {
            throw fail("holds the test key of the ZeroMQ manual, which everybody knows; make one with `tickrisk keys`")
        }
        return Secret(text)
    }

    /// Reads a secret shared with somebody: 16 to 1,023 bytes.
    public static func loadShared(_ path: String) throws(SecretFileError) -> Secret {
        let text = try self.read(path)
        guard self.sharedBytesMin..<self.bytesMax ~= text.utf8.count else {
            let reason = "holds \(text.utf8.count) bytes; a shared secret has \(self.sharedBytesMin) to 1023"
            throw SecretFileError(path: path, reason: reason)
        }
        return Secret(text)
    }

    /// Reads a password another program gave: 1 to 1,023 bytes.
    public static func loadPassword(_ path: String) throws(SecretFileError) -> Secret {
        let text = try self.read(path)
        guard 1..<self.bytesMax ~= text.utf8.count, !text.utf8.contains(0) else {
            throw SecretFileError(path: path, reason: "holds no password of 1 to 1023 bytes")
        }
        return Secret(text)
    }

    /// Reads text, without line ends after it, from a regular file that only its owner may read.
    private static func read(_ path: String) throws(SecretFileError) -> String {
        func fail(_ reason: String) -> SecretFileError { SecretFileError(path: path, reason: reason) }
        guard !path.isEmpty, !path.utf8.contains(0) else { throw fail("is no path") }
        // Opening a pipe must not wait for its other end.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw fail("cannot open the file: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw fail("is no regular file")
        }
        let mode = status.st_mode & 0o7777
        guard mode == 0o600 || mode == 0o400 else {
            throw fail("has mode 0\(String(mode, radix: 8)); a secret has 0600 or 0400 (chmod 600)")
        }
        var bytes = [UInt8](repeating: 0, count: self.bytesMax)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw fail("cannot read the file: \(String(cString: strerror(errno)))") }
        var text = String(decoding: bytes[..<count], as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }

    /// Writes a key to a new file with mode 0600; a file that is there is left alone.
    public static func create(_ path: String, _ secret: Secret) throws(SecretFileError) {
        func fail(_ code: Int32) -> SecretFileError {
            SecretFileError(path: path, reason: "cannot write the file: \(String(cString: strerror(code)))")
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fail(errno) }
        defer { close(descriptor) }
        let bytes = Array((secret.text + "\n").utf8)
        guard fchmod(descriptor, 0o600) == 0, write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0
        else {
            let code = errno
            unlink(path)
            throw fail(code)
        }
    }
}
