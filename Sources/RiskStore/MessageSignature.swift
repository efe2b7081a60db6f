// SPDX-License-Identifier: Apache-2.0
// Proves to whoever shares a secret that a message is ours.

import CLibSodium

/// HMAC-SHA-256 (RFC 2104, FIPS 180-4).
public enum MessageSignature {
    /// 64 lower-case hexadecimal digits.
    ///
    /// - Parameter secret: of any length; 32 random bytes are enough.
    public static func hmacSHA256(of message: [UInt8], secret: [UInt8]) -> String {
        Sodium.start()
        var state = crypto_auth_hmacsha256_state()
        crypto_auth_hmacsha256_init(&state, secret, secret.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_bytes()))
        crypto_auth_hmacsha256_final(&state, &code)
        return Hexadecimal.text(code)
    }
}
