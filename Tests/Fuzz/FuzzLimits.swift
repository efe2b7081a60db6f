// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body that sets limits: a refusal, or limits that rules can be made of.

import DeskService
import TradeDesk
import WebServer

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLimits(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    guard let limits = try? LimitRequest.limits(input.rest(), symbols: ["A", "B/C"], sectors: ["S"]) else { return 0 }
    require(limits.count <= LimitRequest.limitsMax, "\(limits.count) limits")
    for limit in limits {
        let rules = limit.rules(account: "X")
        require((1...2).contains(rules.count), "\(rules.count) rules of \(limit)")
        require(rules.allSatisfy { $0.clearBelow <= $0.threshold && $0.threshold > 0 }, "\(rules)")
    }
    return 0
}
