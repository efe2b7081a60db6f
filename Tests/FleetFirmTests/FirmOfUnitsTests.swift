// SPDX-License-Identifier: Apache-2.0
// The house of a fleet on real sockets: units come and go, and its firm is what one engine would cut, or says why not.

import Fleet
import Foundation
import FrameCodec
import FramePublisher
import FrameRelay
import RiskDomain
import RiskKernel
import RiskSimulation
import Testing
import TickFeed
import WebServer

@Suite(.serialized)
final class FirmOfUnitsTests {
    private static let partitionCount = 3
    private static let floor = Generation(5).floor

    private let folder: URL
    private let context: ZMQContext
    private let directory = FleetDirectory()
    private let inputs = SyntheticBook(
        instruments: 12, accounts: 9, positionsPerAccount: 6, scenarios: 250, seed: 11
    ).makeInputs(convention: RiskConvention(staleAfterNanoseconds: 3_600_000_000_000))
    private let accounts: [FirmAccount]
    private let house: UnitInProcess
    private let joiner: FirmJoiner
    private let receiver: PartReceiver
    private var others: [UnitInProcess] = []

    init() throws {
        // The names of sockets are short.
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "firm-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.context = try ZMQContext()
        // The house's are the first: its publisher counts channels by its own book.
        let accounts = self.inputs.accounts.enumerated().map { number, account in
            FirmAccount(id: account.id, currency: account.currency, partition: number < 3 ? 0 : 1 + number % 2)
        }
        self.accounts = accounts
        var joiners: [FirmJoiner] = []
        let inputs = self.inputs
        self.house = try UnitInProcess(
            Self.inputs(inputs, accounts) { $0 == 0 }, partition: 0, generation: 5, folder: self.folder,
            context: self.context, catalog: ChannelCatalog(plan: BookPlan(inputs))
        ) { hub in
            let joiner = FirmJoiner(
                accounts: accounts, partitionCount: Self.partitionCount, convention: inputs.convention,
                floor: Self.floor, sink: hub, logger: UnitInProcess.logger)
            joiners.append(joiner)
            return joiner
        }
        self.joiner = joiners[0]
        self.receiver = PartReceiver(
            context: self.context,
            settings: PartSettings(
                house: 0, partitionCount: Self.partitionCount, highWaterMark: 1_000, security: .none),
            directory: self.directory, sink: self.joiner, logger: UnitInProcess.logger)
        self.joiner.start()
        self.receiver.start()
    }

    deinit {
        self.receiver.stop()
        for unit in self.others { unit.stop() }
        self.house.stop()
        self.joiner.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }

    private static func inputs(
        _ inputs: RiskInputs, _ accounts: [FirmAccount], _ isIn: (Int) -> Bool
    ) -> RiskInputs {
        var part = inputs
        let ids = Set(accounts.filter { isIn($0.partition) }.map(\.id))
        part.accounts = inputs.accounts.filter { ids.contains($0.id) }
        part.positions = inputs.positions.filter { ids.contains($0.account) }
        return part
    }

    private func unit(_ partition: Int, generation: Int64, of owner: Int? = nil) throws -> UnitInProcess {
        let unit = try UnitInProcess(
            Self.inputs(self.inputs, self.accounts) { $0 == owner ?? partition }, partition: partition,
            generation: generation, folder: self.folder, context: self.context)
        self.others.append(unit)
        unit.push(self.ticks)
        return unit
    }

    private func announce(_ unit: UnitInProcess, _ state: UnitAnnouncement.State = .serving) {
        self.directory.take(
            unit.announcement(of: Self.partitionCount, state: state), nowNanoseconds: MonotonicClock.nowNanoseconds)
    }

    private let prices = SyntheticInstruments.openingPrices(count: 12, seed: 11)
    private var ticks: [Tick] {
        self.prices.enumerated().map { Tick(instrument: UInt32($0), fields: .last, last: $1) }
    }

    /// What one engine with the accounts of some partitions cuts.
    private func whole(_ isIn: (Int) -> Bool = { _ in true }) throws -> ChannelState {
        let ring = TickRing(capacity: 1_024)!
        let inputs = Self.inputs(self.inputs, self.accounts, isIn)
        let book = try EngineBook(inputs: inputs, rings: [ring], tier: KernelTier(named: nil))
        let ticks = self.ticks
        _ = ticks.withUnsafeBufferPointer { ring.push($0, oldestNanoseconds: 1, newestNanoseconds: 1) }
        while book.engine.drain(limit: 1_000) > 0 {}
        _ = book.engine.cut()
        let view = try #require(book.engine.firmPort.take())
        return FirmStateBuilder(plan: book.plan, inputs: inputs).state(from: view)
    }

