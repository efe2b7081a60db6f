// SPDX-License-Identifier: Apache-2.0
// Refuses requests and ends connections that break the policy or take too long, before any route sees them.

import NIOCore
import NIOHTTP1
import Synchronization

/// After the HTTP decoder of a pipeline. A refusal is a connection's last answer, after those to earlier requests.
///
/// Ownership: its channel's event loop.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A client gets so long to read our last answer before the connection is closed under it.
    private static let lingerTime = TimeAmount.seconds(2)
    /// A client whose first request is under way when the server stops is not reset.
    private static let quiescingGrace = TimeAmount.milliseconds(500)

    private enum Stage {
        case serving
        /// Nothing more is read; the answer waits for earlier ones.
        case refusing(RequestRefusal)
        /// Nothing more is written either.
        case refused
    }

    private let policy: RequestPolicy
    private let counters: EdgeCounters
    private let bytes: RequestBytes
    private var timeline: RequestTimeline
    private var stage = Stage.serving
    private var isFirst = true
    private var timer: (task: Scheduled<Void>, nanoseconds: UInt64)?
    private var farewell: Scheduled<Void>?

    init(policy: RequestPolicy, timeouts: RequestTimeouts, bytes: RequestBytes, counters: EdgeCounters) {
        self.policy = policy
        self.counters = counters
        self.bytes = bytes
        self.timeline = RequestTimeline(timeouts: timeouts, openedNanoseconds: Self.now)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.arm(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.cancelTimers()
        context.pipeline.syncOperations.removeHandler(self.bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.cancelTimers()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, self.isFirst {
            // Nobody behind us would act on it.
            return self.close(context, in: Self.quiescingGrace)
        }
        if case ChannelEvent.outputClosed = event { self.close(context, in: Self.lingerTime) }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .serving = self.stage else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.bytes.forget()
            if let refusal = self.policy.refusal(of: head) { return self.refuse(refusal, context) }
            self.timeline.headerEnded(nowNanoseconds: Self.now)
            self.arm(context)
            if self.isFirst {
                self.isFirst = false
                self.farewell?.cancel()
            }
        case .end: self.bytes.forget()
        case .body: break
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.bytes.haveCome {
            self.timeline.bytesCame(nowNanoseconds: Self.now)
            self.arm(context)
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        self.refuse(RequestPolicy.refusal(of: error, isInFirstLine: !self.bytes.containLineFeed), context)
    }

    // MARK: Responses

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .refused = self.stage {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        guard case .end = self.unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.responseWritten(context) }
        written.futureResult.cascade(to: promise)
        context.write(data, promise: written)
    }

    private func responseWritten(_ context: ChannelHandlerContext) {
        self.timeline.responseWritten(nowNanoseconds: Self.now)
        self.arm(context)
        if case .refusing(let refusal) = self.stage, self.timeline.pendingResponses == 0 { self.say(refusal, context) }
    }

    private func refuse(_ refusal: RequestRefusal, _ context: ChannelHandlerContext) {
        guard case .serving = self.stage else { return }
        self.counters.refused(refusal)
        self.stage = .refusing(refusal)
        if self.timeline.pendingResponses == 0 { self.say(refusal, context) }
    }

    private func say(_ refusal: RequestRefusal, _ context: ChannelHandlerContext) {
        self.stage = .refused
        let document = refusal.problem.document
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: refusal.status),
            headers: [
                "connection": "close", "content-type": ProblemResponse.contentType,
                "content-length": String(document.count),
            ])
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: document)))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        // Closing the input too, with bytes unread, would reset the connection and could lose the answer.
        context.close(mode: .output, promise: nil)
        self.close(context, in: Self.lingerTime)
    }

    // MARK: Time

    private static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    private func arm(_ context: ChannelHandlerContext) {
        let nanoseconds = self.timeline.deadline.nanoseconds
        if let timer, timer.nanoseconds <= nanoseconds { return }
        self.timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(nanoseconds)) {
            self.timerFired(context)
        }
        self.timer = (task, nanoseconds)
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        self.timer = nil
        guard case .serving = self.stage else { return }
        let deadline = self.timeline.deadline
        guard Self.now >= deadline.nanoseconds else { return self.arm(context) }
        switch deadline.expiry {
        case .header: self.refuse(.timedOut, context)
        case .response:
            self.counters.responsesTimedOut.wrappingAdd(1, ordering: .relaxed)
            context.channel.close(promise: nil)
        case .idle: context.channel.close(promise: nil)
        }
    }

    private func close(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        self.farewell?.cancel()
        let channel = context.channel
        self.farewell = context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }

    private func cancelTimers() {
        self.timer?.task.cancel()
        self.timer = nil
        self.farewell?.cancel()
    }
}
