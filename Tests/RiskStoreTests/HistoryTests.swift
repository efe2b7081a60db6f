// SPDX-License-Identifier: Apache-2.0
// Observations become seconds, minutes and days, and are removed when they are old.

import RiskStore
import Testing

@Suite struct HistoryTests {
    @Test(arguments: StoreEngine.allCases)
    func aMinuteKeepsItsLastObservationAndTheRange(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        let totals: [(Int64, Double?)] = [(60, 5), (61, -3), (62, nil), (119, 1), (120, 9)]
        try await store.append(
            totals.map { .history(HistoryPoint(account: "ALPHA", seconds: $0, totalPnL: $1, grossExposure: 10)) })
        let minutes = try await store.history(account: "ALPHA", resolution: .minute, fromSeconds: 0, limit: 10)
        #expect(minutes.map(\.last.seconds) == [60, 120])
        #expect(minutes.map(\.last.totalPnL) == [1, 9])
        #expect(minutes.map(\.totalPnLMin) == [-3, 9] && minutes.map(\.totalPnLMax) == [5, 9])
        #expect(minutes.allSatisfy { $0.last.valueAtRisk == nil && $0.last.grossExposure == 10 })
        let seconds = try await store.history(account: "ALPHA", resolution: .second, fromSeconds: 61, limit: 2)
        #expect(seconds.map(\.last.seconds) == [61, 62] && seconds.map(\.last.totalPnL) == [-3, nil])
        #expect(try await store.history(account: nil, resolution: .day, fromSeconds: 0, limit: 10).isEmpty)
        try await store.close()
    }

    @Test(arguments: StoreEngine.allCases)
    func oldPointsGoAndDaysStay(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        let now: Int64 = 1_700_000_000
        let days: [Int64] = [200, 93, 91, 2, 0]
        try await store.append(
            days.map { .history(HistoryPoint(account: nil, seconds: now - $0 * 86_400, totalPnL: Double($0))) })
        try await store.append(HistoryRetention(ages: [.second: 86_400, .minute: 92 * 86_400]).trims(nowSeconds: now))
        for (resolution, expected) in [(.second, [0]), (.minute, [91, 2, 0]), (.day, [200, 93, 91, 2, 0])]
            as [(HistoryResolution, [Double])]
        {
            let kept = try await store.history(account: nil, resolution: resolution, fromSeconds: 0, limit: 100)
            #expect(kept.map(\.last.totalPnL) == expected, "\(resolution)")
        }
        try await store.close()
    }

    @Test(arguments: [(-1, -60, -86_400), (0, 0, 0), (59, 0, 0), (86_399, 86_340, 0)] as [(Int64, Int64, Int64)])
    func intervalsBeginWhereTheyShouldBefore1970Too(seconds: Int64, minute: Int64, day: Int64) {
        #expect(HistoryResolution.second.start(of: seconds) == seconds)
        #expect(HistoryResolution.minute.start(of: seconds) == minute)
        #expect(HistoryResolution.day.start(of: seconds) == day)
    }
}
