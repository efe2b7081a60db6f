// SPDX-License-Identifier: Apache-2.0
// One connection of libpq: nothing waits longer than it may, and a broken one stays broken.

import CLibPQ
import Glibc
import RiskStore

/// Ownership: one thread at a time.
final class PostgresConnection: @unchecked Sendable {
    private static let statementsMax = 256

    private let handle: OpaquePointer
    /// For every answer of the server.
    private let waitMilliseconds: Int
    private var statements: [String: (name: String, isPrepared: Bool)] = [:]
    private(set) var isBroken = false

    /// - Parameter waitMilliseconds: for the connection, then for each answer.
    init(_ parameters: ConnectionParameters, waitMilliseconds: Int) throws(PostgresError) {
        self.waitMilliseconds = waitMilliseconds
        let all = parameters.all(timeoutMilliseconds: waitMilliseconds)
        let names = all.map { strdup($0.name) }
        let values = all.map { strdup($0.value) }
        defer { for text in names + values { free(text) } }
        let handle = PQconnectStartParams(
            names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
        guard let handle else { throw PostgresError(message: "no memory for a connection") }
        self.handle = handle
        do {
            try self.finishConnecting()
        } catch {
            self.close()
            throw error
        }
        tr_pq_silence(handle)
        PQsetnonblocking(handle, 1)
    }

    deinit { if !self.isBroken { PQfinish(self.handle) } }

    /// Ends it; what was on its way may or may not have arrived.
    func close() {
        guard !self.isBroken else { return }
        self.isBroken = true
        PQfinish(self.handle)
    }

    private func finishConnecting() throws(PostgresError) {
        let deadline = Deadline(milliseconds: self.waitMilliseconds)
        var awaited = Int16(POLLOUT)
        while true {
            guard PQstatus(self.handle) != CONNECTION_BAD else { throw self.failure() }
            guard Self.poll(PQsocket(self.handle), awaited, deadline) else {
                throw PostgresError(message: "no connection within \(self.waitMilliseconds) ms")
            }
            switch PQconnectPoll(self.handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: awaited = Int16(POLLIN)
            case PGRES_POLLING_WRITING: awaited = Int16(POLLOUT)
            default: throw self.failure()
            }
        }
    }

    /// What libpq says of the connection, in one line.
    private func failure() -> PostgresError {
        let text = String(cString: PQerrorMessage(self.handle))
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        return PostgresError(message: lines.isEmpty ? "the connection broke" : lines.joined(separator: "; "))
    }

    // MARK: Statements

    /// Runs one statement and reads its rows one by one. An error of `body` breaks the connection off, because the
    /// rest is still on its way.
    func query(
        _ sql: String, _ arguments: [StoredValue] = [], _ body: (StoredRow) throws -> Void = { _ in }
    ) throws {
        guard !self.isBroken else { throw PostgresError(message: "the connection is closed") }
        try self.prepare(sql)
        try self.send(sql, arguments)
        PQsetSingleRowMode(self.handle)
        var reader: PostgresResultReader?
        var failure: PostgresError?
        while let result = try self.nextResult() {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE:
                let rows = reader ?? PostgresResultReader(result)
                reader = rows
                do { try body(rows.row(0, of: result)) } catch {
                    self.close()
                    throw error
                }
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
            default: failure = failure ?? Self.error(of: result)
            }
        }
        if let failure { throw failure }
    }

    private func prepare(_ sql: String) throws {
        guard self.statements[sql]?.isPrepared != true else { return }
        try self.makeRoom()
        let name = "s\(self.statements.count)"
        guard PQsendPrepare(self.handle, name, PostgresText.numbered(sql), 0, nil) == 1 else { throw self.broken() }
        try self.discard()
        self.statements[sql] = (name, true)
    }

    /// Lists of accounts make statements of many lengths.
    private func makeRoom() throws {
        guard self.statements.count >= Self.statementsMax else { return }
        try self.simple("DEALLOCATE ALL")
        self.statements = [:]
    }

