// SPDX-License-Identifier: Apache-2.0
// Who may come in: exactly the listed keys, to exactly their domain, whatever the frames hold.

import Testing
import TickFeed

struct AccessRequestTests {
    private static let key = Array(repeating: 7 as UInt8, count: 32)
    private static let curveKey = CurveKey(z85: "2l$Fs2l$Fs2l$Fs2l$Fs2l$Fs2l$Fs2l$Fs2l$Fs")!

    private static func frames(
        version: String = "1.0", domain: String = "feed-a", mechanism: String = "CURVE", key: [UInt8] = key
    ) -> [[UInt8]] {
        [Array(version.utf8), [1], Array(domain.utf8), Array("127.0.0.1".utf8), [], Array(mechanism.utf8), key]
    }

    private static let list: AccessList = ["feed-a": [curveKey], "feed-b": []]

    @Test func aListedKeyIsAdmittedToItsDomain() throws {
        let request = try #require(AccessRequest(frames: Self.frames()))
        #expect(request.isAdmitted(by: Self.list))
        #expect(
            request.reply(isAdmitted: true) == [Array("1.0".utf8), [1], Array("200".utf8), Array("OK".utf8), [], []])
        #expect(request.reply(isAdmitted: false)[2] == Array("400".utf8))
    }

    @Test func everythingElseIsRefused() throws {
        var other = Self.key
        other[31] = 8
        let refused = [
            Self.frames(key: other), Self.frames(key: Array(Self.key.dropLast())), Self.frames(key: Self.key + [7]),
            Self.frames(key: []), Self.frames(domain: "feed-b"), Self.frames(domain: ""), Self.frames(domain: "x"),
            Self.frames(mechanism: "NULL"), Self.frames(mechanism: "PLAIN"), Self.frames(version: "2.0"),
            Array(Self.frames().dropLast()), Self.frames() + [Self.key], [[], []],
        ]
        for frames in refused {
            #expect(try #require(AccessRequest(frames: frames)).isAdmitted(by: Self.list) == false)
        }
    }

    @Test func whatCannotBeAnsweredIsNoRequest() {
        #expect(AccessRequest(frames: []) == nil)
        #expect(AccessRequest(frames: [Array("1.0".utf8)]) == nil)
        #expect(AccessRequest(frames: [[], Array(repeating: 0, count: 256)]) == nil)
        #expect(AccessRequest(frames: Array(repeating: [1], count: 17)) == nil)
    }

    @Test func keysReadBackAsTheirText() throws {
        let pair = try CurveKeyPair.generate()
        #expect(CurveKey(z85: pair.publicKey.text) == pair.publicKey)
        #expect(CurveKeyPair(secretText: pair.secretText)?.publicKey == pair.publicKey)
        #expect(!String(reflecting: pair).contains(pair.secretText) && !"\(pair)".contains(pair.secretText))
        for text in ["", "short", String(repeating: "~", count: 40), String(repeating: "#", count: 40)] {
            #expect(CurveKey(z85: text) == nil)
            #expect(CurveKeyPair(secretText: text) == nil)
        }
    }
}
