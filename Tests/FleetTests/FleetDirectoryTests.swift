// SPDX-License-Identifier: Apache-2.0
// Whose a partition is, in whatever order it is told.

import Fleet
import Synchronization
import Testing

struct FleetDirectoryTests {
    private static func said(partition: Int = 3, generation: Int64, by node: String) -> UnitAnnouncement {
        UnitAnnouncement(
            partition: partition, partitionCount: 6, generation: generation, node: node, state: .serving,
            relay: "tcp://127.0.0.1:1", snapshot: "tcp://127.0.0.1:2", api: "http://127.0.0.1:3", accountCount: 50,
            fleet: "f", startedNanoseconds: 1, sentNanoseconds: 2)
    }

    @Test func theGreatestGenerationCountsWhoeverSpeaksLast() {
        let directory = FleetDirectory()
        #expect(directory.take(Self.said(generation: 2, by: "new"), nowNanoseconds: 1))
        #expect(!directory.take(Self.said(generation: 1, by: "old"), nowNanoseconds: 2))
        #expect(directory.unit(partition: 3)?.node == "new")
        #expect(directory.heardNanoseconds(partition: 3) == 1)
        #expect(directory.partitionCount == 6)
    }

    @Test func aListenerHearsWhatIsKnownAndWhatComes() {
        let directory = FleetDirectory()
        directory.take(Self.said(generation: 1, by: "first"), nowNanoseconds: 1)
        let heard = Mutex<[String]>([])
        directory.listen { said in heard.withLock { $0.append(said.node) } }
        directory.take(Self.said(partition: 4, generation: 1, by: "second"), nowNanoseconds: 1)
        #expect(heard.withLock { $0 } == ["first", "second"])
    }

    @Test func whatIsSaidComesBackAsItWas() throws {
        let said = Self.said(generation: 7, by: "engine-1")
        #expect(UnitAnnouncement(json: said.json) == said)
    }

    @Test(arguments: ["", "{}", "[]", "nonsense"])
    func whatIsNoAnnouncementIsNotTaken(text: String) {
        #expect(UnitAnnouncement(json: Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        (#""version":1"#, #""version":2"#), (#""partition":3"#, #""partition":6"#),
        (#""generation":7"#, #""generation":-1"#), (#""state":"serving""#, #""state":"resting""#),
    ])
    func whatNobodyOfThisVersionSaysIsNotTaken(member: String, other: String) {
        let text = String(decoding: Self.said(generation: 7, by: "engine-1").json, as: UTF8.self)
        #expect(text.contains(member))
        #expect(UnitAnnouncement(json: Array(text.replacing(member, with: other).utf8)) == nil)
    }
}
