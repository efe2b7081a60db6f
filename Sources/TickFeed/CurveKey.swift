// SPDX-License-Identifier: Apache-2.0
// CURVE keys: who we are, and whom we trust.

import CLibZMQ

/// A public key.
public struct CurveKey: Sendable, Hashable, CustomStringConvertible {
    public static let bytesCount = 32
    /// Characters in Z85, without the zero byte C strings end with.
    static let textCount = 40

    let bytes: [UInt8]

    /// `nil` for another number of bytes.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.bytesCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Forty characters of Z85 (ZeroMQ RFC 32); `nil` for other text.
    public init?(z85 text: String) {
        guard text.utf8.count == Self.textCount, !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.bytesCount)
        guard zmq_z85_decode(&bytes, text) != nil else { return nil }
        self.bytes = bytes
    }

    /// In Z85.
    public var text: String {
        var characters = [CChar](repeating: 0, count: Self.textCount + 1)
        zmq_z85_encode(&characters, self.bytes, Self.bytesCount)
        return String(decoding: characters.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public var description: String { self.text }
}

/// A secret key with the public key that belongs to it. Printing shows the public one only.
public struct CurveKeyPair: Sendable, CustomStringConvertible, CustomReflectable {
    public let publicKey: CurveKey
    /// In Z85, for a file that only its owner reads.
    public let secretText: String

    /// - Parameter secretText: forty characters of Z85; `nil` for other text.
    public init?(secretText: String) {
        guard CurveKey(z85: secretText) != nil else { return nil }
        var text = [CChar](repeating: 0, count: CurveKey.textCount + 1)
        guard zmq_curve_public(&text, secretText) == 0, let key = CurveKey(terminated: text) else { return nil }
        self.publicKey = key
        self.secretText = secretText
    }

    /// A new pair.
    public static func generate() throws(ZMQError) -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: CurveKey.textCount + 1)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0,
            let pair = CurveKeyPair(secretText: CurveKey.string(terminated: secretText))
        else { throw ZMQError("zmq_curve_keypair", endpoint: "") }
        return pair
    }

    public var description: String { "public key \(self.publicKey.text)" }
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": self.publicKey.text]) }
}

extension CurveKey {
    fileprivate init?(terminated text: [CChar]) { self.init(z85: Self.string(terminated: text)) }

    fileprivate static func string(terminated text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
