// SPDX-License-Identifier: Apache-2.0
// One client of a load run.

import FrameCodec
import NIOCore
import Synchronization

/// When clients count: after the warm-up and until the end.
final class LoadWindow: Sendable {
    private let isOpenFlag = Atomic(false)

    var isOpen: Bool { self.isOpenFlag.load(ordering: .relaxed) }
    func open() { self.isOpenFlag.store(true, ordering: .relaxed) }
    func close() { self.isOpenFlag.store(false, ordering: .relaxed) }
}

/// The tally of one event loop; touched on that loop, read once it is idle.
final class LoopTally: @unchecked Sendable {
    var tally = LoadTally()
}

/// Reads every frame's header; a few clients decode everything and compare checksums.
///
/// Ownership: its connection's event loop.
final class LoadClient: StreamListener {
    private let window: LoadWindow
    private let loop: LoopTally
    private let role: Role
    private let decoder: FrameDecoder?
    /// By channel, of a client that decodes.
    private var states: [String: ChannelState] = [:]
    private var sequences: [String: UInt64] = [:]

    struct Role {
        /// Decodes every frame.
        var verifies: Bool
        /// Its latencies count: it reads as fast as it can.
        var isMeasured: Bool
    }

    init(window: LoadWindow, loop: LoopTally, role: Role) {
        self.window = window
        self.loop = loop
        self.role = role
        self.decoder = role.verifies ? FrameDecoder() : nil
    }

    func received(text: String) {}

    func received(binary: ByteBuffer, receivedNanoseconds: UInt64) {
        let isCounting = self.window.isOpen && self.role.isMeasured
        do {
            let head = try binary.withUnsafeReadableBytes { bytes throws(FrameDecodeError) in
                try FrameHeader.read(bytes).head
            }
            if isCounting {
                self.loop.tally.frames += 1
                self.loop.tally.bytes += UInt64(binary.readableBytes)
                self.loop.tally.clocks.record(head, receivedNanoseconds: receivedNanoseconds)
            }
            self.follow(head, isCounting: isCounting)
            if let decoder {
                let decoded = try decoder.decode(Array(buffer: binary))
                if isCounting { self.note(decoded, bytes: binary.readableBytes) }
                self.states[decoded.head.channel] = decoded.state
            }
        } catch {
            self.loop.tally.corrupt += 1
        }
    }

    private func note(_ decoded: DecodedFrame, bytes: Int) {
        self.loop.tally.verified += 1
        if decoded.checksum != nil { self.loop.tally.hashes += 1 }
        guard decoded.head.base != nil, let before = self.states[decoded.head.channel] else { return }
        self.loop.tally.comparedBytes += UInt64(bytes)
        self.loop.tally.jsonBytes += UInt64(decoded.state.mergePatch(from: before).count)
    }

    private func follow(_ head: FrameHead, isCounting: Bool) {
        if head.base == nil { self.loop.tally.snapshots += 1 }
        let last = self.sequences.updateValue(head.sequence, forKey: head.channel)
        guard let last else { return }
        if head.base == nil {
            if isCounting { self.loop.tally.resynchronised += 1 }
        } else if head.base != last {
            self.loop.tally.holes += 1
        }
    }

    func closed(code: UInt16?) {
        if self.window.isOpen && self.role.isMeasured { self.loop.tally.disconnects += 1 }
    }
}
