// SPDX-License-Identifier: Apache-2.0
// Passwords, as they are stored.

import CLibSodium

/// An argon2id hash (RFC 9106) with its salt and cost, as text that begins with `$argon2id$`.
///
/// Making and checking one takes ``Cost/passes`` passes over ``Cost/memoryBytes``, a tenth of a second or so, and
/// blocks: keep it off event loops, and limit how many run at once.
public struct PasswordHash: Sendable, Equatable {
    public struct Cost: Sendable, Equatable {
        /// ≥ 1.
        public var passes: Int
        /// ≥ 8,192.
        public var memoryBytes: Int

        public init(passes: Int, memoryBytes: Int) {
            self.passes = passes
            self.memoryBytes = memoryBytes
        }

        /// Three passes over 64 MiB: RFC 9106, section 4, second recommendation, with the one lane libsodium has.
        public static let standard = Cost(passes: 3, memoryBytes: 64 << 20)
    }

    /// Longer ones are refused, so that nobody makes the daemon hash megabytes.
    public static let passwordBytesMax = 1_024

    public let text: String

    /// Takes a stored hash; `nil` for anything but argon2id.
    public init?(text: String) {
        guard text.hasPrefix("$argon2id$"), text.utf8.count < Self.textBytes, !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    /// Hashes with a new salt.
    /// - Returns: `nil` for an empty or too long password, or when the memory cannot be had.
    public init?(hashing password: String, cost: Cost = .standard) {
        Sodium.start()
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        guard (1...Self.passwordBytesMax).contains(bytes.count) else { return nil }
        var text = [CChar](repeating: 0, count: Self.textBytes)
        let result = crypto_pwhash_str_alg(
            &text, bytes, UInt64(bytes.count), UInt64(cost.passes), cost.memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
        guard result == 0 else { return nil }
        self.text = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether it is that password's, in a time that does not depend on where they differ.
    public func matches(_ password: String) -> Bool {
        Sodium.start()
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        guard (1...Self.passwordBytesMax).contains(bytes.count) else { return false }
        return crypto_pwhash_str_verify(self.text, bytes, UInt64(bytes.count)) == 0
    }

    /// Whether a password that matches should be hashed anew, because the cost grew since.
    public func isWeaker(than cost: Cost = .standard) -> Bool {
        guard let own = self.cost else { return true }
        return own.passes < cost.passes || own.memoryBytes < cost.memoryBytes
    }

    /// Spends what a check costs where there is no such user, so that the time does not tell.
    public static func checkNobody(_ password: String) { _ = self.nobody?.matches(password) }

    private static let nobody = PasswordHash(hashing: "nobody's")
    private static let textBytes = 128

    /// From `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`; memory is in KiB there.
    private var cost: Cost? {
        let parts = self.text.split(separator: "$")
        guard parts.count == 5 else { return nil }
        let settings = parts[2].split(separator: ",").compactMap { setting in
            setting.dropFirst(2).isEmpty ? nil : (setting.prefix(2), Int(setting.dropFirst(2)))
        }
        guard let memory = settings.first(where: { $0.0 == "m=" })?.1, memory <= Int.max >> 10,
            let passes = settings.first(where: { $0.0 == "t=" })?.1
        else { return nil }
        return Cost(passes: passes, memoryBytes: memory << 10)
    }
}

extension PasswordHash: CustomStringConvertible {
    /// Shows nothing of it.
    public var description: String { "(password hash)" }
}
