// SPDX-License-Identifier: Apache-2.0
// One flush a connection and turn of its event loop, however often something was written.

import NIOCore

/// The connections of one event loop that have something to flush.
///
/// What several cuts, events and answers wrote in one turn of the loop goes out with one system call.
///
/// Ownership: its event loop.
package final class FlushRound {
    private let loop: any EventLoop
    private var due: [WebSocketConnection] = []
    private var isScheduled = false

    package init(loop: any EventLoop) { self.loop = loop }

    /// Flushes the connection before the loop waits for the network again.
    func add(_ connection: WebSocketConnection) {
        self.due.append(connection)
        if self.isScheduled { return }
        self.isScheduled = true
        // Behind what the loop was told before: deliveries that wait already are part of this round.
        let round = NIOLoopBound(self, eventLoop: self.loop)
        self.loop.execute { round.value.run() }
    }

    private func run() {
        self.isScheduled = false
        // A flush may make a socket writable, and its client write again: that is the next round.
        let due = self.due
        self.due.removeAll(keepingCapacity: true)
        for connection in due { connection.flushNow() }
    }
}
