// SPDX-License-Identifier: Apache-2.0
// Log lines on standard error, as text or JSON, and the level they share.

import Foundation
import FrameCodec
import Logging
import Operations
import RiskFiles
import Synchronization

/// The daemon's log: every logger made here follows its level, which may change while the daemon runs.
public struct DaemonLog: Sendable {
    private let threshold: LogThreshold
    private let isJSON: Bool
    /// Of every line.
    private let facts: Logger.Metadata
    /// Of the daemon's own parts.
    public let logger: Logger

    /// - Parameter unit: whose lines say which partition they are of.
    public init(_ log: Configuration.Log, unit: FleetUnit? = nil) {
        let threshold = LogThreshold(Self.level(log))
        let isJSON = log.format == .json
        self.threshold = threshold
        self.isJSON = isJSON
        self.facts = unit.map { ["unit": "\($0.partition)"] } ?? [:]
        self.logger = Self.logger(threshold: threshold, isJSON: isJSON, facts: self.facts) { $0 }
    }

    /// The libraries' routine messages are not the operator's.
    var libraries: Logger {
        Self.logger(threshold: self.threshold, isJSON: self.isJSON, facts: self.facts) {
            $0 == .info || $0 == .notice ? .warning : $0
        }
    }

    /// Whoever starts the daemon waits for its line, whatever the level.
    var announcer: Logger {
        Self.logger(threshold: self.threshold, isJSON: self.isJSON, facts: self.facts) { min($0, .notice) }
    }

    /// From now on the least severe level is this one, for every logger there is.
    func follow(_ log: Configuration.Log) { self.threshold.level = Self.level(log) }

    private static func level(_ log: Configuration.Log) -> Logger.Level {
        Logger.Level(rawValue: log.level.rawValue) ?? .info
    }

    private static func logger(
        threshold: LogThreshold, isJSON: Bool, facts: Logger.Metadata,
        _ adjust: @escaping @Sendable (Logger.Level) -> Logger.Level
    ) -> Logger {
        Logger(label: "tickrisk") { _ in
            var log = StandardErrorLog(
                threshold: threshold, adjust: adjust, isJSON: isJSON, opensWithPriority: JournalStream.isStandardError)
            log.metadata = facts
            return log
        }
    }

    /// A line for whoever started the daemon, and for no log.
    static func say(_ line: String) { StandardErrorLog.write(line) }
}

/// The least severe level, for every logger of a daemon.
final class LogThreshold: Sendable {
    private let number: Atomic<Int>

    init(_ level: Logger.Level) { self.number = Atomic(Self.number(of: level)) }

    var level: Logger.Level {
        get { Logger.Level.allCases[self.number.load(ordering: .relaxed)] }
        set { self.number.store(Self.number(of: newValue), ordering: .relaxed) }
    }

    private static func number(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}

/// One line an event: time, level, message, sorted facts.
struct StandardErrorLog: LogHandler {
    private static let output = Mutex(FileHandle.standardError)
    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    let threshold: LogThreshold
    let adjust: @Sendable (Logger.Level) -> Logger.Level
    let isJSON: Bool
    /// Whether lines open with `<4>` and the like, which the journal reads as their severity.
    let opensWithPriority: Bool
    /// What a library asked for of its own logger.
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]

    init(
        threshold: LogThreshold, adjust: @escaping @Sendable (Logger.Level) -> Logger.Level, isJSON: Bool,
        opensWithPriority: Bool
    ) {
        self.threshold = threshold
        self.adjust = adjust
        self.isJSON = isJSON
        self.opensWithPriority = opensWithPriority
    }

    var logLevel: Logger.Level {
        get { self.ownLevel ?? self.adjust(self.threshold.level) }
        set { self.ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = self.metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Date().formatted(Self.timeStyle)
        let line =
            self.isJSON
            ? Self.json(time: time, event: event, facts: facts) : Self.text(time: time, event: event, facts: facts)
        Self.write(self.opensWithPriority ? "<\(event.level.priority)>\(line)" : line)
    }

    fileprivate static func write(_ line: String) {
        Self.output.withLock { try? $0.write(contentsOf: Data((line + "\n").utf8)) }
    }

    private static func text(
        time: String, event: LogEvent, facts: [(key: String, value: Logger.Metadata.Value)]
    ) -> String {
        let tail = facts.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(event.level.rawValue) \(event.message)\(tail)".replacing("\n", with: " ")
    }

    private static func json(
        time: String, event: LogEvent, facts: [(key: String, value: Logger.Metadata.Value)]
    ) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time", time)
        json.member("level", event.level.rawValue)
        json.member("message", event.message.description)
        for fact in facts { json.member(fact.key, fact.value.description) }
        json.endObject()
        return json.text
    }
}

extension Logger.Level {
    /// As syslog(3) numbers severities.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
