// SPDX-License-Identifier: Apache-2.0
// systemd's side of a service, or that of a parent who watches as systemd does: what it tells us, and what it is told.

import Glibc

/// The protocols of sd_notify(3) and sd_listen_fds(3), which are a datagram and two variables: not worth a library.
///
/// A parent in systemd's place gives a socket at the other end of which it listens, and no path.
///
/// Without either every call does nothing. Callable from any thread.
public struct SystemdLink: Sendable {
    private enum Listener {
        case nobody
        /// Of the notify socket; `@` opens an abstract one.
        case path(String)
        /// Of messages, connected.
        case descriptor(Int32)
    }

    /// First inherited descriptor, fixed by the protocol.
    private static let firstDescriptor: Int32 = 3
    private static let pathBytesMax = 107

    private let listener: Listener
    /// Within this time a sign of life is expected; `nil` where nobody expects one.
    public let watchdogNanoseconds: UInt64?
    /// Listening sockets that were open at start, for us.
    public let inheritedDescriptors: [Int32]

    /// - Parameters:
    ///   - processID: of this process; what is meant for another is not taken.
    ///   - lifeline: the socket of a parent who watches.
    public init(environment: [String: String], processID: Int32 = getpid(), lifeline: Int32? = nil) {
        func isOurs(_ key: String) -> Bool { environment[key].map { Int32($0) == processID } ?? false }
        let path = environment["NOTIFY_SOCKET"].flatMap { path in
            let isUsable = (path.hasPrefix("/") || path.hasPrefix("@")) && path.utf8.count <= Self.pathBytesMax
            return isUsable ? path : nil
        }
        self.listener = lifeline.map(Listener.descriptor) ?? path.map(Listener.path) ?? .nobody
        let isWatched = environment["WATCHDOG_PID"] == nil || isOurs("WATCHDOG_PID")
        let microseconds = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
        self.watchdogNanoseconds =
            isWatched && (1..<UInt64.max / 1000).contains(microseconds) ? microseconds * 1000 : nil
        let count = isOurs("LISTEN_PID") ? environment["LISTEN_FDS"].flatMap { Int32($0) } ?? 0 : 0
        self.inheritedDescriptors = (0..<min(max(count, 0), 64)).map { Self.firstDescriptor + $0 }
    }

    /// Whether somebody listens to ``notify(_:)``.
    public var isPresent: Bool { if case .nobody = self.listener { false } else { true } }

    /// Keeps the inherited descriptors from the programs we might start.
    public func closeInheritedOnExec() {
        for descriptor in self.inheritedDescriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// Says something: `READY=1`, `STATUS=…`, `WATCHDOG=1`. Does not wait: what finds no room is lost.
    @discardableResult
    public func notify(_ assignments: [String]) -> Bool {
        let text = Array(assignments.joined(separator: "\n").utf8)
        switch self.listener {
        case .nobody: return false
        case .descriptor(let descriptor):
            return Glibc.send(descriptor, text, text.count, Self.sendFlags) == text.count
        case .path(let path): return Self.deliver(text, to: path)
        }
    }

    private static let sendFlags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)

    private static func deliver(_ text: [UInt8], to path: String) -> Bool {
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
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, Self.sendFlags, $0, length)
            }
        }
        return sent == text.count
    }

    /// Says what we are doing, for `systemctl status`.
    public func notify(status: String) {
        self.notify(["STATUS=\(status.replacing("\n", with: " "))"])
    }
}
