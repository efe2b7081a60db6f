// SPDX-License-Identifier: Apache-2.0
// The sections of the configuration about data in and frames out.

extension Configuration {
    /// One entry of `feeds`: a publisher of ticks.
    public struct Feed: Sendable, Equatable {
        /// Who waits at the endpoint and who comes to it.
        public enum Socket: String, Sendable, CaseIterable {
            case connect, bind
        }

        /// The daemon's side of the ZeroMQ pattern.
        public enum Pattern: String, Sendable, CaseIterable {
            /// Of a `PUB`.
            case sub
            /// Of a `PUSH`.
            case pull
        }

        /// Unique label in metrics and logs: letters, digits, `_` and `-`, 1 to 64 of them.
        public var name: String
        /// ZeroMQ endpoint of the ticks: `ipc://`, `inproc://`, or `tcp://`, on loopback unless there is ``curve``.
        public var endpoint: String
        public var socket: Socket
        public var pattern: Pattern
        /// Subscription prefix of ``Pattern/sub``, empty for all; at most 255 bytes.
        public var topic: String
        /// Where snapshots are asked for, restricted as ``endpoint``; empty for nowhere.
        public var snapshotEndpoint: String
        /// Silence after which the feed is down; 10 ms to 24 h.
        public var silentAfterNanoseconds: UInt64
        /// Key `receive_hwm`: messages ZeroMQ queues, 1 to 1,000,000.
        public var receiveHighWaterMark: Int
        /// Slots of the ring to the engine, a power of two from 2 to 2^26.
        public var ringCapacity: Int
        /// Keys of all sockets of the feed; `nil` for none.
        public var curve: Curve?

        public init(
            name: String = "primary", endpoint: String = "tcp://127.0.0.1:5556", socket: Socket = .connect,
            pattern: Pattern = .sub, topic: String = "", snapshotEndpoint: String = "",
            silentAfterNanoseconds: UInt64 = 5_000_000_000, receiveHighWaterMark: Int = 1_000,
            ringCapacity: Int = 65_536, curve: Curve? = nil
        ) {
            self.name = name
            self.endpoint = endpoint
            self.socket = socket
            self.pattern = pattern
            self.topic = topic
            self.snapshotEndpoint = snapshotEndpoint
            self.silentAfterNanoseconds = silentAfterNanoseconds
            self.receiveHighWaterMark = receiveHighWaterMark
            self.ringCapacity = ringCapacity
            self.curve = curve
        }
    }

    /// Section `streaming`.
    public struct Streaming: Sendable, Equatable {
        /// Connections accepted at a time, 1 to 1,000,000.
        public var maxClients: Int
        /// How long a client may take nothing before it is closed; 100 ms to 1 h.
        public var slowClientTimeoutNanoseconds: UInt64
        /// From the first byte of a client's frame to its last; 100 ms to 1 h.
        public var frameTimeoutNanoseconds: UInt64
        /// Origins accepted beside the own host, `https://host` or `https://host:port`; at most 64.
        public var allowedOrigins: [String]
        /// 1 (fastest) to 19.
        public var zstdLevel: Int
        /// 1 (fastest) to 9.
        public var deflateLevel: Int

        public static let allowedOriginsMax = 64

        public init(
            maxClients: Int = 20_000, slowClientTimeoutNanoseconds: UInt64 = 15_000_000_000,
            frameTimeoutNanoseconds: UInt64 = 10_000_000_000, allowedOrigins: [String] = [], zstdLevel: Int = 1,
            deflateLevel: Int = 1
        ) {
            self.maxClients = maxClients
            self.slowClientTimeoutNanoseconds = slowClientTimeoutNanoseconds
            self.frameTimeoutNanoseconds = frameTimeoutNanoseconds
            self.allowedOrigins = allowedOrigins
            self.zstdLevel = zstdLevel
            self.deflateLevel = deflateLevel
        }
    }
}
