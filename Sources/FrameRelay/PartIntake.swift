// SPDX-License-Identifier: Apache-2.0
// Whose parts of the firm are listened to, which of them is the newest, and whose are missing. Pure.

import Fleet
import FrameCodec
import FramePublisher

/// One connection for each unit but our own. Of a partition the part with the greatest generation and, within it, the
/// greatest sequence counts; one that nothing is heard of for a while is given up.
///
/// Used by one thread; deliberately not `Sendable`.
package final class PartIntake {
    package enum Action {
        case open(partition: Int, endpoint: String)
        case close(partition: Int)
        case take(FirmPart, partition: Int)
        case lose(partition: Int)
    }

    private struct Link {
        var generation: Int64
        var endpoint: String
        /// Of the run that sent the first part. Another unit may come to listen where this one was.
        var epoch: UInt64?
    }

    private struct Held {
        var generation: Int64
        var sequence: UInt64
        var heardNanoseconds: UInt64
    }

    package let counters: PartCounters
    private let house: Int
    private let partitionCount: Int
    private let silentAfterNanoseconds: UInt64
    private let decoder = FrameDecoder()
    private var links: [Int: Link] = [:]
    private var held: [Int: Held] = [:]

    package init(house: Int, partitionCount: Int, silentAfterNanoseconds: UInt64, counters: PartCounters) {
        self.house = house
        self.partitionCount = partitionCount
        self.silentAfterNanoseconds = silentAfterNanoseconds
        self.counters = counters
    }

    /// Units as they were announced last.
    package func follow(_ units: [UnitAnnouncement]) -> [Action] {
        var actions: [Action] = []
        for unit in units where unit.partition != self.house && unit.partition < self.partitionCount {
            let link = self.links[unit.partition]
            let isServing = unit.state == .serving && unit.partitionCount == self.partitionCount
            if let link {
                if isServing, link.generation == unit.generation, link.endpoint == unit.relay { continue }
                self.links[unit.partition] = nil
                actions.append(.close(partition: unit.partition))
            }
            guard isServing else { continue }
            self.links[unit.partition] = Link(generation: unit.generation, endpoint: unit.relay)
            actions.append(.open(partition: unit.partition, endpoint: unit.relay))
        }
        return actions
    }

    /// - Parameter message: on the connection of a partition; `nil` for what is none.
    package func receive(_ message: RelayMessage?, partition: Int, nowNanoseconds now: UInt64) -> [Action] {
        guard let message, let link = self.links[partition], [.part, .beat].contains(message.kind) else {
            self.counters.refused.add()
            return []
        }
        if let epoch = link.epoch, epoch != message.epoch {
            self.counters.refused.add()
            return []
        }
        guard message.kind == .part else {
            // Before its first part nobody knows who beats.
            if link.epoch != nil { self.held[partition]?.heardNanoseconds = now }
            return []
        }
        let part: FirmPart
        do throws(FrameDecodeError) {
            part = try RelayedPart.part(message, decoder: self.decoder)
        } catch {
            self.counters.refused.add()
            return []
        }
        self.counters.parts.add()
        self.links[partition]?.epoch = message.epoch
        if let held = self.held[partition], held.generation == link.generation, held.sequence >= part.sequence {
            self.held[partition]?.heardNanoseconds = now
            return []
        }
        self.held[partition] = Held(
            generation: link.generation, sequence: part.sequence, heardNanoseconds: now)
        return [.take(part, partition: partition)]
    }

    /// Gives up who is silent.
    package func tick(nowNanoseconds now: UInt64) -> [Action] {
        let silent = self.held.filter { now > $0.value.heardNanoseconds + self.silentAfterNanoseconds }.keys.sorted()
        for partition in silent { self.held[partition] = nil }
        return silent.map { .lose(partition: $0) }
    }
}
