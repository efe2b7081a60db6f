// SPDX-License-Identifier: Apache-2.0
// Who did what to what, and why: one link of the audit chain.

/// An entry of the audit, bound to the one before it by its digest.
public struct AuditEntry: Sendable, Equatable, Codable {
    /// From 1, without gaps.
    public var sequence: UInt64
    /// Since 1970.
    public var timeNanoseconds: UInt64
    /// A user's name, or the part of the system that acted by itself.
    public var who: String
    /// A stable word, `order.cancel`.
    public var what: String
    /// What it was done to, `order:17`.
    public var subject: String
    /// As text; `nil` where there was nothing.
    public var before: String?
    public var after: String?
    public var why: String?
    /// Digest of the entry before; empty for the first.
    public var previous: [UInt8]
    /// Of everything above.
    public var digest: [UInt8]

    /// An entry as it was stored; ``AuditChain`` makes new ones.
    public init(
        sequence: UInt64, timeNanoseconds: UInt64, who: String, what: String, subject: String, before: String?,
        after: String?, why: String?, previous: [UInt8], digest: [UInt8]
    ) {
        self.sequence = sequence
        self.timeNanoseconds = timeNanoseconds
        self.who = who
        self.what = what
        self.subject = subject
        self.before = before
        self.after = after
        self.why = why
        self.previous = previous
        self.digest = digest
    }

    /// What the digest is taken of. Every text is preceded by its presence and its length, so that no two entries have
    /// the same bytes:
    ///
    /// ```
    ///   "tickrisk.audit.1"  sequence:8  time:8  who  what  subject  before  after  why  previous
    ///                       (little endian)     each: 1 or 0, then length:8 and UTF-8 where it is 1
    /// ```
    public var canonicalBytes: [UInt8] {
        var bytes = Array("tickrisk.audit.1".utf8)
        func append(_ number: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        func append(_ part: [UInt8]?) {
            bytes.append(part == nil ? 0 : 1)
            guard let part else { return }
            append(UInt64(part.count))
            bytes.append(contentsOf: part)
        }
        append(self.sequence)
        append(self.timeNanoseconds)
        for text in [self.who, self.what, self.subject, self.before, self.after, self.why] {
            append(text.map { Array($0.utf8) })
        }
        append(self.previous)
        return bytes
    }
}
