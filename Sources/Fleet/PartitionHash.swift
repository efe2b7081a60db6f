// SPDX-License-Identifier: Apache-2.0
// Which partition an account's key is in: the hashes that publishers use.

/// How whoever publishes fills picks the partition of a key. Engines have to agree with it: it says whose an account
/// is.
public enum PartitionHash: String, Sendable, CaseIterable {
    /// Of Kafka's own clients (Java): murmur2, its sign dropped.
    case murmur2
    /// Of librdkafka's `consistent` and `consistent_random`, its default: CRC-32 as of zlib.
    case crc32

    /// - Parameter count: of partitions, at least 1.
    public func partition(of key: String, count: Int) -> Int {
        let bytes = Array(key.utf8)
        switch self {
        case .murmur2: return Int(Self.murmur2(bytes) & 0x7fff_ffff) % count
        case .crc32: return Int(Self.crc32(bytes) % UInt32(count))
        }
    }

    /// Austin Appleby's MurmurHash2, 32 bits, with Kafka's seed.
    package static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        var rest = bytes[...]
        while rest.count >= 4 {
            var word: UInt32 = 0
            for byte in rest.prefix(4).reversed() { word = word << 8 | UInt32(byte) }
            word &*= multiplier
            word ^= word >> 24
            word &*= multiplier
            hash = hash &* multiplier ^ word
            rest = rest.dropFirst(4)
        }
        for (place, byte) in rest.enumerated() { hash ^= UInt32(byte) << UInt32(8 * place) }
        if !rest.isEmpty { hash &*= multiplier }
        hash ^= hash >> 13
        hash &*= multiplier
        return hash ^ hash >> 15
    }

    /// Polynomial 0x04C11DB7, reflected.
    package static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { sum, byte in
            var sum = sum ^ UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xedb8_8320) }
            return sum
        }
    }
}
