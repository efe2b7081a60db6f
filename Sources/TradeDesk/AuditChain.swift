// SPDX-License-Identifier: Apache-2.0
// An append-only chain of audit entries: what is changed, taken out or put in breaks it.

/// The end of a chain: all that is needed to go on, and to notice a tail that was cut off.
public struct AuditHead: Sendable, Equatable, Codable {
    /// Of the last entry; 0 before the first.
    public var sequence: UInt64
    /// Of the last entry; empty before the first.
    public var digest: [UInt8]

    public init(sequence: UInt64 = 0, digest: [UInt8] = []) {
        self.sequence = sequence
        self.digest = digest
    }
}

/// Where a chain is broken first.
public enum AuditFault: Error, Sendable, Equatable {
    case sequenceGap(expected: UInt64, actual: UInt64)
    /// The entry does not follow from the one before it.
    case unlinked(sequence: UInt64)
    /// The entry was changed.
    case altered(sequence: UInt64)
    /// The chain ends before or after where it should.
    case wrongEnd(expected: UInt64, actual: UInt64)
    /// It ends at the right number with another entry.
    case otherEnd(sequence: UInt64)
}

/// The digest is given by the caller: a cryptographic hash such as SHA-256 or BLAKE2b, the same for the chain's life.
public struct AuditChain: Sendable {
    public typealias Digest = @Sendable ([UInt8]) -> [UInt8]

    public private(set) var head: AuditHead
    private let digest: Digest

    public init(continuing head: AuditHead = AuditHead(), digest: @escaping Digest) {
        self.head = head
        self.digest = digest
    }

    public mutating func append(
        timeNanoseconds: UInt64, who: String, what: String, subject: String, before: String? = nil,
        after: String? = nil, why: String? = nil
    ) -> AuditEntry {
        var entry = AuditEntry(
            sequence: self.head.sequence + 1, timeNanoseconds: timeNanoseconds, who: who, what: what, subject: subject,
            before: before, after: after, why: why, previous: self.head.digest, digest: [])
        entry.digest = self.digest(entry.canonicalBytes)
        self.head = AuditHead(sequence: entry.sequence, digest: entry.digest)
        return entry
    }

    /// Checks entries one after another.
    ///
    /// - Parameters:
    ///   - start: where the first entry goes on from; the beginning by default.
    ///   - end: where the chain is known to end, kept apart from it; without it a missing tail goes unnoticed.
    /// - Returns: where the entries end.
    public static func verify(
        _ entries: some Sequence<AuditEntry>, from start: AuditHead = AuditHead(), to end: AuditHead? = nil,
        digest: Digest
    ) throws(AuditFault) -> AuditHead {
        var head = start
        for entry in entries {
            guard entry.sequence == head.sequence + 1 else {
                throw .sequenceGap(expected: head.sequence + 1, actual: entry.sequence)
            }
            guard entry.previous == head.digest else { throw .unlinked(sequence: entry.sequence) }
            guard digest(entry.canonicalBytes) == entry.digest else { throw .altered(sequence: entry.sequence) }
            head = AuditHead(sequence: entry.sequence, digest: entry.digest)
        }
        if let end {
            guard end.sequence == head.sequence else {
                throw .wrongEnd(expected: end.sequence, actual: head.sequence)
            }
            guard end.digest == head.digest else { throw .otherEnd(sequence: end.sequence) }
        }
        return head
    }
}
