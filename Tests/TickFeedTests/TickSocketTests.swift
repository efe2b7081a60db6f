// SPDX-License-Identifier: Apache-2.0
// Real sockets: both patterns, both ends binding, frames, limits, and waking a waiting thread.

import Glibc
import Testing
import TickFeed

/// Longest any wait here may take; on a healthy machine none takes a tenth of it.
private let deadlineMilliseconds = 20_000

struct TickSocketTests {
    /// A publisher and a subscriber that found each other.
    private func pair(
        _ pattern: SubscriberPattern, subscriber attachment: SocketAttachment, endpoint: String = "tcp://127.0.0.1:*",
        topic: String = ""
    ) throws -> (publisher: TickPublisher, subscriber: TickSubscriber) {
        let context = try ZMQContext()
        let publisher: TickPublisher
        let subscriber: TickSubscriber
        let publisherPattern = pattern == .sub ? PublisherPattern.pub : .push
        switch attachment {
        case .connect:
            publisher = try TickPublisher(context: context, endpoint: endpoint, pattern: publisherPattern)
            subscriber = try TickSubscriber(
                context: context, endpoint: publisher.lastEndpoint(), pattern: pattern, topic: topic)
        case .bind:
            subscriber = try TickSubscriber(
                context: context, endpoint: endpoint, attachment: .bind, pattern: pattern, topic: topic)
            publisher = try TickPublisher(
                context: context, endpoint: subscriber.lastEndpoint(), attachment: .connect, pattern: publisherPattern)
        }
        // A subscriber that binds says what it wants once it looks at its socket, so both ends get their turn.
        let start = ContinuousClock.now
        while try !publisher.waitForSubscriber(timeoutMilliseconds: 5) {
            #expect(try subscriber.wait(timeoutMilliseconds: 0) == .timedOut)
            try #require(ContinuousClock.now - start < .milliseconds(deadlineMilliseconds))
        }
        return (publisher, subscriber)
    }

    /// The next message's payload, or why there is none.
    private func next(from subscriber: TickSubscriber) throws -> (received: TickSubscriber.Received, payload: [UInt8]) {
        try #require(try subscriber.wait(timeoutMilliseconds: deadlineMilliseconds) == .ready)
        var payload: [UInt8] = []
        let received = try subscriber.receive { payload = Array($0) }
        return (received, payload)
    }

    @Test(arguments: SubscriberPattern.allCases, SocketAttachment.allCases)
    func messagesArriveInOrderOverTCP(pattern: SubscriberPattern, attachment: SocketAttachment) throws {
        let (publisher, subscriber) = try self.pair(pattern, subscriber: attachment)
        #expect(try subscriber.receive { _ in } == .nothing)
        for number in 0..<100 as Range<UInt8> {
            #expect(try publisher.send([number, 0, 255], blocking: true))
        }
        for number in 0..<100 as Range<UInt8> {
            let (received, payload) = try self.next(from: subscriber)
            #expect(received == .message && payload == [number, 0, 255])
        }
        #expect(try subscriber.receive { _ in } == .nothing)
    }

