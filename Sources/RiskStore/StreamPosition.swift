// SPDX-License-Identifier: Apache-2.0
// How far a stream from outside was taken in.

/// Of one partition of one topic; the newest counts. It is journaled together with what was read up to it, so that
/// after any crash reading goes on exactly behind what is written down.
public struct StreamPosition: Sendable, Equatable, Hashable {
    public var topic: String
    /// 0 or more.
    public var partition: Int32
    /// Of the next message to be read; 0 or more.
    public var offset: Int64

    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

extension StreamPosition {
    func columns() throws(StoreError) -> [StoredColumn] {
        [
            ("topic", try cell(self.topic)), ("partition", try cell(Int64(self.partition))),
            ("offset", try cell(self.offset)),
        ]
    }

    init(row: StoredRow) throws {
        let number: Int64 = try row.get("partition")
        guard let partition = Int32(exactly: number) else {
            throw StoreError.unreadable(reason: "column partition holds \(number)")
        }
        self.init(topic: try row.get("topic"), partition: partition, offset: try row.get("offset"))
    }
}
