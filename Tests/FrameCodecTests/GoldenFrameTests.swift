// SPDX-License-Identifier: Apache-2.0
// The frames that all decoders read: Tests/Golden/<name>.{zstd,deflate}.bin and the expected <name>.json.
//
// GOLDEN_UPDATE=1 swift test --filter GoldenFrameTests rewrites them; do so only with a new version of the wire format.

import Foundation
import FrameCodec
import Testing

@Suite(.serialized)
struct GoldenFrameTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden")
    private static let isUpdating = ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] == "1"

    private static func stored(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: self.folder.appending(path: file)))
    }

    /// What a decoder has after the frame, as the golden file says it.
    private static func expectation(of decoded: DecodedFrame, after: String?) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        if let after { json.member("after", after) }
        json.member("kind", decoded.head.base == nil ? "snapshot" : "delta")
        json.member("channel", decoded.head.channel)
        json.member("seq", decoded.head.sequence)
        if let base = decoded.head.base { json.member("base", base) }
        json.member("cut_ns", decoded.head.cutNanoseconds)
        if let newest = decoded.head.newestNanoseconds { json.member("newest_ns", newest) }
        if let oldest = decoded.head.oldestNanoseconds { json.member("oldest_ns", oldest) }
        json.member("resumed", decoded.head.resumed)
        if let checksum = decoded.checksum { json.member("checksum", checksum) }
        json.key("data")
        json.raw(decoded.state.jsonData())
        json.endObject()
        return json.bytes + [UInt8(ascii: "\n")]
    }

    @Test(arguments: [FrameEncoding.zstd, .deflate])
    func storedFramesDecodeToWhatTheyWereMadeFrom(encoding: FrameEncoding) throws {
        let encoder = try FrameEncoder(zstdLevel: 3, deflateLevel: 6)
        let decoder = FrameDecoder()
        for golden in GoldenFrames.all {
            let file = "\(golden.name).\(encoding == .zstd ? "zstd" : "deflate").bin"
            if Self.isUpdating {
                try Data(golden.message(encoder, encoding)).write(to: Self.folder.appending(path: file))
            }
            let message = try Self.stored(file)
            let decoded = try decoder.decode(message)
            let expectation = Self.expectation(of: decoded, after: golden.after)
            if Self.isUpdating {
                try Data(expectation).write(to: Self.folder.appending(path: "\(golden.name).json"))
            }
            #expect(decoded.head == golden.head, "\(file)")
            #expect(try Self.stored("\(golden.name).json") == expectation, "\(file)")
            #expect(golden.state.checksum() == decoded.state.checksum(), "\(file)")
            // Libraries may compress differently from version to version; what they compress may not differ.
            let encoded = try decoder.plainMessage(golden.message(encoder, encoding))
            #expect(try decoder.plainMessage(message) == encoded, "\(file)")
        }
    }
}
