// SPDX-License-Identifier: Apache-2.0
// Log lines on standard error, as text or JSON.

import Foundation
import FrameCodec
import Logging
import RiskFiles
import Synchronization

public enum DaemonLog {
    /// A logger of the configured level and format.
    public static func make(_ log: Configuration.Log) -> Logger {
        var logger = Logger(label: "tickrisk") { _ in StandardErrorLog(isJSON: log.format == .json) }
        logger.logLevel = Logger.Level(rawValue: log.level.rawValue) ?? .info
        return logger
    }

    /// A line for whoever started the daemon, and for no log.
    static func say(_ line: String) { StandardErrorLog.write(line) }
}

/// One line an event: time, level, message, sorted facts.
struct StandardErrorLog: LogHandler {
    private static let output = Mutex(FileHandle.standardError)
    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    let isJSON: Bool
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

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
        Self.write(line)
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
