// SPDX-License-Identifier: Apache-2.0
// What is in the bodies of a relay's messages (docs/relay.md).

import DeskService
import FrameCodec
import FramePublisher
import RiskDomain
import RiskStore

/// What a node's run is: its channels follow from its accounts.
package struct RelayHello: Sendable, Equatable {
    package struct Account: Sendable, Equatable {
        package var id: String
        package var name: String
        package var currency: String

        package init(id: String, name: String, currency: String) {
            self.id = id
            self.name = name
            self.currency = currency
        }
    }

    private static let signInFlag: UInt8 = 1

    package var epoch: UInt64
    /// Whether people sign in.
    package var isSignInRequired: Bool
    package var accounts: [Account]

    package init(epoch: UInt64, isSignInRequired: Bool, accounts: [Account]) {
        self.epoch = epoch
        self.isSignInRequired = isSignInRequired
        self.accounts = accounts
    }

    package init(epoch: UInt64, isSignInRequired: Bool, catalog: ChannelCatalog) {
        self.init(
            epoch: epoch, isSignInRequired: isSignInRequired,
            accounts: catalog.accounts.map { Account(id: $0.id, name: $0.name, currency: $0.currency) })
    }

    /// What is known of the accounts here; their money is in their channels.
    package var catalog: ChannelCatalog {
        ChannelCatalog(
            accounts: self.accounts.map {
                RiskDomain.Account(id: $0.id, name: $0.name, currency: $0.currency, cash: 0, marginLimit: nil)
            })
    }

    package var body: [UInt8] {
        var writer = ByteWriter()
        writer.byte(self.isSignInRequired ? Self.signInFlag : 0)
        writer.varint(self.accounts.count)
        for account in self.accounts {
            writer.string(account.id)
            writer.string(account.name)
            writer.string(account.currency)
        }
        return writer.bytes
    }

    package init(_ message: RelayMessage) throws(FrameDecodeError) {
        var reader = ByteReader(message.body, 0..<message.body.count)
        self.epoch = message.epoch
        self.isSignInRequired = try reader.byte() & Self.signInFlag != 0
        self.accounts = []
        var ids: Set<String> = []
        for _ in 0..<(try reader.count()) {
            let account = Account(id: try reader.string(), name: try reader.string(), currency: try reader.string())
            guard !account.id.isEmpty, account.id.utf8.count <= 1_024, ids.insert(account.id).inserted else {
                throw .inconsistentLayout(reason: "an account is there twice, or has no name")
            }
            self.accounts.append(account)
        }
    }
}

/// How far a channel has been published.
package struct RelayPosition: Sendable, Equatable {
    /// Of the last frame, 0 before the first.
    package var frame: UInt64 = 0
    /// Of the last event, likewise.
    package var event: UInt64 = 0

    package init(frame: UInt64 = 0, event: UInt64 = 0) {
        self.frame = frame
        self.event = event
    }

    package static func body(_ positions: [RelayPosition]) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(positions.count)
        for position in positions {
            writer.varint(position.frame)
            writer.varint(position.event)
        }
        return writer.bytes
    }

    package static func list(_ body: [UInt8]) throws(FrameDecodeError) -> [RelayPosition] {
        var reader = ByteReader(body, 0..<body.count)
        var positions: [RelayPosition] = []
        for _ in 0..<(try reader.count()) {
            positions.append(RelayPosition(frame: try reader.varint(), event: try reader.varint()))
        }
        return positions
    }
}

/// A channel whose state is asked for, and what of its events is known.
package struct ChannelQuestion: Sendable, Equatable {
    package var channel: Int
    /// The last event that is here.
    package var seenEvent: UInt64

    package init(channel: Int, seenEvent: UInt64) {
        self.channel = channel
        self.seenEvent = seenEvent
    }

    package static func body(_ questions: [ChannelQuestion]) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(questions.count)
        for question in questions {
            writer.varint(question.channel)
            writer.varint(question.seenEvent)
        }
        return writer.bytes
    }

    /// - Parameter channelCount: channels there are.
    package static func list(_ body: [UInt8], channelCount: Int) throws(FrameDecodeError) -> [ChannelQuestion] {
        var reader = ByteReader(body, 0..<body.count)
        var questions: [ChannelQuestion] = []
        for _ in 0..<(try reader.count()) {
            let channel = try reader.varint()
            guard channel < UInt64(channelCount) else { throw .outOfRange(what: "channel", value: channel) }
            questions.append(ChannelQuestion(channel: Int(channel), seenEvent: try reader.varint()))
        }
        return questions
    }
}

extension StreamEvent {
    package var relayBody: [UInt8] {
        var writer = ByteWriter()
        writer.string(self.kind)
        writer.append(self.data)
        return writer.bytes
    }

    package init(_ message: RelayMessage) throws(FrameDecodeError) {
        guard message.number > 0 else { throw .outOfRange(what: "number of an event", value: 0) }
        var reader = ByteReader(message.body, 0..<message.body.count)
        let kind = try reader.string()
        self.init(sequence: message.number, kind: kind, data: try reader.raw(reader.bytesLeft))
    }
}
