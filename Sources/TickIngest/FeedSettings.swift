// SPDX-License-Identifier: Apache-2.0
// What one feed is told, from the configuration.

import TickFeed

/// Settings of one feed.
public struct FeedSettings: Sendable {
    public var name: String
    public var endpoint: String
    public var attachment: SocketAttachment
    public var pattern: SubscriberPattern
    public var topic: String
    /// Without a message for longer, the feed is down.
    public var silentAfterNanoseconds: UInt64
    public var receiveHighWaterMark: Int
    public var security: SocketSecurity
    /// Where snapshots are asked for; `nil` for nowhere.
    public var snapshot: Snapshot?

    /// Who answers with snapshots.
    public struct Snapshot: Sendable {
        public var endpoint: String
        public var security: SocketSecurity

        public init(endpoint: String, security: SocketSecurity = .none) {
            self.endpoint = endpoint
            self.security = security
        }
    }

    public init(
        name: String, endpoint: String, attachment: SocketAttachment, pattern: SubscriberPattern, topic: String,
        silentAfterNanoseconds: UInt64, receiveHighWaterMark: Int, security: SocketSecurity = .none,
        snapshot: Snapshot? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.attachment = attachment
        self.pattern = pattern
        self.topic = topic
        self.silentAfterNanoseconds = silentAfterNanoseconds
        self.receiveHighWaterMark = receiveHighWaterMark
        self.security = security
        self.snapshot = snapshot
    }
}
