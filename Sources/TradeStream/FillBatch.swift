// SPDX-License-Identifier: Apache-2.0
// Messages that are taken in together: what of them is a fill, what is rejected, and how far reading has come.

import DeskService
import Fleet
import RiskStore

/// A value; whoever reads and books carries out what it says.
package struct FillBatch: Sendable {
    package struct Rejection: Sendable, Equatable {
        package var message: StreamMessage
        package var fault: FillFault
    }

    /// In the order in which they were read: of each partition ascending.
    package let messages: [StreamMessage]
    /// Those that are fills, with their place in ``messages``.
    package let fills: [StreamFill]
    private let places: [Int]
    private let faults: [Int: FillFault]
    private let share: PartitionShare?

    /// - Parameter share: what is read here, where accounts are shared by partition.
    package init(_ messages: [StreamMessage], share: PartitionShare? = nil) {
        var (fills, places, faults): ([StreamFill], [Int], [Int: FillFault]) = ([], [], [:])
        for (place, message) in messages.enumerated() {
            do throws(FillFault) {
                let fill = try FillDecoder.fill(key: message.key, value: message.value)
                try share?.check(fill.account, partition: message.partition.number)
                fills.append(fill)
                places.append(place)
            } catch {
                faults[place] = error
            }
        }
        self.messages = messages
        self.fills = fills
        self.places = places
        self.faults = faults
        self.share = share
    }

    /// Without the messages of these partitions.
    package func removing(_ partitions: Set<StreamPartition>) -> FillBatch {
        FillBatch(self.messages.filter { !partitions.contains($0.partition) }, share: self.share)
    }

    private func faults(after outcomes: [StreamFillOutcome]) -> [Int: FillFault] {
        var faults = self.faults
        for (place, outcome) in zip(self.places, outcomes) {
            if case .refused(let refusal) = outcome { faults[place] = FillFault(refusal) }
        }
        return faults
    }

    /// In order.
    package func rejections(after outcomes: [StreamFillOutcome]) -> [Rejection] {
        self.faults(after: outcomes).sorted { $0.key < $1.key }.map { place, fault in
            Rejection(message: self.messages[place], fault: fault)
        }
    }

    /// How far each partition is done before rejections have a place of their own: behind everything in front of the
    /// first of them. Read again from there, what was booked is a repeat.
    package func positions(after outcomes: [StreamFillOutcome]) -> [StreamPosition] {
        let faults = self.faults(after: outcomes)
        return self.positions { faults[$0] != nil }
    }

    /// How far each partition is done when everything is.
    package var endPositions: [StreamPosition] { self.positions { _ in false } }

    private func positions(_ isOpen: (Int) -> Bool) -> [StreamPosition] {
        var next: [StreamPartition: Int64] = [:]
        var stopped: Set<StreamPartition> = []
        for (place, message) in self.messages.enumerated() where !stopped.contains(message.partition) {
            if isOpen(place) {
                stopped.insert(message.partition)
            } else {
                next[message.partition] = message.offset + 1
            }
        }
        return next.map { StreamPosition(topic: $0.topic, partition: $0.number, offset: $1) }
            .sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }
}
