// SPDX-License-Identifier: Apache-2.0
// systemd's side of a service: what it tells us at start, and what it is told.

import Glibc

/// The protocols of sd_notify(3) and sd_listen_fds(3), which are a datagram and two variables: not worth a library.
///
/// Without systemd every call does nothing. Callable from any thread.
public struct SystemdLink: Sendable {
    /// First inherited descriptor, fixed by the protocol.
    private static let firstDescriptor: Int32 = 3
    private static let pathBytesMax = 107

    /// Path of the notify socket; `@` opens an abstract one.
    private let notifyPath: String?
    /// Within this time a sign of life is expected; `nil` where nobody expects one.
    public let watchdogNanoseconds: UInt64?
    /// Listening sockets that were open at start, for us.
    public let inheritedDescriptors: [Int32]

    /// - Parameter processID: of this process; what is meant for another is not taken.
    public init(environment: [String: String], processID: Int32 = getpid()) {
        func isOurs(_ key: String) -> Bool { environment[key].map { Int32($0) == processID } ?? false }
        self.notifyPath = environment["NOTIFY_SOCKET"].flatMap { path in
            let isUsable = (path.hasPrefix("/") || path.hasPrefix("@")) && path.utf8.count <= Self.pathBytesMax
            return isUsable ? path : nil
        }
        let isWatched = environment["WATCHDOG_PID"] == nil || isOurs("WATCHDOG_PID")
        let microseconds = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
        self.watchdogNanoseconds =
            isWatched && (1..<UInt64.max / 1000).contains(microseconds) ? microseconds * 1000 : nil
        let count = isOurs("LISTEN_PID") ? environment["LISTEN_FDS"].flatMap { Int32($0) } ?? 0 : 0
        self.inheritedDescriptors = (0..<min(max(count, 0), 64)).map { Self.firstDescriptor + $0 }
    }

    /// Whether somebody listens to ``notify(_:)``.
    public var isPresent: Bool { self.notifyPath != nil }

    /// Keeps the inherited descriptors from the programs we might start.
    public func closeInheritedOnExec() {
        for descriptor in self.inheritedDescriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// Says something: `READY=1`, `STATUS=…`, `WATCHDOG=1`. Does not wait: what finds no room is lost.
    @discardableResult
    public func notify(_ assignments: [String]) -> Bool {
        guard let path = self.notifyPath else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8)
            if path.hasPrefix("@") { bytes[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        let text = Array(assignments.joined(separator: "\n").utf8)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, flags, $0, length)
            }
        }
        return sent == text.count
    }

    /// Says what we are doing, for `systemctl status`.
    public func notify(status: String) {
        self.notify(["STATUS=\(status.replacing("\n", with: " "))"])
    }
}
