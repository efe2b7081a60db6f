// SPDX-License-Identifier: Apache-2.0
// How many connections there are, in all and from each address. Pure.

import NIOCore

/// Whom a connection counts against.
package enum ConnectionOrigin: Hashable, Sendable {
    case ipv4(UInt32)
    /// The first 64 bits: what one subscriber is given.
    case ipv6(UInt64)
    case unknown

    package init(_ address: SocketAddress?) {
        // By offset, as every system lays these out: who declares their fields depends on what else is imported.
        func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch address {
        case .v4(let address):
            self = .ipv4(UInt32(withUnsafeBytes(of: address.address) { number($0[4..<8]) }))
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
            func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
            // ::ffff:a.b.c.d is an IPv4 address that came through an IPv6 socket.
            let isMapped = number(0..<8) == 0 && number(8..<12) == 0xFFFF
            self = isMapped ? .ipv4(UInt32(number(12..<16))) : .ipv6(number(0..<8))
        default: self = .unknown
        }
    }
}

package struct ConnectionLedger {
    package enum Refusal: String, CaseIterable, Sendable {
        /// As many as there may be in all.
        case total
        /// As many as there may be from one address.
        case address
    }

    private let connectionsMax: Int
    private let connectionsPerAddressMax: Int
    package private(set) var count = 0
    private var counts: [ConnectionOrigin: Int] = [:]

    package init(connectionsMax: Int, connectionsPerAddressMax: Int) {
        self.connectionsMax = connectionsMax
        self.connectionsPerAddressMax = connectionsPerAddressMax
    }

    /// - Returns: `nil` when the connection is in the books now, to be taken out by ``leave(_:)``.
    package mutating func enter(_ origin: ConnectionOrigin) -> Refusal? {
        if self.count >= self.connectionsMax { return .total }
        if self.counts[origin, default: 0] >= self.connectionsPerAddressMax { return .address }
        self.count += 1
        self.counts[origin, default: 0] += 1
        return nil
    }

    package mutating func leave(_ origin: ConnectionOrigin) {
        self.count -= 1
        self.counts[origin, default: 0] -= 1
        if self.counts[origin] == 0 { self.counts[origin] = nil }
    }
}
