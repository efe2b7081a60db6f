// SPDX-License-Identifier: Apache-2.0
// What stands between the port and everything behind it: limits of connections and requests, and their counters.

import Foundation
import Logging
import NIOCore
import Operations
import Synchronization

/// Settings of the port, from the configuration.
public struct EdgeSettings: Sendable {
    /// Whether only this machine can reach the port.
    public var isLoopback: Bool
    /// Names answered to besides those of loopback; without ports.
    public var allowedHosts: [String]
    public var connectionsMax: Int
    public var connectionsPerAddressMax: Int
    public var headerNanosecondsMax: UInt64
    public var responseNanosecondsMax: UInt64
    public var idleNanosecondsMax: UInt64
    /// Addresses whose `X-Forwarded-For` is believed.
    public var trustedProxies: Set<String>

    public init(
        isLoopback: Bool, allowedHosts: [String], connectionsMax: Int, connectionsPerAddressMax: Int,
        headerNanosecondsMax: UInt64, responseNanosecondsMax: UInt64, idleNanosecondsMax: UInt64,
        trustedProxies: Set<String>
    ) {
        self.trustedProxies = trustedProxies
        self.isLoopback = isLoopback
        self.allowedHosts = allowedHosts
        self.connectionsMax = connectionsMax
        self.connectionsPerAddressMax = connectionsPerAddressMax
        self.headerNanosecondsMax = headerNanosecondsMax
        self.responseNanosecondsMax = responseNanosecondsMax
        self.idleNanosecondsMax = idleNanosecondsMax
    }
}

/// Ownership: any thread; the ledger is behind a lock held for a few operations on a dictionary.
public final class ServerEdge: Sendable {
    /// A refusal is logged once in this time; all are counted.
    private static let logIntervalNanoseconds: UInt64 = 60_000_000_000

    private struct Books {
        var ledger: ConnectionLedger
        private var nextLogNanoseconds: UInt64 = 0

        init(ledger: ConnectionLedger) { self.ledger = ledger }

        mutating func mayLog(nowNanoseconds: UInt64) -> Bool {
            guard nowNanoseconds >= self.nextLogNanoseconds else { return false }
            self.nextLogNanoseconds = nowNanoseconds + ServerEdge.logIntervalNanoseconds
            return true
        }
    }

    let policy: RequestPolicy
    let timeouts: RequestTimeouts
    let trustedProxies: Set<String>
    let counters = EdgeCounters()
    private let books: Mutex<Books>
    private let logger: Logger

    /// Raises the process's limit of open files as far as it may and keeps some back for the rest of the daemon.
    public init(_ settings: EdgeSettings, logger: Logger) {
        let connectionsMax = DescriptorLimit.connectionsMax(
            wanted: settings.connectionsMax, descriptorsMax: DescriptorLimit.raise())
        if connectionsMax < settings.connectionsMax {
            logger.warning(
                "fewer connections than configured: the limit of open files is too low",
                metadata: ["max_connections": "\(settings.connectionsMax)", "possible": "\(connectionsMax)"])
        }
        self.policy = RequestPolicy(
            hosts: HostPolicy(isLoopback: settings.isLoopback, allowedHosts: settings.allowedHosts))
        self.trustedProxies = settings.trustedProxies
        self.timeouts = RequestTimeouts(
            headerNanoseconds: settings.headerNanosecondsMax, responseNanoseconds: settings.responseNanosecondsMax,
            idleNanoseconds: settings.idleNanosecondsMax)
        self.books = Mutex(
            Books(
                ledger: ConnectionLedger(
                    connectionsMax: connectionsMax, connectionsPerAddressMax: settings.connectionsPerAddressMax)))
        self.logger = logger
    }

    public var connectionCount: Int { self.books.withLock { $0.ledger.count } }

    /// False when there are as many as allowed; counted and logged.
    func enter(_ origin: ConnectionOrigin) -> Bool {
        let now = Self.now
        let (refusal, isLogged) = self.books.withLock { books in
            let refusal = books.ledger.enter(origin)
            return (refusal, refusal != nil && books.mayLog(nowNanoseconds: now))
        }
        guard let refusal else { return true }
        self.counters.refused(refusal)
        if isLogged { self.logger.warning("connections refused", metadata: ["limit": "\(refusal.rawValue)"]) }
        return false
    }

    /// The system has no descriptor for a connection; it waits until there is one.
    func acceptFailed(_ error: IOError) {
        self.counters.acceptsPutOff.wrappingAdd(1, ordering: .relaxed)
        let now = Self.now
        guard self.books.withLock({ $0.mayLog(nowNanoseconds: now) }) else { return }
        self.logger.warning("connections wait", metadata: ["error": "\(error)"])
    }

    private static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    func leave(_ origin: ConnectionOrigin) { self.books.withLock { $0.ledger.leave(origin) } }

    public var families: [MetricFamily] {
        [MetricFamily(.gauge, "tickrisk_connections", "Connections open on the port.", Double(self.connectionCount))]
            + self.counters.families
    }
}

/// What was turned away at the port, for /metrics.
final class EdgeCounters: Sendable {
    private let connections = Mutex<[ConnectionLedger.Refusal: UInt64]>([:])
    private let requests = Mutex<[Int: UInt64]>([:])
    let responsesTimedOut = Atomic<UInt64>(0)
    let acceptsPutOff = Atomic<UInt64>(0)

    func refused(_ refusal: ConnectionLedger.Refusal) { self.connections.withLock { $0[refusal, default: 0] += 1 } }
    func refused(_ refusal: RequestRefusal) { self.requests.withLock { $0[refusal.status, default: 0] += 1 } }

    var families: [MetricFamily] {
        let connections = self.connections.withLock { $0 }
        let requests = self.requests.withLock { $0 }
        return [
            MetricFamily(
                .counter, "tickrisk_connections_refused_total", "Connections refused, by the limit they met.",
                ConnectionLedger.Refusal.allCases.map {
                    .init(["limit": $0.rawValue], Double(connections[$0, default: 0]))
                }),
            MetricFamily(
                .counter, "tickrisk_requests_refused_total", "Requests refused before any route, by status.",
                RequestRefusal.allCases.map {
                    .init(["status": String($0.status)], Double(requests[$0.status, default: 0]))
                }),
            MetricFamily(
                .counter, "tickrisk_accepts_put_off_total", "Times the system had no descriptor for a connection.",
                Double(self.acceptsPutOff.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_responses_timed_out_total", "Responses not taken in time.",
                Double(self.responsesTimedOut.load(ordering: .relaxed))),
        ]
    }
}
