// SPDX-License-Identifier: Apache-2.0
// Feeds and their keys, from the configuration's words to the sockets' values.

import RiskFiles
import TickFeed
import TickIngest

extension FeedSettings {
    /// - Throws: ``DaemonError/unusableKey(feed:)``.
    init(_ feed: Configuration.Feed) throws(DaemonError) {
        let keys = try feed.keyPair()
        self.init(
            name: feed.name, endpoint: feed.endpoint, attachment: feed.socket == .bind ? .bind : .connect,
            pattern: feed.pattern == .pull ? .pull : .sub, topic: feed.topic,
            silentAfterNanoseconds: feed.silentAfterNanoseconds, receiveHighWaterMark: feed.receiveHighWaterMark,
            security: feed.socket == .bind
                ? keys.map { .server($0, domain: feed.domain) } ?? .none : try feed.clientSecurity(keys),
            snapshot: feed.snapshotEndpoint.isEmpty
                ? nil : Snapshot(endpoint: feed.snapshotEndpoint, security: try feed.clientSecurity(keys)))
    }
}

extension Configuration {
    /// Who may come in to the feeds that bind with keys.
    func accessList() throws(DaemonError) -> AccessList {
        var list = AccessList()
        for feed in self.feeds {
            guard let curve = feed.curve, feed.socket == .bind else { continue }
            var keys: Set<CurveKey> = []
            for text in curve.allowedKeys { keys.insert(try feed.key(text)) }
            list[feed.domain] = keys
        }
        return list
    }
}

extension Configuration.Feed {
    /// What the feed's list of keys is called between libzmq and the gate.
    fileprivate var domain: String { "feed-\(self.name)" }

    /// Where we connect, as for snapshots always, we are the client.
    fileprivate func clientSecurity(_ keys: CurveKeyPair?) throws(DaemonError) -> SocketSecurity {
        guard let keys else { return .none }
        return .client(keys, serverKey: try self.key(self.curve?.serverKey ?? ""))
    }

    fileprivate func key(_ text: String) throws(DaemonError) -> CurveKey {
        guard let key = CurveKey(z85: text) else { throw .unusableKey(feed: self.name) }
        return key
    }

    /// A published test key is known by its public half, which all spellings of the secret share.
    fileprivate func keyPair() throws(DaemonError) -> CurveKeyPair? {
        guard let curve = self.curve else { return nil }
        guard let pair = CurveKeyPair(secretText: curve.secretKey.text), !CurveKeyText.isPublished(pair.publicKey.text)
        else { throw .unusableKey(feed: self.name) }
        return pair
    }
}
