// SPDX-License-Identifier: Apache-2.0
// A listening socket that was open before us: what it is, and whether it may be used.

import Glibc

/// Why a socket that was handed over cannot be the port.
public enum InheritedListenerError: Error, Equatable, CustomStringConvertible {
    case tooMany(count: Int)
    case notListening(descriptor: Int32)
    case notTCP(descriptor: Int32)

    public var description: String {
        switch self {
        case .tooMany(let count):
            "\(count) sockets were handed over; there is one port: give the .socket one ListenStream"
        case .notListening(let descriptor): "descriptor \(descriptor) was handed over but does not listen"
        case .notTCP(let descriptor): "descriptor \(descriptor) was handed over but is no TCP socket"
        }
    }
}

public struct InheritedListener: Sendable, Equatable {
    public let descriptor: Int32
    /// Whether only this machine can reach it.
    public let isLoopback: Bool

    /// The socket that was handed over; `nil` where none was.
    public init?(_ manager: SystemdLink) throws(InheritedListenerError) {
        guard let descriptor = manager.inheritedDescriptors.first else { return nil }
        guard manager.inheritedDescriptors.count == 1 else {
            throw .tooMany(count: manager.inheritedDescriptors.count)
        }
        var isListening: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1 else {
            throw .notListening(descriptor: descriptor)
        }
        guard let isLoopback = Self.isLoopback(descriptor) else { throw .notTCP(descriptor: descriptor) }
        self.descriptor = descriptor
        self.isLoopback = isLoopback
    }

    private static func isLoopback(_ descriptor: Int32) -> Bool? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer -> Bool? in
            let raw = UnsafeMutableRawPointer(pointer)
            guard getsockname(descriptor, raw.assumingMemoryBound(to: sockaddr.self), &length) == 0 else { return nil }
            switch Int32(pointer.pointee.ss_family) {
            case AF_INET:
                let address = raw.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_addr.s_addr
                return UInt32(bigEndian: address) >> 24 == 127
            case AF_INET6:
                let address = raw.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_addr
                return withUnsafeBytes(of: address) { $0.dropLast().allSatisfy { $0 == 0 } && $0[15] == 1 }
            default: return nil
            }
        }
    }
}
