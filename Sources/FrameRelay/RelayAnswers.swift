// SPDX-License-Identifier: Apache-2.0
// Answers on their way to gateways that asked: as fast as each takes them, so many at a time. Pure.

struct RelayAnswers {
    /// Gateways that are answered at a time.
    private static let askersMax = 64
    /// Channels one of them may wait for.
    private static let channelsMax = 1 << 20

    private struct Answer {
        var asker: [UInt8]
        var questions: ArraySlice<ChannelQuestion> = []
        var payloads: ArraySlice<[UInt8]> = []
        var isEmpty: Bool { self.questions.isEmpty && self.payloads.isEmpty }
    }

    enum Outcome {
        case sent, full, gone
    }

    private var answers: [Answer] = []

    var isEmpty: Bool { self.answers.isEmpty }

    /// Takes payloads to be sent; false where there are too many.
    mutating func add(_ payload: [UInt8], to asker: [UInt8]) -> Bool {
        guard let index = self.index(of: asker) else { return false }
        self.answers[index].payloads.append(payload)
        return true
    }

    mutating func add(_ questions: [ChannelQuestion], of asker: [UInt8]) -> Bool {
        guard let index = self.index(of: asker),
            self.answers[index].questions.count + questions.count <= Self.channelsMax
        else { return false }
        // Who asks again has not got it.
        let waiting = Set(self.answers[index].questions.map(\.channel))
        self.answers[index].questions += questions.filter { !waiting.contains($0.channel) }
        return true
    }

    mutating func removeAll() { self.answers = [] }

    private mutating func index(of asker: [UInt8]) -> Int? {
        if let index = self.answers.firstIndex(where: { $0.asker == asker }) { return index }
        guard self.answers.count < Self.askersMax else { return nil }
        self.answers.append(Answer(asker: asker))
        return self.answers.count - 1
    }

    /// Sends up to `limit` messages, a channel's worth to each asker in turn.
    ///
    /// - Parameters:
    ///   - messages: what answers a question.
    ///   - send: to an asker.
    mutating func work<Failure: Error>(
        limit: Int, messages: (ChannelQuestion) -> [[UInt8]],
        send: ([UInt8], [UInt8]) throws(Failure) -> Outcome
    ) throws(Failure) {
        var left = limit
        var isMoving = true
        while left > 0, isMoving, !self.answers.isEmpty {
            isMoving = false
            for index in self.answers.indices.reversed() {
                if self.answers[index].payloads.isEmpty, let question = self.answers[index].questions.popFirst() {
                    self.answers[index].payloads = messages(question)[...]
                }
                while left > 0, let payload = self.answers[index].payloads.first {
                    let outcome = try send(payload, self.answers[index].asker)
                    if outcome == .full { break }
                    left -= 1
                    isMoving = true
                    if outcome == .gone {
                        self.answers[index].payloads = []
                        self.answers[index].questions = []
                    } else {
                        self.answers[index].payloads.removeFirst()
                    }
                }
                if self.answers[index].isEmpty { self.answers.remove(at: index) }
            }
        }
    }
}
