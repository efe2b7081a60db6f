// SPDX-License-Identifier: Apache-2.0
// What an account's cut says on the topics of risk and vectors.

import FrameCodec
import FramePublisher

package enum RiskMessage {
    static let version = 1
    /// Of the account's channel; positions, sectors and greeks are the API's.
    private static let objects: Set<String> = ["totals", "risk", "margin"]

    /// - Parameters:
    ///   - account: the message's key.
    ///   - epoch: of the process; sequences are its own.
    package static func json(of cut: ChannelCut, account: String, epoch: String) -> [UInt8] {
        var json = JSONWriter(reservingBytes: 1_024)
        json.beginObject()
        json.member("version", self.version)
        json.member("account", account)
        json.member("epoch", epoch)
        json.member("sequence", cut.sequence)
        json.member("cut_ns", cut.cutNanoseconds)
        json.key("data")
        json.raw(cut.state.jsonData(only: self.objects))
        json.endObject()
        return json.bytes
    }
}

/// Scenario P&L of an account as binary:
///
/// ```
///  0 "TKV1"   4 header bytes, u32   8 epoch, u64   16 sequence, u64   24 cut, ns since 1970, u64
/// 32 digest of the scenarios' dates, u64   40 scenarios N, u32   44 currency, 4 bytes, zeros behind   48 N × f64
/// ```
///
/// All little-endian. Vectors are of the same scenarios, in the same order, where the digests agree.
package struct VectorMessage {
    static let headerBytes = 48

    /// - Parameter digest: of the dates the cut's scenarios have.
    package static func bytes(of cut: ChannelCut, currency: String, epoch: UInt64, digest: UInt64) -> [UInt8] {
        var bytes: [UInt8] = Array("TKV1".utf8)
        bytes.reserveCapacity(self.headerBytes + cut.scenarioPnL.count * 8)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt32(self.headerBytes))
        append(epoch)
        append(cut.sequence)
        append(cut.cutNanoseconds)
        append(digest)
        append(UInt32(cut.scenarioPnL.count))
        bytes.append(contentsOf: (Array(currency.utf8) + [0, 0, 0, 0]).prefix(4))
        for value in cut.scenarioPnL { append(value.bitPattern) }
        return bytes
    }
}
