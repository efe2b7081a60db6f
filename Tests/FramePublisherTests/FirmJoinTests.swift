// SPDX-License-Identifier: Apache-2.0
// The joined firm is what one engine with all accounts cuts, however they are spread, and says what it is without.

import FrameCodec
import FramePublisher
import RiskDomain
import RiskKernel
import RiskMath
import RiskSimulation
import Testing

struct FirmJoinTests {
    private static let step = EngineReferenceTests.step

    private static func difference(_ joined: ChannelState, _ whole: ChannelState) throws -> [String] {
        let scale = whole.number("gross_exposure", in: "totals") ?? 1
        return try FlatState(joined).differences(from: try FlatState(whole), relative: 1e-9, scale: scale)
    }

    @Test(arguments: QuantileDefinition.allCases, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as [UInt64])
    func aSplitBookJoinsToWhatOneEngineCuts(quantile: QuantileDefinition, seed: UInt64) throws {
        let inputs = EngineReferenceTests.inputs(seed: seed, quantile: quantile)
        let book = try SplitBook(inputs, partitionCount: 1 + Int(seed % 6), seed: seed &* 31)
        var join = book.join()
        var random = SplitMix64(seed: seed &* 104_729)
        var compared = 0
        for round in 0..<25 {
            guard book.turn(EngineReferenceTests.randomTicks(&random), after: Self.step),
                let whole = book.wholePart, let joined = join.join(book.parts)
            else { continue }
            compared += 1
            let place = "seed \(seed), round \(round), \(book.rigs.count) parts"
            #expect(joined.missing.isEmpty && joined.refusals.isEmpty, "\(place)")
            #expect(joined.state.layout == whole.state.layout, "\(place)")
            #expect(try Self.difference(joined.state, whole.state) == [], "\(place)")
            let scale = whole.scenarioPnL.map(\.magnitude).max() ?? 0
            #expect(
                zip(joined.scenarioPnL, whole.scenarioPnL).allSatisfy { abs($0 - $1) <= 1e-12 * scale }, "\(place)")
            let rows = Self.rows(joined.state)
            #expect(rows == Self.rows(whole.state), "\(place)")
        }
        #expect(compared > 10, "seed \(seed)")
    }

    /// The cells of the accounts, bit by bit.
    private static func rows(_ state: ChannelState) -> [UInt64] {
        let table = state.layout.table(atPath: "accounts")!
        return state.layout.tables[table].columns.indices.flatMap { column in
            let offset = state.layout.numberOffset(table: table, column: column)
            return state.numbers[offset..<offset + state.layout.tables[table].rowCount].map {
                $0.isNaN ? Double.nan.bitPattern : $0.bitPattern
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as [UInt64])
    func aFirmWithoutAPartIsPartialAndNamesIt(seed: UInt64) throws {
        let inputs = EngineReferenceTests.inputs(seed: seed, quantile: .discrete)
        let book = try SplitBook(inputs, partitionCount: 2 + Int(seed % 5), seed: seed &* 37)
        var random = SplitMix64(seed: seed &* 7_919)
        let away = 1 + random.nextIndex(below: book.rigs.count - 1)
        let others = try EngineRig(SplitBook.inputs(inputs, accounts: book.accounts) { $0 != away })
        let gone = book.accounts.filter { $0.partition == away }.map(\.id)
        var join = book.join()
        var rest: FirmPart?
        for round in 0..<12 {
            let ticks = EngineReferenceTests.randomTicks(&random)
            _ = book.turn(ticks, after: Self.step)
            rest = SplitBook.turn(others, ticks, after: Self.step, sequence: 1) ?? rest
            var parts = book.parts
            parts[away] = nil
            guard let rest, let joined = join.join(parts) else { continue }
            let place = "seed \(seed), round \(round)"
            #expect(joined.missing == (gone.isEmpty ? [] : [away]), "\(place)")
            let found = try FlatState(joined.state)
            for id in gone {
                #expect(found.texts["accounts/\(id)/status"] == "missing", "\(place)")
                #expect(found.texts["accounts/\(id)/margin_level"] == "unknown", "\(place)")
                let numbers = found.numbers.keys.filter { $0.hasPrefix("accounts/\(id)/") }
                #expect(numbers.isEmpty, "\(place)")
            }
            let wanted = try FlatState(rest.state)
            if !gone.isEmpty {
                let isNothingLeft = wanted.texts["status"] == "missing" || gone.count == book.accounts.count
                #expect(found.texts["status"] == (isNothingLeft ? "missing" : "partial"), "\(place)")
                #expect(found.texts["margin/level"] == "unknown", "\(place)")
                #expect(found.numbers["margin/used"] == nil && found.numbers["margin/limit"] == nil, "\(place)")
            }
            guard gone.count < book.accounts.count else { continue }
            func isOfTheSum(_ path: String) -> Bool {
                ["totals/", "stress/", "greeks/", "sectors/", "risk/"].contains { path.hasPrefix($0) }
            }
            var (left, right) = (found, wanted)
            left.numbers = left.numbers.filter { isOfTheSum($0.key) }
            right.numbers = right.numbers.filter { isOfTheSum($0.key) }
            left.texts = left.texts.filter { isOfTheSum($0.key) }
            right.texts = right.texts.filter { isOfTheSum($0.key) }
            let scale = rest.state.number("gross_exposure", in: "totals") ?? 1
            #expect(left.differences(from: right, relative: 1e-9, scale: scale) == [], "\(place)")
        }
    }

    // MARK: Parts that are no summands

    private static func valued(seed: UInt64) throws -> SplitBook {
        let inputs = EngineReferenceTests.inputs(seed: seed, quantile: .discrete)
        let book = try SplitBook(inputs, partitionCount: 2, seed: seed)
        let ticks = inputs.instruments.indices.map { Tick.last($0, 100 + Double($0)) }
        _ = book.turn(ticks, after: Self.step)
        return book
    }

    private static func joined(_ book: SplitBook, _ parts: [FirmPart?]) throws -> JoinedFirm {
        var join = book.join()
        let joined = join.join(parts)
        return try #require(joined)
    }

    /// A seed that leaves neither of two partitions without accounts.
    private static let seed: UInt64 = 3

    @Test func aPartOfOtherScenariosIsMissing() throws {
        let book = try Self.valued(seed: Self.seed)
        #expect(Set(book.accounts.map(\.partition)) == [0, 1])
        for change in 0..<2 {
            var parts = book.parts
            if change == 0 { parts[1]!.basis.scenarioDigest ^= 1 } else { parts[1]!.scenarioPnL.append(0) }
            let joined = try Self.joined(book, parts)
            #expect(joined.missing == [1] && joined.refusals == [1: .scenarios])
            #expect(try FlatState(joined.state).texts["status"] == "partial")
        }
    }

    @Test func aPartOfOtherAccountsIsMissing() throws {
        let book = try Self.valued(seed: Self.seed)
        let joined = try Self.joined(book, [book.parts[0], book.wholePart])
        #expect(joined.missing == [1] && joined.refusals == [1: .accounts])
    }

    @Test func aPartByOtherConventionsIsMissing() throws {
        let book = try Self.valued(seed: Self.seed)
        var inputs = SplitBook.inputs(book.inputs, accounts: book.accounts) { $0 == 1 }
        let others = [
            RiskInputs(
                instruments: inputs.instruments, accounts: inputs.accounts, positions: inputs.positions,
                history: inputs.history, stressScenarios: Array(inputs.stressScenarios.dropLast()),
                convention: inputs.convention),
            Self.changed(&inputs) { $0.quantile = .linear },
            Self.changed(&inputs) { $0.confidences = [9_900] },
            Self.changed(&inputs) { $0.baseCurrency = "EUR" },
        ]
        for inputs in others {
            let rig = try EngineRig(inputs)
            let ticks = inputs.instruments.indices.map { Tick.last($0, 100 + Double($0)) }
            let part = try #require(SplitBook.turn(rig, ticks, after: Self.step, sequence: 1))
            let joined = try Self.joined(book, [book.parts[0], part])
            #expect(joined.missing == [1] && joined.refusals == [1: .layout])
        }
    }

    private static func changed(_ inputs: inout RiskInputs, _ change: (inout RiskConvention) -> Void) -> RiskInputs {
        var convention = inputs.convention
        change(&convention)
        return RiskInputs(
            instruments: inputs.instruments, accounts: inputs.accounts, positions: inputs.positions,
            history: inputs.history, stressScenarios: inputs.stressScenarios, convention: convention)
    }

    @Test func withoutItsOwnPartTheHouseSaysNothing() throws {
        let book = try Self.valued(seed: Self.seed)
        var join = book.join()
        let joined = join.join([nil, book.parts[1]])
        #expect(joined?.missing == nil)
    }

    @Test func aHouseWithoutAccountsNamesAllThatAreMissing() throws {
        let inputs = EngineReferenceTests.inputs(seed: Self.seed, quantile: .discrete)
        let accounts = inputs.accounts.map { FirmAccount(id: $0.id, currency: $0.currency, partition: 1) }
        let rig = try EngineRig(SplitBook.inputs(inputs, accounts: accounts) { $0 == 0 })
        let own = try #require(SplitBook.turn(rig, [.last(0, 1)], after: Self.step, sequence: 1))
        var join = FirmJoin(accounts: accounts, partitionCount: 2, convention: inputs.convention)
        let made = join.join([own, nil])
        let joined = try #require(made)
        #expect(joined.missing == [1])
        let found = try FlatState(joined.state)
        #expect(found.texts["status"] == "missing")
        #expect(found.numbers.keys.allSatisfy { ["risk/window", "risk/horizon_days"].contains($0) })
    }

    @Test func aFirmWithoutAccountsShowsZeros() throws {
        let inputs = SplitBook.inputs(
            EngineReferenceTests.inputs(seed: Self.seed, quantile: .discrete), accounts: []
        ) { _ in false }
        let rig = try EngineRig(inputs)
        let own = try #require(SplitBook.turn(rig, [.last(0, 1)], after: Self.step, sequence: 1))
        var join = FirmJoin(accounts: [], partitionCount: 3, convention: inputs.convention)
        let made = join.join([own, nil, nil])
        let joined = try #require(made)
        #expect(joined.missing.isEmpty)
        #expect(try Self.difference(joined.state, own.state) == [])
    }
}
