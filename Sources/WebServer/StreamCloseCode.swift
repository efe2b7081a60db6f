// SPDX-License-Identifier: Apache-2.0
// Why the server ends a stream (DESIGN.md §6).

import NIOWebSocket

enum StreamCloseCode {
    /// The session or token has ended; trying again is of no use before a new sign-in.
    static let sessionEnded = WebSocketErrorCode(codeNumber: 4001)
    /// A channel that was subscribed may be seen no more.
    static let rightLost = WebSocketErrorCode(codeNumber: 4003)
    /// Took nothing for too long; it may come back.
    static let slowClient = WebSocketErrorCode(codeNumber: 4008)
    static let tooManyConnections = WebSocketErrorCode(codeNumber: 4009)
    /// The server stops; come back after a jittered pause.
    static let goingAway = WebSocketErrorCode(codeNumber: 4012)

    /// Over so long the clients of a server that stops are spread.
    static let retryMilliseconds = 100...3_000

    static let ours: ClosedRange<UInt16> = 4000...4099
}

extension WebSocketErrorCode {
    /// The connection ended without a Close.
    static let closedAbnormally = WebSocketErrorCode(codeNumber: 1006)
}