    @Test(arguments: SubscriberPattern.allCases, SocketAttachment.allCases)
    func messagesArriveWithinAProcessAndAMachine(pattern: SubscriberPattern, attachment: SocketAttachment) throws {
        var template = Array("/tmp/tick-feed-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { rmdir(path) }
        do {
            for endpoint in ["inproc://ticks", "ipc://\(path)/feed"] {
                let (publisher, subscriber) = try self.pair(pattern, subscriber: attachment, endpoint: endpoint)
                #expect(try publisher.send([1], blocking: true))
                #expect(try self.next(from: subscriber).payload == [1])
            }
        }
        unlink("\(path)/feed")
    }

    @Test func aTopicIsAFrameOfItsOwnAndSelects() throws {
        let (publisher, subscriber) = try self.pair(.sub, subscriber: .connect, topic: "us.")
        try publisher.send([1], topic: Array("eu.".utf8), blocking: true)
        try publisher.send([2], topic: Array("us.x".utf8), blocking: true)
        let (received, payload) = try self.next(from: subscriber)
        #expect(received == .message && payload == [2])
    }

    @Test func messagesOfOtherFramesAreTakenWholeAndRefused() throws {
        let (publisher, subscriber) = try self.pair(.pull, subscriber: .bind)
        let refused: [[[UInt8]]] = [[[1], [2], [3]], [[1], [2], [3], [4]], [[]], [[1], []], [[], []]]
        for frames in refused { #expect(try publisher.send(frames: frames, blocking: true)) }
        #expect(try publisher.send(frames: [[], [7]], blocking: true))
        for _ in refused { #expect(try self.next(from: subscriber).received == .rejected(.framing)) }
        let (received, payload) = try self.next(from: subscriber)
        #expect(received == .message && payload == [7])
        #expect(try subscriber.receive { _ in } == .nothing)
    }

    /// libzmq drops the connection of who sends too much; the pusher connects again and goes on.
    @Test func aMessageBeyondTheLimitNeverArrives() throws {
        let (publisher, subscriber) = try self.pair(.pull, subscriber: .bind)
        let largest = [UInt8](repeating: 1, count: TickWire.messageBytesMax)
        #expect(try publisher.send(largest, blocking: true))
        #expect(try self.next(from: subscriber).payload.count == largest.count)
        #expect(try publisher.send(largest + [1], blocking: true))
        // What is queued on a connection that is about to be dropped is lost with it: send until one is not.
        let start = ContinuousClock.now
        repeat {
            try publisher.send([9])
            try #require(ContinuousClock.now - start < .milliseconds(deadlineMilliseconds))
        } while try subscriber.wait(timeoutMilliseconds: 5) != .ready
        #expect(try self.next(from: subscriber).payload == [9])
    }

    @Test func aMessageBeyondTheLimitIsRefusedWithinAProcess() throws {
        let (publisher, subscriber) = try self.pair(.pull, subscriber: .bind, endpoint: "inproc://large")
        #expect(try publisher.send([UInt8](repeating: 1, count: TickWire.messageBytesMax + 1), blocking: true))
        #expect(try self.next(from: subscriber).received == .rejected(.framing))
    }

    @Test func theStopDescriptorEndsAWaitAndWinsOverAMessage() throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let context = try ZMQContext()
        let subscriber = try TickSubscriber(
            context: context, endpoint: "inproc://stop", attachment: .bind, pattern: .pull, stopDescriptor: ends[0])
        #expect(try subscriber.wait(timeoutMilliseconds: 0) == .timedOut)
        #expect(try subscriber.wait(timeoutMilliseconds: 1) == .timedOut)
        let stopper = Stopper(descriptor: ends[1])
        // Without a limit: only the stopper, which may be earlier or later than the wait, ends it.
        #expect(try subscriber.wait(timeoutMilliseconds: -1) == .interrupted)
        stopper.join()
        let publisher = try TickPublisher(
            context: context, endpoint: "inproc://stop", attachment: .connect, pattern: .push)
        #expect(try publisher.send([1], blocking: true))
        #expect(try subscriber.wait(timeoutMilliseconds: deadlineMilliseconds) == .interrupted)
        #expect(try subscriber.receive { _ in } == .message)
    }

    @Test func aSenderIsToldWhenThereIsNoRoom() throws {
        let context = try ZMQContext()
        let alone = try TickPublisher(context: context, endpoint: "tcp://127.0.0.1:*", pattern: .push)
        #expect(try !alone.send([1]))
        #expect(try !alone.waitForSubscriber(timeoutMilliseconds: 0))
        let unheard = try TickPublisher(context: context, endpoint: "tcp://127.0.0.1:*")
        #expect(try unheard.send([1]))
        #expect(try !unheard.waitForSubscriber(timeoutMilliseconds: 1))

        let full = try TickPublisher(
            context: context, endpoint: "inproc://full", sendHighWaterMark: 10, dropsWhenFull: false)
        let subscriber = try TickSubscriber(context: context, endpoint: "inproc://full", receiveHighWaterMark: 10)
        try #require(try full.waitForSubscriber(timeoutMilliseconds: deadlineMilliseconds))
        var sent = 0
        while sent < 1_000, try full.send([1]) { sent += 1 }
        #expect(sent < 1_000)
        var received = 0
        while try subscriber.receive({ _ in }) == .message { received += 1 }
        #expect(received == sent)
    }

    @Test func errorsNameTheOperationTheEndpointAndTheCause() throws {
        let context = try ZMQContext()
        let bound = try TickSubscriber(context: context, endpoint: "tcp://127.0.0.1:*", attachment: .bind)
        let endpoint = try bound.lastEndpoint()
        #expect(endpoint.hasPrefix("tcp://127.0.0.1:") && !endpoint.hasSuffix(":*") && !endpoint.hasSuffix(":0"))
        let taken = #expect(throws: ZMQError.self) {
            try TickPublisher(context: context, endpoint: endpoint, attachment: .bind)
        }
        #expect(taken?.operation == "zmq_bind" && taken?.errno == EADDRINUSE && taken?.endpoint == endpoint)
        #expect(taken?.description.contains("Address already in use") == true)
        let nonsense = #expect(throws: ZMQError.self) { try TickSubscriber(context: context, endpoint: "nonsense") }
        #expect(nonsense?.operation == "zmq_connect" && nonsense?.errno == EINVAL)
    }

    @Test(arguments: [0, -1, Int.max])
    func aQueueWithoutLimitIsRefused(mark: Int) throws {
        let context = try ZMQContext()
        let receiving = #expect(throws: ZMQError.self) {
            try TickSubscriber(context: context, endpoint: "inproc://x", receiveHighWaterMark: mark)
        }
        #expect(receiving?.operation == "ZMQ_RCVHWM" && receiving?.errno == EINVAL)
        let sending = #expect(throws: ZMQError.self) {
            try TickPublisher(context: context, endpoint: "inproc://x", sendHighWaterMark: mark)
        }
        #expect(sending?.operation == "ZMQ_SNDHWM")
        #expect(throws: ZMQError.self) { try ZMQContext(inputOutputThreads: mark) }
    }
}

/// A thread that writes one byte to a descriptor.
private final class Stopper {
    private var thread = pthread_t()

    init(descriptor: CInt) {
        let argument = UnsafeMutableRawPointer(bitPattern: Int(descriptor))
        pthread_create(
            &self.thread, nil,
            { argument in
                _ = write(CInt(truncatingIfNeeded: Int(bitPattern: argument)), "x", 1)
                return nil
            }, argument)
    }

    func join() { pthread_join(self.thread, nil) }
}
