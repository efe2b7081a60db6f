// SPDX-License-Identifier: Apache-2.0
// Any text as a client's control message: an error or a message within its limits.

import WebServer

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzControl(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let text = input.rest()
    let message = attempt { () throws(ControlMessageError) in try ControlMessage(parsing: text) }
    if case .rate(let hertz) = message { require(ControlMessage.rateRange.contains(hertz), "rate \(hertz)") }
    return 0
}
