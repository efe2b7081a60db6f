// SPDX-License-Identifier: Apache-2.0
// Messages and bodies of the relay are read as they were written, and nothing else is.

import DeskService
import FrameCodec
import FramePublisher
import FrameRelay
import RiskStore
import Testing

struct RelayMessageTests {
    private static let message = RelayMessage(
        .event, epoch: 17, number: 3, sentNanoseconds: 99, name: "account:ÄLPHA", body: [1, 2, 3])

    @Test func aMessageIsReadAsItWasWritten() throws {
        for kind in RelayKind.allCases {
            var message = Self.message
            message.kind = kind
            #expect(RelayMessage(message.bytes) == message)
        }
        let empty = RelayMessage(.beat, epoch: .max, number: RelayMessage.numberMax, sentNanoseconds: .max)
        #expect(RelayMessage(empty.bytes) == empty)
    }

    @Test func itsHeaderIsAsDocumented() {
        let bytes = Self.message.bytes
        #expect(Array(bytes[0..<4]) == Array("TRL1".utf8))
        #expect(bytes[4] == 2 && bytes[5] == 0 && bytes[6] == 14 && bytes[7] == 0)
        #expect(bytes[8] == 17 && bytes[16] == 3 && bytes[24] == 99)
        #expect(Array(bytes[32...]) == Array("account:ÄLPHA".utf8) + [1, 2, 3])
    }

    @Test(arguments: [0, 1, 3, 4, 5, 7, 23, 45])
    func aMessageWithAnotherByteThereIsRefused(offset: Int) {
        var bytes = Self.message.bytes
        bytes[offset] = 0xFF
        #expect(RelayMessage(bytes) == nil)
    }

    @Test func aTornMessageIsRefusedUpToItsBody() {
        let bytes = Self.message.bytes
        for count in 0..<46 { #expect(RelayMessage(Array(bytes.prefix(count))) == nil, "\(count) bytes") }
        #expect(RelayMessage(Array(bytes.prefix(46)))?.body == [])
    }

    @Test func aHelloTellsTheChannels() throws {
        let hello = RelayHello(
            epoch: 5, isSignInRequired: true,
            accounts: [.init(id: "A", name: "First", currency: "USD"), .init(id: "B", name: "", currency: "EUR")])
        let message = RelayMessage(.hello, epoch: 5, sentNanoseconds: 0, body: hello.body)
        let read = try RelayHello(message)
        #expect(read == hello)
        #expect(
            read.catalog.names
                == ["market", "firm", "account:A", "account:B", "risk:firm", "risk:A", "risk:B"])
    }

    @Test func anAccountIsThereOnce() throws {
        let hello = RelayHello(
            epoch: 5, isSignInRequired: false,
            accounts: [.init(id: "A", name: "", currency: "USD"), .init(id: "A", name: "", currency: "USD")])
        #expect(throws: FrameDecodeError.self) {
            try RelayHello(RelayMessage(.hello, epoch: 5, sentNanoseconds: 0, body: hello.body))
        }
    }

    @Test func aCountBeyondTheBytesIsRefusedBeforeAnythingIsMade() {
        let lie: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]
        #expect(throws: FrameDecodeError.self) { try RelayPosition.list(lie) }
        #expect(throws: FrameDecodeError.self) { try ChannelQuestion.list(lie, channelCount: 10) }
        #expect(throws: FrameDecodeError.self) {
            try RelayHello(RelayMessage(.hello, epoch: 1, sentNanoseconds: 0, body: [0] + lie))
        }
    }

    @Test func positionsAndQuestionsAreReadAsTheyWereWritten() throws {
        let positions = [RelayPosition(frame: 7, event: 0), RelayPosition(frame: 1 << 40, event: 300)]
        #expect(try RelayPosition.list(RelayPosition.body(positions)) == positions)
        let questions = [ChannelQuestion(channel: 2, seenEvent: 9), ChannelQuestion(channel: 0, seenEvent: 0)]
        #expect(try ChannelQuestion.list(ChannelQuestion.body(questions), channelCount: 3) == questions)
        #expect(throws: FrameDecodeError.self) {
            try ChannelQuestion.list(ChannelQuestion.body(questions), channelCount: 2)
        }
    }

    @Test(arguments: [
        IdentityQuestion.session(hash: "ab"), .bearer(hash: "cd"), .current(.none), .current(.session("ef")),
        .current(.token("t-1")),
    ])
    func aQuestionWhoSomebodyIsIsReadAsItWasWritten(question: IdentityQuestion) throws {
        #expect(try IdentityQuestion(body: question.body) == question)
    }

    @Test func anIdentityKeepsWhatItMayDo() throws {
        let grants = [
            AccountGrant(user: "ann", account: "A", role: .trade), AccountGrant(user: "ann", account: nil, role: .view),
        ]
        let identity = Identity(
            user: "ann", credential: .token("t-1"), expiresNanoseconds: 12, scopes: [.read],
            rights: AccessRights(grants))
        let read = try #require(try RelayedIdentity.identity(RelayedIdentity.body(identity)))
        #expect(read.user == "ann" && read.credential == .token("t-1") && read.expiresNanoseconds == 12)
        #expect(read.scopes == [.read])
        for account in ["A", "B", nil] { #expect(read.roles(account: account) == identity.roles(account: account)) }
        #expect(read.may(.view, account: "A") && !read.may(.trade, account: "A"))
        #expect(try RelayedIdentity.identity(RelayedIdentity.body(nil)) == nil)
    }
}
