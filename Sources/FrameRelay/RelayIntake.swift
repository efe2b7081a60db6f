// SPDX-License-Identifier: Apache-2.0
// What a gateway makes of the messages of its upstream: states in order, and questions where something is missing.

import DeskService
import FrameCodec
import FramePublisher
import StrictJSON

/// Frames of a channel follow each other by base and sequence, its events by number. What does not follow is kept for a
/// moment, and the channel's state is asked for; live messages newer than the answer go on from it. Pure: time comes
/// in, questions go out as actions.
///
/// Used by one thread; deliberately not `Sendable`.
package final class RelayIntake {
    package enum Action {
        /// The upstream's run is known; all channels begin anew.
        case begin(RelayHello)
        case cut(RelayedCut)
        case event(StreamEvent, channel: Int)
        /// Events up to this number happened, and cannot be had any more.
        case skipEvents(to: UInt64, channel: Int)
        case rightsChanged(user: String)
        /// The answer to question `number`.
        case identity(Identity?, number: UInt64)
        case ask(RelayMessage)
    }

    /// Between two questions for the same thing while nothing is answered.
    package static let retryNanoseconds: UInt64 = 500_000_000
    /// Channels in one question.
    private static let channelsPerQuestion = 4_096

    package let counters: RelayInCounters
    package private(set) var hello: RelayHello?
    private let isWanted: (Int) -> Bool
    private var epoch: UInt64?
    private var catalog: ChannelCatalog?
    private var channels: [RelayedChannel] = []
    private let decoder = FrameDecoder()
    private var helloAskedNanoseconds: UInt64?
    private var answeredNanoseconds: UInt64 = 0
    private var actions: [Action] = []

    /// - Parameter isWanted: whether somebody follows a channel here; more of its past is kept then.
    package init(counters: RelayInCounters, isWanted: @escaping (Int) -> Bool) {
        self.counters = counters
        self.isWanted = isWanted
    }

    /// Channels followed whose state is still to come.
    package var waitingCount: Int { self.channels.count { $0.isFollowed && $0.askedNanoseconds != nil } }

    // MARK: Messages

    /// Takes a published message; `false` where it was of no use.
    @discardableResult
    package func receive(live message: RelayMessage?, nowNanoseconds now: UInt64) -> Bool {
        guard let message, [.frame, .event, .beat, .access].contains(message.kind) else {
            return self.refuse(.framing)
        }
        if message.epoch != self.epoch { self.begin(epoch: message.epoch, nowNanoseconds: now) }
        switch message.kind {
        case .access: self.actions.append(.rightsChanged(user: message.name))
        case .beat: return self.compare(message, nowNanoseconds: now)
        case .event: return self.take(event: message, isAnswer: false, nowNanoseconds: now)
        default: return self.take(frame: message.body, nowNanoseconds: now)
        }
        return true
    }

    /// Takes a message that answers a question of ours.
    @discardableResult
    package func receive(answer message: RelayMessage?, nowNanoseconds now: UInt64) -> Bool {
        guard let message, [.hello, .event, .channel, .identity].contains(message.kind) else {
            return self.refuse(.framing)
        }
        self.answeredNanoseconds = now
        if message.kind == .identity { return self.take(identity: message) }
        // Of another run than the one we hear: too late, or too early.
        guard message.epoch == self.epoch else { return true }
        switch message.kind {
        case .hello: return self.take(hello: message, nowNanoseconds: now)
        case .event: return self.take(event: message, isAnswer: true, nowNanoseconds: now)
        default: return self.take(channel: message, nowNanoseconds: now)
        }
    }

    /// What there is to do, in order; empty afterwards.
    package func takeActions() -> [Action] {
        defer { self.actions.removeAll(keepingCapacity: true) }
        return self.actions
    }

    /// Asks again for what was not answered.
    package func tick(nowNanoseconds now: UInt64) {
        guard let epoch else { return }
        if self.hello == nil {
            if now >= (self.helloAskedNanoseconds ?? 0) + Self.retryNanoseconds {
                self.helloAskedNanoseconds = now
                self.actions.append(.ask(RelayMessage(.askHello, epoch: epoch, sentNanoseconds: 0)))
            }
            return
        }
        guard now >= self.answeredNanoseconds + Self.retryNanoseconds else { return }
        self.ask(
            self.channels.indices.filter { index in
                let asked = self.channels[index].askedNanoseconds
                return self.channels[index].isFollowed && asked.map { now >= $0 + Self.retryNanoseconds } ?? false
            }, nowNanoseconds: now)
    }

    /// From now on frames of exactly these channels come; those new among them are asked for.
    package func follow(_ isFollowed: (Int) -> Bool, nowNanoseconds now: UInt64) {
        var fresh: [Int] = []
        for index in self.channels.indices where isFollowed(index) != self.channels[index].isFollowed {
            if self.channels[index].isFollowed {
                self.decoder.forget(channel: self.channels[index].name)
                self.channels[index].leave()
            } else {
                self.channels[index].isFollowed = true
                fresh.append(index)
            }
        }
        self.ask(fresh, nowNanoseconds: now)
    }

    // MARK: Runs

    private func begin(epoch: UInt64, nowNanoseconds now: UInt64) {
        if self.epoch != nil { self.counters.restarts.add() }
        for channel in self.channels { self.decoder.forget(channel: channel.name) }
        self.epoch = epoch
        self.hello = nil
        self.catalog = nil
        self.channels = []
        self.helloAskedNanoseconds = now
        self.actions.append(.ask(RelayMessage(.askHello, epoch: epoch, sentNanoseconds: 0)))
    }

    private func take(hello message: RelayMessage, nowNanoseconds now: UInt64) -> Bool {
        guard self.hello == nil else { return true }
        do throws(FrameDecodeError) {
            let hello = try RelayHello(message)
            let catalog = hello.catalog
            self.hello = hello
            self.catalog = catalog
            self.channels = catalog.names.map { RelayedChannel(name: $0) }
            self.actions.append(.begin(hello))
            return true
        } catch { return self.refuse(.body) }
    }

    // MARK: Frames

    private func take(frame bytes: [UInt8], nowNanoseconds now: UInt64) -> Bool {
        // Before we know the channels there is nothing to make of it: their states are asked for afterwards.
        guard let catalog else { return true }
        let header: FrameHeader
        do throws(FrameDecodeError) { header = try FrameHeader.read(bytes) } catch { return self.refuse(.body) }
        guard let index = catalog.index(of: header.head.channel) else { return self.refuse(.channel) }
        guard self.channels[index].isFollowed else { return true }
        guard self.channels[index].isNew(header.head.sequence) else {
            self.counters.duplicates.add()
            return true
        }
        if bytes[0] == 0 {
            // The zstd frame of the same cut is on its way.
            self.channels[index].twin = RelayedChannel.Twin(
                sequence: header.head.sequence,
                frame: RelayedFrame(base: header.head.base, encoding: .deflate, bytes: bytes))
            return true
        }
        guard self.channels[index].follows(header.head) else {
            self.channels[index].keep(bytes)
            self.missed(index, nowNanoseconds: now)
            return true
        }
        return self.decode(bytes, index, nowNanoseconds: now)
    }

    private func decode(_ bytes: [UInt8], _ index: Int, nowNanoseconds now: UInt64) -> Bool {
        do throws(FrameDecodeError) {
            let frame = try self.decoder.decode(bytes)
            let cut = self.channels[index].cut(
                frame, bytes: bytes, index: index, isWanted: self.isWanted(index))
            self.counters.frames.add()
            self.actions.append(.cut(cut))
            return true
        } catch {
            // The decoder may have forgotten it: what comes next has nothing to go on from but a snapshot.
            self.decoder.forget(channel: self.channels[index].name)
            self.channels[index].sequence = nil
            self.missed(index, nowNanoseconds: now)
            return self.refuse(.body)
        }
    }

    /// The state of a channel that was asked for, and the number of its last event.
    private func take(channel message: RelayMessage, nowNanoseconds now: UInt64) -> Bool {
        guard let index = self.catalog?.index(of: message.name) else { return self.refuse(.channel) }
        guard self.channels[index].isFollowed else { return true }
        self.counters.snapshots.add()
        self.channels[index].askedNanoseconds = nil
        if message.number > self.channels[index].eventSequence {
            self.channels[index].eventSequence = message.number
            self.actions.append(.skipEvents(to: message.number, channel: index))
        }
        var isGood = true
        if !message.body.isEmpty {
            do throws(FrameDecodeError) {
                let head = try FrameHeader.read(message.body).head
                guard head.channel == message.name, head.base == nil else { return self.refuse(.body) }
                if self.channels[index].isNew(head.sequence) {
                    isGood = self.decode(message.body, index, nowNanoseconds: now)
                }
            } catch { return self.refuse(.body) }
        }
        // What came live meanwhile goes on from there.
        for kept in self.channels[index].takeKept() {
            isGood = self.take(frame: kept, nowNanoseconds: now) && isGood
        }
        return isGood
    }

    // MARK: Events, beats, people

    private func take(event message: RelayMessage, isAnswer: Bool, nowNanoseconds now: UInt64) -> Bool {
        guard let catalog else { return true }
        guard let index = catalog.index(of: message.name) else { return self.refuse(.channel) }
        do throws(FrameDecodeError) {
            let event = try StreamEvent(message)
            guard Self.isJSONObject(event.data) else { return self.refuse(.body) }
            let last = self.channels[index].eventSequence
            guard event.sequence > last else {
                self.counters.duplicates.add()
                return true
            }
            guard event.sequence == last + 1 || isAnswer else {
                self.missed(index, nowNanoseconds: now)
                return true
            }
            self.counters.events.add()
            self.channels[index].eventSequence = event.sequence
            self.actions.append(.event(event, channel: index))
            return true
        } catch { return self.refuse(.body) }
    }

    private static func isJSONObject(_ data: [UInt8]) -> Bool {
        data.withUnsafeBytes { bytes in
            guard var scanner = JSONScanner(validating: bytes), scanner.peek() == UInt8(ascii: "{") else {
                return false
            }
            do throws(JSONScanner.Malformed) {
                try scanner.skipValue()
                try scanner.expectEnd()
                return true
            } catch { return false }
        }
    }

    /// What was published last, when the publisher knew of nothing newer.
    private func compare(_ message: RelayMessage, nowNanoseconds now: UInt64) -> Bool {
        guard self.catalog != nil else { return true }
        do throws(FrameDecodeError) {
            let positions = try RelayPosition.list(message.body)
            guard positions.count == self.channels.count else { return self.refuse(.body) }
            for (index, position) in positions.enumerated() where self.channels[index].isFollowed {
                let isBehind =
                    position.frame > self.channels[index].sequence ?? 0
                    || position.event > self.channels[index].eventSequence
                if isBehind { self.missed(index, nowNanoseconds: now) }
            }
            return true
        } catch { return self.refuse(.body) }
    }

    private func take(identity message: RelayMessage) -> Bool {
        do throws(FrameDecodeError) {
            self.actions.append(.identity(try RelayedIdentity.identity(message.body), number: message.number))
            return true
        } catch { return self.refuse(.body) }
    }

    // MARK: Questions

    private func missed(_ index: Int, nowNanoseconds now: UInt64) {
        guard self.channels[index].isFollowed, self.channels[index].askedNanoseconds == nil else { return }
        self.counters.gaps.add()
        self.ask([index], nowNanoseconds: now)
    }

    private func ask(_ indices: [Int], nowNanoseconds now: UInt64) {
        guard let epoch, !indices.isEmpty else { return }
        self.counters.questions.add(indices.count)
        var rest = indices[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.channelsPerQuestion)
            rest = rest.dropFirst(part.count)
            let questions = part.map {
                ChannelQuestion(channel: $0, seenEvent: self.channels[$0].eventSequence)
            }
            for index in part { self.channels[index].askedNanoseconds = now }
            self.actions.append(
                .ask(
                    RelayMessage(
                        .askChannels, epoch: epoch, sentNanoseconds: 0, body: ChannelQuestion.body(questions))))
        }
    }

    private func refuse(_ refusal: RelayRefusal) -> Bool {
        self.counters.refused(refusal)
        return false
    }
}
