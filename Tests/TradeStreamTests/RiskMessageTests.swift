// SPDX-License-Identifier: Apache-2.0
// What goes out: the newest value of a slot, always at last, and the head of a vector.

import RiskDomain
import RiskSimulation
import Testing
import TradeStream

@Suite struct RiskMessageTests {
    @Test func aSlotHasOneMessageOnItsWayAndSendsTheNewestNext() {
        var slot = LatestSlot()
        var sent = [1, 1, 2, 3, 3].map { slot.offer($0) }
        #expect(sent == [true, false, false, false, false])
        #expect(slot.conflatedCount == 1, "2 was replaced by 3")
        slot.confirm()
        sent = [slot.offer(4)]
        #expect(slot.conflatedCount == 2, "3 was replaced by 4")
        slot.fail()
        sent.append(slot.offer(4))
        #expect(slot.conflatedCount == 2, "what failed is sent again while it is the newest")
        slot.confirm()
        sent.append(slot.offer(4))
        #expect(sent == [true, true, false])
    }

    /// Each value is delivered, replaced, or the newest; none is delivered after a newer one.
    @Test(arguments: UInt64(1)...50)
    func everyValueIsDeliveredReplacedOrTheNewest(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var slot = LatestSlot()
        var (newest, inFlight): (UInt64, UInt64?) = (0, nil)
        var (offered, delivered): (Set<UInt64>, [UInt64]) = ([], [])
        for _ in 0..<400 {
            switch random.nextIndex(below: 4) {
            case 0: newest += UInt64(random.nextIndex(below: 3))
            case 1:
                if newest == 0 { continue }
                offered.insert(newest)
                if slot.offer(newest) {
                    #expect(inFlight == nil, "seed \(seed): two on their way")
                    inFlight = newest
                }
            case 2:
                guard let sent = inFlight else { continue }
                slot.confirm()
                delivered.append(sent)
                inFlight = nil
            default:
                if inFlight == nil { continue }
                slot.fail()
                inFlight = nil
            }
        }
        if inFlight != nil { slot.fail() }
        newest += 1
        offered.insert(newest)
        let isSent = slot.offer(newest)
        #expect(isSent, "seed \(seed)")
        slot.confirm()
        delivered.append(newest)
        #expect(delivered == delivered.sorted() && Set(delivered).count == delivered.count, "seed \(seed)")
        #expect(UInt64(offered.count) == UInt64(delivered.count) + slot.conflatedCount, "seed \(seed)")
    }

    /// Values of the algorithm's authors (draft-eastlake-fnv): "" and "a\n" by hand from "a".
    @Test func theDigestIsFNV() {
        #expect(ScenarioReturns.digest(of: []) == 0xcbf2_9ce4_8422_2325)
        let a: UInt64 = 0xaf63_dc4c_8601_ec8c
        #expect(ScenarioReturns.digest(of: ["a"]) == (a ^ 0x0A) &* 0x100_0000_01b3)
        #expect(ScenarioReturns.digest(of: ["a", "b"]) != ScenarioReturns.digest(of: ["b", "a"]))
        #expect(ScenarioReturns.digest(of: ["ab"]) != ScenarioReturns.digest(of: ["a", "b"]))
    }
}
