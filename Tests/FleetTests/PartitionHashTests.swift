// SPDX-License-Identifier: Apache-2.0
// Partitions of keys, against values of Kafka's own clients and of zlib.

import Fleet
import Testing

struct PartitionHashTests {
    /// From Kafka's own test of it (org.apache.kafka.common.utils.UtilsTest), as signed numbers.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func murmur2IsKafkas(text: String, hash: Int32) {
        #expect(Int32(bitPattern: PartitionHash.murmur2(Array(text.utf8))) == hash)
    }

    @Test(arguments: [("", 0), ("123456789", 0xcbf4_3926), ("ALPHA", 0x27b4_fbda)])
    func crc32IsZlibs(text: String, sum: UInt32) {
        #expect(PartitionHash.crc32(Array(text.utf8)) == sum)
    }

    @Test(arguments: PartitionHash.allCases)
    func everyPartitionHasItsShare(hash: PartitionHash) {
        var counts = [Int](repeating: 0, count: 6)
        for number in 0..<6_000 { counts[hash.partition(of: "ACC-\(number)", count: 6)] += 1 }
        #expect(counts.allSatisfy { (800...1_200).contains($0) }, "\(counts)")
    }
}
