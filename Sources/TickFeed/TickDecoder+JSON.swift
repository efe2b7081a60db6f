// SPDX-License-Identifier: Apache-2.0
// The two JSON forms of a message.

import RiskDomain
import StrictJSON

// The text is walked twice and never turned into objects: once as a whole for the head, which proves it to be JSON, and
// once, from the offset the head keeps, for the ticks.

extension TickDecoder {
    func decodeJSONHead(_ payload: UnsafeRawBufferPointer) -> Result<MessageHead, RejectReason> {
        guard var scanner = JSONScanner(validating: payload) else { return .failure(.json) }
        var envelope = JSONEnvelope()
        do throws(JSONScanner.Malformed) {
            try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
                try envelope.read(name, from: &scanner)
            }
            try scanner.expectEnd()
        } catch { return .failure(.json) }
        return envelope.head.map(Result.success) ?? .failure(.json)
    }

    func decodeTickArray(
        _ payload: UnsafeRawBufferPointer, at offset: Int, count: Int, into batch: inout TickBatch
    ) {
        var scanner = JSONScanner(validated: payload, at: offset)
        var remaining = count
        do throws(JSONScanner.Malformed) {
            try scanner.eachElement { scanner throws(JSONScanner.Malformed) in
                var entry = JSONTick()
                try entry.read(from: &scanner)
                remaining -= 1
                self.judge(entry, into: &batch)
            }
        } catch { batch.rejected.add(.json, count: remaining) }
    }

    func decodePriceObject(
        _ payload: UnsafeRawBufferPointer, at offset: Int, count: Int, into batch: inout TickBatch
    ) {
        var scanner = JSONScanner(validated: payload, at: offset)
        var remaining = count
        do throws(JSONScanner.Malformed) {
            try scanner.eachMember { scanner, symbol throws(JSONScanner.Malformed) in
                var entry = JSONTick()
                entry.symbol = symbol
                try entry.readPrice(.last, \.last, from: &scanner)
                remaining -= 1
                self.judge(entry, into: &batch)
            }
        } catch { batch.rejected.add(.json, count: remaining) }
    }

    private func judge(_ entry: JSONTick, into batch: inout TickBatch) {
        guard !entry.isMistyped, let symbol = entry.symbol else { return batch.rejected.add(.json) }
        guard let index = self.directory.index(ofSymbol: symbol) else { return batch.rejected.add(.unknownInstrument) }
        let tick = Tick(
            instrument: UInt32(truncatingIfNeeded: index), fields: entry.fields, status: entry.status, bid: entry.bid,
            ask: entry.ask, last: entry.last)
        if let reason = self.fault(in: tick) {
            batch.rejected.add(reason)
        } else {
            batch.ticks.append(tick)
        }
    }
}

/// The members of a message that matter, as far as they were there; of members given twice the last one counts.
private struct JSONEnvelope {
    enum Member<Value> {
        case absent, mistyped
        case value(Value)

        init(_ value: Value?) { self = value.map(Member.value) ?? .mistyped }

        var value: Value? { if case .value(let value) = self { value } else { nil } }
    }

    private struct Body {
        var offset: Int
        var count: Int
    }

    private var epoch = Member<UInt64>.absent
    private var sequence = Member<UInt64>.absent
    private var sentNanoseconds = Member<UInt64>.absent
    private var ticks = Member<Body>.absent
    private var prices = Member<Body>.absent
    private var isPriceTick = false

    mutating func read(_ name: String, from scanner: inout JSONScanner) throws(JSONScanner.Malformed) {
        switch name {
        case "epoch": self.epoch = Member(try scanner.unsignedIfPresent())
        case "sequence": self.sequence = Member(try scanner.unsignedIfPresent())
        case "sent_ns": self.sentNanoseconds = Member(try scanner.unsignedIfPresent())
        case "event": self.isPriceTick = try scanner.stringIfPresent() == "price_tick"
        case "ticks": self.ticks = Member(try Self.tickArray(from: &scanner))
        case "prices": self.prices = Member(try Self.priceObject(from: &scanner))
        default: try scanner.skipValue()
        }
    }

    /// `nil` when the members make up neither form.
    var head: MessageHead? {
        switch self.ticks {
        case .mistyped: return nil
        case .value(let body):
            guard let epoch = self.epoch.value, let sequence = self.sequence.value else { return nil }
            if case .mistyped = self.sentNanoseconds { return nil }
            return MessageHead(
                kind: body.count == 0 ? .heartbeat : .ticks, isLastOfSnapshot: false, count: body.count, epoch: epoch,
                sequence: sequence, sentNanoseconds: self.sentNanoseconds.value, body: .tickArray(offset: body.offset))
        case .absent:
            guard self.isPriceTick, let body = self.prices.value else { return nil }
            return MessageHead(
                kind: .ticks, isLastOfSnapshot: false, count: body.count, epoch: nil, sequence: nil,
                sentNanoseconds: nil, body: .priceObject(offset: body.offset))
        }
    }

    private static func tickArray(from scanner: inout JSONScanner) throws(JSONScanner.Malformed) -> Body? {
        guard scanner.peek() == UInt8(ascii: "[") else {
            try scanner.skipValue()
            return nil
        }
        var body = Body(offset: scanner.position, count: 0)
        try scanner.eachElement { scanner throws(JSONScanner.Malformed) in
            body.count += 1
            try scanner.skipValue()
        }
        return body
    }

    private static func priceObject(from scanner: inout JSONScanner) throws(JSONScanner.Malformed) -> Body? {
        guard scanner.peek() == UInt8(ascii: "{") else {
            try scanner.skipValue()
            return nil
        }
        var body = Body(offset: scanner.position, count: 0)
        try scanner.eachMember { scanner, _ throws(JSONScanner.Malformed) in
            body.count += 1
            try scanner.skipValue()
        }
        return body
    }
}

/// One tick as its JSON says, before the checks.
private struct JSONTick {
    var symbol: String?
    var fields: Tick.Fields = []
    var status: UInt8 = 0
    var bid = 0.0
    var ask = 0.0
    var last = 0.0
    var isMistyped = false

    mutating func read(from scanner: inout JSONScanner) throws(JSONScanner.Malformed) {
        guard scanner.peek() == UInt8(ascii: "{") else {
            self.isMistyped = true
            return try scanner.skipValue()
        }
        try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
            switch name {
            case "symbol":
                self.symbol = try scanner.stringIfPresent()
                if self.symbol == nil { self.isMistyped = true }
            case "bid": try self.readPrice(.bid, \.bid, from: &scanner)
            case "ask": try self.readPrice(.ask, \.ask, from: &scanner)
            case "last": try self.readPrice(.last, \.last, from: &scanner)
            case "status": try self.readStatus(from: &scanner)
            default: try scanner.skipValue()
            }
        }
    }

    mutating func readPrice(
        _ field: Tick.Fields, _ price: WritableKeyPath<JSONTick, Double>, from scanner: inout JSONScanner
    ) throws(JSONScanner.Malformed) {
        guard let value = try scanner.doubleIfPresent() else {
            self.isMistyped = true
            return
        }
        self.fields.insert(field)
        self[keyPath: price] = value
    }

    private mutating func readStatus(from scanner: inout JSONScanner) throws(JSONScanner.Malformed) {
        guard let word = try scanner.stringIfPresent() else {
            self.isMistyped = true
            return
        }
        // A word that is none becomes a code that is none: the check for it comes last.
        self.status = TradingStatus.allCases.first { $0.name == word }.map { $0.rawValue + 1 } ?? .max
    }
}
