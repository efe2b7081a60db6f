// SPDX-License-Identifier: Apache-2.0
// The form of CURVE keys in settings and files, and the keys everybody knows.

/// Keys as forty characters of Z85 (ZeroMQ RFC 32).
public enum CurveKeyText {
    static let length = 40
    private static let groupLength = 5
    private static let alphabet = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

    /// The test keys zmq_curve(7) publishes: public and secret of the client, then of the server.
    private static let published: Set<String> = [
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
        "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
    ]

    /// Whether the text is thirty-two bytes in Z85.
    public static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == self.length else { return false }
        return stride(from: 0, to: bytes.count, by: self.groupLength).allSatisfy { start in
            var value: UInt64 = 0
            for byte in bytes[start..<start + self.groupLength] {
                guard let digit = self.alphabet.firstIndex(of: byte) else { return false }
                value = value * UInt64(self.alphabet.count) + UInt64(digit)
            }
            return value <= UInt64(UInt32.max)
        }
    }

    /// Whether it is a key from libzmq's manual: whoever uses it talks to everybody.
    public static func isPublished(_ text: String) -> Bool { self.published.contains(text) }
}
