// SPDX-License-Identifier: Apache-2.0
// What a server owes a WebSocket client, rule by rule (RFC 6455).

import NIOCore
import NIOWebSocket
import Testing
import WebServer

struct WebSocketProtocolTests {
    private static let limits = WebSocketLimits(messageBytesMax: 1_000, fragmentsMax: 4, frameNanosecondsMax: 10)
    private static let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]

    /// A client's frame; lengths as short as they can be.
    private static func frame(_ first: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes = [first]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...0xFFFF: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [0x80 | 127] + (0..<8).reversed().map { UInt8(payload.count >> (8 * $0) & 0xFF) }
        }
        return bytes + Self.mask + payload.enumerated().map { $1 ^ Self.mask[$0 % 4] }
    }

    private static func frame(_ first: UInt8, _ text: String) -> [UInt8] { Self.frame(first, Array(text.utf8)) }

    /// All actions that bytes give rise to, in pieces of `step`.
    private static func actions(
        _ bytes: [UInt8], step: Int = .max, closing: Bool = false
    ) -> [WebSocketProtocol.Action] {
        var machine = WebSocketProtocol(limits: Self.limits)
        if closing { _ = machine.close() }
        var actions: [WebSocketProtocol.Action] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            var buffer = ByteBuffer(bytes: rest.prefix(step))
            rest = rest.dropFirst(step)
            while let action = machine.next(from: &buffer, nowNanoseconds: 0) { actions.append(action) }
            #expect(buffer.readableBytes == 0)
        }
        return actions
    }

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func messagesComeOutWhateverPiecesTheirBytesComeIn(step: Int) {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
        let bytes =
            Self.frame(0x81, "h\u{E9}llo \u{1F30D}") + Self.frame(0x82, long) + Self.frame(0x81)
            + Self.frame(0x01, "fra") + Self.frame(0x89, "ping") + Self.frame(0x80, "gment")
        #expect(
            Self.actions(bytes, step: step) == [
                .deliver(.text(Array("h\u{E9}llo \u{1F30D}".utf8))), .deliver(.binary(long)), .deliver(.text([])),
                .pong(Array("ping".utf8)), .deliver(.text(Array("fragment".utf8))),
            ])
    }

    @Test func aPongIsIgnored() { #expect(Self.actions(Self.frame(0x8A, "nobody asked")).isEmpty) }

    @Test(
        arguments: [
            ("reserved bit 1", [0xC1]), ("reserved bit 2", [0xA1]), ("reserved bit 3", [0x91]),
            ("reserved data opcode", [0x83]), ("reserved control opcode", [0x8B]), ("fragmented ping", [0x09]),
            ("fragmented close", [0x08]), ("no mask", [0x81, 0x05]), ("long ping", [0x89, 0xFE]),
            ("length of 126 spelled out", [0x81, 0xFE, 0x00, 0x7D]),
            ("length of 16 bits in 64", [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
            ("length of 64 bits", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func aHeaderIsRefusedAtTheByteThatIsWrong(what: String, header: [UInt8]) {
        #expect(Self.actions(Array(header.dropLast())).isEmpty, "\(what)")
        #expect(Self.actions(header) == [.close(.protocolError)], "\(what)")
    }

    @Test func continuationsHaveTheirTurn() {
        #expect(Self.actions(Self.frame(0x80, "a")) == [.close(.protocolError)])
        #expect(Self.actions(Self.frame(0x00, "a")) == [.close(.protocolError)])
        #expect(Self.actions(Self.frame(0x01, "a") + Self.frame(0x81, "b")) == [.close(.protocolError)])
        #expect(
            Self.actions(Self.frame(0x81, "a") + Self.frame(0x80, "b"))
                == [.deliver(.text([97])), .close(.protocolError)])
    }

    @Test func messagesAndTheirFragmentsAreLimited() {
        let half = [UInt8](repeating: 65, count: 501)
        #expect(Self.actions(Self.frame(0x01, half) + Self.frame(0x80, half)) == [.close(.messageTooLarge)])
        // Before any of it is there.
        #expect(Self.actions([0x82, 0xFE, 0x03, 0xE9] + Self.mask) == [.close(.messageTooLarge)])
        #expect(
            Self.actions([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + Self.mask) == [
                .close(.messageTooLarge)
            ])
        let many = Self.frame(0x01) + Array(repeating: Self.frame(0x00), count: 4).flatMap { $0 }
        #expect(Self.actions(many) == [.close(.policyViolation)])
    }

    @Test func badTextIsRefusedAtItsFirstBadByte() {
        let invalid = WebSocketProtocol.Action.close(.dataInconsistentWithMessage)
        // The frame is far from complete.
        let bytes = Self.frame(0x81, [65, 0xC3, 0x28] + [UInt8](repeating: 65, count: 90))
        #expect(Self.actions(Array(bytes.prefix(9))) == [invalid])
        #expect(Self.actions(Array(bytes.prefix(8))).isEmpty)
        #expect(Self.actions(Self.frame(0x01, [0xC3]) + Self.frame(0x80, [0xA4])) == [.deliver(.text([0xC3, 0xA4]))])
        #expect(Self.actions(Self.frame(0x01, [0xC3]) + Self.frame(0x80)) == [invalid])
        #expect(Self.actions(Self.frame(0x82, [0xC3, 0x28])) == [.deliver(.binary([0xC3, 0x28]))])
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 4999])
    func aCloseIsAnsweredWithItsCode(code: Int) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)] + Array("because".utf8)
        #expect(Self.actions(Self.frame(0x88, payload)) == [.close(WebSocketErrorCode(codeNumber: code))])
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])
    func codesThatNeverTravelAreRefused(code: Int) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        #expect(Self.actions(Self.frame(0x88, payload)) == [.close(.protocolError)])
    }

    @Test func closesAreWellFormed() {
        #expect(Self.actions(Self.frame(0x88)) == [.close(nil)])
        #expect(Self.actions(Self.frame(0x88, [3])) == [.close(.protocolError)])
        #expect(Self.actions(Self.frame(0x88, [3, 0xE8, 0xC3])) == [.close(.dataInconsistentWithMessage)])
    }

    @Test func nothingIsDoneAfterAClose() {
        let rest = Self.frame(0x89, "ping") + Self.frame(0x81, "text") + Self.frame(0x88) + [0xFF, 0xFF]
        #expect(Self.actions(Self.frame(0x88) + rest, step: 3) == [.close(nil)])
        #expect(Self.actions([0xC1] + rest, step: 3) == [.close(.protocolError)])
    }

    @Test func whileWeWaitForTheAnswerToOurCloseOnlyThatCounts() {
        let noise = Self.frame(0x01, "te") + Self.frame(0x89, "ping") + Self.frame(0x80, [0xFF])
        #expect(Self.actions(noise, closing: true).isEmpty)
        #expect(Self.actions(noise + Self.frame(0x88, [3, 0xE8]), step: 5, closing: true) == [.end])
        #expect(Self.actions([0xC1], closing: true) == [.end])
    }

    @Test func weCloseOnce() {
        var machine = WebSocketProtocol(limits: Self.limits)
        #expect(machine.isOpen)
        let closes = [machine.close(), machine.close()]
        #expect(closes == [true, false] && !machine.isOpen)
    }

    @Test(arguments: [1, 2, 6, 7])
    func aFrameThatDoesNotEndIsGivenUp(bytesBefore: Int) {
        var machine = WebSocketProtocol(limits: Self.limits)
        var buffer = ByteBuffer(bytes: Self.frame(0x81, "hello").prefix(bytesBefore))
        let before = [machine.next(from: &buffer, nowNanoseconds: 5), machine.tick(nowNanoseconds: 14)]
        #expect(before == [nil, nil])
        let late = [machine.tick(nowNanoseconds: 15), machine.tick(nowNanoseconds: 99)]
        #expect(late == [.close(.policyViolation), nil])
    }

    @Test func onlyTimeInAFrameCountsAndOnlyWhileWeRead() {
        var machine = WebSocketProtocol(limits: Self.limits)
        var buffer = ByteBuffer(bytes: Self.frame(0x01, "hello"))
        _ = machine.next(from: &buffer, nowNanoseconds: 0)
        let idle = machine.tick(nowNanoseconds: 1_000)
        #expect(idle == nil)
        buffer = ByteBuffer(bytes: [0x80])
        _ = machine.next(from: &buffer, nowNanoseconds: 1_000)
        machine.resume(nowNanoseconds: 2_000)
        let ticks = [machine.tick(nowNanoseconds: 2_009), machine.tick(nowNanoseconds: 2_010)]
        #expect(ticks == [nil, .close(.policyViolation)])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func noBytesTrapAndPiecesDoNotMatter(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let heads: [UInt8] = [0x81, 0x01, 0x80, 0x00, 0x82, 0x88, 0x89, 0x8A, 0xF1, 0x83]
        let bytes = (0..<40).flatMap { _ -> [UInt8] in
            let payload = (0..<random() % 40).map { _ in UInt8(truncatingIfNeeded: random() % 3 == 0 ? random() : 65) }
            // Mostly harmless, so that most runs get far.
            let head = random() % 8 == 0 ? heads[Int(random() % 10)] : 0x82
            return Self.frame(head, payload)
        }
        let whole = Self.actions(bytes)
        for step in [1, 3, 11] { #expect(Self.actions(bytes, step: step) == whole, "seed \(seed)") }
    }
}

struct UTF8ValidatorTests {
    @Test func itAgreesWithTheStandardLibraryOnEveryPairAndManyTriples() {
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var texts = (0...0xFFFF).map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for a in edges {
            for b in edges {
                for c in edges { texts += [[a, b, c]] + edges.map { [a, b, c, $0] } }
            }
        }
        let wrong = texts.filter { text in
            var validator = UTF8Validator()
            let isValid = validator.append(text) && validator.isComplete
            return isValid != (String(validating: text, as: UTF8.self) != nil)
        }
        #expect(wrong.isEmpty)
    }

    @Test func itFailsBeforeACharacterIsComplete() {
        var validator = UTF8Validator()
        let good = validator.append([0xF4])
        #expect(good && !validator.isComplete)
        let bad = validator.append([0x90])
        #expect(!bad, "nothing above U+10FFFF begins so")
    }
}
