// SPDX-License-Identifier: Apache-2.0
// The daemon's command line.

import ArgumentParser
import Foundation
import Glibc
import Logging
import Operations
import RiskFiles
import RiskKernel
import TickriskDaemon

@main
struct Tickriskd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickriskd",
        abstract: "Turns market-data ticks into live P&L and historical-simulation VaR, and streams the changes.",
        discussion: """
            SIGTERM ends it, SIGHUP makes it take over a changed configuration. TICKRISK_TIER forces the kernels' \
            instruction set: scalar, avx2, avx512 or neon.
            """,
        version: BuildVersion.text)

    @Option(help: "Configuration file (YAML). Without one, defaults apply.")
    var config: String?

    @Option(name: .customLong("set"), help: "Overrides one key, as in risk.window=250; repeatable.")
    var settings: [String] = []

    @Flag(help: "Load configuration and data, print the effective configuration, and exit.")
    var check = false

    @Option(help: ArgumentHelp("Partition P of N, as an engine begins its units.", visibility: .hidden))
    var unit: String?

    func run() async throws {
        if self.unit != nil { ParentWatch.begin() }
        // Until reloads are listened for, the signal has nothing to say.
        signal(SIGHUP, SIG_IGN)
        _ = ProcessMetrics.startSeconds
        let environment = ProcessInfo.processInfo.environment
        let manager = SystemdLink(environment: environment, lifeline: self.unit == nil ? nil : ParentWatch.lifeline)
        let (file, settings) = (self.config, self.settings)
        let source = DaemonSource {
            let configuration = try ConfigurationLoader.load(
                file: file, settings: settings, environment: environment)
            return (configuration, try DataFiles.load(configuration))
        }
        do {
            manager.notify(status: "reading configuration and data")
            let wanted = try ConfigurationLoader.load(file: file, settings: settings, environment: environment)
            if wanted.node.role == .gateway { return try await self.run(gateway: wanted, manager: manager) }
            let whole = try source.load()
            if wanted.node.role == .engine, self.unit == nil, !self.check {
                return try await EngineNode(
                    configuration: wanted, manager: manager, log: DaemonLog(wanted.log)
                ).run()
            }
            let unit = try self.unit.map { try FleetUnit($0, of: whole) }
            let loaded = unit?.part(of: whole) ?? whole
            let (configuration, data) = loaded
            if self.check {
                print(configuration.effectiveYAML, terminator: "")
                for line in data.historyReport.lines { print("# \(line)") }
                return
            }
            let log = DaemonLog(configuration.log, unit: unit)
            for line in data.historyReport.lines { log.logger.info("history: \(line)") }
            let daemon = Daemon(
                loaded: loaded, source: unit?.part(of: source) ?? source, manager: manager, log: log, unit: unit)
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

    /// A gateway has no data to load.
    private func run(gateway configuration: Configuration, manager: SystemdLink) async throws {
        if self.check { return print(configuration.effectiveYAML, terminator: "") }
        try await GatewayNode(configuration: configuration, manager: manager, log: DaemonLog(configuration.log)).run()
    }

    /// Problems go to standard error as they are, without a usage text below.
    private static func refusal(_ text: String, code: Int32) -> ExitCode {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        return ExitCode(code)
    }
}
