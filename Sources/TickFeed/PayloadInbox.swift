// SPDX-License-Identifier: Apache-2.0
// Takes messages of one or two frames off a socket: what feeds and snapshots have in common.

/// Two reused frames. One thread at a time may use it.
final class PayloadInbox {
    private let first = ZMQMessage()
    private let further = ZMQMessage()
    private let payloadBytesMax: Int

    init(payloadBytesMax: Int = TickWire.messageBytesMax) { self.payloadBytesMax = payloadBytesMax }

    /// Takes one message, if there is one, without waiting.
    ///
    /// - Parameter body: gets the payload, the last of at most two frames, valid only during the call.
    func receive(
        from socket: ZMQSocket, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(ZMQError) -> TickSubscriber.Received {
        guard try socket.receive(into: self.first) else { return .nothing }
        var payload = self.first
        var frames = 1
        // The frames of a message arrive together, so the later ones are there.
        while payload.hasMore, try socket.receive(into: self.further) {
            payload = self.further
            frames += 1
        }
        let bytes = payload.bytes
        guard frames <= 2, 1...self.payloadBytesMax ~= bytes.count else { return .rejected(.framing) }
        body(bytes)
        return .message
    }
}
