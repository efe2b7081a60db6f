// SPDX-License-Identifier: Apache-2.0
// Questions about orders after a reconnect: in parts, one part at a time.

import TradeDesk

/// The questions that wait, the first of which is being asked.
struct GatewayQuestions: Sendable {
    enum Progress: Sendable, Equatable {
        /// This part's answer goes on.
        case more
        /// The next part can be asked.
        case next
        case finished(token: UInt64, [UInt64: VenueTruth])
    }

    private struct Question: Sendable {
        let token: UInt64
        let orderIDs: [UInt64]
        let deadline: UInt64
        var askedCount = 0
        var truths: [UInt64: VenueTruth] = [:]
    }

    private struct Asked: Sendable {
        let requestID: UInt64
        let orderIDs: Set<UInt64>
    }

    static let questionsMax = 64

    private var questions: [Question] = []
    private var asked: Asked?
    private var requestCount: UInt64 = 0

    /// Of the question that ends first.
    var deadline: UInt64? { self.questions.map(\.deadline).min() }

    /// - Returns: `false` when too many wait.
    mutating func add(token: UInt64, orderIDs: [UInt64], deadline: UInt64) -> Bool {
        guard self.questions.count < Self.questionsMax else { return false }
        self.questions.append(Question(token: token, orderIDs: orderIDs, deadline: deadline))
        return true
    }

    /// The next part to ask; `nil` while one is being answered, or when there is none.
    mutating func next() -> (requestID: UInt64, orderIDs: [UInt64])? {
        guard self.asked == nil, let question = self.questions.first else { return nil }
        let part = Array(question.orderIDs.dropFirst(question.askedCount).prefix(GatewayMessage.statusOrdersMax))
        self.questions[0].askedCount += part.count
        self.requestCount += 1
        self.asked = Asked(requestID: self.requestCount, orderIDs: Set(part))
        return (self.requestCount, part)
    }

    /// - Returns: `nil` for an answer nobody waits for, or about orders nobody asked about.
    mutating func take(_ answer: StatusAnswer) -> Progress? {
        guard let asked, asked.requestID == answer.requestID, !self.questions.isEmpty,
            answer.entries.allSatisfy({ asked.orderIDs.contains($0.orderID) })
        else { return nil }
        for entry in answer.entries { self.questions[0].truths[entry.orderID] = entry.truth }
        if answer.hasMore { return .more }
        self.asked = nil
        let question = self.questions[0]
        if question.askedCount < question.orderIDs.count { return .next }
        self.questions.removeFirst()
        return .finished(token: question.token, question.truths)
    }

    /// - Returns: tokens of the questions whose time is over.
    mutating func expire(now: UInt64) -> [UInt64] {
        let expired = self.questions.filter { now >= $0.deadline }.map(\.token)
        guard let first = self.questions.first, !expired.isEmpty else { return [] }
        if now >= first.deadline { self.asked = nil }
        self.questions.removeAll { now >= $0.deadline }
        return expired
    }

    /// - Returns: their tokens.
    mutating func removeAll() -> [UInt64] {
        defer {
            self.questions = []
            self.asked = nil
        }
        return self.questions.map(\.token)
    }
}
