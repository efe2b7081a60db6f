// SPDX-License-Identifier: Apache-2.0
// `tickrisk status` and `tickrisk top`: how a daemon is, once or all the time.

import ArgumentParser
import Foundation

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says how a daemon is: ready or why not, feeds, clients, orders, delays.",
        discussion:
            "Rates are since the daemon's start. Ends with 0 where it is ready, 1 where it is not or does not answer.")

    @Argument(help: "The daemon, as in http://127.0.0.1:8080.")
    var url = "http://127.0.0.1:8080"

    func run() async throws {
        let watch = DaemonWatch(address: try StreamAddress(url: self.url))
        let overview = try await watch.look(since: nil)
        print(overview.text, terminator: "")
        if !overview.reasons.isEmpty { throw ExitCode(1) }
    }
}

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows how a daemon is, again and again.",
        discussion: "Rates and delays are those between two looks. Ends with Ctrl-C.")

    @Argument(help: "The daemon, as in http://127.0.0.1:8080.")
    var url = "http://127.0.0.1:8080"
    @Option(help: "Seconds between two looks.")
    var interval = 1.0
    @Option(help: "End after this many looks.")
    var looks: Int?

    func validate() throws {
        guard (0.1...3_600).contains(self.interval) else { throw ValidationError("--interval is 0.1 to 3600") }
    }

    func run() async throws {
        let watch = DaemonWatch(address: try StreamAddress(url: self.url))
        var before: (samples: DaemonSamples, time: ContinuousClock.Instant)?
        var shown = 0
        while shown != self.looks {
            let overview = try await watch.look(since: before)
            print((Terminal.isOutputInteractive ? Terminal.clearScreen : "") + overview.text)
            fflushStandardOutput()
            before = (overview.samples, .now)
            shown += 1
            if shown != self.looks { try await Task.sleep(for: .seconds(self.interval)) }
        }
    }
}

/// Asks a daemon's `/readyz` and `/metrics`, which are open to everybody who can reach it.
struct DaemonWatch {
    private struct Readiness: Decodable { let reasons: [String] }

    let address: StreamAddress

    func look(
        since before: (samples: DaemonSamples, time: ContinuousClock.Instant)?
    ) async throws -> DaemonOverview {
        let probe = DaemonProbe(address: self.address, authorization: nil)
        let ready = try await probe.answer("/readyz")
        let metrics = try await probe.answer("/metrics")
        guard metrics.status == 200, let readiness = try? JSONDecoder().decode(Readiness.self, from: ready.body) else {
            throw Failure("\(self.address.authority) is no tickriskd")
        }
        return DaemonOverview(
            authority: self.address.authority, reasons: readiness.reasons,
            samples: DaemonSamples(text: String(decoding: metrics.body, as: UTF8.self)), before: before?.samples,
            seconds: before.map { (ContinuousClock.now - $0.time) / .seconds(1) } ?? 0)
    }
}
