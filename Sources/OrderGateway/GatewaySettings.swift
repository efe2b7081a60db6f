// SPDX-License-Identifier: Apache-2.0
// Where the external gateway is, and how long it is waited for.

import TickFeed

public struct GatewaySettings: Sendable {
    /// Of the gateway's ROUTER, as libzmq writes endpoints.
    public var endpoint: String
    /// Outside loopback and ipc, that of a CURVE client.
    public var security: SocketSecurity
    /// Between two heartbeats of ours.
    public var heartbeatNanoseconds: UInt64
    /// A gateway that says nothing for so long is lost.
    public var silentAfterNanoseconds: UInt64
    /// A question about orders that is not answered within this is given up.
    public var reconcileTimeoutNanoseconds: UInt64
    /// Messages that wait for room; what comes beyond is refused.
    public var queueMessagesMax: Int
    /// Between two connections.
    public var reconnectNanoseconds: UInt64

    public init(
        endpoint: String, security: SocketSecurity = .none, heartbeatNanoseconds: UInt64 = 1_000_000_000,
        silentAfterNanoseconds: UInt64 = 5_000_000_000, reconcileTimeoutNanoseconds: UInt64 = 10_000_000_000,
        queueMessagesMax: Int = 10_000, reconnectNanoseconds: UInt64 = 1_000_000_000
    ) {
        self.endpoint = endpoint
        self.security = security
        self.heartbeatNanoseconds = heartbeatNanoseconds
        self.silentAfterNanoseconds = silentAfterNanoseconds
        self.reconcileTimeoutNanoseconds = reconcileTimeoutNanoseconds
        self.queueMessagesMax = queueMessagesMax
        self.reconnectNanoseconds = reconnectNanoseconds
    }
}

/// What was seen since start.
public struct GatewayCounts: Sendable, Equatable {
    public var sent: UInt64 = 0
    public var received: UInt64 = 0
    /// Messages that are not of the contract.
    public var malformed: UInt64 = 0
    /// Of a sequence or session that was over.
    public var outdated: UInt64 = 0
    /// Messages that never came.
    public var missing: UInt64 = 0
    /// Answers nobody waits for.
    public var unexpected: UInt64 = 0
    /// Commands refused for want of a gateway or of room.
    public var refused: UInt64 = 0
    /// Times the gateway was lost.
    public var losses: UInt64 = 0

    public init() {}
}
