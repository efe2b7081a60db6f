// SPDX-License-Identifier: Apache-2.0
// The daemon's command line.

import ArgumentParser
import Foundation
import Logging
import RiskFiles
import RiskKernel
import TickriskDaemon

@main
struct Tickriskd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickriskd",
        abstract: "Turns market-data ticks into live P&L and historical-simulation VaR, and streams the changes.",
        discussion: "SIGTERM ends it. TICKRISK_TIER forces the kernels' instruction set: scalar, avx2, avx512 or neon.")

    @Option(help: "Configuration file (YAML). Without one, defaults apply.")
    var config: String?

    @Option(name: .customLong("set"), help: "Overrides one key, as in risk.window=250; repeatable.")
    var settings: [String] = []

    @Flag(help: "Load configuration and data, print the effective configuration, and exit.")
    var check = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        do {
            let configuration = try ConfigurationLoader.load(
                file: self.config, settings: self.settings, environment: environment)
            let data = try DataFiles.load(configuration)
            if self.check {
                print(configuration.effectiveYAML, terminator: "")
                for line in data.historyReport.lines { print("# \(line)") }
                return
            }
            let logger = DaemonLog.make(configuration.log)
            for line in data.historyReport.lines { logger.info("history: \(line)") }
            let daemon = Daemon(configuration: configuration, inputs: data.inputs, logger: logger)
            try await daemon.run(tierName: environment["TICKRISK_TIER"])
        } catch let error as ConfigurationError {
            throw Self.refusal(error.description, code: 2)
        } catch let error as DataFileError {
            throw Self.refusal(error.description, code: 2)
        } catch let error as KernelTierError {
            throw Self.refusal("TICKRISK_TIER: \(error)", code: 2)
        } catch {
            throw Self.refusal("tickriskd: \(error)", code: 1)
        }
    }

    /// Problems go to standard error as they are, without a usage text below.
    private static func refusal(_ text: String, code: Int32) -> ExitCode {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        return ExitCode(code)
    }
}