    private func wait(_ what: String, _ condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try !condition() {
            guard ContinuousClock.now < end else {
                Issue.record("not within 20 s: \(what); missing \(self.joiner.missing)")
                return
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private var firm: ChannelCut? { self.house.hub.newestCut(channel: ChannelCatalog.firm) }

    private static func status(_ state: ChannelState, row: Int? = nil) -> ValueStatus? {
        let table = row == nil ? 0 : state.layout.table(atPath: "accounts")!
        let column = state.layout.column(named: "status", inTable: table)!
        let cell = state.numbers[state.layout.numberOffset(table: table, column: column) + (row ?? 0)]
        return UInt8(exactly: cell).flatMap(ValueStatus.init)
    }

    /// Whether two have the same cells, numbers to 1e-9 of their size.
    private static func isSame(_ left: ChannelState, _ right: ChannelState) -> Bool {
        left.layout == right.layout && left.texts == right.texts
            && zip(left.numbers, right.numbers).allSatisfy { left, right in
                left.isNaN && right.isNaN || abs(left - right) <= 1e-9 * max(abs(left), abs(right), 1)
            }
    }

    /// VaR and ES of two, to 1e-9 of their size.
    private static func hasRisk(of whole: ChannelState, _ state: ChannelState) -> Bool {
        ["risk.var", "risk.es"].allSatisfy { path in
            let table = whole.layout.table(atPath: path)!
            let cells = [whole, state].map { state in
                let offset = state.layout.numberOffset(table: table, column: 0)
                return state.numbers[offset..<offset + state.layout.tables[table].rowCount]
            }
            return zip(cells[0], cells[1]).allSatisfy { abs($0 - $1) <= 1e-9 * max(abs($0), abs($1)) }
        }
    }

    @Test func unitsComeAndGo() async throws {
        self.house.push(self.ticks)
        let first = try self.unit(1, generation: 1)
        let second = try self.unit(2, generation: 1)
        self.announce(first)
        self.announce(second)
        let whole = try self.whole()
        try await self.wait("the whole firm") { self.firm.map { Self.isSame($0.state, whole) } ?? false }
        let before = try #require(self.firm)
        #expect(before.sequence > Self.floor)
        #expect(Self.status(before.state) == .ok)
        let vector = before.scenarioPnL
        #expect(vector.count == 250)

        // One dies without a word.
        second.stop()
        self.others.removeAll { $0 === second }
        let rest = try self.whole { $0 != 2 }
        try await self.wait("a partial firm") {
            self.firm.map { Self.status($0.state) == .partial && Self.hasRisk(of: rest, $0.state) } ?? false
        }
        let partial = try #require(self.firm)
        for (row, account) in self.accounts.enumerated() {
            #expect(Self.status(partial.state, row: row) == (account.partition == 2 ? .missing : .ok))
        }
        #expect(self.joiner.missing == [2: "no unit is heard"])

        // Another engine takes its partition over.
        let third = try self.unit(2, generation: 2)
        self.announce(third)
        self.announce(second)
        try await self.wait("the whole firm again") { self.firm.map { Self.isSame($0.state, whole) } ?? false }
        #expect(try #require(self.firm).sequence > partial.sequence)
        #expect(self.joiner.missing.isEmpty)
    }

    @Test func whoListensLateHearsAQuietUnitToo() async throws {
        self.house.push(self.ticks)
        let first = try self.unit(1, generation: 1)
        let second = try self.unit(2, generation: 1)
        // All of their cuts are made before anybody listens.
        try await self.wait("their cuts") {
            [first, second].allSatisfy { $0.hub.newestCut(channel: ChannelCatalog.firm) != nil }
        }
        self.announce(first)
        self.announce(second)
        let whole = try self.whole()
        try await self.wait("the whole firm") { self.firm.map { Self.isSame($0.state, whole) } ?? false }
        // And hears that it is there, though nothing changes.
        let sequence = try #require(self.firm).sequence
        let end = MonotonicClock.nowNanoseconds + 4_000_000_000
        try await self.wait("four seconds") { MonotonicClock.nowNanoseconds > end }
        #expect(try #require(self.firm).sequence == sequence && self.joiner.missing.isEmpty)
    }

    @Test func aUnitOfOtherAccountsIsNoneOfThePartition() async throws {
        self.house.push(self.ticks)
        let first = try self.unit(1, generation: 1)
        let stranger = try self.unit(2, generation: 1, of: 1)
        self.announce(first)
        self.announce(stranger)
        try await self.wait("a refusal") { self.joiner.missing == [2: "it has other accounts"] }
        try await self.wait("a partial firm") { self.firm.map { Self.status($0.state) == .partial } ?? false }
        self.announce(stranger, .ended)
        try await self.wait("its end") { self.joiner.missing == [2: "no unit is heard"] }
    }

    @Test func theHousesOwnFirmIsNotPublished() async throws {
        self.house.push(self.ticks)
        try await self.wait("a partial firm") { self.firm.map { Self.status($0.state) == .partial } ?? false }
        let state = try #require(self.firm).state
        let rows = state.layout.table(atPath: "accounts")!
        #expect(state.layout.tables[rows].keys == self.accounts.map(\.id))
        #expect(try #require(self.firm).basis == nil)
    }
}
