// SPDX-License-Identifier: Apache-2.0
// A number of an order says whose it is, and stays exact in JSON.

import Fleet
import Testing

struct UnitNumbersTests {
    @Test(arguments: [0, 1, 7, UnitNumbers.partitionsMax - 1])
    func aNumberSaysWhoseItIs(partition: Int) {
        let floor = UnitNumbers.floor(partition: partition)
        let next = UnitNumbers.floor(partition: partition + 1)
        for number in [floor + 1, floor + 1_000_000, next] {
            #expect(UnitNumbers.partition(of: number) == partition, "\(number)")
        }
        #expect(next <= 1 << 53)
    }

    @Test func nobodysNumberIsTheHouses() {
        #expect(UnitNumbers.partition(of: 0) == 0)
    }
}
