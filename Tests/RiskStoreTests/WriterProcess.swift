// SPDX-License-Identifier: Apache-2.0
// Runs the writing program, kills it, and compares what it said with what is on disk.

import Foundation
import RiskDomain
import RiskStore
import Testing

/// What a run of `StoreWriter` said.
struct WriterReport {
    var orders: Set<UInt64> = []
    var fills: Set<UInt64> = []
    var lastLine = ""
    var hasFailed = false
    /// What became of an append after the failure.
    var hasRefused = false
    var hasAccepted = false

    mutating func read(_ line: Substring) {
        let words = line.split(separator: " ")
        switch words.first {
        case "order": if let number = words.last.flatMap({ UInt64($0) }) { self.orders.insert(number) }
        case "fill": if let number = words.last.flatMap({ UInt64($0) }) { self.fills.insert(number) }
        case "failed": self.hasFailed = true
        case "refused": self.hasRefused = true
        case "accepted": self.hasAccepted = true
        default: break
        }
        self.lastLine = String(line)
    }
}

enum WriterProcess {
    /// Beside the test program, which the package builds into the same folder.
    static var program: URL {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let folder = URL(fileURLWithPath: own).deletingLastPathComponent()
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let candidates = [folder, root.appendingPathComponent(".build/debug")].map {
                $0.appendingPathComponent("StoreWriter")
            }
            return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
        }
    }

    /// Runs to the end, or until as many lines were seen and it is killed with signal 9.
    /// - Parameters:
    ///   - wrapper: a program and its arguments to run it under.
    ///   - isEnough: gets how many lines were seen, and ends the program like `killAfterLines`.
    static func run(
        store: String, seed: UInt64, tasks: Int, orders: Int, killAfterLines: Int? = nil, wrapper: [String] = [],
        environment: [String: String] = [:], isEnough: (Int) -> Bool = { _ in false }
    ) throws -> (report: WriterReport, status: Int32) {
        let process = Process()
        let command = wrapper + [try self.program.path, store, "\(seed)", "\(tasks)", "\(orders)"]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
        var text: [UInt8] = []
        var lineCount = 0
        while true {
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += data
            lineCount += data.count { $0 == UInt8(ascii: "\n") }
            if isEnough(lineCount) || lineCount >= killAfterLines ?? .max { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        var report = WriterReport()
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") { report.read(line) }
        return (report, process.terminationStatus)
    }

    /// Everything acknowledged is there, nothing twice, fills and orders belong together, sums agree, chains verify.
    static func check(_ directory: String, acknowledged: WriterReport, _ comment: Comment) async throws {
        try await self.check(try SQLiteStore(directory: directory), acknowledged: acknowledged, comment)
    }

    /// Closes the store.
    static func check(_ store: any StoredDesk, acknowledged: WriterReport, _ comment: Comment) async throws {
        try await store.verify()
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        let orders = Dictionary(grouping: snapshot.orders, by: \.id)
        let fills = Dictionary(grouping: snapshot.fills, by: \.orderID)
        #expect(acknowledged.orders.isSubset(of: orders.keys), comment)
        #expect(acknowledged.fills.isSubset(of: fills.keys.compactMap { $0 }), comment)
        #expect(orders.values.allSatisfy { $0.count == 1 } && fills.values.allSatisfy { $0.count == 1 }, comment)
        for order in snapshot.orders {
            let fill = fills[order.id]?.first
            #expect((order.status == .filled) == (fill != nil), comment)
            #expect(order.filledQuantity == fill?.quantity ?? 0, comment)
            #expect(order.request.quantity == Double(order.id), comment)
        }
        // A fill and its cash came in one append.
        #expect(Set(snapshot.cash.map(\.id)) == Set(snapshot.fills.map { "c\($0.id.dropFirst())" }), comment)
        try await store.close()
    }
}