    private func send(_ sql: String, _ arguments: [StoredValue]) throws {
        let name = self.statements[sql]?.name ?? ""
        let sent = PostgresArguments(arguments).withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(self.handle, name, count, values, lengths, formats, 1)
        }
        guard sent == 1 else { throw self.broken() }
    }

    /// Runs statements without arguments.
    func simple(_ sql: String) throws {
        guard !self.isBroken, PQsendQuery(self.handle, sql) == 1 else { throw self.broken() }
        try self.discard()
    }

    /// Runs `COMMIT`.
    /// - Throws: also where the server rolled back instead.
    func commit() throws {
        guard !self.isBroken, PQsendQuery(self.handle, "COMMIT") == 1 else { throw self.broken() }
        var tag = ""
        while let result = try self.nextResult() {
            defer { PQclear(result) }
            if let error = Self.failure(result) { throw error }
            tag = String(cString: PQcmdStatus(result))
        }
        guard tag == "COMMIT" else {
            throw PostgresError(sqlState: "25P02", message: "the transaction was rolled back")
        }
    }

    /// Reads results until there is none, and throws the first error.
    private func discard() throws {
        var failure: PostgresError?
        while let result = try self.nextResult() {
            failure = failure ?? Self.failure(result)
            PQclear(result)
        }
        if let failure { throw failure }
    }

    // MARK: Pipelines

    /// Sends statements without waiting between them. After the first error the server skips the rest, a `COMMIT` at
    /// the end too.
    ///
    /// - Throws: the first error; the transaction is then to be rolled back.
    func pipeline(_ statements: [(sql: String, arguments: [StoredValue])]) throws {
        guard !self.isBroken else { throw self.broken() }
        try self.makeRoom()
        guard PQenterPipelineMode(self.handle) == 1 else { throw self.broken() }
        var sentCount = 0
        for (sql, arguments) in statements {
            if self.statements[sql] == nil {
                let name = "s\(self.statements.count)"
                guard PQsendPrepare(self.handle, name, PostgresText.numbered(sql), 0, nil) == 1 else {
                    throw self.broken()
                }
                self.statements[sql] = (name, false)
                sentCount += 1
            }
            try self.send(sql, arguments)
            sentCount += 1
        }
        guard PQpipelineSync(self.handle) == 1 else { throw self.broken() }
        var failure: PostgresError?
        // Each statement has results and then none; the synchronisation has one result.
        for _ in 0..<sentCount {
            while let result = try self.nextResult() {
                failure = failure ?? Self.failure(result)
                PQclear(result)
            }
        }
        guard let end = try self.nextResult(), PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw self.broken() }
        PQclear(end)
        guard PQexitPipelineMode(self.handle) == 1 else { throw self.broken() }
        if let failure {
            // Nobody knows which of the new names the server took.
            try self.simple("ROLLBACK; DEALLOCATE ALL")
            self.statements = [:]
            throw failure
        }
        for sql in self.statements.keys { self.statements[sql]?.isPrepared = true }
    }

    // MARK: Copying

    /// - Parameter rows: gives the next row until there is none.
    func copy(_ table: String, _ columns: [String], _ rows: (inout [UInt8]) throws -> Bool) throws {
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        guard !self.isBroken, PQsendQuery(self.handle, "COPY \(table) (\(names)) FROM STDIN") == 1 else {
            throw self.broken()
        }
        guard let result = try self.nextResult() else { throw self.broken() }
        let status = PQresultStatus(result)
        let refusal = Self.failure(result)
        PQclear(result)
        guard status == PGRES_COPY_IN else {
            try self.discard()
            throw refusal ?? self.broken()
        }
        var bytes: [UInt8] = []
        var isMore = true
        while isMore {
            do { isMore = try rows(&bytes) } catch {
                self.close()
                throw error
            }
            if bytes.count >= 1 << 16 || (!isMore && !bytes.isEmpty) {
                try self.put(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        while true {
            let ended = PQputCopyEnd(self.handle, nil)
            if ended == 1 { break }
            guard ended == 0 else { throw self.broken() }
            try self.wait(Int16(POLLOUT), Deadline(milliseconds: self.waitMilliseconds))
        }
        try self.discard()
    }

    private func put(_ bytes: [UInt8]) throws {
        let deadline = Deadline(milliseconds: self.waitMilliseconds)
        while true {
            let sent = bytes.withUnsafeBytes {
                PQputCopyData(self.handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
            }
            if sent == 1 { break }
            guard sent == 0 else { throw self.broken() }
            try self.wait(Int16(POLLOUT), deadline)
        }
        while PQflush(self.handle) == 1 { try self.wait(Int16(POLLIN | POLLOUT), deadline) }
    }

    // MARK: Waiting

    /// The next result, or `nil` at the end of a statement's.
    private func nextResult() throws -> OpaquePointer? {
        let deadline = Deadline(milliseconds: self.waitMilliseconds)
        while PQisBusy(self.handle) == 1 {
            let flushed = PQflush(self.handle)
            guard flushed >= 0 else { throw self.broken() }
            try self.wait(flushed == 1 ? Int16(POLLIN | POLLOUT) : Int16(POLLIN), deadline)
            guard PQconsumeInput(self.handle) == 1 else { throw self.broken() }
        }
        let result = PQgetResult(self.handle)
        guard result != nil || PQstatus(self.handle) == CONNECTION_OK else { throw self.broken() }
        return result
    }

    private func wait(_ events: Int16, _ deadline: Deadline) throws {
        guard Self.poll(PQsocket(self.handle), events, deadline) else {
            self.close()
            throw PostgresError(message: "no answer within \(self.waitMilliseconds) ms")
        }
    }

    /// Closes the connection and says what happened to it.
    private func broken() -> PostgresError {
        guard !self.isBroken else { return PostgresError(message: "the connection is closed") }
        let failure = self.failure()
        self.close()
        return failure
    }

    private static func poll(_ socket: Int32, _ events: Int16, _ deadline: Deadline) -> Bool {
        var descriptor = pollfd(fd: socket, events: events, revents: 0)
        while true {
            let found = Glibc.poll(&descriptor, 1, deadline.remainingMilliseconds)
            if found > 0 { return true }
            if found == 0 { return false }
            if errno != EINTR { return false }
        }
    }

    private static func failure(_ result: OpaquePointer) -> PostgresError? {
        switch PQresultStatus(result) {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR: self.error(of: result)
        case PGRES_PIPELINE_ABORTED: PostgresError(sqlState: "25P02", message: "the pipeline was aborted")
        default: nil
        }
    }

    private static func error(of result: OpaquePointer) -> PostgresError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        let whole = String(cString: PQresultErrorMessage(result)).split(separator: "\n").first.map(String.init)
        return PostgresError(sqlState: field("C"), message: field("M") ?? whole ?? "the server said no more")
    }
}

/// A moment after which nothing is waited for.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(milliseconds: Int) { self.end = .now + .milliseconds(milliseconds) }

    var remainingMilliseconds: Int32 {
        let rest = ((self.end - .now) / .milliseconds(1)).rounded(.up)
        return Int32(min(max(rest, 0), 3_600_000))
    }
}
