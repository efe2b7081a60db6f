// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of the tests' own, on a Unix socket in a temporary directory.

import Foundation
import Glibc
import Synchronization

/// Runs as an unprivileged user, because the server refuses root, with `fsync` on. Ends with the process that made it,
/// however that ends: its keeper waits for the end of a pipe.
final class PostgresServer: Sendable {
    /// The one most tests share.
    static let shared = Result { try PostgresServer() }

    let folder: String
    private let keeper: Mutex<Process>
    private let life: Pipe
    private let said: Pipe

    /// For libpq.
    var url: String { "host=\(self.folder) user=postgres dbname=postgres" }

    /// Says `yes` or `no` to each line, and to having begun. What it starts is nobody else's child: whoever started the
    /// server through Foundation would wait for the server's end.
    private static let script = """
        say() { if [ "$1" = 0 ]; then echo yes; else echo no; fi; }
        start() { "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "$options" start >/dev/null 2>&1; }
        programs=$1 folder=$2 options=$3
        "$programs/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \\
            --no-sync >"$folder/log" && start
        say $?
        while read -r command; do
            if [ "$command" = start ]; then start
            else "$programs/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null 2>&1; fi
            say $?
        done
        "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
        rm -rf "$folder"
        """

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pg-\(UUID().uuidString.prefix(8))")
        self.folder = folder.path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if geteuid() == 0 {
            guard let user = getpwnam("postgres") else { throw Missing(what: "the user postgres") }
            chown(self.folder, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        let process = try Self.process(
            ["/bin/sh", "-c", Self.script, "keeper", try Self.programs(), self.folder, Self.options(self.folder)])
        let life = Pipe()
        let said = Pipe()
        process.standardInput = life
        process.standardOutput = said
        // Whoever else is started must not keep the keeper alive.
        for pipe in [life, said] {
            for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        try process.run()
        self.life = life
        self.said = said
        self.keeper = Mutex(process)
        guard self.isYes else { throw Missing(what: "a server: see \(self.folder)/log") }
    }

    deinit { self.keeper.withLock { _ in try? self.life.fileHandleForWriting.close() } }

    /// The keeper's next answer.
    private var isYes: Bool {
        String(decoding: self.said.fileHandleForReading.availableData, as: UTF8.self) == "yes\n"
    }

    private func ask(_ command: String) throws -> Bool {
        try self.keeper.withLock { _ in
            try self.life.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
            return self.isYes
        }
    }

    struct Missing: Error, CustomStringConvertible {
        var what: String
        var description: String { "no \(self.what); hint: scripts/install-dependencies test" }
    }

    private static func options(_ folder: String) -> String {
        "-k \(folder) -c listen_addresses= -c shared_buffers=32MB -c max_connections=90"
    }

    /// Of the newest version that is installed.
    private static func programs() throws -> String {
        let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        guard let newest = versions.compactMap({ Int($0) }).max() else { throw Missing(what: "PostgreSQL") }
        return "/usr/lib/postgresql/\(newest)/bin"
    }

    private static func process(_ command: [String]) throws -> Process {
        let drop = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        let whole = (geteuid() == 0 ? drop : []) + command
        let process = Process()
        process.executableURL = URL(fileURLWithPath: whole[0])
        process.arguments = Array(whole.dropFirst())
        process.standardError = FileHandle.nullDevice
        return process
    }

    /// Runs a program of PostgreSQL's and returns its exit status and what it said.
    @discardableResult
    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = try Self.process(["\(try Self.programs())/\(program)"] + arguments)
        // A file: the end of a pipe might be held open by a server that another test starts at the same time.
        let path = "\(self.folder)/said-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: path))
        let said = FileHandle(forWritingAtPath: path)
        process.standardOutput = said
        try process.run()
        process.waitUntilExit()
        try said?.close()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path)
        return (process.terminationStatus, text)
    }

    /// Runs statements as the superuser, with references and triggers off; returns the rows.
    @discardableResult
    func execute(_ sql: String, schema: String = "public") throws -> String {
        let before = "SET client_min_messages = warning; SET search_path = \(schema); "
        let answer = try self.run(
            "psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", before, "-c", sql])
        guard answer.status == 0 else { throw Missing(what: "success of \(sql)") }
        return answer.text
    }

    private var postmaster: pid_t? {
        let text = try? String(contentsOfFile: "\(self.folder)/data/postmaster.pid", encoding: .utf8)
        return text?.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// Signal 9 to the postmaster; its children end when they notice.
    func kill() { if let postmaster { Glibc.kill(postmaster, SIGKILL) } }

    /// All its processes stand still, or go on.
    func freeze(_ isFrozen: Bool) {
        guard let postmaster else { return }
        let children = try? String(
            contentsOfFile: "/proc/\(postmaster)/task/\(postmaster)/children", encoding: .utf8)
        for process in [postmaster] + (children ?? "").split(separator: " ").compactMap({ pid_t($0) }) {
            Glibc.kill(process, isFrozen ? SIGSTOP : SIGCONT)
        }
    }

    func stop() throws {
        guard try self.ask("stop") else { throw Missing(what: "end of the server: see \(self.folder)/log") }
    }

    /// Returns when it takes connections; what is left of a killed one ends first.
    func start() throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !(try self.ask("start")) {
            guard ContinuousClock.now < deadline else { throw Missing(what: "a server: see \(self.folder)/log") }
        }
    }
}
