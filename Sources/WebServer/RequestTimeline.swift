// SPDX-License-Identifier: Apache-2.0
// How long a connection may take for what it is doing. Pure: time comes in.

/// Deadlines of a connection that speaks HTTP, none of which a trickle of bytes puts off.
package struct RequestTimeouts: Sendable {
    /// From a request's first byte (of a new connection: from its opening) to the end of its header.
    package var headerNanoseconds: UInt64
    /// From the end of a header until the response is written.
    package var responseNanoseconds: UInt64
    /// From the end of a response to the first byte of the next request.
    package var idleNanoseconds: UInt64

    package init(headerNanoseconds: UInt64, responseNanoseconds: UInt64, idleNanoseconds: UInt64) {
        self.headerNanoseconds = headerNanoseconds
        self.responseNanoseconds = responseNanoseconds
        self.idleNanoseconds = idleNanoseconds
    }
}

package struct RequestTimeline {
    package enum Expiry: Equatable {
        /// A header did not end in time.
        case header
        /// A response was not taken in time.
        case response
        /// Nothing was asked.
        case idle
    }

    private let timeouts: RequestTimeouts
    private var hasBegun = false
    private var isInHeader = false
    /// Headers read whose responses are not written.
    package private(set) var pendingResponses = 0
    /// When what is going on now began.
    private var sinceNanoseconds: UInt64

    package init(timeouts: RequestTimeouts, openedNanoseconds: UInt64) {
        self.timeouts = timeouts
        self.sinceNanoseconds = openedNanoseconds
    }

    package mutating func bytesCame(nowNanoseconds: UInt64) {
        if self.isInHeader { return }
        self.isInHeader = true
        // A new connection's time runs from its opening.
        if self.hasBegun, self.pendingResponses == 0 { self.sinceNanoseconds = nowNanoseconds }
    }

    package mutating func headerEnded(nowNanoseconds: UInt64) {
        self.hasBegun = true
        self.isInHeader = false
        if self.pendingResponses == 0 { self.sinceNanoseconds = nowNanoseconds }
        self.pendingResponses += 1
    }

    package mutating func responseWritten(nowNanoseconds: UInt64) {
        self.pendingResponses -= 1
        self.sinceNanoseconds = nowNanoseconds
    }

    /// When the connection has taken too long, and for what.
    package var deadline: (nanoseconds: UInt64, expiry: Expiry) {
        if self.pendingResponses > 0 { return (self.sinceNanoseconds + self.timeouts.responseNanoseconds, .response) }
        if self.isInHeader { return (self.sinceNanoseconds + self.timeouts.headerNanoseconds, .header) }
        let nanoseconds = self.hasBegun ? self.timeouts.idleNanoseconds : self.timeouts.headerNanoseconds
        return (self.sinceNanoseconds + nanoseconds, .idle)
    }
}
