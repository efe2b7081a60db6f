// SPDX-License-Identifier: Apache-2.0
// One question of libzmq whether a peer may come in, and its answer (ZeroMQ RFC 27, ZAP).

/// Who may come in, by domain.
public typealias AccessList = [String: Set<CurveKey>]

/// A request as its frames say, after the envelope.
///
/// ```
/// request:  version │ id │ domain │ address │ identity │ mechanism │ credentials …
/// reply:    version │ id │ status │ text │ user │ metadata
/// ```
package struct AccessRequest {
    package static let framesMax = 16
    private static let version = Array("1.0".utf8)
    private static let curve = Array("CURVE".utf8)

    private let frames: [[UInt8]]

    /// `nil` where no reply can be made: there is no version or identifier, or there are too many frames.
    package init?(frames: [[UInt8]]) {
        guard (2...Self.framesMax).contains(frames.count), frames[1].count <= 255 else { return nil }
        self.frames = frames
    }

    /// Whether the request is well formed and shows a key that the list admits to its domain.
    package func isAdmitted(by list: AccessList) -> Bool {
        guard self.frames.count == 7, self.frames[0] == Self.version, self.frames[5] == Self.curve,
            let key = CurveKey(bytes: self.frames[6])
        else { return false }
        return list[String(decoding: self.frames[2], as: UTF8.self)]?.contains(key) == true
    }

    package func reply(isAdmitted: Bool) -> [[UInt8]] {
        [
            Self.version, self.frames[1], Array((isAdmitted ? "200" : "400").utf8),
            Array((isAdmitted ? "OK" : "unknown key").utf8), [], [],
        ]
    }
}
