// SPDX-License-Identifier: Apache-2.0
// Header and channel lie where the format says and are read without decompressing.

import FrameCodec
import Testing

struct FrameHeaderTests {
    private static let head = FrameHead(
        channel: "account:Zürich", sequence: 0x0102_0304_0506_0708, base: 41, cutNanoseconds: .max,
        newestNanoseconds: 3, oldestNanoseconds: nil)

    private static func delta(_ encoding: FrameEncoding) throws -> [UInt8] {
        var random = FrameRandom(seed: 12)
        let base = random.state(of: random.layout())
        var state = base
        random.change(&state, oneIn: 2)
        return try FrameEncoder(zstdLevel: 3, deflateLevel: 6).delta(
            from: base, to: state, head: self.head, includingChecksum: true, encoding: encoding)
    }

    @Test(arguments: [(FrameEncoding.zstd, 12), (.deflate, 5)])
    func theHeaderIsStoredAtItsPlace(encoding: FrameEncoding, offset: Int) throws {
        let message = try Self.delta(encoding)
        let channel = Array(Self.head.channel.utf8)
        #expect(message[offset..<offset + 4].elementsEqual("TKF1".utf8))
        #expect(message[offset + 4] == 1)
        #expect(message[offset + 5] == 2)
        #expect(message[offset + 8..<offset + 16].elementsEqual([8, 7, 6, 5, 4, 3, 2, 1]))
        #expect(message[offset + 56..<offset + 56 + channel.count].elementsEqual(channel))
        let plain = try FrameDecoder().plainMessage(message)
        #expect(plain[..<(56 + channel.count)].elementsEqual(message[offset..<offset + 56 + channel.count]))
    }

    @Test(arguments: [FrameEncoding.zstd, .deflate])
    func theHeaderIsReadFromAnyBytes(encoding: FrameEncoding) throws {
        let message = try Self.delta(encoding)
        let header = try FrameHeader.read(message)
        #expect(header.head == Self.head)
        #expect(header.checksum != nil)
        #expect(try FrameDecoder().plainMessage(message).count == 56 + 15 + header.bodyBytes)
        #expect(try FrameHeader.read(([1, 2] + message)[2...]) == header)
        #expect(try message.withUnsafeBytes { try FrameHeader.read($0) } == header)
        // Enough of the message is its stored block.
        #expect(try FrameHeader.read(message[..<100]) == header)
    }

    @Test
    func bothCompressionsHoldTheSamePlainMessage() throws {
        let decoder = FrameDecoder()
        #expect(try decoder.plainMessage(Self.delta(.zstd)) == decoder.plainMessage(Self.delta(.deflate)))
    }

    @Test
    func subprotocolsAreNamedAsClientsAskForThem() {
        #expect(FrameEncoding(rawValue: "tickrisk.v1.deflate") == .deflate)
        #expect(FrameEncoding.allCases.filter(\.isBinary) == [.zstd, .deflate])
    }
}
