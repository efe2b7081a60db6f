// SPDX-License-Identifier: Apache-2.0
// Answers libzmq's questions who may come in through the sockets of a context that are CURVE servers.

import CLibZMQ
import RiskKernel
import Synchronization

/// The context's ZAP handler on a thread of its own, `tr-gate`. Whom the list does not name is refused.
///
/// libzmq admits everybody while nobody is there to be asked. So the socket stays open as long as this object lives,
/// also when its thread has ended: a question without an answer admits nobody.
///
/// Ownership: the socket belongs to the thread. Opened before the sockets that ask; ``stop()`` after the last of them
/// is closed, and before the end of this object.
public final class AccessGate: @unchecked Sendable {
    private static let endpoint = "inproc://zeromq.zap.01"

    private let socket: ZMQSocket
    private let list: AccessList
    private let stopPipe = StopPipe()
    private let refused = Atomic<UInt64>(0)
    private let thread = RoleThread(name: "tr-gate")

    /// Opens the gate.
    public init(context: ZMQContext, list: AccessList) throws(ZMQError) {
        self.list = list
        self.socket = try ZMQSocket(context, type: ZMQ_ROUTER, endpoint: Self.endpoint)
        try self.socket.attach(.bind)
        self.thread.start { self.run() }
    }

    /// Peers refused since start.
    public var refusedCount: UInt64 { self.refused.load(ordering: .relaxed) }

    /// Ends the thread and waits for it. Who asks later gets no answer.
    public func stop() { self.thread.stop(waking: self.stopPipe.signal) }

    private func run() {
        let frame = ZMQMessage()
        do {
            while true {
                let ready = try self.socket.poll(
                    for: ZMQ_POLLIN, or: self.stopPipe.readDescriptor, timeoutMilliseconds: -1)
                if ready.descriptor { return }
                if ready.socket { try self.answer(frame) }
            }
        } catch {
            return  // the context is gone, and with it whoever could ask
        }
    }

    private func answer(_ frame: ZMQMessage) throws(ZMQError) {
        guard try self.socket.receive(into: frame) else { return }
        let asker = Array(frame.bytes)
        var frames: [[UInt8]] = []
        while frame.hasMore, try self.socket.receive(into: frame) {
            if frames.count <= AccessRequest.framesMax + 1 { frames.append(Array(frame.bytes.prefix(256))) }
        }
        // An empty frame stands between who asks and what is asked.
        guard frames.first?.isEmpty == true, let request = AccessRequest(frames: Array(frames.dropFirst())) else {
            return
        }
        let isAdmitted = request.isAdmitted(by: self.list)
        if !isAdmitted { self.refused.wrappingAdd(1, ordering: .relaxed) }
        let reply = [asker, []] + request.reply(isAdmitted: isAdmitted)
        for (index, part) in reply.enumerated() {
            let isSent = try part.span.withUnsafeBytes { bytes throws(ZMQError) in
                try self.socket.send(bytes, hasMore: index + 1 < reply.count, blocking: false)
            }
            guard isSent else { return }
        }
    }
}
