// SPDX-License-Identifier: Apache-2.0
// Another process of this very program, which does not outlive us.

import Foundation
import Glibc

/// A child: begun, told to end, waited for. Whoever begins one waits for it, or it remains as a zombie.
///
/// The child dies with us: its standard input is a socket of ours, which the kernel closes however we end, and it takes
/// that for our death (``ParentWatch``). PR_SET_PDEATHSIG would tell it of the end of the thread that began it. The
/// other way it speaks to us as to systemd: that it is ready, and that it lives (``SystemdLink``).
///
/// Ownership: of one thread, which has to live as long as its children.
final class ChildProcess {
    let processID: pid_t
    /// The socket's end of ours: held open for as long as the child may live.
    private let lifeline: Int32

    /// Variables through which systemd speaks to us and to nobody we begin.
    private static let ownVariables: Set<String> = [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
    ]
    private static let messagesMax = 64
    private static let messageBytesMax = 4096

    /// Begins this program anew with our arguments and some more.
    ///
    /// - Parameter watchdogNanoseconds: it is asked for signs of life within this time.
    /// - Throws: ``ChildError``.
    init(adding arguments: [String], watchdogNanoseconds: UInt64) throws(ChildError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ChildError(operation: "socketpair", code: errno) }
        let environment = ProcessInfo.processInfo.environment
            .filter { !Self.ownVariables.contains($0.key) }.map { "\($0.key)=\($0.value)" }
        let watchdog = "WATCHDOG_USEC=\(watchdogNanoseconds / 1000)"
        let result = Self.spawn(CommandLine.arguments + arguments, environment + [watchdog], input: ends[0])
        close(ends[0])
        switch result {
        case .success(let processID):
            self.processID = processID
            self.lifeline = ends[1]
        case .failure(let error):
            close(ends[1])
            throw error
        }
    }

    deinit { close(self.lifeline) }

    private static func spawn(
        _ arguments: [String], _ environment: [String], input: Int32
    ) -> Result<pid_t, ChildError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        for descriptor in Self.inheritedDescriptors { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we ignore or block would be ignored or blocked there; and a terminal's interrupt is ours to pass on.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, "/proc/self/exe", &actions, &attributes, &words, &variables)
        return code == 0 ? .success(processID) : .failure(ChildError(operation: "posix_spawn", code: code))
    }

    /// Those a child would have besides the first three. Ours close by themselves; what whoever began us left open, and
    /// libraries open without care, does not.
    private static var inheritedDescriptors: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { descriptor in
            let flags = fcntl(descriptor, F_GETFD)
            return descriptor > 2 && flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }

    func send(_ signal: Int32) { _ = kill(self.processID, signal) }

    /// What it has told us since the last time, in the assignments of sd_notify(3).
    func said() -> [Substring] {
        var assignments: [Substring] = []
        var bytes = [UInt8](repeating: 0, count: Self.messageBytesMax)
        for _ in 0..<Self.messagesMax {
            let count = recv(self.lifeline, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { break }
            assignments += String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        }
        return assignments
    }

    /// How it ended, if it has; asked once more after that, the process is nobody's.
    func reap() -> ChildEnd? {
        var status: Int32 = 0
        guard waitpid(self.processID, &status, WNOHANG) == self.processID else { return nil }
        return ChildEnd(status: status)
    }
}

struct ChildError: Error, CustomStringConvertible {
    var operation: String
    var code: Int32

    var description: String { "\(self.operation): \(String(cString: strerror(self.code)))" }
}

/// How a process ended.
enum ChildEnd: Equatable, CustomStringConvertible {
    case exited(code: Int32)
    case killed(signal: Int32)

    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(code: status >> 8 & 0xFF) : .killed(signal: signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .killed(let signal): "signal \(signal)"
        }
    }
}

/// A child's side of dying with its parent.
public enum ParentWatch {
    /// Standard input, of a process that another of this program began.
    public static let lifeline: Int32 = 0

    /// From now on this process ends at once when the one that began it does.
    public static func begin() {
        // A file, or /dev/null, ends at once and means nothing.
        guard lseek(self.lifeline, 0, SEEK_CUR) < 0, errno == ESPIPE else { return }
        let watcher = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(self.lifeline, &byte, 1)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { kill(getpid(), SIGKILL) }
            }
        }
        watcher.name = "tr-parent"
        watcher.start()
    }
}
