// SPDX-License-Identifier: Apache-2.0
// Any bytes as a fill from Kafka: one whose numbers may be booked, or a reason in words that may stand in a header.

import DeskService
import TradeStream

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFill(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let key = input.take(input.index(below: 8))
    let value = input.rest()
    do throws(FillFault) {
        let fill = try FillDecoder.fill(key: key, value: value)
        require(fill.account.utf8.elementsEqual(key), "\(fill)")
        require(fill.quantity.isFinite && fill.quantity != 0 && fill.price.magnitude <= 1e12, "\(fill)")
        require(fill.fees.isFinite && (fill.fees <= 0 || fill.reverses != nil), "\(fill)")
        require(fill.rate.map { $0.isFinite && $0 > 0 } ?? true, "\(fill)")
        require(fill.timeNanoseconds < 1 << 63 && fill.orderID ?? 0 < 1 << 63, "\(fill)")
        require([fill.id, fill.symbol, fill.reverses ?? "-"].allSatisfy { 1...128 ~= $0.utf8.count }, "\(fill)")
        require(fill.id != fill.reverses, "\(fill)")
    } catch {
        require(FillFault.reasons.contains(error.reason), error.reason)
        require(error.detail.utf8.count < 300 && !error.detail.utf8.contains(0), error.detail)
    }
    return 0
}
