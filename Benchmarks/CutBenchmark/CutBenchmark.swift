// SPDX-License-Identifier: Apache-2.0
// The cost of a cut, one command line in and one line of JSON out, so that another program can take turns with it.

import BenchmarkBooks
import Glibc
import RiskDomain
import RiskKernel

/// Commands:
///
///     open BOOK FOLDER    builds spread, shared, european or american, cuts it once, writes its arrays as .npy files
///     size ACCOUNTS INSTRUMENTS   a spread book of that size, as the book `sized`; nothing is written
///     run BOOK PERCENT    makes so many percent of the accounts dirty, times drain and cut
///     crew BOOK PERCENT   the same with an engine that has a thread on every core
///     time PIECE COUNT    times tail, stream or delta, so often
///     write BOOK FILE     writes the VaRs of the last run: accounts, then the firm; by confidence
///
/// `TICKRISK_TIER` forces the kernels' instruction set, as in the daemon.
@main
struct CutBenchmark {
    private let tier: KernelTier
    private var runs: [String: CutRun] = [:]
    private var crewRuns: [String: CutRun] = [:]

    static func main() throws {
        let name = getenv("TICKRISK_TIER").map { String(cString: $0) }
        var benchmark = CutBenchmark(tier: try KernelTier(named: name))
        while let line = readLine() {
            do {
                print(try benchmark.answer(line))
            } catch {
                print("{\"error\": \"\(error)\"}")
            }
            fflush(nil)  // every stream: `stdout` itself is a variable that Swift does not share
        }
    }

    private mutating func answer(_ line: String) throws(CommandError) -> String {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3 else { throw .unknownCommand(line: line) }
        switch words[0] {
        case "open": return try self.open(words[1], folder: words[2])
        case "size": return try self.open(words[1], instruments: words[2], line: line)
        case "run": return try self.run(self.runs[words[1]], words[1], share: words[2])
        case "crew": return try self.run(self.crewRuns[words[1]], words[1], share: words[2])
        case "time": return try Self.time(words[1], repetitions: words[2], line: line)
        case "write":
            try self.opened(words[1]).writeValueAtRisk(to: words[2])
            return "{}"
        default: throw .unknownCommand(line: line)
        }
    }

    private mutating func open(_ name: String, folder: String) throws(CommandError) -> String {
        guard let kind = BenchmarkBook.Kind(rawValue: name) else { throw .unknownBook(name: name) }
        let book = BenchmarkBook(kind)
        try book.dump(to: folder)
        return try self.open(book, as: name)
    }

    private mutating func open(_ accounts: String, instruments: String, line: String) throws(CommandError) -> String {
        // As many as an account has positions, at least.
        guard let accounts = Int(accounts), (1...100_000).contains(accounts), let instruments = Int(instruments),
            (200...1_000_000).contains(instruments)
        else { throw .unknownCommand(line: line) }
        return try self.open(BenchmarkBook(spreadOver: instruments, accounts: accounts), as: "sized")
    }

    private mutating func open(_ book: BenchmarkBook, as name: String) throws(CommandError) -> String {
        // The one before goes first: two large books need not fit.
        (self.runs[name], self.crewRuns[name]) = (nil, nil)
        let run = try CutRun(book, tier: self.tier)
        self.runs[name] = run
        let cores = sysconf(CInt(_SC_NPROCESSORS_ONLN))
        if cores > 1 { self.crewRuns[name] = try CutRun(run.book, tier: self.tier, shards: min(cores, 64)) }
        let inputs = run.book.inputs
        return """
            {"tier": "\(self.tier.name)", "accounts": \(inputs.accounts.count), \
            "positions": \(inputs.positions.count), "instruments": \(inputs.instruments.count), \
            "scenarios": \(inputs.scenarios.count), "confidences_bp": \(inputs.convention.confidences), \
            "percents": \(run.book.ticking.keys.sorted(by: >))}
            """
    }

    private static func time(_ piece: String, repetitions: String, line: String) throws(CommandError) -> String {
        guard let count = Int(repetitions), count > 0 else { throw .unknownCommand(line: line) }
        let timing: (nanoseconds: Double, checksum: Double)
        switch piece {
        case "tail": timing = PieceTiming.tail(count)
        case "stream": timing = PieceTiming.stream(count)
        case "delta": timing = PieceTiming.delta(count)
        default: throw .unknownCommand(line: line)
        }
        return "{\"ns\": \(timing.nanoseconds), \"checksum\": \(timing.checksum)}"
    }

    private func opened(_ name: String) throws(CommandError) -> CutRun {
        guard let run = self.runs[name] else { throw .bookNotOpen(name: name) }
        return run
    }

    private func run(_ run: CutRun?, _ name: String, share: String) throws(CommandError) -> String {
        guard let run else { throw .bookNotOpen(name: name) }
        guard let percent = Int(share), let ticking = run.book.ticking[percent] else {
            throw .unknownShare(book: name, share: share)
        }
        let repetition = run.run(ticking: ticking)
        return """
            {"ticks": \(repetition.ticks), "cuts": \(repetition.cuts), "drain_ns": \(repetition.drainNanoseconds), \
            "cut_ns": \(repetition.cutNanoseconds), "price_set": \(repetition.priceSet), \
            "checksum": \(repetition.checksum)}
            """
    }
}
