// SPDX-License-Identifier: Apache-2.0
// What was acknowledged while the server was away: a file of this machine, in the order it happened.

import Glibc
import RiskStore

/// The file `outbox` in the store's directory.
///
///     length (8 bytes)  digest (64 hexadecimal digits)  content        the header
///     length            digest                          content        a transaction
///     …
///
/// A digest covers the one before it and the content, so that no record can be changed, taken out or moved unseen. An
/// end that is torn was not acknowledged, and is dropped; anything else that does not agree is damage.
///
/// Ownership: the one writer's.
final class Outbox {
    private static let format = "tickrisk-outbox-1"
    private static let frameBytes = 8 + 2 * 32

    /// What the records continue.
    struct Base: Sendable, Equatable {
        var identity: String
        var writer: Int64
        var heads: ChainHeads
    }

    private let path: String
    private(set) var base: Base?
    private(set) var records: [OutboxRecord] = []
    private(set) var entryCount = 0
    private var digest = ContentDigest.none
    private var file: Int32 = -1

    /// Reads what a process before left.
    init(directory: StoreDirectory) throws(StoreError) {
        self.path = "\(directory.path)/outbox"
        let descriptor = open(self.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreDirectory.failure("open", self.path) }
        self.file = descriptor
        try StoreDirectory.sync(directory.path)
        try self.load()
    }

    deinit { if self.file >= 0 { Glibc.close(self.file) } }

    private func load() throws(StoreError) {
        let bytes = try self.readAll()
        var rest = bytes[...]
        var soundCount = 0
        while let (content, digest) = self.frame(rest) {
            var expected = ContentDigest()
            expected.add(self.digest)
            expected.add(content)
            guard expected.finish() == digest else { throw ByteDecoder.damage }
            if self.base == nil {
                self.base = try Self.parseBase(content)
            } else {
                let record = try OutboxRecord(bytes: content)
                self.records.append(record)
                self.entryCount += record.entryCount
            }
            self.digest = digest
            let length = Self.frameBytes + content.count
            rest = rest.dropFirst(length)
            soundCount += length
        }
        // A header alone says nothing.
        if self.records.isEmpty { return try self.empty() }
        guard ftruncate(self.file, off_t(soundCount)) == 0, lseek(self.file, 0, SEEK_END) >= 0 else {
            throw StoreDirectory.failure("truncate", self.path)
        }
    }

    /// The next frame, or `nil` at the end and where it is torn.
    private func frame(_ bytes: ArraySlice<UInt8>) -> (content: [UInt8], digest: String)? {
        guard bytes.count > Self.frameBytes else { return nil }
        let length = bytes.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let start = bytes.startIndex
        guard length > 0, length <= UInt64(bytes.count - Self.frameBytes) else { return nil }
        let content = bytes[(start + Self.frameBytes)...].prefix(Int(length))
        return (Array(content), String(decoding: bytes[(start + 8)..<(start + Self.frameBytes)], as: UTF8.self))
    }

    private func readAll() throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(self.file, &buffer, buffer.count)
            guard count >= 0 else { throw StoreDirectory.failure("read", self.path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static func parseBase(_ content: [UInt8]) throws(StoreError) -> Base {
        var decoder = ByteDecoder(bytes: content[...])
        guard try decoder.text() == self.format else { throw ByteDecoder.damage }
        let identity = try decoder.text()
        return Base(
            identity: identity, writer: try decoder.integer(), heads: try HeadsFile.parse(try decoder.text()))
    }

    // MARK: Writing

    /// Begins anew: what follows continues `base`.
    func begin(_ base: Base) throws(StoreError) {
        try self.empty()
        var encoder = ByteEncoder()
        encoder.add(Self.format)
        encoder.add(base.identity)
        encoder.add(base.writer)
        encoder.add(HeadsFile.text(base.heads))
        try self.write(encoder.bytes)
        self.base = base
    }

    /// Returns when the record is on disk.
    func append(_ record: OutboxRecord) throws(StoreError) {
        try self.write(record.bytes)
        guard fdatasync(self.file) == 0 else { throw StoreDirectory.failure("fdatasync", self.path) }
        self.records.append(record)
        self.entryCount += record.entryCount
    }

    /// The server has the oldest records.
    func drop(_ count: Int) throws(StoreError) {
        guard count > 0 else { return }
        self.entryCount -= self.records.prefix(count).reduce(0) { $0 + $1.entryCount }
        self.base?.heads = self.records[count - 1].heads
        self.records.removeFirst(count)
        // The file keeps them until there are none: whoever reads it asks the server how far it is.
        if self.records.isEmpty { try self.empty() }
    }

    private func empty() throws(StoreError) {
        guard ftruncate(self.file, 0) == 0, lseek(self.file, 0, SEEK_SET) == 0, fsync(self.file) == 0 else {
            throw StoreDirectory.failure("truncate", self.path)
        }
        self.base = nil
        self.digest = ContentDigest.none
    }

    private func write(_ content: [UInt8]) throws(StoreError) {
        var digest = ContentDigest()
        digest.add(self.digest)
        digest.add(content)
        self.digest = digest.finish()
        var frame = ByteEncoder()
        frame.add(Int64(content.count))
        var rest = (frame.bytes + Array(self.digest.utf8) + content)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StoreDirectory.failure("write", self.path) }
            rest = rest.dropFirst(count)
        }
    }
}

extension Outbox {
    /// How many of the oldest records the server has already, found by their numbers and never guessed.
    ///
    /// - Throws: where the server's chains are not those the records continue.
    func appliedCount(on server: ServerState) throws(StoreError) -> Int {
        guard let base = self.base else { return 0 }
        guard server.identity == base.identity else {
            throw .refused(reason: "the outbox belongs to another database")
        }
        guard server.writer == base.writer else {
            throw .refused(reason: "another daemon has written since: the outbox cannot follow what it wrote")
        }
        let candidates = [base.heads] + self.records.map(\.heads)
        guard let count = candidates.firstIndex(where: { $0.commits == server.heads.commits }) else {
            let commits = server.heads.commits
            guard commits > base.heads.commits else {
                throw .tailLost(table: "commits", expectedCount: base.heads.commits, actualCount: commits)
            }
            throw .refused(
                reason: "the outbox cannot be brought: the database has \(commits) transactions, the outbox follows "
                    + "\(base.heads.commits) and ends at \(candidates.last?.commits ?? 0)")
        }
        for table in ChainedTable.all where candidates[count][table] != server.heads[table] {
            throw .headMismatch(table: table.name, sequence: server.heads[table].count)
        }
        return count
    }
}
