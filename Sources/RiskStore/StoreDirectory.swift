// SPDX-License-Identifier: Apache-2.0
// The folder a store lies in: whose it is, who may read it, and files that replace others in one step.

import Glibc

/// A directory held by this instance until it is released or the value goes away.
///
///     <directory>/          0700
///       lock                flock(2): one instance only
///       desk.sqlite         0600, with -wal and -shm beside it
///       heads               where the chains ended at the last acknowledged commit
///       openings            which store it is, and how often it was opened
package final class StoreDirectory: Sendable {
    package let path: String
    private let lock: Int32

    package var database: String { "\(self.path)/desk.sqlite" }
    var heads: String { "\(self.path)/heads" }

    /// Makes the directory if there is none, and takes it.
    package init(_ given: String) throws(StoreError) {
        // A slash at the end would make the directory its own parent.
        let slashCount = given.reversed().prefix { $0 == "/" }.count
        let path = slashCount < given.count ? String(given.dropLast(slashCount)) : given
        self.path = path
        try Self.make(path)
        try Self.requirePrivate(path)
        let lockPath = "\(path)/lock"
        let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw Self.failure("open", lockPath) }
        self.lock = lock
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? .alreadyOpen(directory: path) : Self.failure("flock", lockPath)
        }
    }

    /// Makes a folder and those above it that are not there, each synced into its parent.
    private static func make(_ path: String) throws(StoreError) {
        var result = mkdir(path, 0o700)
        let parent = Self.parent(of: path)
        if result != 0, errno == ENOENT, parent.utf8.count < path.utf8.count {
            try Self.make(parent)
            result = mkdir(path, 0o700)
        }
        if result == 0 { return try Self.sync(parent) }
        guard errno == EEXIST else { throw Self.failure("mkdir", path) }
    }

    deinit {
        // Closing alone would leave the lock with a child that was forked and has not yet run its program.
        flock(self.lock, LOCK_UN)
        close(self.lock)
    }

    /// Lets another instance take it.
    package func release() { flock(self.lock, LOCK_UN) }

    /// Creates the database's file so that SQLite opens one only its owner may read.
    func prepareDatabase() throws(StoreError) {
        let file = open(self.database, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure("open", self.database) }
        close(file)
        for suffix in ["", "-wal", "-shm"] where access(self.database + suffix, F_OK) == 0 {
            try Self.requirePrivate(self.database + suffix)
        }
        try Self.sync(self.path)
    }

    /// `nil` when there is no such file.
    func loadHeads() throws(StoreError) -> ChainHeads? { try Self.text(of: self.heads).map(HeadsFile.parse) }

    /// What a small file holds, or `nil` when there is none.
    package static func text(of path: String) throws(StoreError) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw self.failure("open", path)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw self.failure("read", path) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Replaces the file of heads; returns when the new one is on disk.
    func saveHeads(_ heads: ChainHeads) throws(StoreError) { try Self.replace(self.heads, HeadsFile.text(heads)) }

    /// Writes beside, syncs, renames over, syncs the directory: after a crash there is the old file or the new one.
    package static func replace(_ path: String, _ text: String) throws(StoreError) {
        let beside = path + ".new"
        let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw self.failure("open", beside) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = self.failure("write", beside)
                close(file)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else {
            let failure = self.failure("fsync", beside)
            close(file)
            throw failure
        }
        guard close(file) == 0 else { throw self.failure("close", beside) }
        guard rename(beside, path) == 0 else { throw self.failure("rename", path) }
        try self.sync(self.parent(of: path))
    }

    /// Makes what was created, renamed or removed in a directory durable.
    package static func sync(_ directory: String) throws(StoreError) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw self.failure("open", directory) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw self.failure("fsync", directory) }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func requirePrivate(_ path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw self.failure("stat", path) }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 == 0 else { throw .insecurePermissions(path: path, mode: mode) }
    }

    package static func failure(_ operation: String, _ path: String) -> StoreError {
        .fileSystem(operation: operation, path: path, code: errno)
    }
}

extension StoreDirectory {
    /// Makes a file's content durable.
    static func syncFile(_ path: String) throws(StoreError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw self.failure("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw self.failure("fsync", path) }
    }
}
