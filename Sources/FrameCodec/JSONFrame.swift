// SPDX-License-Identifier: Apache-2.0
// Data frames of the JSON subprotocol.

/// `{"type":…,"channel":…,"seq":…, … ,"data":…}` (DESIGN.md §6).
enum JSONFrame {
    /// - Parameter data: writes the value of `data`.
    static func text(head: FrameHead, data: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(reservingBytes: 512)
        json.beginObject()
        json.member("type", head.base == nil ? "snapshot" : "delta")
        json.member("channel", head.channel)
        json.member("seq", head.sequence)
        if let base = head.base { json.member("base", base) }
        json.member("cut_ns", head.cutNanoseconds)
        if let newest = head.newestNanoseconds { json.member("newest_ns", newest) }
        if let oldest = head.oldestNanoseconds { json.member("oldest_ns", oldest) }
        if head.base == nil { json.member("resumed", head.resumed) }
        json.key("data")
        data(&json)
        json.endObject()
        return json.bytes
    }
}
