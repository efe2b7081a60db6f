// SPDX-License-Identifier: Apache-2.0
// Feeds and their keys, from the configuration's words to the sockets' values.

import RiskFiles
import TickFeed
import TickIngest

extension FeedSettings {
    /// - Throws: ``DaemonError/unusableKey(owner:)``.
    init(_ feed: Configuration.Feed) throws(DaemonError) {
        let keys = try feed.keyPair()
        self.init(
            name: feed.name, endpoint: feed.endpoint, attachment: feed.socket == .bind ? .bind : .connect,
            pattern: feed.pattern == .pull ? .pull : .sub, topic: feed.topic,
            silentAfterNanoseconds: feed.silentAfterNanoseconds, receiveHighWaterMark: feed.receiveHighWaterMark,
            security: feed.socket == .bind
                ? keys.map { .server($0, domain: feed.domain) } ?? .none : try feed.clientSecurity(),
            snapshot: feed.snapshotEndpoint.isEmpty
                ? nil : Snapshot(endpoint: feed.snapshotEndpoint, security: try feed.clientSecurity()))
    }
}

extension Configuration {
    /// Who may come in to the feeds and relays that bind with keys.
    func accessList() throws(DaemonError) -> AccessList {
        var list = AccessList()
        for feed in self.feeds {
            guard let curve = feed.curve, feed.socket == .bind else { continue }
            var keys: Set<CurveKey> = []
            for text in curve.allowedKeys { keys.insert(try Configuration.Curve.key(text, of: feed.owner)) }
            list[feed.domain] = keys
        }
        list[Relay.domain] = try self.relay.allowedKeys()
        return list
    }
}

extension Configuration.Feed {
    /// What the feed's list of keys is called between libzmq and the gate.
    fileprivate var domain: String { "feed-\(self.name)" }

    fileprivate var owner: String { "feed \(self.name)" }

    fileprivate func keyPair() throws(DaemonError) -> CurveKeyPair? { try self.curve?.keyPair(of: self.owner) }

    /// Where we connect, as for snapshots always, we are the client.
    fileprivate func clientSecurity() throws(DaemonError) -> SocketSecurity {
        try self.curve?.clientSecurity(of: self.owner) ?? .none
    }
}

extension Configuration.Curve {
    /// - Parameter owner: who has the key, for the error.
    func clientSecurity(of owner: String) throws(DaemonError) -> SocketSecurity {
        .client(try self.keyPair(of: owner), serverKey: try Self.key(self.serverKey ?? "", of: owner))
    }

    /// A published test key is known by its public half, which all spellings of the secret share.
    func keyPair(of owner: String) throws(DaemonError) -> CurveKeyPair {
        guard let pair = CurveKeyPair(secretText: self.secretKey.text), !CurveKeyText.isPublished(pair.publicKey.text)
        else { throw .unusableKey(owner: owner) }
        return pair
    }

    static func key(_ text: String, of owner: String) throws(DaemonError) -> CurveKey {
        guard let key = CurveKey(z85: text) else { throw .unusableKey(owner: owner) }
        return key
    }
}
