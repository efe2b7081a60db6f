// SPDX-License-Identifier: Apache-2.0
// Any bytes as binary frames, compressed or with an invented body: refused or decoded, never a trap.

import FrameCodec

nonisolated(unsafe) private let encoder = attempt { () throws(FrameCodecError) in
    try FrameEncoder(zstdLevel: 1, deflateLevel: 0)
}

/// ```
/// script: │ 0, length, message as received │ 1, length, body of a snapshot │ 2, length, body of a delta │ …
/// ```
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let decoder = FrameDecoder()
    while !input.isEmpty {
        let kind = input.byte()
        let bytes = input.message()
        let message = kind % 3 == 0 ? bytes : stored(body: bytes, isDelta: kind % 3 == 2)
        let decoded = attempt { () throws(FrameDecodeError) in try decoder.decode(message) }
        if let decoded { checkThatItTravels(decoded.state) }
    }
    return 0
}

/// A state that was decoded can be sent on: it has the same shape, texts and absences at the next receiver.
private func checkThatItTravels(_ state: ChannelState) {
    let head = FrameHead(channel: "c", sequence: 1, cutNanoseconds: 0)
    guard let encoder,
        let frame = attempt({ () throws(FrameCodecError) in
            try encoder.snapshot(of: state, head: head, encoding: .deflate)
        })
    else { return }
    let again = attempt { () throws(FrameDecodeError) in try FrameDecoder().decode(frame).state }
    require(again?.layout == state.layout, "another layout")
    require(again?.texts == state.texts, "other texts")
    require(again?.numbers.map(\.isNaN) == state.numbers.map(\.isNaN), "other cells absent")
    _ = state.jsonData()
}

/// A deflate message of stored blocks: what anyone can write without a compressor.
private func stored(body: [UInt8], isDelta: Bool) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    func block(_ content: [UInt8], isLast: UInt8) -> [UInt8] {
        [isLast] + little(content.count, 2) + little(~content.count, 2) + content
    }
    let channel = Array("market".utf8)
    let start =
        Array("TKF1".utf8) + [isDelta ? 1 : 0, 0] + little(channel.count, 2) + little(1, 8) + little(1, 8)
        + little(0, 24) + little(0, 4) + little(body.count, 4) + channel
    return block(start, isLast: 0) + block(body, isLast: 1)
}
