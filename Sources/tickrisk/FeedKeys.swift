// SPDX-License-Identifier: Apache-2.0
// The options of `tickrisk feed` about keys, and what they make of its sockets.

import ArgumentParser
import RiskFiles
import TickFeed

struct FeedKeys: ParsableArguments {
    private static let domain = "feed"

    @Option(help: "File of our CURVE secret key; needed outside loopback and ipc.")
    var curveSecretKeyFile: String?
    @Option(help: "Public key of the daemon, where we connect.")
    var curveServerKey: String?
    @Option(help: "Public key of a daemon that may come in, where we bind; repeatable.")
    var curveAllow: [String] = []

    /// How the sockets of a context know their peers.
    struct Securities {
        var ticks: SocketSecurity
        var snapshots: SocketSecurity
        /// To be kept while the sockets are open, and then stopped.
        var gate: AccessGate?
    }

    /// - Parameter connects: whether the ticks' socket does; that of snapshots always binds.
    func open(context: ZMQContext, endpoints: [String], connects: Bool, answers: Bool) throws -> Securities {
        guard let path = self.curveSecretKeyFile else {
            guard self.curveServerKey == nil, self.curveAllow.isEmpty else {
                throw Failure("keys of others need our own: --curve-secret-key-file")
            }
            if let endpoint = endpoints.first(where: FeedEndpoint.isBeyondThisMachine) {
                throw Failure("\(endpoint) is outside loopback and ipc: --curve-secret-key-file is required")
            }
            return Securities(ticks: .none, snapshots: .none)
        }
        let keys = try CurveKeyPair(secretFile: path)
        var securities = Securities(ticks: .none, snapshots: .none)
        if !connects || answers {
            guard !self.curveAllow.isEmpty else { throw Failure("a socket that binds with keys needs --curve-allow") }
            let allowed = Set(try self.curveAllow.map(Self.key))
            securities.gate = try AccessGate(context: context, list: [Self.domain: allowed])
            securities.snapshots = .server(keys, domain: Self.domain)
        }
        if connects {
            guard let text = self.curveServerKey else { throw Failure("--connect with keys needs --curve-server-key") }
            securities.ticks = .client(keys, serverKey: try Self.key(text))
        } else {
            securities.ticks = .server(keys, domain: Self.domain)
        }
        return securities
    }

    private static func key(_ text: String) throws -> CurveKey {
        guard let key = CurveKey(z85: text), !CurveKeyText.isPublished(text) else {
            throw Failure("\(text) is no usable public key: 40 characters of Z85, as `tickrisk keys` prints")
        }
        return key
    }
}
