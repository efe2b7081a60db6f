// SPDX-License-Identifier: Apache-2.0
// Passwords and tokens.

import RiskStore
import Testing

@Suite struct CredentialTests {
    /// The smallest that libsodium takes, so that the tests are fast.
    private static let cheap = PasswordHash.Cost(passes: 1, memoryBytes: 8_192)

    @Test func aPasswordMatchesItsHashAndNoOther() throws {
        let hash = try #require(PasswordHash(hashing: "correct horse", cost: Self.cheap))
        #expect(hash.matches("correct horse"))
        for wrong in ["", "correct hors", "correct horse ", "Correct horse", "correct horse\0"] {
            #expect(!hash.matches(wrong), "\(wrong)")
        }
        let stored = try #require(PasswordHash(text: hash.text))
        #expect(stored.matches("correct horse"))
        #expect("\(hash)" == "(password hash)")
    }

    @Test func equalPasswordsHaveDifferentHashes() throws {
        let hashes = (0..<4).compactMap { _ in PasswordHash(hashing: "same", cost: Self.cheap)?.text }
        #expect(Set(hashes).count == 4)
    }

    @Test func whatFollowsAZeroByteCounts() throws {
        let hash = try #require(PasswordHash(hashing: "a\0b", cost: Self.cheap))
        #expect(hash.matches("a\0b") && !hash.matches("a\0c") && !hash.matches("a"))
    }

    @Test func passwordsHaveALength() {
        #expect(PasswordHash(hashing: "", cost: Self.cheap) == nil)
        let longest = String(repeating: "x", count: PasswordHash.passwordBytesMax)
        #expect(PasswordHash(hashing: longest, cost: Self.cheap)?.matches(longest) == true)
        #expect(PasswordHash(hashing: longest + "x", cost: Self.cheap) == nil)
    }

    @Test func hashesAreMadeAnewWhenTheCostGrows() throws {
        let hash = try #require(PasswordHash(hashing: "p", cost: Self.cheap))
        #expect(!hash.isWeaker(than: Self.cheap))
        #expect(hash.isWeaker(than: PasswordHash.Cost(passes: 2, memoryBytes: 8_192)))
        #expect(hash.isWeaker(than: PasswordHash.Cost(passes: 1, memoryBytes: 16_384)))
        #expect(hash.isWeaker())
        let standard = try #require(PasswordHash(hashing: "p"))
        #expect(!standard.isWeaker() && !standard.isWeaker(than: Self.cheap))
        #expect(standard.text.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
    }

    @Test(arguments: ["", "plain", "$argon2i$v=19$m=8,t=1,p=1$a$b", "$2b$10$abcdefghijklmnopqrstuv"])
    func onlyArgon2idIsTaken(text: String) {
        #expect(PasswordHash(text: text) == nil)
    }

    @Test func hostileHashesMatchNothing() {
        for text in ["$argon2id$", "$argon2id$v=19$m=,t=,p=$$", "$argon2id$v=19$m=99999999999999999999,t=1,p=1$a$b"] {
            let hash = PasswordHash(text: text)
            #expect(hash?.matches("p") == false && hash?.isWeaker() == true, "\(text)")
        }
    }

    @Test func tokensAreRandomAndKnownByTheirHash() throws {
        let tokens = (0..<100).map { _ in SessionToken() }
        #expect(Set(tokens.map(\.text)).count == 100 && Set(tokens.map(\.hash)).count == 100)
        for token in tokens {
            let shown = try #require(SessionToken(text: token.text))
            #expect(shown.hash == token.hash && shown.matches(hash: token.hash))
            #expect(token.hash != token.text && "\(token)" == "(token)")
            #expect(token.text.utf8.count == 64)
        }
        #expect(!tokens[0].matches(hash: tokens[1].hash) && !tokens[0].matches(hash: ""))
    }

    @Test(arguments: [
        "", "abc", String(repeating: "g", count: 64), String(repeating: "A", count: 64),
        String(repeating: "a", count: 65),
    ])
    func whatIsNoTokenIsNotTaken(text: String) {
        #expect(SessionToken(text: text) == nil)
    }
}
