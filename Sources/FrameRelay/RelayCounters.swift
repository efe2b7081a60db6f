// SPDX-License-Identifier: Apache-2.0
// What a relay counts, for /metrics.

import Operations
import Synchronization

/// Why a message from upstream was of no use.
public enum RelayRefusal: String, Sendable, CaseIterable {
    /// Not a message of this version, or one that does not belong where it came.
    case framing
    /// Its frame, event or list does not decode.
    case body
    /// It names a channel there is not.
    case channel
}

/// A number any thread adds to and any thread reads.
public final class RelayCounter: Sendable {
    private let storage = Atomic<UInt64>(0)

    init() {}

    public var value: UInt64 { self.storage.load(ordering: .relaxed) }

    package func add(_ amount: Int = 1) { self.storage.wrappingAdd(UInt64(amount), ordering: .relaxed) }

    func family(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(.counter, name, help, Double(self.value))
    }
}

/// Of the sending side.
public final class RelayOutCounters: Sendable {
    let messages = RelayCounter()
    let bytes = RelayCounter()
    let dropped = RelayCounter()
    let questions = RelayCounter()
    let questionsRefused = RelayCounter()

    public var families: [MetricFamily] {
        [
            self.messages.family("tickrisk_relay_messages_sent_total", "Messages published to gateways."),
            self.bytes.family("tickrisk_relay_bytes_sent_total", "Bytes of messages published to gateways."),
            self.dropped.family(
                "tickrisk_relay_messages_dropped_total",
                "Messages for gateways dropped because too many waited; gateways ask for what they miss."),
            self.questions.family("tickrisk_relay_questions_total", "Questions of gateways."),
            self.questionsRefused.family(
                "tickrisk_relay_questions_refused_total", "Questions that were none, or one too many."),
        ]
    }
}

/// Of the receiving side.
public final class RelayInCounters: Sendable {
    let messages = RelayCounter()
    let bytes = RelayCounter()
    package let frames = RelayCounter()
    package let events = RelayCounter()
    package let gaps = RelayCounter()
    package let duplicates = RelayCounter()
    package let outdated = RelayCounter()
    package let questions = RelayCounter()
    package let snapshots = RelayCounter()
    package let restarts = RelayCounter()
    private let refused = Mutex<[RelayRefusal: UInt64]>([:])

    package init() {}

    package func refused(_ refusal: RelayRefusal) { self.refused.withLock { $0[refusal, default: 0] += 1 } }

    package func refusedCount(_ refusal: RelayRefusal) -> UInt64 { self.refused.withLock { $0[refusal, default: 0] } }

    public var families: [MetricFamily] {
        let refused = self.refused.withLock { $0 }
        return [
            self.messages.family("tickrisk_relay_messages_total", "Messages received from upstream."),
            self.bytes.family("tickrisk_relay_bytes_total", "Bytes of messages received from upstream."),
            self.frames.family("tickrisk_relay_frames_total", "Frames that became states here."),
            self.events.family("tickrisk_relay_events_total", "Events received."),
            self.gaps.family("tickrisk_relay_gaps_total", "Channels found to have missed something."),
            self.duplicates.family("tickrisk_relay_duplicates_total", "Frames and events that were known."),
            self.outdated.family(
                "tickrisk_relay_outdated_total", "Frames and events older than what another unit had sent."),
            self.questions.family("tickrisk_relay_channels_asked_total", "Channels whose state was asked for."),
            self.snapshots.family("tickrisk_relay_snapshots_total", "Channels whose state was received."),
            self.restarts.family("tickrisk_relay_restarts_total", "Runs of the upstream that followed another."),
            MetricFamily(
                .counter, "tickrisk_relay_messages_refused_total", "Messages of no use, by reason.",
                RelayRefusal.allCases.map { .init(["reason": $0.rawValue], Double(refused[$0, default: 0])) }),
        ]
    }
}
